// kill -9 of the daemon, of a worker and of everything, at random moments: the campaign goes on by itself and
// its end has every label once, no orphan, no stray file.
#include "tests/support/under_fire.h"

namespace superion {
namespace {

TEST(Kill, OracleCampaignSurvivesKillsAndLosesNothing) {
  const DataFolder folder("kill");
  RunUnderFire(std::string(SUPERION_SOURCE_DIR) + "/tests/data/oracle_li2s.toml", folder, 6, 9);
  ExpectEveryLabelOnce(folder);
  ExpectNothingLeftBehind(folder);
}

}  // namespace
}  // namespace superion
