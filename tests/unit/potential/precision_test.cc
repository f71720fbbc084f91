#include "potential/precision.h"

#include <gtest/gtest.h>

#include "core/random.h"
#include "potential/electrostatics.h"
#include "potential/evaluator.h"
#include "reference_model.h"

namespace superion {
namespace {

const std::vector<std::string> kSpecies{"Li", "P", "S"};

// A box of the density of a solid, twice, displaced.
std::vector<Frame> Frames() {
  static const reference::Box box = reference::RandomBox(60, 3, 9.0, 1.8, 22);
  Random random(4);
  std::vector<Frame> frames(2);
  for (Frame& frame : frames) {
    frame.structure.cell = box.cell;
    for (size_t i = 0; i < box.positions.size(); ++i) {
      frame.structure.species.push_back(kSpecies[box.species[i]]);
      frame.structure.positions.push_back(
          box.positions[i] + 0.02 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()});
    }
  }
  return frames;
}

// Forces of about 1 eV/Å, as in a hot solid.
Model SolidModel(const std::string& size, const std::vector<Frame>& frames) {
  Model model = reference::RandomModel(size, kSpecies, 6.0, 21);
  EvaluatorOptions options;
  options.double_precision = true;
  Evaluation exact;
  EXPECT_TRUE(Evaluator::Create(model, options).value()->EvaluateStructure(frames[0].structure, &exact).ok());
  Deviation size_of_forces;
  for (const Vec3& f : exact.forces)
    for (const double x : f) size_of_forces.Add(x);
  model.energy_scale /= size_of_forces.rmse();
  return model;
}

TEST(Precision, IsATenthOfAMilliElectronVoltOnEveryInstructionSetAndSize) {
  const std::vector<Frame> frames = Frames();
  for (const std::string size : {"S", "M", "L"}) {
    const auto errors = MeasurePrecision(SolidModel(size, frames), frames);
    ASSERT_TRUE(errors.ok()) << errors.status();
    ASSERT_EQ(errors->size(), InstructionSets().size());
    for (const PrecisionError& e : *errors) {
      EXPECT_EQ(e.forces.n, 2u * 60u * 3u);
      EXPECT_GT(e.forces.rmse(), 0.0) << "compared with itself";
      EXPECT_LT(e.forces.rmse(), 1e-4) << size << " " << e.instruction_set;
      EXPECT_GE(e.largest_force, e.forces.rmse());
      EXPECT_LT(e.energy.rmse(), 1e-5);
    }
    EXPECT_EQ(errors->back().instruction_set, "generic");
  }
}

TEST(Precision, IsToldInMilliElectronVolt) {
  PrecisionError error;
  error.instruction_set = "generic";
  error.forces.Add(3e-3), error.forces.Add(-4e-3);
  error.largest_force = 4e-3;
  error.energy.Add(2e-3);
  const Json json = ToJson(std::vector<PrecisionError>{error})["generic"];
  EXPECT_NEAR(json["force_rms_mev_per_angstrom"], std::sqrt(12.5), 1e-12);
  EXPECT_NEAR(json["force_max_mev_per_angstrom"], 4.0, 1e-12);
  EXPECT_NEAR(json["energy_rms_mev_per_atom"], 2.0, 1e-12);
}

// Its sum is in double precision in both, and must not be compared with a model that lacks it.
TEST(Precision, HoldsForAModelWithCharges) {
  const std::vector<Frame> frames = Frames();
  Model model = SolidModel("S", frames);
  model.electrostatics = Electrostatics{{0.7, 2.1, -1.4}, ElectrostaticAlpha(6.0)};
  const auto errors = MeasurePrecision(model, frames);
  ASSERT_TRUE(errors.ok()) << errors.status();
  for (const PrecisionError& e : *errors) EXPECT_LT(e.forces.rmse(), 1e-4) << e.instruction_set;
}

TEST(Precision, NamesTheFrameThatItCannotTake) {
  std::vector<Frame> frames = Frames();
  const Model model = reference::RandomModel("S", kSpecies, 4.0, 1);
  EXPECT_FALSE(MeasurePrecision(model, {}).ok());
  frames[1].structure.species[0] = "Xe";
  const absl::Status status = MeasurePrecision(model, frames).status();
  EXPECT_NE(status.message().find("frame 2: "), std::string::npos) << status;
}

}  // namespace
}  // namespace superion
