#include "dft_adapter/morse_coulomb.h"

#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/labeler_spec.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

// LiZr2(PO4)3's parameters; the angular terms are what the finite differences are after.
MorseCoulombSettings Lzp() {
  MorseCoulombSettings s;
  s.ions = {{"Li", {1, 1.0395, 1}}, {"Zr", {4, 1.05, 1}}, {"P", {5, 0.7273, 1}}, {"O", {-2, 0.7823, 1}}};
  s.coulomb_pairs = {{"Li", "Li"}, {"Li", "Zr"}, {"Li", "P"}, {"Zr", "Zr"},
                     {"P", "Zr"},  {"P", "P"},   {"O", "O"}};
  s.morse = {{{"Li", "O"}, {1.1512, 2.0575, 1.7757}},
             {{"O", "Zr"}, {2.6692, 1.8925, 1.9977}},
             {{"O", "P"}, {5.0125, 2.0748, 1.43}}};
  s.angular = {{"Zr", "O", "O", 3.0, 2.015, 1.0, -0.101}, {"P", "O", "O", 3.0, 2.852, 1.0, -0.407}};
  return s;
}

// A small triclinic cell, smaller than the cutoff, in which every term acts.
Structure SmallCell() {
  Structure s;
  s.cell = Mat3{{{5.1, 0.2, -0.3}, {0.6, 4.8, 0.4}, {-0.5, 0.3, 5.4}}};
  s.species = {"Li", "Zr", "P", "O", "O", "O", "O", "O"};
  const Vec3 f[] = {{0.05, 0.1, 0.55}, {0.5, 0.52, 0.02}, {0.48, 0.05, 0.5}, {0.3, 0.75, 0.2},
                    {0.72, 0.3, 0.25}, {0.25, 0.2, 0.8},  {0.7, 0.8, 0.7},   {0.05, 0.45, 0.85}};
  for (const Vec3& x : f) s.positions.push_back(x * s.cell);
  return s;
}

// ---- An independent implementation: explicit loops over images, terms written out from the text of the
// reference.

double Shifted(const std::function<double(double)>& v, double r, double rc) {
  const double h = 1e-5;
  return v(r) - v(rc) - (v(rc + h) - v(rc - h)) / (2 * h) * (r - rc);
}

double BruteForce(const MorseCoulombSettings& s, const Structure& x, const std::map<std::string, double>& q) {
  const int reach = 3;
  double energy = 0.0;
  std::vector<Vec3> images;
  std::vector<size_t> owner;
  for (int a = -reach; a <= reach; ++a)
    for (int b = -reach; b <= reach; ++b)
      for (int c = -reach; c <= reach; ++c)
        for (size_t i = 0; i < x.size(); ++i) {
          images.push_back(x.positions[i] + Vec3{double(a), double(b), double(c)} * x.cell);
          owner.push_back(i);
        }
  for (size_t i = 0; i < x.size(); ++i) {
    for (size_t m = 0; m < images.size(); ++m) {
      const double r = Norm(images[m] - x.positions[i]);
      if (r < 1e-8 || r > s.cutoff_angstrom) continue;
      const std::string &si = x.species[i], &sj = x.species[owner[m]];
      const auto key = std::minmax(si, sj);
      if (s.coulomb_pairs.count({key.first, key.second})) {
        const double rho = s.ions.at(si).radius_angstrom + s.ions.at(sj).radius_angstrom;
        energy +=
            0.5 *
            Shifted([&](double d) { return 14.3998554737 * q.at(si) * q.at(sj) * std::erfc(d / rho) / d; }, r,
                    s.cutoff_angstrom);
      }
      if (const auto morse = s.morse.find({key.first, key.second}); morse != s.morse.end()) {
        const auto& [d0, alpha, rmin] = morse->second;
        energy += 0.5 * Shifted([d = d0, a = alpha, m0 = rmin](
                                    double t) { return d * (std::pow(std::exp(a * (m0 - t)) - 1, 2) - 1); },
                                r, s.cutoff_angstrom);
      }
    }
    for (const AngularTerm& t : s.angular) {
      if (x.species[i] != t.center) continue;
      double twice = 0.0;  // ordered pairs of neighbors
      for (size_t m = 0; m < images.size(); ++m) {
        for (size_t n = 0; n < images.size(); ++n) {
          const Vec3 dm = images[m] - x.positions[i], dn = images[n] - x.positions[i];
          const double rm = Norm(dm), rn = Norm(dn), rc = t.cutoff_angstrom;
          if (m == n || rm < 1e-8 || rn < 1e-8 || rm >= rc || rn >= rc) continue;
          if (x.species[owner[m]] != t.first || x.species[owner[n]] != t.second) continue;
          const double cosine = Dot(dm, dn) / (rm * rn);
          twice += t.alpha_ev * std::exp(t.beta_angstrom / (rm - rc) + t.beta_angstrom / (rn - rc)) *
                   std::pow(cosine - t.gamma, 2);
        }
      }
      energy += 0.5 * twice;
    }
  }
  return energy;
}

double Energy(const MorseCoulombSettings& s, const Structure& x) {
  return *ComputeMorseCoulomb(s, x)->energy;
}

TEST(MorseCoulomb, AgreesWithExplicitLoopsOverImages) {
  const MorseCoulombSettings s = Lzp();
  const Structure x = SmallCell();
  const auto q = FixedCharges(s, x);
  ASSERT_TRUE(q.ok());
  MorseCoulombSettings without = s;
  without.angular.clear();
  EXPECT_GT(std::abs(Energy(s, x) - Energy(without, x)), 1e-3);  // the angular terms do act here
  EXPECT_NEAR(Energy(s, x), BruteForce(s, x, *q), 1e-6);
  EXPECT_NEAR(Energy(without, x), BruteForce(without, x, *q), 1e-6);
}

