// Closed-form tests of tensors and parts: T-4 (two species with a prescribed Onsager matrix), T-5
// (anisotropic diffusion, rotated), and what they say through the whole analysis.
#include "analysis/transport/tensor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/science/ion_models.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

constexpr size_t kA = 8, kB = 4, kFrames = 8000;
constexpr double kInterval = 0.05, kSingle = 0.4;
// Onsager matrix of the sum displacements per component: <dR_a dR_b> = 2 L_ab t.
constexpr double kLaa = 3.0, kLab = 0.9, kLbb = 1.2;

// Ions of A (+1) and B (-2) whose sums follow L; relative to their mean the ions of one species move freely.
IonTrajectory OnsagerIons(uint64_t seed) {
  IonTrajectory out;
  out.origin = "model";
  out.interval_ps = kInterval;
  out.temperature_k = 600.0;
  out.volume_angstrom3 = 1000.0;
  for (size_t i = 0; i < kA + kB + 2; ++i) {
    out.species.push_back(i < kA ? "A" : i < kA + kB ? "B" : "X");
    out.masses_u.push_back(i < kA ? 7.0 : i < kA + kB ? 16.0 : 90.0);
    for (size_t c = 0; c < 3; ++c) out.positions.emplace_back(kFrames, 2.5 * static_cast<double>(i % 4));
  }
  Random random(seed);
  const double l11 = std::sqrt(kLaa), l21 = kLab / l11, l22 = std::sqrt(kLbb - l21 * l21);
  const double step = std::sqrt(2.0 * kInterval), single = std::sqrt(2.0 * kSingle * kInterval);
  std::vector<double> x(3 * (kA + kB), 0.0), noise(kA + kB);
  for (size_t k = 0; k < kFrames; ++k) {
    for (size_t c = 0; c < 3; ++c) {
      const double u = random.Gaussian(), v = random.Gaussian();
      const double sum_a = step * l11 * u, sum_b = step * (l21 * u + l22 * v);
      double mean_a = 0.0, mean_b = 0.0;
      for (size_t i = 0; i < kA + kB; ++i) {
        noise[i] = random.Gaussian();
        (i < kA ? mean_a : mean_b) += noise[i] / static_cast<double>(i < kA ? kA : kB);
      }
      for (size_t i = 0; i < kA + kB; ++i) {
        out.positions[3 * i + c][k] += x[3 * i + c];
        x[3 * i + c] += single * (noise[i] - (i < kA ? mean_a : mean_b)) +
                        (i < kA ? sum_a / static_cast<double>(kA) : sum_b / static_cast<double>(kB));
      }
    }
  }
  return out;
}

const Json& Pair(const Json& document, const char* frame, const std::string& a, const std::string& b) {
  for (const Json& pair : document.at("partial_conductivities").at("frames").at(frame)) {
    if (pair.at("a") == a && pair.at("b") == b) return pair;
  }
  ADD_FAILURE() << "no pair " << a << " " << b;
  static const Json none;
  return none;
}

// The jackknife has 15 degrees of freedom: 3 standard deviations of a normal value are 3.6 of it.
void ExpectMeasured(const Json& measured, double exact, double largest_sd, const char* what) {
  const double value = measured.at("value"), sd = measured.at("sd");
  EXPECT_NEAR(value, exact, 3.6 * sd) << what;
  EXPECT_LT(sd, largest_sd) << what;
}

TEST(ScienceT4Onsager, PartialSelfDistinct) {
  std::vector<IonTrajectory> seeds;
  for (uint64_t s = 0; s < 4; ++s) seeds.push_back(OnsagerIons(DeriveSeed(4, std::to_string(s))));
  AnalysisOptions options;
  options.charges = {{"A", 1.0}, {"B", -2.0}, {"X", 0.0}};
  options.mobile = {"A", "B"};
  const auto result = AnalyzeIons(InputOf(seeds), options);
  ASSERT_TRUE(result.ok()) << result.status();
  const double scale = ConductivityScale(1000.0, 600.0);
  const char* frame = "framework_centre_of_mass";
  const Json &aa = Pair(*result, frame, "A", "A"), &ab = Pair(*result, frame, "A", "B"),
             &bb = Pair(*result, frame, "B", "B");
  const double width = 0.15 * scale * kLaa;
  ExpectMeasured(aa.at("sigma_s_per_m"), scale * kLaa, width, "AA");
  ExpectMeasured(ab.at("sigma_s_per_m"), -2.0 * scale * kLab, width, "AB");
  ExpectMeasured(bb.at("sigma_s_per_m"), 4.0 * scale * kLbb, 2.0 * width, "BB");
  // sum_i |dr_i|² = |R|²/N + (N-1) single.
  const double self_a = kLaa / kA + (kA - 1.0) * kSingle, self_b = kLbb / kB + (kB - 1.0) * kSingle;
  ExpectMeasured(aa.at("self_s_per_m"), scale * self_a, width, "A self");
  ExpectMeasured(bb.at("self_s_per_m"), 4.0 * scale * self_b, width, "B self");
  ExpectMeasured(aa.at("distinct_s_per_m"), scale * (kLaa - self_a), width, "A distinct");
  ExpectMeasured(bb.at("distinct_s_per_m"), 4.0 * scale * (kLbb - self_b), 2.0 * width, "B distinct");
  ExpectMeasured(ab.at("distinct_s_per_m"), -2.0 * scale * kLab, width, "AB distinct");
  constexpr double kAll = kA + kB + 2.0, kCm2 = 1e-4;
  ExpectMeasured(aa.at("d_distinct_cm2_per_s"), kCm2 * kAll / (kA * kA) * (kLaa - self_a), kCm2, "D AA");
  ExpectMeasured(ab.at("d_distinct_cm2_per_s"), kCm2 * kAll / (kA * kB) * kLab, kCm2, "D AB");
  ExpectMeasured(result->at("partial_conductivities").at("sum_s_per_m"),
                 scale * (kLaa - 4.0 * kLab + 4.0 * kLbb), 3.0 * width, "sum");
  EXPECT_NEAR(std::log((*result)["sigma_s_per_m"].get<double>() / (scale * (kLaa - 4.0 * kLab + 4.0 * kLbb))),
              0.0, 3.0 * (*result)["s_tot"].get<double>());
}

