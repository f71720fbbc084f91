// Closed-form tests of what the analysis refuses, flags, or leaves unchanged (conductivity.md, section 14).
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/series/fft.h"
#include "analysis/verdict/regime.h"
#include "tests/science/ion_models.h"
#include "tests/science/processes.h"

namespace superion::analysis {
namespace {

// Fractional Brownian motion with Hurst exponent H by circulant embedding of its increments (Davies & Harte
// 1987).
std::vector<double> FractionalBrownian(size_t n, double hurst, Random* random) {
  const size_t m = FastLength(2 * n);
  std::vector<double> row(m);
  for (size_t k = 0; k < m; ++k) {
    const auto lag = static_cast<double>(std::min(k, m - k));
    row[k] = 0.5 * (std::pow(lag + 1.0, 2 * hurst) - 2.0 * std::pow(lag, 2 * hurst) +
                    std::pow(std::abs(lag - 1.0), 2 * hurst));
  }
  const auto eigenvalues = ForwardFft(row, m);
  std::vector<std::complex<double>> spectrum(m / 2 + 1);
  for (size_t k = 0; k < spectrum.size(); ++k) {
    const double size = std::sqrt(std::max(0.0, eigenvalues[k].real()) * static_cast<double>(m));
    const bool edge = k == 0 || k == m / 2;
    spectrum[k] = edge ? std::complex<double>(size * random->Gaussian(), 0.0)
                       : size * std::sqrt(0.5) * std::complex<double>(random->Gaussian(), random->Gaussian());
  }
  const auto noise = InverseFft(spectrum, m);
  std::vector<double> x{0.0};
  for (size_t i = 0; i + 1 < n; ++i) x.push_back(x.back() + noise[i]);
  return x;
}

// T-11: β = 2H; only H = 0.5 is diffusive.
TEST(ScienceT11FractionalBrownian, ExponentAndStatus) {
  for (double hurst : {0.25, 0.5, 0.75}) {
    Random random(static_cast<uint64_t>(1100 * hurst));
    std::vector<DipoleSeries> runs(4);
    for (auto& run : runs) {
      run.interval_ps = 0.1;
      for (int c = 0; c < 3; ++c) run.components.push_back(FractionalBrownian(20000, hurst, &random));
    }
    const auto exponent = ComputeLocalExponent(ChargeDisplacementCurve(runs));
    bool looked = false;
    for (size_t k = 0; k < exponent.t_ps.size(); ++k) {
      if (exponent.t_ps[k] < 2.0 || exponent.t_ps[k] > 5.0) continue;
      EXPECT_NEAR(exponent.beta[k], 2.0 * hurst, 4.0 * exponent.s[k]) << exponent.t_ps[k];
      looked = true;
    }
    EXPECT_TRUE(looked);
    AnalysisOptions options;
    options.temperature_k = 600.0;
    const auto document = AnalyzeDipoles(runs, 1000.0, options);
    ASSERT_TRUE(document.ok()) << document.status();
    const std::string status = (*document)["status"];
    if (hurst == 0.5) {
      EXPECT_EQ(status, "CONVERGED") << (*document)["limited_by"];
      EXPECT_TRUE((*document)["sigma_s_per_m"].is_number());
    } else {
      EXPECT_EQ(status, "NOT_DIFFUSIVE") << (*document)["limited_by"];
      EXPECT_TRUE((*document)["sigma_s_per_m"].is_null());
    }
  }
}

// T-12: charge moved between the atoms of a bonded unit changes p by a bounded amount, and σ not at all.
TEST(ScienceT12Gauge, BondedUnitsKeepTheirTotalCharge) {
  IonModel model;
  model.n_framework = 16;
  auto seeds = BrownianSeeds(model, 0.0, 4, 12);
  // Half of the framework becomes "S", bound to its neighbour "P" by a bounded displacement.
  for (size_t s = 0; s < seeds.size(); ++s) {
    Random random(DeriveSeed(120, std::to_string(s)));
    for (size_t i = 0; i < 8; ++i) {
      const size_t p = model.n_mobile + 2 * i, q = p + 1;
      seeds[s].species[p] = "P";
      seeds[s].species[q] = "S";
      for (size_t c = 0; c < 3; ++c) {
        std::vector<double> cage(model.n_frames, 0.0);
        AddCage(model.interval_ps / 0.2, &random, &cage);
        for (size_t k = 0; k < model.n_frames; ++k) seeds[s].positions[3 * q + c][k] += 0.2 * cage[k];
      }
    }
  }
  AnalysisOptions one = LiCl(), other = one;
  one.charges = {{"Li", 1.0}, {"P", 5.0}, {"S", -7.0}};
  other.charges = {{"Li", 1.0}, {"P", -1.0}, {"S", -1.0}};
  one.mobile = other.mobile = {"Li"};
  const auto a = AnalyzeIons(InputOf(seeds), one), b = AnalyzeIons(InputOf(seeds), other);
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  // Paired data: the difference is far below the joint error, and below one standard deviation of either.
  const double s = std::min((*a)["s_tot"].get<double>(), (*b)["s_tot"].get<double>());
  EXPECT_NEAR(std::log((*a)["sigma_s_per_m"].get<double>() / (*b)["sigma_s_per_m"].get<double>()), 0.0, s);
  EXPECT_GT(std::abs((*a)["sigma_s_per_m"].get<double>() - (*b)["sigma_s_per_m"].get<double>()), 0.0)
      << "the charges do make a difference to the series";
}

// T-13: a uniform drift and a constant acceleration of everything change neither σ nor D*.
TEST(ScienceT13Drift, UniformTranslationChangesNothing) {
  IonModel model;
  model.n_frames = 2000;
  const auto seeds = BrownianSeeds(model, 0.0, 4, 13);
  auto moved = seeds;
  for (auto& seed : moved) {
    for (size_t i = 0; i < seed.species.size(); ++i) {
      for (size_t c = 0; c < 3; ++c) {
        for (size_t k = 0; k < model.n_frames; ++k) {
          const double t = model.interval_ps * static_cast<double>(k);
          seed.positions[3 * i + c][k] += 0.3 * t + 0.02 * static_cast<double>(c) * t * t;
        }
      }
    }
  }
  const auto a = AnalyzeIons(InputOf(seeds), LiCl()), b = AnalyzeIons(InputOf(moved), LiCl());
  ASSERT_TRUE(a.ok() && b.ok()) << a.status() << b.status();
  for (const char* key : {"sigma_s_per_m", "s_tot", "sigma_ne_s_per_m", "haven_ratio"}) {
    const double value = (*a)[key].get<double>();
    EXPECT_NEAR((*b)[key].get<double>(), value, 1e-9 * std::abs(value)) << key;
  }
  const double d = (*a)["d_tracer_cm2_per_s"]["Li"]["value"].get<double>();
  EXPECT_NEAR((*b)["d_tracer_cm2_per_s"]["Li"]["value"].get<double>(), d, 1e-9 * d);
  for (const char* component : {"xx", "yy", "zz", "yz", "xz", "xy"}) {
    const double value = (*a)["tensor"]["components_s_per_m"][component].get<double>(),
                 sd = (*a)["tensor"]["sd_s_per_m"][component].get<double>();
    EXPECT_NEAR((*b)["tensor"]["components_s_per_m"][component].get<double>(), value, 1e-9 * sd) << component;
  }
  for (const auto& [frame, pairs] : (*a)["partial_conductivities"]["frames"].items()) {
    ASSERT_EQ(pairs[2]["b"], "Li");
    const double value = pairs[2]["sigma_s_per_m"]["value"].get<double>();
    const Json& other = (*b)["partial_conductivities"]["frames"][frame][2]["sigma_s_per_m"]["value"];
    EXPECT_NEAR(other.get<double>(), value, 1e-9 * std::abs(value)) << frame;
  }
  // The mobile ions alone, in the lab frame, do change: that is not what is reported.
  double lab = 0.0;
  for (size_t i = 0; i < model.n_mobile; ++i)
    lab += moved[0].positions[3 * i].back() - seeds[0].positions[3 * i].back();
  EXPECT_GT(std::abs(lab), 100.0);
}

// T-14: a framework that recoils leaves the full σ right; the mobile ions alone in the lab frame would be too
// low by (1 + M_D/M_F)².
TEST(ScienceT14Recoil, LabFrameOfMobileIonsIsTooLow) {
  const IonModel model;
  auto seeds = BrownianSeeds(model, 0.0, 4, 14);
  const double ratio = model.mobile_mass * 16.0 / (model.framework_mass * 16.0);
  std::vector<DipoleSeries> full, lab;
  for (auto& seed : seeds) {
    DipoleSeries all{model.interval_ps, Components(3)}, mobile = all;
    for (size_t c = 0; c < 3; ++c) {
      // `relative`: relative to the framework. In the barycentric frame everything shifts by -M_D x/(M_D +
      // M_F).
      std::vector<double> relative(model.n_frames, 0.0);
      for (size_t i = 0; i < model.n_mobile; ++i) {
        for (size_t k = 0; k < model.n_frames; ++k)
          relative[k] += seed.positions[3 * i + c][k] - seed.positions[3 * i + c][0];
      }
      for (size_t i = 0; i < seed.species.size(); ++i) {
        for (size_t k = 0; k < model.n_frames; ++k)
          seed.positions[3 * i + c][k] -= ratio / (1.0 + ratio) * relative[k] / 16.0;
      }
      for (double x : relative) mobile.components[c].push_back(x / (1.0 + ratio));
    }
  }
  const auto document = AnalyzeIons(InputOf(seeds), LiCl());
  ASSERT_TRUE(document.ok()) << document.status();
  const double s = (*document)["s_tot"].get<double>();
  EXPECT_NEAR(std::log((*document)["sigma_s_per_m"].get<double>() / NernstEinstein(model)), 0.0, 3.0 * s);
  const double d = (*document)["d_tracer_cm2_per_s"]["Li"]["value"].get<double>();
  EXPECT_NEAR(d / 0.5e-4, 1.0, 0.03) << "the tracer is measured in the frame of the framework";
  // The same in the partial conductivities, whose frames carry names.
  const Json& partial = (*document)["partial_conductivities"];
  const double sum = partial["sum_s_per_m"]["value"].get<double>();
  const auto li_li = [&](const char* frame) {
    for (const Json& pair : partial["frames"][frame]) {
      if (pair["a"] == "Li" && pair["b"] == "Li") return pair["sigma_s_per_m"]["value"].get<double>();
    }
    return std::nan("");
  };
  EXPECT_NEAR(li_li("framework_centre_of_mass"), sum, 1e-9 * sum);
  EXPECT_NEAR(li_li("framework_centre_of_charge"), sum, 1e-9 * sum);
  EXPECT_NEAR(li_li("barycentric"), sum / ((1.0 + ratio) * (1.0 + ratio)), 1e-9 * sum);
  double lab_square = 0.0, full_square = 0.0;
  for (const auto& seed : seeds) {
    for (size_t c = 0; c < 3; ++c) {
      double mobile = 0.0, dipole = 0.0;
      for (size_t i = 0; i < seed.species.size(); ++i) {
        const double dx = seed.positions[3 * i + c].back() - seed.positions[3 * i + c].front();
        mobile += i < 16 ? dx : 0.0;
        dipole += i < 16 ? dx : -dx;
      }
      lab_square += mobile * mobile;
      full_square += dipole * dipole;
    }
  }
  EXPECT_NEAR(full_square / lab_square, (1.0 + ratio) * (1.0 + ratio), 1e-9);
}

// T-32: a framework that diffuses is not a solid.
TEST(ScienceT32Melt, FrameworkUnstable) {
  IonModel model;
  model.n_frames = 2000;
  auto seeds = BrownianSeeds(model, 0.0, 4, 32);
  Random random(320);
  for (auto& seed : seeds) {
    for (size_t i = model.n_mobile; i < seed.species.size(); ++i) {
      for (size_t c = 0; c < 3; ++c) {
        double x = 0.0;
        for (double& v : seed.positions[3 * i + c]) {
          v += x;
          x += 0.03 * random.Gaussian();
        }
      }
    }
  }
  const auto document = AnalyzeIons(InputOf(seeds), LiCl());
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ((*document)["status"], "FRAMEWORK_UNSTABLE");
  EXPECT_FALSE(GateOf(*document, "G2")["passed"].get<bool>());
  EXPECT_NE((*document)["limited_by"].get<std::string>().find("Cl moves"), std::string::npos);
}

// T-33: one of four seeds with 1.5 times the conductivity.
TEST(ScienceT33OddSeed, SeedsDisagree) {
  IonModel model;
  auto seeds = BrownianSeeds(model, 0.0, 4, 330);
  AnalysisOptions options = LiCl();
  const auto same = AnalyzeIons(InputOf(seeds), options);
  ASSERT_TRUE(same.ok());
  EXPECT_TRUE(GateOf(*same, "G6")["passed"].get<bool>()) << GateOf(*same, "G6");
  IonModel faster = model;
  faster.diffusion *= 1.5;
  Random random(333);
  seeds[2] = Lattice(faster);
  AddBrownian(faster, 0.0, &random, &seeds[2]);
  const auto document = AnalyzeIons(InputOf(seeds), options);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ((*document)["status"], "SEEDS_DISAGREE") << (*document)["limited_by"];
}

// T-34: an immobile lattice, still or vibrating: NO_HOPS with an upper bound, never 0 ± 0.
TEST(ScienceT34Immobile, NoHopsAndAnUpperBound) {
  IonModel model;
  model.n_frames = 2000;
  for (double amplitude : {0.0, 0.2}) {
    std::vector<IonTrajectory> seeds;
    Random random(34);
    for (int s = 0; s < 4; ++s) {
      IonTrajectory& seed = seeds.emplace_back(Lattice(model));
      for (auto& x : seed.positions) {
        std::vector<double> cage(x.size(), 0.0);
        AddCage(model.interval_ps / 0.1, &random, &cage);
        for (size_t k = 0; k < x.size(); ++k) x[k] += amplitude * cage[k];
      }
    }
    const auto document = AnalyzeIons(InputOf(seeds), LiCl());
    ASSERT_TRUE(document.ok()) << document.status();
    EXPECT_EQ((*document)["status"], "NO_HOPS") << amplitude;
    EXPECT_TRUE((*document)["sigma_s_per_m"].is_null());
    EXPECT_TRUE((*document)["haven_ratio"].is_null());
    EXPECT_TRUE((*document)["ci95_s_per_m"][0].is_null());
    ASSERT_TRUE((*document)["ci95_s_per_m"][1].is_number());
    // No hop of any ion in S T = 400 ps: a rate below 3.0/400 ps per cell.
    const double a = (*document)["site_distance_angstrom"],
                 scale = ConductivityScale(model.box * model.box * model.box, 600.0);
    EXPECT_GE((*document)["ci95_s_per_m"][1].get<double>(), 0.99 * scale * 2.9957 / 399.8 * a * a / 6.0);
    EXPECT_LT((*document)["ci95_s_per_m"][1].get<double>(), NernstEinstein(model));
  }
}

}  // namespace
}  // namespace superion::analysis
