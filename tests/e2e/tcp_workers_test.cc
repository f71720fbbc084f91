// A campaign over TCP, its labels by the built-in oracle.
#include "tests/support/tcp_campaign.h"

namespace superion {
namespace {

TEST(TcpWorkers, TwoWorkersGiveTheStagesAndConductivitiesOfOneMachine) {
  const DataFolder folder("tcp");
  ExpectTwoWorkersEqualOneMachine(std::string(SUPERION_SOURCE_DIR) + "/tests/data/oracle_li2s.toml", folder);
}

}  // namespace
}  // namespace superion
