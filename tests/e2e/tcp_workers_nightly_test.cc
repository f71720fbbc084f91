// The quickstart over TCP, with real DFT. Nightly, about twenty minutes.
#include "tests/support/tcp_campaign.h"

namespace superion {
namespace {

TEST(TcpWorkersNightly, QuickstartGivesTheStagesAndConductivitiesOfOneMachine) {
  if (!FindProgram("pw.x").ok()) GTEST_SKIP() << "pw.x is not installed";
  const DataFolder folder("tcp-quickstart");
  ExpectTwoWorkersEqualOneMachine(std::string(SUPERION_SOURCE_DIR) + "/examples/li2s_quickstart.toml",
                                  folder);
}

}  // namespace
}  // namespace superion
