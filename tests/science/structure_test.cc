// Closed-form tests of structure: T-22, T-23, T-26 and T-27 of conductivity.md, section 14.
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/structure/b_factor.h"
#include "analysis/structure/bond_angle_map.h"
#include "analysis/structure/coordination.h"
#include "analysis/structure/density_map.h"
#include "analysis/structure/radial_distribution.h"
#include "analysis/structure/tetrahedra.h"
#include "analysis/structure/van_hove.h"
#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;
const Mat3 kTriclinic{{{14.0, 0.0, 0.0}, {-4.0, 13.0, 0.0}, {3.0, 2.0, 15.0}}};

// Deviation of a mean over bins of counts from 1, in units of its predicted standard deviation.
double Deviation(double counted, double expected) { return (counted - expected) / std::sqrt(expected); }

// T-22: g = 1 at all r, also for the one species among itself with N - 1 others; also with images.
TEST(ScienceT22IdealGas, PairDistributionIsOne) {
  const auto atoms = AtomsOf({{"Li", 60}, {"S", 40}});
  const auto frames = IdealGas(100, kTriclinic, 400, 1);
  for (const bool images : {false, true}) {
    RadialDistribution rdf(atoms, {images ? 11.0 : 6.0, 0.25, images, 1});
    rdf.Add(frames);
    ASSERT_EQ(rdf.pairs().size(), 3u);
    for (const auto& pair : rdf.pairs()) {
      // With images an atom meets its own, always at the same places: those are not of an ideal gas.
      if (images && pair.a == pair.b) continue;
      const auto g = pair.g.Mean();
      const double n_a = pair.a == "Li" ? 60 : 40, n_b = pair.b == "Li" ? 60 : 40;
      const double pairs = 400 * (pair.a == pair.b ? n_a * (n_a - 1) / 2 : n_a * n_b);
      double chi2 = 0.0, bins = 0.0;
      for (size_t k = 4; k < rdf.complete_bins(); ++k) {
        const double expected = pairs * ShellVolume(rdf.bins().inner(k), rdf.bins().inner(k + 1)) /
                                std::abs(Determinant(kTriclinic));
        const double z = Deviation(g[k] * expected, expected);
        chi2 += z * z;
        bins += 1.0;
        EXPECT_LT(std::abs(z), 4.5) << pair.a << pair.b << " bin " << k;
      }
      ASSERT_GT(bins, 15.0);
      // Pairs of a periodic cell beyond half of it are not independent: only the nearest images are tested
      // so.
      if (!images) {
        EXPECT_NEAR(chi2 / bins, 1.0, 3.0 * std::sqrt(2.0 / bins)) << pair.a << pair.b;
      }
    }
  }
}

// T-22: the number of neighbours is Poisson, its entropy 1.30484, 1.70488, 2.08667 kB at 1, 2, 4 expected.
TEST(ScienceT22IdealGas, CoordinationIsPoisson) {
  const double exact[] = {1.30484, 1.70488, 2.08667};
  const double edge = 30.0;
  const auto atoms = AtomsOf({{"Li", 500}, {"S", 5000}});
  const auto frames = IdealGas(5500, {{{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}}}, 40, 2);
  const double density = 5000.0 / (edge * edge * edge);
  std::vector<double> cutoffs;
  for (double mean : {1.0, 2.0, 4.0}) cutoffs.push_back(std::cbrt(3.0 * mean / (4.0 * kPi * density)));
  Coordination coordination(atoms, "Li", "S", cutoffs, 2);
  coordination.Add(frames);
  for (size_t c = 0; c < 3; ++c) {
    const double mean = std::pow(2.0, double(c)), samples = 500.0 * 40.0;
    std::vector<double> poisson;
    for (int n = 0; n < 40; ++n)
      poisson.push_back(std::exp(-mean + n * std::log(mean) - std::lgamma(n + 1.0)));
    EXPECT_NEAR(ShannonEntropy(poisson), exact[c], 1e-5);
    const auto p = coordination.probability(c).Mean();
    for (size_t n = 0; n < 12; ++n) {
      // 1/N_S: the binomial law of a finite cell against Poisson's.
      EXPECT_NEAR(p[n], poisson[n], 3.5 * std::sqrt(poisson[n] / samples) + mean * mean / 5000.0)
          << mean << " " << n;
    }
    // dS = Σ (ln P + 1) dP: the standard deviation of ln P over the sample.
    EXPECT_NEAR(coordination.LabelEntropy(c).value, exact[c], 3.0 * 0.9 / std::sqrt(samples) + 1e-3);
    EXPECT_NEAR(coordination.Mean(c).value, mean, 3.0 * std::sqrt(mean / samples));
  }
}

