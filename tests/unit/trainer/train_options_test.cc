#include "trainer/train_options.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/trainer/morse_crystal.h"

namespace superion::trainer {
namespace {

TEST(TrainingFingerprint, DiffersWhereTrainingsDiffer) {
  const Dataset dataset = MorseDataset(4, 2);
  TrainOptions options;
  options.architecture = *ArchitectureOfSize("S", dataset.species, 4.6);
  std::vector<TrainOptions> all(8, options);
  all[1].target_force_mae = 20;
  all[2].target_energy_mae = 20;
  all[3].max_time_s = 1e-9;
  all[4].cycles = 3;
  all[5].architecture.smoothstep = !all[0].architecture.smoothstep;
  all[6].seed += 1;
  all[7].late.energy = 10;
  std::set<std::string> fingerprints;
  for (const TrainOptions& options : all) fingerprints.insert(TrainingFingerprint(options, dataset, nullptr));
  EXPECT_EQ(fingerprints.size(), all.size());
}

}  // namespace
}  // namespace superion::trainer