// A rotation with no special angle.
Mat3 Turn() {
  const double a = 0.7, b = 0.4;
  const Mat3 z{{{std::cos(a), -std::sin(a), 0}, {std::sin(a), std::cos(a), 0}, {0, 0, 1}}};
  const Mat3 x{{{1, 0, 0}, {0, std::cos(b), -std::sin(b)}, {0, std::sin(b), std::cos(b)}}};
  return {z[0] * x, z[1] * x, z[2] * x};
}

// Brownian dipoles whose σ is R diag(d) Rᵀ with scale 1.
std::vector<DipoleSeries> AnisotropicRuns(const Vec3& d, const Mat3& r, Random* random) {
  std::vector<DipoleSeries> runs(4);
  for (auto& run : runs) {
    run.interval_ps = 0.1;
    Components principal;
    for (size_t k = 0; k < 3; ++k) principal.push_back(BrownianDipole(40001, 0.1, random));
    for (size_t a = 0; a < 3; ++a) {
      auto& p = run.components.emplace_back(40001, 0.0);
      for (size_t k = 0; k < 3; ++k) {
        for (size_t i = 0; i < p.size(); ++i) p[i] += r[a][k] * std::sqrt(d[k]) * principal[k][i];
      }
    }
  }
  return runs;
}

TEST(ScienceT5Anisotropic, FullTensorOfARotatedCrystal) {
  Random random(5);
  const Vec3 d{4.0, 1.0, 1.0};
  const Mat3 r = Turn();
  const auto result = AnalyzeTensor(AnisotropicRuns(d, r, &random), 1.0);
  ASSERT_TRUE(result.ok() && result->tensor) << result.status();
  Mat3 exact{};
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b) {
      for (size_t k = 0; k < 3; ++k) exact[a][b] += r[a][k] * d[k] * r[b][k];
    }
  }
  for (size_t a = 0; a < 3; ++a) {
    for (size_t b = 0; b < 3; ++b) {
      EXPECT_NEAR(result->tensor->sigma[a][b], exact[a][b], 3.0 * result->tensor->sd(a, b)) << a << b;
      EXPECT_LT(result->tensor->sd(a, b), 0.4);
    }
  }
  EXPECT_LT(result->sphericity.p, 1e-6);
  ASSERT_TRUE(result->anisotropy);
  EXPECT_LT(result->anisotropy->low, 4.0);
  EXPECT_GT(result->anisotropy->high, 4.0);
  EXPECT_GT(result->anisotropy->low, 2.0);
  const PrincipalAxes p = Principal(*result->tensor);
  EXPECT_NEAR(p.values[0], 4.0, 3.0 * p.sd[0]);
  EXPECT_GT(std::abs(Dot(p.axes[0], {r[0][0], r[1][0], r[2][0]})), 0.99);
  // The fourfold axis of the crystal along the first principal axis: exactly uniaxial, and nearer.
  const Mat3 four{{{1, 0, 0}, {0, 0, -1}, {0, 1, 0}}};
  std::vector<Mat3> group;
  for (Mat3 w{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}; group.size() < 4;
       w = {four[0] * w, four[1] * w, four[2] * w}) {
    const Mat3 turned{r[0] * w, r[1] * w, r[2] * w};
    Mat3 back{};
    for (size_t a = 0; a < 3; ++a) {
      for (size_t b = 0; b < 3; ++b) back[a][b] = Dot(turned[a], r[b]);
    }
    group.push_back(back);
  }
  const TensorEstimate s = Symmetrised(*result->tensor, group);
  const PrincipalAxes q = Principal(s);
  EXPECT_NEAR(q.values[1], q.values[2], 1e-9);
  EXPECT_NEAR(q.values[1], 1.0, 3.0 * q.sd[1]);
  EXPECT_NEAR(std::abs(Dot(q.axes[0], {r[0][0], r[1][0], r[2][0]})), 1.0, 1e-9);
  EXPECT_LT(q.sd[1], p.sd[1]);
}

