#include "potential/evaluator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include "potential/zbl.h"
#include "reference_model.h"

namespace superion {
namespace {

using reference::Box;

const std::vector<std::string> kSpecies{"Li", "P", "S"};

Evaluation Evaluate(const Model& model, const Box& box, EvaluatorOptions options, double skin = 0.0) {
  auto evaluator = Evaluator::Create(model, options);
  EXPECT_TRUE(evaluator.ok()) << evaluator.status();
  Evaluation result;
  (*evaluator)
      ->Evaluate(box.species, reference::Pairs(box, model.architecture.cutoff_angstrom + skin), &result);
  return result;
}

EvaluatorOptions Judge() {
  EvaluatorOptions options;
  options.double_precision = true;
  return options;
}

std::vector<ModelArchitecture> Architectures() {
  std::vector<ModelArchitecture> list;
  for (const char* size : {"S", "M", "L"}) list.push_back(ArchitectureOfSize(size, kSpecies, 4.2).value());
  list[1].smoothstep = true;
  list.back().channels = 20,
  list.back().hidden = 24;  // L is slow in the reference; also channels that need padding
  ModelArchitecture odd = list.front();
  odd.channels = 5, odd.n_radial = 3, odd.l_max = 1, odd.hidden = 7, odd.products = 2;
  odd.invariant_pairs = {{0, 1}, {1, 2}, {2, 2}}, odd.cutoff_power = 0;
  list.push_back(odd);
  odd.l_max = 0, odd.products = 0, odd.invariant_pairs = {{0, 0}}, odd.cutoff_power = 3;
  odd.smoothstep = true;
  list.push_back(odd);
  odd.l_max = 2, odd.invariant_pairs = {}, odd.n_radial = 13;
  list.push_back(odd);
  return list;
}

TEST(Evaluator, AgreesWithTheEquationsOnEveryInstructionSet) {
  unsigned seed = 0;
  for (const ModelArchitecture& architecture : Architectures()) {
    const Model model = reference::RandomModel(architecture, ++seed);
    const Box box = reference::RandomBox(13, 3, 5.5, 1.5, seed);
    const std::vector<reference::AtomResult> atoms = reference::Atoms(model, box);
    for (const std::string& instruction_set : InstructionSets()) {
      EvaluatorOptions options = Judge();
      options.instruction_set = instruction_set;
      const Evaluation result = Evaluate(model, box, options, 0.7);
      options.double_precision = false;
      const Evaluation single = Evaluate(model, box, options, 0.7);
      for (size_t i = 0; i < atoms.size(); ++i) {
        EXPECT_NEAR(result.atom_energies[i], atoms[i].energy,
                    1e-10 * std::max(1.0, std::abs(atoms[i].energy)))
            << instruction_set << " architecture " << seed;
        EXPECT_NEAR(single.atom_energies[i], atoms[i].energy,
                    2e-5 * std::max(1.0, std::abs(atoms[i].energy)));
      }
    }
  }
}

// Worst deviation of the forces from central differences, relative to the largest force.
double ForceError(const Model& model, const Box& box, const EvaluatorOptions& options) {
  const Evaluation result = Evaluate(model, box, options);
  double worst = 0.0, scale = 1e-3;
  for (const Vec3& f : result.forces)
    scale = std::max({scale, std::abs(f[0]), std::abs(f[1]), std::abs(f[2])});
  for (size_t i = 0; i < box.positions.size(); ++i)
    for (int a = 0; a < 3; ++a) {
      // Fourth order, and small beside the distance over which the nuclear core switches on.
      const double h = 1e-4;
      const auto energy = [&](double step) {
        Box moved = box;
        moved.positions[i][a] += step;
        return Evaluate(model, moved, options).energy;
      };
      const double slope = (8 * (energy(h) - energy(-h)) - (energy(2 * h) - energy(-2 * h))) / (12 * h);
      worst = std::max(worst, std::abs(result.forces[i][a] + slope) / scale);
    }
  return worst;
}

TEST(Evaluator, ForcesAreTheNegativeGradient) {
  unsigned seed = 40;
  for (const ModelArchitecture& architecture : Architectures()) {
    const Model model = reference::RandomModel(architecture, ++seed);
    EXPECT_LT(ForceError(model, reference::RandomBox(10, 3, 6.0, 1.6, seed), Judge()), 1e-6) << seed;
  }
}

TEST(Evaluator, ForcesAreTheNegativeGradientInCellsSmallerThanTheCutoff) {
  // Twelve atoms in 5.85 Å, cutoff 6 Å, as in the quickstart; and two atoms in 2.9 Å.
  const Model model = reference::RandomModel("S", kSpecies, 6.0, 3);
  EXPECT_LT(ForceError(model, reference::RandomBox(12, 3, 5.85, 1.7, 5), Judge()), 1e-6);
  EXPECT_LT(ForceError(model, reference::RandomBox(2, 3, 2.9, 1.2, 5), Judge()), 1e-6);
}

// Neighbors along z, where angles about the axis mean nothing, and radial counts that leave a rest.
TEST(Evaluator, HighDegreesOnTheAxisWithAnyRadialCount) {
  Box box;
  box.cell = {{{9, 0, 0}, {0, 9, 0}, {0, 0, 6}}};
  box.positions = {{1, 1, 0}, {1, 1, 2.0}, {1, 1, 3.9}, {1, 3.1, 0}, {3.3, 1, 0}};
  box.species = {0, 1, 2, 0, 1};
  for (const auto& [l_max, n_radial] : std::vector<std::pair<int, int>>{{4, 13}, {5, 32}}) {
    ModelArchitecture architecture = ArchitectureOfSize("S", kSpecies, 4.2).value();
    architecture.channels = 3, architecture.hidden = 5;
    architecture.l_max = l_max, architecture.n_radial = n_radial;
    const Model model = reference::RandomModel(architecture, 50 + l_max);
    EXPECT_LT(ForceError(model, box, Judge()), 1e-6);
    const double expected = reference::Energy(model, box);
    for (const std::string& instruction_set : InstructionSets())
      for (const bool double_precision : {true, false}) {
        EvaluatorOptions options;
        options.instruction_set = instruction_set, options.double_precision = double_precision;
        const Evaluation result = Evaluate(model, box, options);
        const double tolerance = double_precision ? 1e-10 : 2e-5;
        EXPECT_NEAR(result.energy, expected, tolerance * std::max(1.0, std::abs(expected)));
        Vec3 total{0, 0, 0};
        for (const Vec3& force : result.forces) total += force;
        EXPECT_LT(Norm(total), tolerance);
      }
  }
}

TEST(Evaluator, ForcesIncludeTheNuclearCore) {
  Model model = reference::RandomModel("S", kSpecies, 5.0, 3);
  const Box box = reference::RandomBox(8, 3, 3.6, 0.8, 9);
  EXPECT_LT(ForceError(model, box, Judge()), 1e-6);
  const double with = Evaluate(model, box, Judge()).energy;
  EXPECT_NEAR(with, reference::Energy(model, box), 1e-9 * std::abs(with));
  model.zbl_scale = 0.0;
  EXPECT_GT(with - Evaluate(model, box, Judge()).energy, 0.1);
}

TEST(Evaluator, TheCoreActsWithinTheRangeOfItsTwoSpecies) {
  const Model model = reference::RandomModel("S", {"H", "Li", "La"}, 5.0, 3);
  Model without = model;
  without.zbl_scale = 0.0;
  const ZblCore core(model.architecture, model.zbl_scale);
  Box box;
  box.cell = {{{30, 0, 0}, {0, 30, 0}, {0, 0, 30}}};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j)
      for (const double share : {0.9, 1.01}) {
        const double r = share * core.range(i, j);
        box.species = {i, j};
        box.positions = {{0, 0, 0}, {r, 0, 0}};
        double slope;
        const double expected = core.Pair(i, j, r, &slope);
        EXPECT_EQ(expected > 0.0, share < 1.0);
        const double found = Evaluate(model, box, Judge()).energy - Evaluate(without, box, Judge()).energy;
        EXPECT_NEAR(found, expected, 1e-10) << i << " " << j << " " << r;
      }
}

TEST(Evaluator, VirialIsTheStrainDerivative) {
  const Model model = reference::RandomModel("M", kSpecies, 4.5, 6);
  const Box box = reference::RandomBox(7, 3, 4.0, 1.3, 8);
  const Evaluation result = Evaluate(model, box, Judge());
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 3; ++column) {
      const auto energy = [&](double e) {
        Box strained = box;
        for (Vec3& x : strained.positions) x[column] += e * x[row];
        for (Vec3& x : strained.cell) x[column] += e * x[row];
        return Evaluate(model, strained, Judge()).energy;
      };
      const double h = 2e-4;
      const double slope = (8 * (energy(h) - energy(-h)) - (energy(2 * h) - energy(-2 * h))) / (12 * h);
      EXPECT_NEAR(result.virial[row][column], -slope, 1e-6 * std::max(1.0, std::abs(slope)));
      EXPECT_NEAR(result.virial[row][column], result.virial[column][row], 1e-9);  // no torque
    }
}

