#include "potential/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "potential/uncertainty.h"
#include "reference_model.h"

namespace superion {
namespace {

const std::vector<std::string> kSpecies{"Li", "P", "S"};

Frame Rattled(const reference::Box& box, double amplitude, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> gauss(0.0, amplitude);
  Frame frame;
  frame.structure.cell = box.cell;
  for (const Vec3& x : box.positions) {
    frame.structure.positions.push_back(x + Vec3{gauss(engine), gauss(engine), gauss(engine)});
  }
  for (const int c : box.species) frame.structure.species.push_back(kSpecies[c]);
  return frame;
}

class SelectionTest : public ::testing::Test {
 protected:
  SelectionTest() {
    for (unsigned k = 0; k < 40; ++k) training_.push_back(Rattled(box_, 0.05, k));
    EXPECT_TRUE(AddUncertainty(&model_, training_).ok());
    for (unsigned k = 0; k < 60; ++k) {
      candidates_.push_back(Rattled(box_, k % 3 == 0 ? 0.03 : k % 3 == 1 ? 0.1 : 0.16, 1000 + k));
    }
  }
  Selection Select(const SelectionOptions& options) {
    auto selection = SelectFrames(model_, candidates_, training_, options);
    EXPECT_TRUE(selection.ok()) << selection.status();
    return *selection;
  }
  reference::Box box_ = reference::RandomBox(12, 3, 7.5, 2.4, 1);
  Model model_ = reference::RandomModel("S", kSpecies, 4.5, 1);
  std::vector<Frame> training_, candidates_;
};

TEST_F(SelectionTest, CountsAddUpAndTheBudgetIsKept) {
  SelectionOptions options;
  options.budget = 12, options.seed = 5;
  const Selection s = Select(options);
  EXPECT_EQ(s.accurate + s.candidate + s.failed, 60);
  EXPECT_GT(s.candidate, 0);
  EXPECT_GT(s.accurate, 0);
  EXPECT_EQ(s.frames.size(), 12u);
  EXPECT_EQ(s.selected_candidates + s.selected_failed + s.selected_random, 12);
  EXPECT_GE(s.selected_random, 2);
  EXPECT_EQ(std::set<int>(s.frames.begin(), s.frames.end()).size(), 12u);
  for (int k = 0; k < s.selected_candidates; ++k) {
    EXPECT_GE(s.grade[s.frames[k]], options.lower);
    EXPECT_LE(s.grade[s.frames[k]], options.upper);
  }
}

TEST_F(SelectionTest, IsReproducibleAndIndependentOfThreads) {
  SelectionOptions options;
  options.budget = 20, options.seed = 5;
  const std::vector<int> first = Select(options).frames;
  options.threads = 3;
  EXPECT_EQ(Select(options).frames, first);
  options.seed = 6;  // only the random remainder may change
  const Selection other = Select(options);
  EXPECT_TRUE(std::equal(first.begin(), first.begin() + other.selected_candidates, other.frames.begin()));
  EXPECT_NE(other.frames, first);
}

TEST_F(SelectionTest, DuplicatesOfAFrameAreChosenOnce) {
  candidates_.assign(15, Rattled(box_, 0.12, 77));
  SelectionOptions options;
  options.budget = 10, options.lower = 1e-3, options.upper = 1e3;
  const Selection s = Select(options);
  EXPECT_EQ(s.candidate, 15);
  EXPECT_EQ(s.frames.size(), 1u);
}

TEST_F(SelectionTest, TheTrainingFramesThemselvesAreNotChosen) {
  candidates_ = training_;
  SelectionOptions options;
  options.budget = 10, options.lower = 1e-3, options.upper = 1e3;
  EXPECT_TRUE(Select(options).frames.empty());
}

TEST_F(SelectionTest, AbsurdFramesAreNeverChosen) {
  for (size_t k = 0; k < candidates_.size(); k += 2) {
    candidates_[k].structure.positions[1] = candidates_[k].structure.positions[0] + Vec3{0.3, 0, 0};
    candidates_[k].info["safe"] = "0";
  }
  candidates_[1].structure.positions[3][2] = std::numeric_limits<double>::quiet_NaN();
  SelectionOptions options;
  options.budget = 60;
  const Selection s = Select(options);
  EXPECT_EQ(s.absurd, 31);
  EXPECT_GE(s.failed, 31);
  for (const int f : s.frames) {
    EXPECT_EQ(f % 2, 1);
    EXPECT_NE(f, 1);
  }
}

TEST_F(SelectionTest, EachChoiceIsTheFarthestLeft) {
  // The first frame chosen must be one whose removal changes the choice: without it another one leads, and
  // the coverage of the candidates by the chosen ones is better than that of the same number in their given
  // order.
  SelectionOptions options;
  options.budget = 6, options.lower = 1e-3, options.upper = 1e3;
  const std::vector<int> first = Select(options).frames;
  ASSERT_GE(first.size(), 2u);
  candidates_.erase(candidates_.begin() + first[0]);
  const std::vector<int> second = Select(options).frames;
  const int shifted = first[1] > first[0] ? first[1] - 1 : first[1];
  EXPECT_NE(std::find(second.begin(), second.end(), shifted), second.end());
}

TEST_F(SelectionTest, SaysWhatIsMissing) {
  SelectionOptions options;
  options.budget = 3, options.upper = 0.5;
  EXPECT_TRUE(absl::IsInvalidArgument(SelectFrames(model_, candidates_, training_, options).status()));
  options.upper = 3.0;
  model_.tensors.erase("grade_inverse");
  model_.tensors.erase("grade_fence");
  EXPECT_TRUE(absl::IsFailedPrecondition(SelectFrames(model_, candidates_, training_, options).status()));
}

}  // namespace
}  // namespace superion
