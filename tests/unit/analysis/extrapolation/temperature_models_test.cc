#include "analysis/extrapolation/temperature_models.h"

#include <gtest/gtest.h>

#include <cmath>

namespace superion::analysis {
namespace {

// (1/T, ln σT) of a function of temperature, each with the standard deviation s.
template <typename Function>
std::vector<Datum> Sample(const std::vector<double>& temperatures, double s, Function ln_sigma_t) {
  std::vector<Datum> data;
  for (double t : temperatures) data.push_back({1.0 / t, ln_sigma_t(t), 1.0 / (s * s)});
  return data;
}

const TemperatureModel& Find(const std::vector<TemperatureModel>& models, const std::string& name) {
  for (const auto& m : models) {
    if (m.name == name) return m;
  }
  ADD_FAILURE() << "no model " << name;
  return models.front();
}

const std::vector<double> kTemperatures = {320, 350, 390, 440, 500, 580, 700};

TEST(TemperatureModels, AiccIsItsFormula) {
  EXPECT_NEAR(Aicc(3.5, 2, 10), 3.5 + 4 + 12.0 / 7.0, 1e-14);
  EXPECT_TRUE(std::isinf(Aicc(0, 3, 4)));
}

TEST(TemperatureModels, EachFindsItsOwnCurveExactly) {
  const auto parabola = [](double t) { return 12.0 - 2000.0 / t - 3e5 / (t * t); };
  auto models = CompareModels(Sample(kTemperatures, 0.02, parabola), {}, 300.0);
  EXPECT_NEAR(Find(models, "parabola").ln_sigma, parabola(300.0) - std::log(300.0), 1e-9);
  EXPECT_NEAR(Find(models, "parabola").chi2, 0.0, 1e-12);

  const auto vft = [](double t) { return 10.0 - 800.0 / (t - 170.0); };
  models = CompareModels(Sample(kTemperatures, 0.02, vft), {}, 300.0);
  EXPECT_NEAR(*Find(models, "vft").t0_k, 170.0, 0.01);
  EXPECT_NEAR(Find(models, "vft").ln_sigma, vft(300.0) - std::log(300.0), 1e-4);
  EXPECT_GT(Find(models, "vft").weight, 0.9);

  const auto two = [](double t) { return 10.0 - 2000.0 / t - 4000.0 * std::max(0.0, 1.0 / t - 1.0 / 440.0); };
  models = CompareModels(Sample(kTemperatures, 0.02, two), {}, 300.0);
  EXPECT_NEAR(*Find(models, "break").break_k, 440.0, 1e-6);
  EXPECT_NEAR(Find(models, "break").ln_sigma, two(300.0) - std::log(300.0), 1e-9);
}

// The error of VFT's prediction against the scatter of refits: its T0 is fitted too.
TEST(TemperatureModels, TheErrorOfVftCountsItsThirdParameter) {
  const auto exact = [](double t) { return 10.0 - 800.0 / (t - 170.0); };
  const auto data = Sample(kTemperatures, 0.02, exact);
  const double s = Find(CompareModels(data, {}, 300.0), "vft").s;
  // Sum of squares of the response to a shift of each point by its error.
  double variance = 0.0;
  for (size_t k = 0; k < data.size(); ++k) {
    auto up = data, down = data;
    up[k].y += 0.02;
    down[k].y -= 0.02;
    const double response = 0.5 * (Find(CompareModels(up, {}, 300.0), "vft").ln_sigma -
                                   Find(CompareModels(down, {}, 300.0), "vft").ln_sigma);
    variance += response * response;
  }
  EXPECT_NEAR(s / std::sqrt(variance), 1.0, 0.03);
}

TEST(TemperatureModels, WeightsOfAStraightLineStayWithTheLine) {
  const auto models =
      CompareModels(Sample(kTemperatures, 0.05, [](double t) { return 10.0 - 3000.0 / t; }), {}, 300.0);
  ASSERT_EQ(models.size(), 4u);
  double sum = 0.0;
  for (const auto& m : models) sum += m.weight;
  EXPECT_NEAR(sum, 1.0, 1e-12);
  EXPECT_GT(models[0].weight, 0.9);
  EXPECT_EQ(models[0].name, "line");
}

TEST(TemperatureModels, TooFewPointsCompareNothing) {
  const auto line = [](double t) { return 10.0 - 3000.0 / t; };
  EXPECT_TRUE(CompareModels(Sample({400, 500, 600}, 0.1, line), {}, 300.0).empty());
  EXPECT_EQ(CompareModels(Sample({400, 500, 600, 700}, 0.1, line), {}, 300.0).size(), 1u);
  EXPECT_EQ(CompareModels(Sample({400, 450, 500, 600, 700}, 0.1, line), {}, 300.0).size(), 3u);
}

TEST(TemperatureModels, TheAverageIsTheMixture) {
  TemperatureModel a, b;
  a.weight = 0.5, a.ln_sigma = -10.0, a.s = 0.1;
  b.weight = 0.5, b.ln_sigma = 10.0, b.s = 0.1;
  const ModelAverage far = Average({a, b});
  EXPECT_NEAR(far.ln_sigma, 0.0, 1e-12);
  EXPECT_NEAR(far.s, std::sqrt(100.01), 1e-9);
  // The outer 2.5 % of the whole are 5 % of each half.
  EXPECT_NEAR(far.low, -10.0 - 0.1644854, 1e-6);
  EXPECT_NEAR(far.high, 10.0 + 0.1644854, 1e-6);
  b.weight = 0.0, a.weight = 1.0;
  EXPECT_NEAR(Average({a, b}).low, -10.0 - 0.1959964, 1e-6);
}

}  // namespace
}  // namespace superion::analysis
