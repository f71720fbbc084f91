#include "trainer/warm_start.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/json.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/train_loop.h"

namespace superion::trainer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

ModelArchitecture Now(const std::string& size) { return *ArchitectureOfSize(size, {"Li", "Cl"}, 4.6); }

// As they were when no file had degrees above 3.
ModelArchitecture Earlier(const std::string& size) {
  ModelArchitecture a = Now(size);
  a.l_max = size == "S" ? 2 : 3;
  a.channels = size == "S" ? 16 : size == "M" ? 32 : 64;
  return a;
}

std::string Refusal(const std::string& size, const ModelArchitecture& init) {
  return std::string(ArchitectureOfWarmStart(size, Now(size), init).status().message());
}

TEST(WarmStart, KeepsTheShapeThatTheSizeHasOrHad) {
  for (const char* size : {"S", "M", "L"})
    for (ModelArchitecture init : {Now(size), Earlier(size)}) {
      init.cutoff_power = 0, init.smoothstep = true;
      const auto got =
          ArchitectureOfWarmStart(size, *ArchitectureOfSize(size, {"Li", "Na", "Cl"}, 4.6), init);
      ASSERT_TRUE(got.ok()) << got.status();
      EXPECT_EQ(DescribeShape(*got), DescribeShape(init));
      EXPECT_EQ(got->invariant_pairs, init.invariant_pairs);
      EXPECT_EQ(got->n_species(), 3);
    }
}

TEST(WarmStart, RefusesAnotherSizeAndNamesTheOneToAskFor) {
  EXPECT_THAT(Refusal("S", Now("M")), AllOf(HasSubstr("l_max 4, 16 channels"), HasSubstr("size S asked for"),
                                            HasSubstr("l_max 3, 16"), HasSubstr("ask for size M")));
  EXPECT_THAT(Refusal("L", Earlier("M")), HasSubstr("ask for size M and a cutoff of 4.6 Å"));
  EXPECT_THAT(Refusal("S", Earlier("L")), HasSubstr("ask for size L"));
  ModelArchitecture wide = Earlier("S");
  wide.cutoff_angstrom = 6.0;
  EXPECT_THAT(Refusal("S", wide), AllOf(HasSubstr("cutoff 4.6"), HasSubstr("a cutoff of 6 Å")));
  ModelArchitecture own = Now("S");
  own.hidden = 7;
  EXPECT_THAT(Refusal("S", own), HasSubstr("no size goes on from it"));
}

TEST(WarmStart, AModelOfAnEarlierShapeLearnsOn) {
  const Dataset dataset = MorseDataset(24, 8);
  TrainOptions options;
  options.architecture = Earlier("S");
  options.epochs = 20, options.batch_frames = 4, options.threads = 1;
  const auto first = Train(options, dataset, nullptr, nullptr);
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::StatusOr<Model> read = ParseModel(SerializeModel(first->model), "memory");
  ASSERT_TRUE(read.ok()) << read.status();
  options.architecture = *ArchitectureOfWarmStart("S", Now("S"), read->architecture);
  options.learning_rate = 3e-4;
  const auto warm = Train(options, dataset, &*read, nullptr);
  ASSERT_TRUE(warm.ok()) << warm.status();
  EXPECT_EQ(warm->model.architecture.l_max, 2);
  EXPECT_LT(warm->valid.force_mae, 1.05 * first->valid.force_mae);
}

}  // namespace
}  // namespace superion::trainer
