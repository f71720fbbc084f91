#include "trainer/charges.h"

#include <gtest/gtest.h>

#include "tests/unit/trainer/polar_molecules.h"
#include "trainer/train_loop.h"

namespace superion::trainer {
namespace {

Dataset Molecules() {
  Random random(3);
  Dataset dataset;
  dataset.species = {"Li", "Cl"};
  for (int k = 0; k < 60; ++k) dataset.train.push_back(TwoMolecules(&random));
  for (int k = 0; k < 20; ++k) dataset.valid.push_back(TwoMolecules(&random));
  dataset.n_new = dataset.train.size();
  dataset.content_sha256 = "molecules";
  return dataset;
}

ModelArchitecture Architecture() { return ArchitectureOfSize("S", {"Li", "Cl"}, 4.0).value(); }

double ValidationForceMae(const Dataset& dataset) {
  TrainOptions options;
  options.architecture = Architecture();
  options.epochs = 60, options.batch_frames = 10, options.seed = 1, options.threads = 1;
  const absl::StatusOr<TrainOutcome> outcome = Train(options, dataset, nullptr, [](const auto&) {});
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.ok() ? outcome->valid.force_mae : 0.0;
}

TEST(Charges, HelpWherePolarUnitsAreFartherApartThanTheCutoff) {
  Dataset with = Molecules();
  const auto electrostatics = ElectrostaticsOfTraining({{"Li", 0.5}, {"Cl", -0.5}}, Architecture(), nullptr);
  ASSERT_TRUE(electrostatics.ok()) << electrostatics.status();
  ASSERT_TRUE(SubtractElectrostatics(Architecture(), **electrostatics, &with).ok());
  EXPECT_NE(with.content_sha256, Molecules().content_sha256);
  const double without = ValidationForceMae(Molecules()), helped = ValidationForceMae(with);
  EXPECT_LT(helped, 0.3 * without) << "meV/Å";
}

TEST(Charges, AFrameThatIsNotPeriodicIsNamed) {
  Dataset dataset = Molecules();
  dataset.train[7].structure.pbc = {true, true, false};
  dataset.train[7].info = {{kFileKey, "slab.xyz"}, {kFrameKey, "12"}};
  const auto electrostatics = ElectrostaticsOfTraining({{"Li", 0.5}, {"Cl", -0.5}}, Architecture(), nullptr);
  const absl::Status status = SubtractElectrostatics(Architecture(), **electrostatics, &dataset);
  EXPECT_NE(status.message().find("slab.xyz, frame 12: electrostatics: expected"), std::string::npos)
      << status;
}

TEST(Charges, AreCheckedAgainstDataAndInitialModel) {
  const ModelArchitecture a = Architecture();
  EXPECT_FALSE((*ElectrostaticsOfTraining(Json(), a, nullptr)).has_value());
  const auto message = [&](const Json& charges, const Model* init) {
    return std::string(ElectrostaticsOfTraining(charges, a, init).status().message());
  };
  EXPECT_NE(message({{"Li", 1}}, nullptr).find("params.charges.Cl: missing; every species"),
            std::string::npos);
  EXPECT_NE(message({{"Li", 1}, {"Cl", -1}, {"Br", 0}}, nullptr).find("Br is not among"), std::string::npos);
  EXPECT_NE(message("formal", nullptr).find("expected an object"), std::string::npos);
  Model init;
  init.architecture = a;
  EXPECT_NE(message({{"Li", 1}, {"Cl", -1}}, &init).find("in the initial model 0 e"), std::string::npos);
  init.electrostatics = Electrostatics{{0.5, -0.5}, 0.75};
  const auto kept = ElectrostaticsOfTraining(Json(), a, &init);
  ASSERT_TRUE(kept.ok() && kept->has_value());
  EXPECT_EQ((*kept)->charges, (std::vector<double>{0.5, -0.5}));
  EXPECT_EQ((*kept)->alpha_per_angstrom, 0.75);
}

}  // namespace
}  // namespace superion::trainer
