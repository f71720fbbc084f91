// The same input gives the same output to the bit; the number of threads changes nothing.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

// Numbers at the same places within `tolerance` (relative), everything else equal.
void ExpectClose(const Json& a, const Json& b, double tolerance, const std::string& where) {
  ASSERT_EQ(a.type(), b.type()) << where;
  if (a.is_number_float()) {
    const double x = a, y = b;
    EXPECT_LE(std::abs(x - y), tolerance * std::max(std::abs(x), std::abs(y))) << where;
    return;
  }
  if (!a.is_structured()) {
    EXPECT_EQ(a, b) << where;
    return;
  }
  ASSERT_EQ(a.size(), b.size()) << where;
  for (auto x = a.items().begin(), y = b.items().begin(); x != a.items().end(); ++x, ++y) {
    ASSERT_EQ(x.key(), y.key()) << where;
    ExpectClose(x.value(), y.value(), tolerance, where + "/" + x.key());
  }
}

Json Analysed(const std::vector<IonTrajectory>& seeds, int threads) {
  AnalysisOptions options = LiCl();
  options.per_axis = true;
  options.block_ps = {10.0};
  options.threads = threads;
  const auto result = AnalyzeIons(InputOf(seeds), options);
  EXPECT_TRUE(result.ok()) << result.status();
  return result.ok() ? *result : Json();
}

TEST(Determinism, SameInputSameBitsAndThreadsDoNotMatter) {
  IonModel model;
  model.n_mobile = model.n_framework = 40;  // several tasks of ions per species
  model.n_frames = 1500;
  const auto seeds = BrownianSeeds(model, 0.0, 4, 77);
  const Json one = Analysed(seeds, 1);
  ASSERT_TRUE(one["sigma_s_per_m"].is_number());
  ASSERT_TRUE(one["tensor"].is_object());
  ASSERT_TRUE(one["partial_conductivities"].is_object());
  EXPECT_EQ(one.dump(), Analysed(seeds, 1).dump());
  for (int threads : {2, 5}) {
    const Json other = Analysed(seeds, threads);
    ExpectClose(one, other, 1e-10, "");
    EXPECT_EQ(one.dump(), other.dump()) << threads << " threads";
  }
}

}  // namespace
}  // namespace superion::analysis