Mat3 RandomRotation(unsigned seed, double handedness) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> gauss;
  Vec3 x{gauss(engine), gauss(engine), gauss(engine)}, y{gauss(engine), gauss(engine), gauss(engine)};
  x = (1.0 / Norm(x)) * x;
  Vec3 z = Cross(x, y);
  z = (1.0 / Norm(z)) * z;
  return {x, Cross(z, x), handedness * z};
}

TEST(Evaluator, RotationsAndReflectionsRotateTheForces) {
  for (const char* size : {"S", "M", "L"}) {
    ModelArchitecture architecture = ArchitectureOfSize(size, kSpecies, 4.5).value();
    const Model model = reference::RandomModel(architecture, 2);
    const Box box = reference::RandomBox(11, 3, 5.0, 1.4, 4);
    const Evaluation before = Evaluate(model, box, Judge());
    for (const double handedness : {1.0, -1.0}) {
      const Mat3 rotation = RandomRotation(7, handedness);
      Box rotated = box;
      for (Vec3& x : rotated.positions) x = x * rotation + Vec3{0.3, -11.0, 2.0};
      for (Vec3& x : rotated.cell) x = x * rotation;
      const Evaluation after = Evaluate(model, rotated, Judge());
      EXPECT_NEAR(after.energy, before.energy, 1e-10 * std::abs(before.energy));
      for (size_t i = 0; i < box.positions.size(); ++i) {
        EXPECT_LT(Norm(after.forces[i] - before.forces[i] * rotation),
                  1e-9 * std::max(1.0, Norm(before.forces[i])));
      }
    }
  }
}

