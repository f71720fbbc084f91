#include "md_runner/run_statistics.h"

#include <cmath>

#include "gtest/gtest.h"

namespace superion {
namespace {

TEST(RunStatisticsTest, EqualsTheTextbookSums) {
  RunStatistics s;
  // Temperature 300 ± 10 in turn; conserved quantity on a line of slope 0.002 eV/ps from a large zero.
  for (int k = 0; k < 1001; ++k)
    s.AddStep(0.01 * k, 300.0 + (k % 2 == 0 ? 10 : -10), -5e4 + 0.002 * 0.01 * k, k == 500 ? 2.0 : 1.0);
  EXPECT_EQ(s.steps(), 1001);
  EXPECT_NEAR(s.mean_temperature_k(), 300.0 + 10.0 / 1001, 1e-10);
  EXPECT_NEAR(s.temperature_sd_k(), std::sqrt((1001.0 * 100 - 100.0 / 1001) / 1000), 1e-8);
  EXPECT_NEAR(s.energy_drift(), 0.002, 1e-9);
  EXPECT_EQ(s.max_grade(), 2.0);
  EXPECT_NEAR(s.mean_grade(), 1002.0 / 1001, 1e-12);
}

TEST(RunStatisticsTest, SurvivesJsonToTheBit) {
  RunStatistics a;
  for (int k = 0; k < 17; ++k) a.AddStep(0.1 * k, 300.0 / (k + 1), 1.0 / (k + 3), 0.7);
  RunStatistics b = RunStatistics::FromJson(Json::parse(a.ToJson().dump())).value();
  for (RunStatistics* s : {&a, &b}) s->AddStep(1.7, 12.3, 4.5, 0.1);
  EXPECT_EQ(a.ToJson(), b.ToJson());
  EXPECT_TRUE(absl::IsDataLoss(RunStatistics::FromJson({{"n", 3}, {"sums", {1, 2}}}).status()));
}

}  // namespace
}  // namespace superion
