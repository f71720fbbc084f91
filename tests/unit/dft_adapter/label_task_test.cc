#include "dft_adapter/label_task.h"

#include <gmock/gmock.h>

#include <sstream>

#include "core/extxyz.h"
#include "core/file.h"
#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

// Labels with the number of atoms; fails frames whose first atom lies at x > 1000 Å.
class Picky : public Labeler {
 public:
  absl::StatusOr<LabelOutcome> Label(const Structure& x, Sequence sequence) override {
    EXPECT_EQ(sequence, Sequence::kIndependent);
    LabelOutcome outcome;
    outcome.frame.structure = x;
    outcome.attempts = 2;
    outcome.cpu_s = 0.5;
    outcome.source = "picky";
    if (x.positions[0][0] > 1000) {
      outcome.failure = LabelFailure{failure_class::kScf, "too far"};
      return outcome;
    }
    outcome.frame.energy = 12.0;
    outcome.frame.forces.assign(x.size(), Vec3{0, 0, 1});
    return outcome;
  }
  Json Identity() const override { return "picky"; }
};

class LabelTaskTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = TestFolder();
    std::vector<Frame> frames(5);
    for (int k = 0; k < 5; ++k) frames[k].structure = Li2S12(0.1, k);
    frames[1].structure.positions[0][0] += 2000;
    frames[2].info["frame_id"] = "given";
    frames[2].info["grade"] = "1.5";
    frames[3].energy = 99.0;
    frames[3].stress = Mat3{};  // somebody else's label
    ASSERT_TRUE(WriteExtxyz(folder_ + "/in.xyz", frames).ok());
    options_.frames = {folder_ + "/in.xyz"};
    options_.labelled = folder_ + "/labelled.xyz";
    options_.failures = folder_ + "/failures.jsonl";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
  LabelTaskOptions options_;
  Picky labeler_;
};

TEST_F(LabelTaskTest, OneBadFrameFailsAlone) {
  int reports = 0;
  const auto metrics = LabelFrames(options_, &labeler_, [&](const TaskProgress& p) {
    EXPECT_EQ(p.total, 5);
    ++reports;
  });
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ((*metrics)["labelled"], 4);
  EXPECT_EQ((*metrics)["failed"], 1);
  EXPECT_EQ((*metrics)["failures_by_class"][failure_class::kScf], 1);
  EXPECT_DOUBLE_EQ((*metrics)["cpu_s"], 2.5);
  EXPECT_EQ(reports, 6);
  const Json failure = *ParseJson(*ReadFile(options_.failures), "failures");
  EXPECT_EQ(failure["frame"], 1);
  EXPECT_EQ(failure["class"], failure_class::kScf);
  EXPECT_EQ(failure["message"], "too far");
  EXPECT_EQ(failure["attempts"], 2);
}

TEST_F(LabelTaskTest, LabelledFramesCarryTheirOrigin) {
  ASSERT_TRUE(LabelFrames(options_, &labeler_, [](const TaskProgress&) {}).ok());
  const auto frames = *ReadExtxyz(options_.labelled);
  ASSERT_EQ(frames.size(), 4u);
  for (const Frame& f : frames) {
    EXPECT_EQ(f.info.at("label_hash"), labeler_.LabelHash());
    EXPECT_EQ(*f.energy, 12.0);
    EXPECT_FALSE(f.stress.has_value());
  }
  EXPECT_EQ(frames[1].info.at("frame_id"), "given");
  EXPECT_EQ(frames[1].info.at("grade"), "1.5");
  EXPECT_NE(frames[0].info.at("frame_id"), frames[2].info.at("frame_id"));
  EXPECT_EQ(frames[0].structure.positions, Li2S12(0.1, 0).positions);  // to the bit
}

TEST_F(LabelTaskTest, SlicesTakeTheirPartAndRepeatsStartAfresh) {
  options_.first = 2;
  options_.count = 2;
  for (int repeat = 0; repeat < 2; ++repeat) {
    ASSERT_TRUE(LabelFrames(options_, &labeler_, [](const TaskProgress&) {}).ok());
    const auto frames = *ReadExtxyz(options_.labelled);
    ASSERT_EQ(frames.size(), 2u);
    EXPECT_EQ(frames[0].info.at("frame_id"), "given");
  }
  options_.first = 1;
  options_.count = 1;
  ASSERT_TRUE(LabelFrames(options_, &labeler_, [](const TaskProgress&) {}).ok());
  EXPECT_EQ((*ParseJson(*ReadFile(options_.failures), "f"))["frame"],
            1);  // counted in the input, not in the slice
}

TEST(FrameId, DependsOnContentAlone) {
  Frame a, b;
  a.structure = b.structure = Li2S12(0.1, 1);
  b.energy = 3.0;
  EXPECT_EQ(FrameId(a), FrameId(b));
  b.structure.positions[3][1] = std::nextafter(b.structure.positions[3][1], 10.0);
  EXPECT_NE(FrameId(a), FrameId(b));
}

}  // namespace
}  // namespace superion