TEST(Evaluator, AtomsOfASpeciesAreExchangeableAndForcesAddUpToZero) {
  const Model model = reference::RandomModel("S", kSpecies, 5.0, 12);
  const Box box = reference::RandomBox(20, 3, 6.0, 1.4, 4);
  const Evaluation before = Evaluate(model, box, Judge());
  std::vector<int> order(box.positions.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int>(i);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(3));
  Box shuffled = box;
  for (size_t i = 0; i < order.size(); ++i) {
    shuffled.positions[i] = box.positions[order[i]], shuffled.species[i] = box.species[order[i]];
  }
  const Evaluation after = Evaluate(model, shuffled, Judge());
  EXPECT_NEAR(after.energy, before.energy, 1e-10 * std::abs(before.energy));
  Vec3 total{0, 0, 0};
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_LT(Norm(after.forces[i] - before.forces[order[i]]), 1e-10 * std::max(1.0, Norm(after.forces[i])));
    total += after.forces[i];
  }
  EXPECT_LT(Norm(total), 1e-9);
}

TEST(Evaluator, BitsDoNotDependOnThreadsNorOnASkinWithoutAtoms) {
  const Model model = reference::RandomModel("S", kSpecies, 4.0, 31);
  const Box box = reference::RandomBox(45, 3, 8.0, 1.4, 32);
  EvaluatorOptions options;
  const Evaluation one = Evaluate(model, box, options);
  for (const int threads : {2, 3, 5}) {
    options.threads = threads;
    const Evaluation many = Evaluate(model, box, options);
    EXPECT_EQ(many.energy, one.energy);
    EXPECT_EQ(many.forces, one.forces);
    EXPECT_EQ(many.virial, one.virial);
  }
  options.threads = 1;
  EXPECT_EQ(Evaluate(model, box, options, 1.0).forces, one.forces);
}

