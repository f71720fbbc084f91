#include "dft_adapter/lammps_labeler.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

using testing::HasSubstr;

Json MorsePotential() {
  return Json::parse(R"({"kind": "lammps", "species": ["Li", "S"], "stress": true,
    "commands": ["pair_style morse 6.0", "pair_coeff * * 0.1 1.2 3.0", "pair_coeff 1 2 0.6 1.6 2.5"]})");
}

class LammpsLabelerTest : public testing::Test {
 protected:
  void SetUp() override { options_.work_directory = TestFolder(); }
  void TearDown() override { std::filesystem::remove_all(options_.work_directory); }
  LabelerOptions options_;
};

// Skewed by more than half a cell vector, left-handed when asked, and smaller than the cutoff.
Structure Skewed(bool left_handed) {
  Structure s = Li2S12(0.1, 4);
  const Mat3 m{{{1.0, 0.1, -0.2}, {0.3, 0.9, 0.15}, {0.7, -0.1, 1.05}}};
  for (Vec3& row : s.cell) row = row * m;
  for (Vec3& r : s.positions) r = r * m;
  if (left_handed) std::swap(s.cell[0], s.cell[1]);
  return s;
}

// Sum over images of LAMMPS's Morse form D [exp(-2a(r-r0)) - 2 exp(-a(r-r0))], sharp cutoff.
double MorseEnergy(const Structure& s) {
  double energy = 0.0;
  const int n = 3;
  for (size_t i = 0; i < s.size(); ++i) {
    for (size_t j = 0; j < s.size(); ++j) {
      const bool mixed = s.species[i] != s.species[j];
      const double d0 = mixed ? 0.6 : 0.1, alpha = mixed ? 1.6 : 1.2, r0 = mixed ? 2.5 : 3.0;
      for (int a = -n; a <= n; ++a)
        for (int b = -n; b <= n; ++b)
          for (int c = -n; c <= n; ++c) {
            const double r =
                Norm(s.positions[j] - s.positions[i] + Vec3{double(a), double(b), double(c)} * s.cell);
            if (r < 1e-8 || r >= 6.0) continue;
            const double e = std::exp(-alpha * (r - r0));
            energy += 0.5 * d0 * (e * e - 2 * e);
          }
    }
  }
  return energy;
}

TEST_F(LammpsLabelerTest, EnergyOfASkewedCellIsTheSumOverImages) {
  auto labeler = *MakeLabeler(MorsePotential(), options_);
  for (bool left_handed : {false, true}) {
    const Structure s = Skewed(left_handed);
    const auto outcome = labeler->Label(s, Sequence::kIndependent);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_FALSE(outcome->failure.has_value()) << outcome->failure->message;
    EXPECT_NEAR(*outcome->frame.energy, MorseEnergy(s), 1e-8);
    EXPECT_EQ(outcome->frame.structure.positions, s.positions);
  }
}

TEST_F(LammpsLabelerTest, ForcesAndStressComeBackInTheFrameOfTheUser) {
  auto labeler = *MakeLabeler(MorsePotential(), options_);
  const Structure s = Skewed(true);
  const Frame frame = labeler->Label(s, Sequence::kIndependent)->frame;
  const auto energy = [&](const Structure& x) {
    return *labeler->Label(x, Sequence::kIndependent)->frame.energy;
  };
  const double h = 1e-5;
  for (size_t i : {size_t{0}, size_t{7}}) {
    for (int a = 0; a < 3; ++a) {
      Structure up = s, down = s;
      up.positions[i][a] += h;
      down.positions[i][a] -= h;
      EXPECT_NEAR(frame.forces[i][a], -(energy(up) - energy(down)) / (2 * h), 1e-6);
    }
  }
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      // Pairs at the sharp cutoff would cross it under strain: the virial is compared with the sum over
      // images.
      double virial = 0.0;
      const int n = 3;
      for (size_t i = 0; i < s.size(); ++i)
        for (size_t j = 0; j < s.size(); ++j)
          for (int k = 0; k < (2 * n + 1) * (2 * n + 1) * (2 * n + 1); ++k) {
            const Vec3 image{double(k % 7 - 3), double(k / 7 % 7 - 3), double(k / 49 - 3)};
            const Vec3 d = s.positions[j] - s.positions[i] + image * s.cell;
            const double r = Norm(d);
            if (r < 1e-8 || r >= 6.0) continue;
            const bool mixed = s.species[i] != s.species[j];
            const double d0 = mixed ? 0.6 : 0.1, alpha = mixed ? 1.6 : 1.2, r0 = mixed ? 2.5 : 3.0;
            const double e = std::exp(-alpha * (r - r0));
            virial += 0.5 * d0 * alpha * (2 * e * e - 2 * e) * d[a] * d[b] / r;
          }
      EXPECT_NEAR((*frame.stress)[a][b], -virial / s.Volume(), 1e-7);
    }
  }
}

TEST_F(LammpsLabelerTest, AnInputErrorCostsTheLabelAndSaysWhy) {
  Json wrong = MorsePotential();
  wrong["commands"][0] = "pair_style no/such/style 6.0";
  auto labeler = *MakeLabeler(wrong, options_);
  for (int repeat = 0; repeat < 2; ++repeat) {  // the second label starts LAMMPS anew
    const auto outcome = labeler->Label(Li2S12(0.1, 1), Sequence::kIndependent);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_TRUE(outcome->failure.has_value());
    EXPECT_EQ(outcome->failure->failure_class, failure_class::kProgram);
    EXPECT_THAT(outcome->failure->message, HasSubstr("no/such/style"));
  }
}

TEST_F(LammpsLabelerTest, AnUnknownSpeciesIsAnError) {
  auto labeler = *MakeLabeler(MorsePotential(), options_);
  Structure s = Li2S12(0.1, 1);
  s.species[0] = "Cl";
  EXPECT_EQ(labeler->Label(s, Sequence::kIndependent).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(RestrictedCell, IsTheSameCellInAnotherFrame) {
  const Mat3 cell{{{1.0, 4.0, -0.5}, {5.0, 0.2, 0.3}, {0.1, 0.4, 6.0}}};  // left-handed
  ASSERT_LT(Determinant(cell), 0);
  const LammpsCell r = RestrictedCell(cell);
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < 3; ++b) {
      EXPECT_NEAR(Dot(r.rows[a], r.rows[b]), Dot(cell[a], cell[b]), 1e-12);
      EXPECT_NEAR(Dot(r.to_lammps[a], r.to_lammps[b]), a == b ? 1.0 : 0.0, 1e-12);
    }
    EXPECT_NEAR(Norm(cell[a] * r.to_lammps - r.rows[a]), 0.0, 1e-12);
  }
  EXPECT_EQ(r.rows[0][1], 0.0);
  EXPECT_EQ(r.rows[1][2], 0.0);
  EXPECT_GT(Determinant(r.rows), 0.0);
}

}  // namespace
}  // namespace superion