// T-22: angles between independent directions follow sin θ/2.
TEST(ScienceT22IdealGas, AnglesFollowTheSine) {
  Random random(3);
  const Mat3 cell{{{100, 0, 0}, {0, 100, 0}, {0, 0, 100}}};
  std::vector<double> histogram(18, 0.0);
  const size_t samples = 40000;
  for (size_t s = 0; s < samples; ++s) {
    std::vector<Vec3> corners{{50, 50, 50}};
    for (int k = 0; k < 3; ++k) {
      const Vec3 d{random.Gaussian(), random.Gaussian(), random.Gaussian()};
      corners.push_back(corners[0] + (3.0 / Norm(d)) * d);
    }
    const Snapshot frame = SnapshotOf(cell, corners);
    // Angles 3, 6 and 9 are those at the first corner, in the faces without corner 2, 3, 4.
    const double angle = FaceAngles({-1, {0, 1, 2, 3}}, frame, Inverse(cell))[3 + 3 * (s % 3)];
    ++histogram[std::min<size_t>(17, static_cast<size_t>(angle / 10.0))];
  }
  for (size_t k = 0; k < 18; ++k) {
    const double expected =
        samples * 0.5 * (std::cos(double(k) * kPi / 18.0) - std::cos(double(k + 1) * kPi / 18.0));
    EXPECT_LT(std::abs(Deviation(histogram[k], expected)), 3.5) << k;
  }
}

// T-22: the reduced density around bonds is 1 everywhere.
TEST(ScienceT22IdealGas, ReducedBondAngleMapIsFlat) {
  const auto atoms = AtomsOf({{"P", 1}, {"S", 4}, {"Li", 200}});
  auto frames = IdealGas(205, kTriclinic, 300, 4);
  for (auto& frame : frames) {
    const double d = 1.2;
    const Vec3 centre = frame.positions[0];
    const Vec3 corner[] = {{d, d, d}, {d, -d, -d}, {-d, d, -d}, {-d, -d, d}};
    for (size_t k = 0; k < 4; ++k) frame.positions[1 + k] = centre + corner[k];
  }
  size_t ambiguous = 0;
  const auto tetrahedra = BondedTetrahedra(atoms, frames[0], "P", "S", &ambiguous);
  ASSERT_EQ(tetrahedra.size(), 1u);
  EXPECT_EQ(ambiguous, 0u);
  BondAngleMap map(atoms, tetrahedra, "Li", {8.0, 1.0, 20.0, 2});  // beyond half of the cell as well
  map.Add(frames);
  const auto reduced = map.reduced().Mean(), raw = map.raw().Mean();
  double integral = 0.0;
  for (size_t k = 0; k < reduced.size(); ++k) {
    const size_t r = k / map.angle_bins(), a = k % map.angle_bins();
    const double zone = 0.5 * (std::cos(double(a) * kPi / 9.0) - std::cos(double(a + 1) * kPi / 9.0));
    const double expected =
        4 * 300 * 200 / std::abs(Determinant(kTriclinic)) * zone * ShellVolume(double(r), double(r + 1));
    // The four corners see the same ions: their counts are not independent.
    EXPECT_NEAR(reduced[k], 1.0, 2.0 * 3.5 / std::sqrt(expected)) << r << " " << a;
    integral += raw[k] * 1.0 * 20.0;
  }
  EXPECT_NEAR(integral, 1.0, 1e-12);
}

// T-22: G_d/ρ = 1 at every lag, and ions of a density map are everywhere alike.
TEST(ScienceT22IdealGas, DistinctVanHoveIsOne) {
  const auto atoms = AtomsOf({{"Li", 80}});
  const auto frames = IdealGas(80, kTriclinic, 200, 5);
  DisplacementWindows windows(20, 4.0, 100);
  DistinctVanHove distinct(atoms, "Li", windows.lags().size(), {0.5, 12}, 2);
  distinct.Add(windows.Add(frames));
  for (size_t l = 0; l < windows.lags().size(); ++l) {
    const auto g = distinct.lags()[l].Mean();
    const double pairs = 80.0 * 79.0 * distinct.lags()[l].weight(0);
    ASSERT_GT(pairs, 1e5);
    for (size_t k = 2; k < distinct.complete_bins(); ++k) {
      const double expected =
          pairs * ShellVolume(0.5 * double(k), 0.5 * double(k + 1)) / std::abs(Determinant(kTriclinic));
      // Origins overlap and i, j counts as j, i at lag 0: fewer independent pairs than pairs.
      EXPECT_LT(std::abs(Deviation(g[k] * expected, expected)), 5.0) << windows.lags()[l] << " " << k;
    }
  }
  DensityMap map(atoms, "Li", kTriclinic, 1.0);
  map.Add(frames);
  double ions = 0.0;
  for (double rho : map.Density()) ions += rho;
  const double points = double(map.shape()[0] * map.shape()[1] * map.shape()[2]);
  EXPECT_NEAR(ions * std::abs(Determinant(kTriclinic)) / points, 80.0, 1e-9);
}