TEST(MorseCoulomb, ForcesAreTheSlopeOfTheEnergy) {
  const MorseCoulombSettings s = Lzp();
  const Structure x = SmallCell();
  const Frame frame = *ComputeMorseCoulomb(s, x);
  const double h = 1e-5;
  double largest = 0.0;
  for (size_t i = 0; i < x.size(); ++i) {
    for (int a = 0; a < 3; ++a) {
      Structure up = x, down = x;
      up.positions[i][a] += h;
      down.positions[i][a] -= h;
      const double slope = -(Energy(s, up) - Energy(s, down)) / (2 * h);
      EXPECT_NEAR(frame.forces[i][a], slope, 1e-6 * (1 + std::abs(slope))) << i << " " << a;
      largest = std::max(largest, std::abs(slope));
    }
  }
  EXPECT_GT(largest, 0.1);
  EXPECT_FALSE(CheckNumbers(frame).has_value());  // no net force
}

TEST(MorseCoulomb, StressIsTheSlopeOfTheEnergyWithStrain) {
  const MorseCoulombSettings s = Lzp();
  const Structure x = SmallCell();
  const Mat3 stress = *ComputeMorseCoulomb(s, x)->stress;
  const double h = 1e-6;
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      const auto strained = [&](double e) {
        Mat3 m{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
        m[a][b] += e;
        Structure y = x;
        for (Vec3& row : y.cell) row = row * m;
        for (Vec3& r : y.positions) r = r * m;
        return Energy(s, y);
      };
      const double slope = (strained(h) - strained(-h)) / (2 * h) / x.Volume();
      EXPECT_NEAR(stress[a][b], slope, 1e-6) << a << " " << b;
    }
  }
}

TEST(MorseCoulomb, PairTermsEndSmoothlyAtTheCutoff) {
  MorseCoulombSettings s = Lzp();
  Structure x;
  x.cell = Mat3{{{40, 0, 0}, {0, 40, 0}, {0, 0, 40}}};
  x.species = {"Li", "O"};
  x.positions = {{0, 0, 0}, {6.0 - 1e-4, 0, 0}};
  const Frame frame = *ComputeMorseCoulomb(s, x);
  EXPECT_NEAR(*frame.energy, 0.0, 1e-9);
  EXPECT_NEAR(frame.forces[0][0], 0.0, 1e-6);
}

TEST(MorseCoulomb, ChargesNeutraliseTheCell) {
  const Structure x = SmallCell();
  const auto q = *FixedCharges(Lzp(), x);
  double total = 0.0;
  for (const std::string& symbol : x.species) total += q.at(symbol);
  EXPECT_NEAR(total, 0.0, 1e-12);
  EXPECT_NEAR(q.at("Zr") / q.at("Li"), 4.0, 1e-12);
  Structure unknown = x;
  unknown.species[0] = "Na";
  EXPECT_EQ(FixedCharges(Lzp(), unknown).status().code(), absl::StatusCode::kInvalidArgument);
}

// Start structure in nap's format: comments, scale, three vectors, count, then tag (integer part: species)
// and fractions.
Structure ReadPmdini(const std::string& path, const std::vector<std::string>& order) {
  std::ifstream in(path);
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '!') continue;
    std::istringstream words(line);
    rows.emplace_back();
    for (double v; words >> v;) rows.back().push_back(v);
  }
  Structure s;
  for (int k = 0; k < 3; ++k) s.cell[k] = rows[0][0] * Vec3{rows[k + 1][0], rows[k + 1][1], rows[k + 1][2]};
  for (size_t i = 5; i < rows.size(); ++i) {
    s.species.push_back(order[static_cast<size_t>(rows[i][0]) - 1]);
    s.positions.push_back(Vec3{rows[i][1], rows[i][2], rows[i][3]} * s.cell);
  }
  return s;
}

TEST(MorseCoulomb, ReproducesTheGarnetOfTheReferenceProgram) {
  const std::string folder = SharedFolder();
  if (folder.empty()) GTEST_SKIP() << "the shared benchmark data are not here (set SUPERION_SHARED)";
  const Structure x = ReadPmdini(folder + "/data/oracles/pmd_BVS_LLZO/pmdini", {"O", "Li", "La", "Zr"});
  ASSERT_EQ(x.size(), 192u);
  const auto labeler =
      ReadLabeler(std::string(SUPERION_SOURCE_DIR) + "/examples/oracle_llzo.toml", {"Li", "La", "Zr", "O"});
  ASSERT_TRUE(labeler.ok()) << labeler.status();
  const Frame frame = *ComputeMorseCoulomb(MorseCoulombSettingsFromJson(*labeler), x);
  EXPECT_NEAR(*frame.energy, -161.24366, 5e-6);
  // out.pmd.REF prints a stress of 25.578 25.625 23.322 GPa (compressive), 0.03 of which is kinetic at 302 K:
  // N kB T / V = 0.358 GPa per direction on average.
  const double gpa = 160.21766208;
  const double mean = -((*frame.stress)[0][0] + (*frame.stress)[1][1] + (*frame.stress)[2][2]) / 3 * gpa;
  EXPECT_NEAR(mean, 24.84170 - 0.358, 0.02);
}

}  // namespace
}  // namespace superion