// Isotropic diffusion: no ratio is stated, although sorted principal values differ.
TEST(ScienceT5Anisotropic, IsotropicIsNotCalledAnisotropic) {
  Random random(51);
  int rejected = 0;
  constexpr int kReplicates = 20;
  for (int k = 0; k < kReplicates; ++k) {
    auto runs = AnisotropicRuns({1.0, 1.0, 1.0}, Turn(), &random);
    for (auto& run : runs) run = Truncated(run, 4001);
    const auto result = AnalyzeTensor(runs, 1.0);
    ASSERT_TRUE(result.ok() && result->tensor) << result.status();
    EXPECT_EQ(result->anisotropy.has_value(), result->sphericity.p < 0.05);
    rejected += result->anisotropy.has_value();
  }
  EXPECT_LE(rejected, 4) << "1 of 20 expected; 5 or more have a probability of 0.3 %";
}

// Every axis through the whole analysis: the target holds for the least precise of them.
TEST(ScienceT5Anisotropic, TargetOfEveryAxis) {
  Random random(52);
  AnalysisOptions options;
  options.temperature_k = 600.0;
  options.per_axis = true;
  const auto runs = AnisotropicRuns({1.0, 1.0, 1.0}, {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, &random);
  double worst = 0.0;
  std::string worst_axis;
  const auto first = AnalyzeDipoles(runs, 1000.0, options);
  ASSERT_TRUE(first.ok()) << first.status();
  for (const char* axis : {"x", "y", "z"}) {
    const Json& entry = (*first)["tensor"]["per_axis"][axis];
    const double s = entry["s_tot"];
    EXPECT_NEAR(std::log(entry["sigma_s_per_m"].get<double>() / ConductivityScale(1000.0, 600.0)), 0.0,
                3.0 * s);
    if (s > worst) worst = s, worst_axis = axis;
  }
  EXPECT_GT(worst, (*first)["s_tot"].get<double>()) << "one axis is less precise than three";
  for (double factor : {0.99, 1.01}) {
    options.target_s_tot = factor * worst;
    const auto result = AnalyzeDipoles(runs, 1000.0, options);
    ASSERT_TRUE(result.ok()) << result.status();
    const Json& gate = GateOf(*result, "G4");
    const Json& axis = (*result)["tensor"]["per_axis"][worst_axis];
    EXPECT_EQ(gate["passed"].get<bool>(), factor > 1.0);
    EXPECT_EQ(axis["meets_target"].get<bool>(), factor > 1.0);
    EXPECT_NEAR(gate["value"].get<double>(), worst, 1e-12);
    EXPECT_NE(gate["message"].get<std::string>().find("along " + worst_axis), std::string::npos) << gate;
    if (factor > 1.0) continue;
    EXPECT_EQ(axis["status"], "RUNNING") << axis;
  }
  options.per_axis = false;
  const auto mean = AnalyzeDipoles(runs, 1000.0, options);
  ASSERT_TRUE(mean.ok()) << mean.status();
  EXPECT_FALSE((*mean)["tensor"]["per_axis"]["x"].contains("status"));
  EXPECT_EQ(GateOf(*mean, "G4")["message"].get<std::string>().find("along"), std::string::npos);
}

// An axis along which nothing moves has an upper bound and no value; the others keep theirs.
TEST(ScienceT5Anisotropic, AxisWithoutHops) {
  Random random(53);
  AnalysisOptions options;
  options.temperature_k = 600.0;
  options.per_axis = true;
  auto runs = AnisotropicRuns({1.0, 1.0, 1.0}, {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}}, &random);
  for (auto& run : runs) {
    std::fill(run.components[2].begin(), run.components[2].end(), 0.0);
    AddCage(0.1, &random, &run.components[2]);
  }
  const auto plane = AnalyzeDipoles(runs, 1000.0, options);
  ASSERT_TRUE(plane.ok()) << plane.status();
  const Json& per_axis = (*plane)["tensor"]["per_axis"];
  for (const char* axis : {"x", "y"}) {
    EXPECT_NE(per_axis[axis]["status"], "NO_HOPS");
    EXPECT_NEAR(std::log(per_axis[axis]["sigma_s_per_m"].get<double>() / ConductivityScale(1000.0, 600.0)),
                0.0, 3.0 * per_axis[axis]["s_tot"].get<double>());
  }
  EXPECT_EQ(per_axis["z"]["status"], "NO_HOPS");
  EXPECT_TRUE(per_axis["z"]["sigma_s_per_m"].is_null());
  EXPECT_GT(per_axis["z"]["ci95_s_per_m"][1].get<double>(), 0.0);
  EXPECT_NE((*plane)["status"], "CONVERGED");
  EXPECT_NE(GateOf(*plane, "G4")["message"].get<std::string>().find("along z"), std::string::npos);
  EXPECT_FALSE((*plane)["tensor"].contains("components_s_per_m")) << "zero would be a claim";
}

}  // namespace
}  // namespace superion::analysis