// T-22: at lag 0 G_d/ρ is g(r), by all partners and by cells.
TEST(ScienceT22IdealGas, DistinctVanHoveBeginsAsPairDistribution) {
  for (const size_t ions : {300u, 2100u}) {
    const auto atoms = AtomsOf({{"Li", ions}});
    const auto frames = IdealGas(ions, {{{30, 0, 0}, {2, 31, 0}, {0, -1, 32}}}, 2, 9);
    DisplacementWindows windows(1, 4.0, 10);
    DistinctVanHove distinct(atoms, "Li", windows.lags().size(), {0.5, 14}, 1);  // cells above 2,000 ions
    distinct.Add(windows.Add(frames));
    RadialDistribution rdf(atoms, {8.0, 0.5, false, 1});
    rdf.Add(frames);
    const auto g = rdf.pairs()[0].g.Mean(), g_d = distinct.lags()[0].Mean();
    for (size_t k = 0; k < 14; ++k) EXPECT_NEAR(g_d[k], g[k], 1e-12 * g[k]) << ions << " " << k;
  }
}

std::vector<double> MeanCoordination(const Snapshot& crystal, const std::vector<double>& cutoffs) {
  const auto atoms = AtomsOf({{"X", crystal.positions.size()}});
  Coordination coordination(atoms, "X", "X", cutoffs, 1);
  coordination.Add(std::span(&crystal, 1));
  std::vector<double> out;
  for (size_t c = 0; c < cutoffs.size(); ++c) out.push_back(coordination.Mean(c).value);
  return out;
}