TEST(Evaluator, BitsDoNotDependOnHowSpeciesAlternateInTheList) {
  const Model model = reference::RandomModel("S", kSpecies, 4.0, 31);
  const Box box = reference::RandomBox(45, 3, 8.0, 1.4, 32);
  const PairList mixed = reference::Pairs(box, 4.6);
  std::vector<size_t> order(mixed.center.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(mixed.center[a], mixed.neighbor_species[a]) <
           std::pair(mixed.center[b], mixed.neighbor_species[b]);
  });
  PairList sorted;
  sorted.n_atoms = mixed.n_atoms;
  for (const size_t p : order) {
    sorted.center.push_back(mixed.center[p]), sorted.neighbor.push_back(mixed.neighbor[p]);
    sorted.neighbor_species.push_back(mixed.neighbor_species[p]);
    sorted.displacement.push_back(mixed.displacement[p]);
  }
  ASSERT_NE(sorted.neighbor_species, mixed.neighbor_species);
  const auto evaluator = Evaluator::Create(model, {}).value();
  Evaluation one, other;
  evaluator->Evaluate(box.species, mixed, &one);
  evaluator->Evaluate(box.species, sorted, &other);
  EXPECT_EQ(one.forces, other.forces);
  EXPECT_EQ(one.atom_energies, other.atom_energies);
  EXPECT_EQ(one.virial, other.virial);
}

TEST(Evaluator, EnergyIsSmoothWhereANeighborCrossesTheCutoff) {
  const Model model = reference::RandomModel("S", {"Li"}, 4.0, 33);
  Box box;
  box.cell = {{{30, 0, 0}, {0, 30, 0}, {0, 0, 30}}};
  box.species = {0, 0, 0};
  double previous = 0.0;
  for (const double x : {4.0 + 1e-4, 4.0 - 1e-9, 4.0 - 1e-4}) {
    box.positions = {{0, 0, 0}, {1.9, 0.4, 0}, {-x, 0, 0}};
    const Evaluation result = Evaluate(model, box, Judge());
    if (previous != 0.0) {
      EXPECT_NEAR(result.energy, previous, 1e-11);
    }
    EXPECT_LT(std::abs(result.forces[2][0]), 1e-6);
    previous = result.energy;
  }
}

TEST(Evaluator, IsolatedAtomsAndEmptyFramesAreFine) {
  const Model model = reference::RandomModel("M", kSpecies, 4.0, 34);
  Box box;
  box.cell = {{{30, 0, 0}, {0, 30, 0}, {0, 0, 30}}};
  EXPECT_EQ(Evaluate(model, box, EvaluatorOptions{}).energy, 0.0);
  box.positions = {{1, 1, 1}}, box.species = {2};
  const Evaluation result = Evaluate(model, box, Judge());
  EXPECT_NEAR(result.energy, reference::Energy(model, box), 1e-10);
  EXPECT_EQ(Norm(result.forces[0]), 0.0);
}

TEST(Evaluator, RefusesWhatItCannotDo) {
  Model model = reference::RandomModel("S", kSpecies, 4.0, 35);
  EvaluatorOptions options;
  options.instruction_set = "mmx";
  EXPECT_NE(Evaluator::Create(model, options).status().message().find("mmx"), std::string::npos);
  const auto evaluator = Evaluator::Create(model);
  Structure structure;
  structure.cell = {{{9, 0, 0}, {0, 9, 0}, {0, 0, 9}}};
  structure.species = {"Li", "O"}, structure.positions = {{0, 0, 0}, {3, 3, 3}};
  Evaluation result;
  const absl::Status status = (*evaluator)->EvaluateStructure(structure, &result);
  EXPECT_NE(status.message().find("atom 2 is O"), std::string::npos);
  model.tensors.erase("w1");
  EXPECT_FALSE(Evaluator::Create(model).ok());
}

}  // namespace
}  // namespace superion
