#include "trainer/checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "core/file.h"

namespace superion::trainer {
namespace {

using ::testing::HasSubstr;

// No two numbers the same, most of them without an end in binary.
TrainingState<float> State() {
  TrainingState<float> s;
  s.fingerprint = "f", s.epoch = 7, s.rate_factor = 0.1, s.lowest_loss = 0.2, s.elapsed_s = 0.3;
  s.recoveries = 2, s.best_score = 0.4, s.earlier = {0.6, 0.7, 0.8}, s.settled = true, s.decayed = true;
  s.best = {9.1f, 9.2f};
  s.learning_curve = {{{"epoch", 3}}};
  s.optimizer = {{1.1f, 1.2f}, {2.1f, 2.2f}, {3.1f, 3.2f}, {4.1f, 4.2f}, {5.1f, 5.2f}, 11, 0.9};
  return s;
}

class TrainingCheckpoint : public ::testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }
  const std::string path_ = ::testing::TempDir() + "/superion_" +
                            ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".checkpoint";
};

TEST_F(TrainingCheckpoint, HoldsTheWholeState) {
  const TrainingState<float> s = State();
  ASSERT_TRUE(WriteCheckpoint(path_, s).ok());
  EXPECT_EQ(FingerprintOfCheckpoint(path_), "f");
  ASSERT_TRUE(Readdress(path_, "g", 0.25).ok()) << "and an address that is written anew keeps it";
  const auto read = ReadCheckpoint<float>(path_, "g");
  ASSERT_TRUE(read.ok()) << read.status();
  const auto numbers = [](const TrainingState<float>& t) {
    return std::vector<double>{static_cast<double>(t.epoch),
                               t.rate_factor,
                               t.lowest_loss,
                               t.elapsed_s,
                               static_cast<double>(t.recoveries),
                               t.best_score,
                               t.earlier.score,
                               t.earlier.valid_force_mae,
                               t.earlier.training_force_mae,
                               static_cast<double>(t.settled),
                               static_cast<double>(t.decayed),
                               static_cast<double>(t.optimizer.step),
                               t.optimizer.norm};
  };
  EXPECT_EQ(numbers(*read), numbers(s));
  EXPECT_EQ(read->best, s.best);
  EXPECT_EQ(read->learning_curve, s.learning_curve);
  EXPECT_EQ(read->optimizer.parameters, s.optimizer.parameters);
  EXPECT_EQ(read->optimizer.first, s.optimizer.first);
  EXPECT_EQ(read->optimizer.second, s.optimizer.second);
  EXPECT_EQ(read->optimizer.largest, s.optimizer.largest);
  EXPECT_EQ(read->optimizer.average, s.optimizer.average);
}

TEST_F(TrainingCheckpoint, NumbersThatAreNotFiniteAreNotANumber) {
  TrainingState<float> s = State();
  s.optimizer.norm = std::nan("");
  s.earlier.valid_force_mae = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(WriteCheckpoint(path_, s).ok());
  const auto read = ReadCheckpoint<float>(path_, "f");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(std::isnan(read->optimizer.norm) && std::isnan(read->earlier.valid_force_mae));
  EXPECT_EQ(read->earlier.training_force_mae, s.earlier.training_force_mae);
}

// Its header may lack what this program looks for.
TEST_F(TrainingCheckpoint, ThatOfAnotherProgramIsRefusedByItsFingerprint) {
  std::string bytes = "superion training 1\n{\"fingerprint\":\"of the program before\",\"real\":4}\n";
  bytes += Sha256(bytes);
  ASSERT_TRUE(WriteFileAtomically(path_, bytes).ok());
  const absl::Status status = ReadCheckpoint<float>(path_, "f").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("other data or settings"));
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadCheckpoint<double>(path_, "of the program before").status()))
      << "weights of the other precision";
}

TEST_F(TrainingCheckpoint, DamageIsSaid) {
  EXPECT_TRUE(absl::IsNotFound(ReadCheckpoint<float>(path_, "f").status()));
  ASSERT_TRUE(WriteCheckpoint(path_, State()).ok());
  std::string bytes = *ReadFile(path_);
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(WriteFileAtomically(path_, bytes).ok());
  EXPECT_TRUE(absl::IsDataLoss(ReadCheckpoint<float>(path_, "f").status()));
  EXPECT_EQ(FingerprintOfCheckpoint(path_), "");
}

}  // namespace
}  // namespace superion::trainer