// T-23: shells of sc, fcc and CsCl, also in cells smaller than the cutoff.
TEST(ScienceT23Crystals, CoordinationNumbers) {
  const std::vector<Vec3> sc{{0, 0, 0}}, fcc{{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
  for (int n : {1, 2, 5}) {
    EXPECT_EQ(MeanCoordination(Crystal(sc, 3.0, n), {3.1, 4.3, 5.3}), (std::vector<double>{6, 18, 26})) << n;
    EXPECT_EQ(MeanCoordination(Crystal(fcc, 4.0, n), {2.9}), (std::vector<double>{12})) << n;
    const Snapshot cscl = Crystal({{0, 0, 0}, {0.5, 0.5, 0.5}}, 4.0, n);
    const size_t cells = cscl.positions.size() / 2;
    const auto atoms = AtomsOf({{"Cs", cells}, {"Cl", cells}});
    Coordination coordination(atoms, "Cs", "Cl", {3.6}, 1);
    coordination.Add(std::span(&cscl, 1));
    EXPECT_EQ(coordination.Mean(0).value, 8.0) << n;
    RadialDistribution rdf(atoms, {3.99, 0.01, true, 1});
    rdf.Add(std::span(&cscl, 1));
    EXPECT_EQ(rdf.pairs()[1].coordination_ab.Mean().back(), 8.0) << n;
    EXPECT_EQ(rdf.pairs()[1].coordination_ba.Mean().back(), 8.0) << n;
  }
}

// T-23: 60 degrees twelve times in AX4; 54.7356 eight times and 70.5288 four times in the bcc interstice.
TEST(ScienceT23Crystals, TetrahedralAngles) {
  const double d = 1.2;
  const Mat3 cell{{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
  const Snapshot unit =
      SnapshotOf(cell, {{0, 0, 0}, {d, d, d}, {d, 10 - d, -d}, {-d, d, 10 - d}, {-d, -d, d}});
  const auto atoms = AtomsOf({{"P", 1}, {"S", 4}});
  size_t ambiguous = 0;
  const auto bonded = BondedTetrahedra(atoms, unit, "P", "S", &ambiguous);
  ASSERT_EQ(bonded.size(), 1u);
  for (double angle : FaceAngles(bonded[0], unit, Inverse(cell))) EXPECT_NEAR(angle, 60.0, 1e-10);

  const Snapshot bcc = Crystal({{0, 0, 0}, {0.5, 0.5, 0.5}}, 5.0, 3);
  const auto iodide = AtomsOf({{"I", 54}});
  const auto empty = EmptyTetrahedra(iodide, bcc, "I", 6.0);
  ASSERT_EQ(empty.size(), 6u * 54u);
  for (const Tetrahedron& t : empty) {
    auto angles = FaceAngles(t, bcc, Inverse(bcc.cell));
    std::sort(angles.begin(), angles.end());
    for (size_t k = 0; k < 12; ++k) ASSERT_NEAR(angles[k], k < 8 ? 54.735610 : 70.528779, 1e-5);
  }
}

// T-26: springs on a simple cubic lattice of n³ cells: the formula for the shortfall meets exact sums.
TEST(ScienceT26FiniteSize, ScalarSprings) {
  const int sizes[] = {4, 6, 8, 10, 16, 24};
  const double exact[] = {0.197526, 0.215365, 0.224606, 0.230200, 0.238630, 0.243326};
  const double formula[] = {0.196285, 0.215100, 0.224508, 0.230153, 0.238619, 0.243323};
  for (size_t s = 0; s < 6; ++s) {
    const int n = sizes[s];
    std::vector<double> cosine;
    for (int k = 0; k < n; ++k) cosine.push_back(std::cos(2.0 * kPi * k / n));
    double sum = 0.0;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        for (int k = 0; k < n; ++k) {
          if (i + j + k > 0) sum += 1.0 / (6.0 - 2.0 * (cosine[i] + cosine[j] + cosine[k]));
        }
      }
    }
    EXPECT_NEAR(sum / (double(n) * n * n), exact[s], 1e-6) << n;
    const double predicted = 0.252731 - PeriodicShortfall(1.0, n, 1.0);
    EXPECT_NEAR(predicted, formula[s], 1e-6) << n;
    if (n >= 8) {
      EXPECT_NEAR(predicted, sum / (double(n) * n * n), 5e-4 * predicted) << n;
    }
  }
  // An isotropic solid with λ + 2μ = μ is three such lattices.
  EXPECT_NEAR(ElasticShortfall(0.1, 20.0, -0.3, 0.3), 3.0 * PeriodicShortfall(0.1, 20.0, 0.3), 1e-15);
}

// T-26: B = 8π² <u_x²> of independent Gaussian places.
TEST(ScienceT26FiniteSize, BFactorOfGaussianPlaces) {
  const auto atoms = AtomsOf({{"S", 400}});
  Random random(6);
  std::vector<Vec3> places(400, Vec3{1.0, 2.0, 3.0});
  BFactor b(atoms);
  b.BeginSeed(places);
  for (size_t f = 0; f < 100; ++f) {
    Snapshot frame = SnapshotOf(kTriclinic, places, f, f / 20);
    for (Vec3& r : frame.unwrapped)
      r += Vec3{0.1 * random.Gaussian(), 0.2 * random.Gaussian(), 0.3 * random.Gaussian()};
    b.Add(std::span(&frame, 1));
  }
  const auto u2 = b.MeanSquare("S");
  const double relative = std::sqrt(2.0 / (400.0 * 100.0));
  for (size_t c = 0; c < 3; ++c) {
    const double exact = 0.01 * double((c + 1) * (c + 1));
    EXPECT_NEAR(u2[c].value, exact, 3.0 * relative * exact);
    EXPECT_GT(u2[c].error, 0.0);
    EXPECT_LT(u2[c].error, 4.0 * relative * exact);
  }
  EXPECT_NEAR(u2[3].value, (u2[0].value + u2[1].value + u2[2].value) / 3.0, 1e-15);
  EXPECT_NEAR(DebyeWallerB(0.01), 0.789568, 1e-6);
}

// T-27: Brownian ions: G_s is the heat kernel, α2 = 0, F_s = exp(-q² D t).
TEST(ScienceT27VanHove, BrownianMotion) {
  const double diffusion = 0.4, step = 0.25;  // Å²/ps, ps
  const size_t ions = 300, n = 400;
  const auto atoms = AtomsOf({{"Li", ions}});
  const Mat3 cell{{{12, 0, 0}, {0, 12, 0}, {0, 0, 12}}};
  Random random(7);
  DisplacementWindows windows(16, 3.0, 40);
  SelfVanHove self(atoms, "Li", windows.lags().size(), {{0.25, 60}, WaveVectors(cell, {1.0}, 3), 2});
  Snapshot frame = SnapshotOf(cell, std::vector<Vec3>(ions, Vec3{6, 6, 6}));
  for (size_t f = 0; f < n; ++f) {
    frame.frame = f;
    frame.block = f / 100;
    self.Add(windows.Add(std::span(&frame, 1)));
    for (Vec3& r : frame.unwrapped) {
      for (double& x : r) x += std::sqrt(2.0 * diffusion * step) * random.Gaussian();
    }
  }
  ASSERT_EQ(self.options().wave_vectors.size(), 3u);
  for (size_t l = 1; l < windows.lags().size(); ++l) {
    const double lag = static_cast<double>(windows.lags()[l]), t = lag * step, four_dt = 4.0 * diffusion * t;
    const auto& at = self.lags()[l];
    // Independent displacements: windows that do not overlap.
    const double independent =
        ions * static_cast<double>(n) / std::max(lag, static_cast<double>(windows.origin_stride()));
    const auto g = at.density.Mean();
    const auto moments = at.moments.Mean();
    double integral = moments[2];
    for (size_t k = 0; k < g.size(); ++k) {
      const double inner = self.options().bins.inner(k), outer = self.options().bins.inner(k + 1);
      const auto within = [&](double r) {
        return std::erf(r / std::sqrt(four_dt)) -
               2.0 * r / std::sqrt(kPi * four_dt) * std::exp(-r * r / four_dt);
      };
      const double share = within(outer) - within(inner), volume = ShellVolume(inner, outer);
      EXPECT_NEAR(g[k] * volume, share, 4.5 * std::sqrt(share / independent) + 1e-4) << t << " " << k;
      integral += g[k] * volume;
    }
    EXPECT_NEAR(integral, 1.0, 1e-12);
    EXPECT_NEAR(moments[0] / (6.0 * diffusion * t), 1.0, 4.0 * std::sqrt(2.0 / (3.0 * independent)));
    EXPECT_NEAR(NonGaussian(moments[0], moments[1]), 0.0, 4.0 * std::sqrt(8.0 / 15.0 / independent) + 0.002);
    const auto f_s = at.scattering.Mean();
    for (size_t q = 0; q < 3; ++q) {
      const Vec3& k = self.options().wave_vectors[q];
      EXPECT_NEAR(f_s[q], std::exp(-Dot(k, k) * diffusion * t), 4.0 * std::sqrt(0.5 / independent)) << t;
    }
  }
}

// T-27: hops on a simple cubic lattice: F_s = exp(-Γ(q) t), Γ = (1/3τ) Σ (1 - cos q_c a) (Chudley & Elliott
// 1961, doi:10.1088/0370-1328/77/2/319).
TEST(ScienceT27VanHove, LatticeHops) {
  const double a = 3.0, rate = 0.8, step = 0.2;  // hops per ps
  const size_t ions = 500, n = 300;
  const auto atoms = AtomsOf({{"Li", ions}});
  const Mat3 cell{{{15, 0, 0}, {0, 15, 0}, {0, 0, 15}}};
  const std::vector<Vec3> vectors{
      {0.4188790, 0, 0}, {0.8377580, 0.4188790, 0}, {1.0471976, 1.0471976, 1.0471976}};
  Random random(8);
  DisplacementWindows windows(20, 3.0, 60);
  SelfVanHove self(atoms, "Li", windows.lags().size(), {{0.5, 40}, vectors, 1});
  Snapshot frame = SnapshotOf(cell, std::vector<Vec3>(ions, Vec3{0, 0, 0}));
  for (size_t f = 0; f < n; ++f) {
    frame.frame = f;
    self.Add(windows.Add(std::span(&frame, 1)));
    for (Vec3& r : frame.unwrapped) {
      for (double left = step + std::log(1.0 - random.Uniform()) / rate; left > 0.0;
           left += std::log(1.0 - random.Uniform()) / rate)
        r[random.Below(3)] += random.Below(2) == 0 ? a : -a;
    }
  }
  for (size_t l = 1; l < windows.lags().size(); ++l) {
    const double lag = static_cast<double>(windows.lags()[l]);
    const double independent =
        ions * static_cast<double>(n) / std::max(lag, static_cast<double>(windows.origin_stride()));
    const auto f_s = self.lags()[l].scattering.Mean();
    for (size_t q = 0; q < vectors.size(); ++q) {
      double gamma = 0.0;
      for (double component : vectors[q]) gamma += rate / 3.0 * (1.0 - std::cos(component * a));
      EXPECT_NEAR(f_s[q], std::exp(-gamma * lag * step), 4.0 / std::sqrt(independent)) << lag << " " << q;
    }
  }
}

}  // namespace
}  // namespace superion::analysis
