#include "potential/electrostatics.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/units.h"
#include "potential/ewald.h"
#include "reference_model.h"

namespace superion {
namespace {

Model ChargedModel(double cutoff) {
  ModelArchitecture a;
  a.species = {"Li", "Cl"};
  a.channels = 4, a.l_max = 2, a.n_radial = 5, a.hidden = 6, a.cutoff_angstrom = cutoff;
  Model model = reference::RandomModel(a, 3);
  model.electrostatics = Electrostatics{{0.8, -0.8}, ElectrostaticAlpha(cutoff)};
  return model;
}

Structure Crystal() {
  Structure s;
  s.cell = Mat3{{{7.6, 0.2, 0.1}, {-0.3, 7.9, 0.2}, {0.1, 0.4, 8.1}}};
  Random random(2);
  for (int k = 0; k < 27; ++k) {
    const Vec3 f{k % 3 / 3.0, k / 3 % 3 / 3.0, k / 9 / 3.0};
    s.positions.push_back(f * s.cell + 0.1 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()});
    s.species.push_back(k % 2 == 0 ? "Li" : "Cl");
  }
  return s;
}

Evaluation Evaluate(const Model& model, const Structure& structure) {
  EvaluatorOptions options;
  options.double_precision = true;
  const auto evaluator = Evaluator::Create(model, options);
  EXPECT_TRUE(evaluator.ok()) << evaluator.status();
  Evaluation result;
  const absl::Status status = (*evaluator)->EvaluateStructure(structure, &result);
  EXPECT_TRUE(status.ok()) << status;
  return result;
}

TEST(Electrostatics, ForcesAndVirialOfTheWholeModelAreSlopes) {
  const Model model = ChargedModel(4.0);
  const Structure crystal = Crystal();
  const Evaluation exact = Evaluate(model, crystal);
  const double h = 1e-4;
  for (const size_t i : {0, 5, 13}) {
    for (int a = 0; a < 3; ++a) {
      Structure up = crystal, down = crystal;
      up.positions[i][a] += h, down.positions[i][a] -= h;
      EXPECT_NEAR((Evaluate(model, down).energy - Evaluate(model, up).energy) / (2 * h), exact.forces[i][a],
                  1e-5);
    }
  }
  const auto strained = [&](double t) {
    Structure s = crystal;
    Mat3 m{{{1 + t, 0, 0}, {0, 1 + t, 0}, {0, 0, 1 + t}}};
    for (Vec3& row : s.cell) row = row * m;
    for (Vec3& r : s.positions) r = r * m;
    return Evaluate(model, s).energy;
  };
  EXPECT_NEAR((strained(-h) - strained(h)) / (2 * h),
              exact.virial[0][0] + exact.virial[1][1] + exact.virial[2][2], 1e-4);
  double sum = 0.0;
  for (const double e : exact.atom_energies) sum += e;
  EXPECT_NEAR(sum, exact.energy, 1e-8);
}

TEST(Electrostatics, SubtractingFromLabelsUndoesAdding) {
  const Model model = ChargedModel(4.0);
  Model bare = model;
  bare.electrostatics.reset();
  const Structure crystal = Crystal();
  const Evaluation all = Evaluate(model, crystal), rest = Evaluate(bare, crystal);
  EXPECT_GT(std::abs(all.energy - rest.energy), 1.0);
  Frame frame;
  frame.structure = crystal, frame.energy = all.energy, frame.forces = all.forces;
  frame.stress = Mat3{};
  for (int a = 0; a < 3; ++a) (*frame.stress)[a] = (-1.0 / crystal.Volume()) * all.virial[a];
  ASSERT_TRUE(SubtractElectrostatics(model.architecture, *model.electrostatics, &frame).ok());
  EXPECT_NEAR(*frame.energy, rest.energy, 1e-9);
  for (size_t i = 0; i < crystal.size(); ++i) EXPECT_NEAR(Norm(frame.forces[i] - rest.forces[i]), 0.0, 1e-10);
  for (int a = 0; a < 9; ++a)
    EXPECT_NEAR((*frame.stress)[a / 3][a % 3], -rest.virial[a / 3][a % 3] / crystal.Volume(), 1e-12);
}

// Where charges help: two polar molecules farther apart than the cutoff. Nothing that a short-ranged model
// sees changes when they turn or part, but the energy does.
TEST(Electrostatics, ActsBeyondTheCutoffWhereNothingElseDoes) {
  const Model model = ChargedModel(4.0);
  Model bare = model;
  bare.electrostatics.reset();
  const auto molecules = [](double distance, double sign) {
    Structure s;
    s.cell = Mat3{{{40, 0, 0}, {0, 40, 0}, {0, 0, 40}}};
    s.species = {"Li", "Cl", "Li", "Cl"};
    s.positions = {{0, 0, 0}, {0, 0, 2.2}, {distance, 0, 0}, {distance, 0, 2.2 * sign}};
    return s;
  };
  const Evaluation side = Evaluate(model, molecules(7, 1)), turned = Evaluate(model, molecules(7, -1));
  EXPECT_NEAR(Evaluate(bare, molecules(7, 1)).energy, Evaluate(bare, molecules(9, -1)).energy, 1e-9);
  // Point charges, from Coulomb's law; periodic images are weak.
  const double q2 = 0.64 * units::kCoulomb, d = 7, far = std::hypot(7, 2.2), across = std::hypot(7, 4.4);
  const double parallel = 2 * q2 / d - 2 * q2 / far, opposite = q2 / d - 2 * q2 / far + q2 / across;
  EXPECT_NEAR(side.energy - turned.energy, parallel - opposite, 0.01);
  EXPECT_GT(side.energy - turned.energy, 0.1);
}

TEST(Electrostatics, TheFileHoldsThemInVersionTwo) {
  const Model model = ChargedModel(4.0);
  std::string bytes = SerializeModel(model);
  EXPECT_EQ(bytes[8], 2);
  const absl::StatusOr<Model> read = ParseModel(bytes, "x");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->electrostatics->charges, model.electrostatics->charges);
  EXPECT_EQ(read->electrostatics->alpha_per_angstrom, model.electrostatics->alpha_per_angstrom);
  Model wrong = model;
  wrong.electrostatics->charges.push_back(1.0);
  EXPECT_FALSE(CheckModel(wrong).ok());
  EXPECT_FALSE(ParseModel(SerializeModel(wrong), "x").ok());
  wrong = model;
  wrong.electrostatics->alpha_per_angstrom = 100.0;  // would take more reciprocal vectors than there is time
  EXPECT_FALSE(ParseModel(SerializeModel(wrong), "x").ok());
  wrong.electrostatics.reset();
  EXPECT_EQ(SerializeModel(wrong)[8], 1);
}

}  // namespace
}  // namespace superion
