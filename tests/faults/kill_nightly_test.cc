// kill -9 at ten random moments of a campaign with real DFT.
#include "tests/support/under_fire.h"

namespace superion {
namespace {

// The same with real DFT: ten kills spread over one quickstart. Nightly, about a quarter of an hour.
TEST(KillNightly, QuickstartSurvivesTenKillsAndLosesNothing) {
  if (!FindProgram("pw.x").ok()) GTEST_SKIP() << "pw.x is not installed";
  const DataFolder folder("kill-quickstart");
  RunUnderFire(std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_quickstart.toml", folder, 10, 10);
  ExpectEveryLabelOnce(folder);
  ExpectNothingLeftBehind(folder);
}

}  // namespace
}  // namespace superion
