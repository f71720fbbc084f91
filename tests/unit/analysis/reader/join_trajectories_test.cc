// Pieces of one run in several files.
#include <cmath>

#include "analysis/reader/trajectory_formats.h"
#include "core/random.h"
#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

class JoinTrajectoriesTest : public FileTest {
 protected:
  void SetUp() override {
    FileTest::SetUp();
    Random random(3);
    std::vector<Vec3> r = {{1, 2, 3}, {9, 9, 1}, {4, 4, 4}};
    for (int k = 0; k < 400; ++k) {
      walk_.push_back(r);
      for (Vec3& x : r) {
        for (double& v : x) v += 0.2 + 0.3 * random.Gaussian();
      }
    }
  }
  // Frames [first, last) as the file of another program, wrapped, with times or without.
  std::string Piece(const std::string& name, size_t first, size_t last, bool timed = true) const {
    std::string text;
    for (size_t k = first; k < last; ++k) {
      std::vector<Vec3> wrapped;
      for (const Vec3& x : walk_[k]) wrapped.push_back(Wrap(x, cell_));
      text += XyzFrame(wrapped, cell_, timed ? fmt::format("time_fs={}", 10 * k) : "");
    }
    return Write(name, text);
  }
  absl::StatusOr<std::vector<ReadTrajectory>> Join(const std::vector<std::string>& paths,
                                                   const std::vector<std::vector<size_t>>& groups = {},
                                                   double timestep_fs = 0.0) {
    const auto store = std::make_shared<PathStore>(folder_.string(), size_t{1} << 28);
    std::vector<std::optional<ReadTrajectory>> parts;
    for (const auto& path : paths) {
      SUPERION_ASSIGN_OR_RETURN(auto part, ReadIonTrajectory(path, Every(timestep_fs), store));
      parts.emplace_back(std::move(part));
    }
    return JoinTrajectories(std::move(parts), groups);
  }
  void ExpectTheWalk(const IonTrajectory& ions, size_t n) const {
    ASSERT_EQ(ions.n_frames(), n);
    std::vector<double> path;
    Vec3 sum{};
    for (size_t row = 0; row < 9; ++row) {
      ASSERT_TRUE(ions.Path(row, &path).ok());
      for (size_t k = 0; k < n; ++k)
        ASSERT_NEAR(path[k] - path[0], walk_[k][row / 3][row % 3] - walk_[0][row / 3][row % 3], 1e-9)
            << row << " " << k;
      sum[row % 3] += path[n - 1] - path[0];
    }
    ASSERT_EQ(ions.sums.size(), 1u);
    for (size_t c = 0; c < 3; ++c) EXPECT_NEAR(ions.sums[0].displacement[c][n - 1], sum[c], 1e-9);
  }
  const Mat3 cell_ = {{{10, 0, 0}, {3, 9, 0}, {-2, 1, 8}}};
  std::vector<std::vector<Vec3>> walk_;
};

TEST_F(JoinTrajectoriesTest, PiecesOfOneRunAreFoundAndContinueAcrossTheCell) {
  EXPECT_GT(walk_[399][0][0] - walk_[0][0][0], 50.0) << "many cells are crossed";
  // The second begins one frame later, the third repeats a frame.
  const auto seeds = Join({Piece("c.xyz", 299, 400), Piece("a.xyz", 0, 150), Piece("b.xyz", 150, 300)});
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  ASSERT_EQ(seeds->size(), 1u);
  ExpectTheWalk((*seeds)[0].ions, 400);
}

TEST_F(JoinTrajectoriesTest, GroupsJoinFilesWithoutTimes) {
  const auto paths = {Piece("a.xyz", 0, 150, false), Piece("b.xyz", 150, 300, false),
                      Piece("c.xyz", 299, 400, false)};
  const auto separate = Join(paths, {}, 10.0);
  ASSERT_TRUE(separate.ok()) << separate.status();
  EXPECT_EQ(separate->size(), 3u) << "without times every file is a seed";
  const auto joined = Join(paths, {{0, 1, 2}}, 10.0);
  ASSERT_TRUE(joined.ok()) << joined.status();
  ASSERT_EQ(joined->size(), 1u);
  ExpectTheWalk((*joined)[0].ions, 400);
}

TEST_F(JoinTrajectoriesTest, OtherSeedsAreNotContinued) {
  const std::string first = Piece("a.xyz", 0, 150);
  for (auto& frame : walk_) frame[0] += Vec3{4, 1, 2};
  const std::string other = Piece("b.xyz", 150, 300);
  const auto seeds = Join({first, other});
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  EXPECT_EQ(seeds->size(), 2u);
}

TEST_F(JoinTrajectoriesTest, PiecesThatDoNotFollowAreNamed) {
  const std::string a = Piece("a.xyz", 0, 150), late = Piece("late.xyz", 160, 300);
  ExpectError(Join({a, late}, {{0, 1}}).status(), StatusCode::kDataLoss,
              {"late.xyz starts 0.11 ps after the end of", "a.xyz"});
  for (auto& frame : walk_) frame[0] += Vec3{5, 0, 0};
  const std::string far = Piece("far.xyz", 150, 300);
  ExpectError(Join({a, far}, {{0, 1}}).status(), StatusCode::kInvalidArgument,
              {"far.xyz cannot continue", "an atom moves by"});
  ExpectError(Join({a}, {{0, 1}}).status(), StatusCode::kInvalidArgument, {"index 1 but only 1"});
}

}  // namespace
}  // namespace superion::analysis
