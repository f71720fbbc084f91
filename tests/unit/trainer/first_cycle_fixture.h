// A folder for the checkpoints of short trainings, in which first cycles are compared.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>

#include "trainer/train_loop.h"

namespace superion::trainer {

class FirstCycleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) /
              (std::string("superion_first_cycle_") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  TrainOptions Options(const Dataset& dataset, int epochs) const {
    TrainOptions options;
    options.architecture = *ArchitectureOfSize("S", dataset.species, 6.0);
    options.epochs = epochs;
    options.cycles = 3;
    options.checkpoint_path = (folder_ / "checkpoint").string();
    return options;
  }
  int Files() const {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(folder_), {}));
  }
  std::filesystem::path folder_;
};

}  // namespace superion::trainer
