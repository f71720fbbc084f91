#include "potential/density.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "reference_model.h"

namespace superion {
namespace {

ModelArchitecture Architecture(int l_max, int n_radial, double cutoff) {
  ModelArchitecture a;
  a.species = {"Li", "P", "S"};
  a.l_max = l_max, a.n_radial = n_radial, a.cutoff_angstrom = cutoff;
  a.cutoff_power = n_radial % 2 == 0 ? 6 : 0;
  a.smoothstep = n_radial % 4 == 0;
  return a;
}

template <typename Real>
std::vector<Real> Noise(size_t n, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> gauss;
  std::vector<Real> values(n);
  for (Real& v : values) v = static_cast<Real>(gauss(engine));
  return values;
}

TEST(Density, AgreesWithTheEquationsForEveryDegreeAndOddRadialCounts) {
  for (const auto& [l_max, n_radial] :
       std::vector<std::pair<int, int>>{{0, 3}, {1, 5}, {2, 8}, {3, 10}, {3, 13}, {4, 10}, {5, 6}}) {
    const ModelArchitecture a = Architecture(l_max, n_radial, 4.5);
    const PairList pairs = reference::Pairs(reference::RandomBox(17, 3, 6.0, 1.4, 5), 4.5);
    const std::vector<double> expected = reference::Density(a, 0.37, pairs);
    std::vector<double> density(expected.size());
    DensityOperator<double>(a, 0.37).Density(pairs, density.data());
    std::vector<float> single(expected.size());
    DensityOperator<float>(a, 0.37).Density(pairs, single.data());
    for (size_t k = 0; k < expected.size(); ++k) {
      ASSERT_NEAR(density[k], expected[k], 1e-10) << k;
      ASSERT_NEAR(single[k], expected[k], 3e-5) << k;
    }
  }
}

TEST(Density, ForcesAreTheGradientAndVirialTheStrainDerivative) {
  for (const double edge : {3.1, 7.0}) {  // smaller than the cutoff: atoms see their own images
    const ModelArchitecture a = Architecture(3, 10, 4.0);
    const reference::Box box = reference::RandomBox(edge < 4 ? 3 : 12, 3, edge, 1.3, 7);
    const DensityOperator<double> density_operator(a, 0.2);
    const std::vector<double> gradient = Noise<double>(box.positions.size() * a.n_density(), 11);
    const auto energy = [&](const reference::Box& b) {
      const PairList pairs = reference::Pairs(b, 4.0);
      std::vector<double> density(gradient.size());
      density_operator.Density(pairs, density.data());
      double sum = 0.0;
      for (size_t k = 0; k < density.size(); ++k) sum += density[k] * gradient[k];
      return sum;
    };
    std::vector<double> forces(3 * box.positions.size()), virials(9 * box.positions.size());
    density_operator.Forces(reference::Pairs(box, 4.0), gradient.data(), forces.data(), virials.data());
    const double step = 1e-5;
    for (size_t i = 0; i < box.positions.size(); ++i)
      for (int c = 0; c < 3; ++c) {
        reference::Box plus = box, minus = box;
        plus.positions[i][c] += step, minus.positions[i][c] -= step;
        const double expected = -(energy(plus) - energy(minus)) / (2 * step);
        EXPECT_NEAR(forces[3 * i + c], expected, 1e-7 * std::max(1.0, std::abs(expected)));
      }
    for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column) {
        const auto strained = [&](double e) {
          Mat3 s{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
          s[row][column] += e;
          reference::Box b = box;
          for (Vec3& x : b.positions) x = x * s;
          for (Vec3& x : b.cell) x = x * s;
          return energy(b);
        };
        double virial = 0.0;
        for (size_t i = 0; i < box.positions.size(); ++i) virial += virials[9 * i + 3 * row + column];
        const double expected = -(strained(step) - strained(-step)) / (2 * step);
        EXPECT_NEAR(virial, expected, 1e-6 * std::max(1.0, std::abs(expected)));
      }
  }
}

template <typename Real>
void CheckAdjoint(double tolerance) {
  for (int l_max = 0; l_max <= 5; ++l_max) {
    const ModelArchitecture a = Architecture(l_max, 9, 4.0);
    const reference::Box box = reference::RandomBox(11, 3, 6.0, 1.3, 17);
    const PairList pairs = reference::Pairs(box, 4.6);  // with a skin
    const DensityOperator<Real> density_operator(a, 0.2);
    const size_t n = box.positions.size();
    const std::vector<Real> gradient = Noise<Real>(n * a.n_density(), 19);
    const std::vector<double> u = Noise<double>(3 * n, 23), w = Noise<double>(9 * n, 29);
    std::vector<double> forces(3 * n), virials(9 * n);
    std::vector<Real> back(gradient.size());
    density_operator.Forces(pairs, gradient.data(), forces.data(), virials.data());
    density_operator.ForcesAdjoint(pairs, u.data(), w.data(), back.data());
    double left = 0.0, right = 0.0, size = 0.0;
    for (size_t k = 0; k < 3 * n; ++k) left += u[k] * forces[k], size += std::abs(u[k] * forces[k]);
    for (size_t k = 0; k < 9 * n; ++k) left += w[k] * virials[k], size += std::abs(w[k] * virials[k]);
    for (size_t k = 0; k < gradient.size(); ++k) right += static_cast<double>(gradient[k]) * back[k];
    EXPECT_NEAR(left, right, tolerance * size) << "l_max " << l_max;
    // And without a virial.
    density_operator.Forces(pairs, gradient.data(), forces.data(), nullptr);
    density_operator.ForcesAdjoint(pairs, u.data(), nullptr, back.data());
    left = right = 0.0;
    for (size_t k = 0; k < 3 * n; ++k) left += u[k] * forces[k];
    for (size_t k = 0; k < gradient.size(); ++k) right += static_cast<double>(gradient[k]) * back[k];
    EXPECT_NEAR(left, right, tolerance * size) << "l_max " << l_max;
  }
}

TEST(Density, AdjointSatisfiesTheInnerProductIdentity) {
  CheckAdjoint<double>(1e-13);
  CheckAdjoint<float>(1e-5);
}

TEST(Density, BitsDoNotDependOnThreads) {
  const ModelArchitecture a = Architecture(3, 10, 4.0);
  const reference::Box box = reference::RandomBox(40, 3, 9.0, 1.3, 31);
  const PairList pairs = reference::Pairs(box, 4.0);
  const DensityOperator<float> density_operator(a, 0.2);
  const size_t n = box.positions.size();
  const std::vector<float> gradient = Noise<float>(n * a.n_density(), 37);
  const std::vector<double> u = Noise<double>(3 * n, 41);
  std::vector<std::vector<float>> densities, cotangents;
  std::vector<std::vector<double>> forces;
  for (const int threads : {1, 2, 3, 7}) {
    densities.emplace_back(n * a.n_density());
    cotangents.emplace_back(n * a.n_density());
    forces.emplace_back(12 * n);
    density_operator.Density(pairs, densities.back().data(), threads);
    density_operator.Forces(pairs, gradient.data(), forces.back().data(), forces.back().data() + 3 * n,
                            threads);
    density_operator.ForcesAdjoint(pairs, u.data(), nullptr, cotangents.back().data(), threads);
    EXPECT_EQ(densities.back(), densities.front());
    EXPECT_EQ(forces.back(), forces.front());
    EXPECT_EQ(cotangents.back(), cotangents.front());
  }
}

TEST(Density, VanishesSmoothlyAtTheCutoff) {
  const ModelArchitecture a = Architecture(2, 8, 5.0);
  const DensityOperator<double> density_operator(a, 1.0);
  PairList pairs;
  pairs.n_atoms = 1, pairs.center = {0}, pairs.neighbor = {0}, pairs.neighbor_species = {1};
  std::vector<double> density(a.n_density());
  for (const double gap : {1e-2, 1e-3, 1e-4}) {
    pairs.displacement = {{5.0 - gap, 0, 0}};
    density_operator.Density(pairs, density.data());
    // f_c = 10 (gap/r_c)³ to leading order; harmonics are at most sqrt(5) here.
    for (const double v : density) EXPECT_LE(std::abs(v), 10.1 * std::sqrt(5.0) * std::pow(gap / 5.0, 3));
  }
  pairs.displacement = {{5.0, 0, 0}};
  density_operator.Density(pairs, density.data());
  for (const double v : density) EXPECT_EQ(v, 0.0);
}

}  // namespace
}  // namespace superion
