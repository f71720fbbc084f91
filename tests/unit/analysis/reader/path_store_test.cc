#include "analysis/reader/path_store.h"

#include "core/random.h"
#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

class PathStoreTest : public FileTest {
 protected:
  // [3 n_atoms][n_frames] of a walk, written frame by frame.
  IonTrajectory Written(const std::shared_ptr<PathStore>& store, size_t n_atoms, size_t n_frames,
                        std::vector<std::vector<double>>* rows) {
    Random random(5);
    PathWriter writer(store, n_atoms);
    rows->assign(3 * n_atoms, {});
    std::vector<Vec3> r(n_atoms);
    for (size_t k = 0; k < n_frames; ++k) {
      for (size_t i = 0; i < n_atoms; ++i) {
        for (size_t c = 0; c < 3; ++c) (*rows)[3 * i + c].push_back(r[i][c] += random.Gaussian());
      }
      EXPECT_TRUE(writer.Add(r).ok());
    }
    IonTrajectory out;
    out.species.assign(n_atoms, "Li");
    out.masses_u.assign(n_atoms, 6.9);
    auto chunks = writer.Finish();
    EXPECT_TRUE(chunks.ok()) << chunks.status();
    out.chunks = *chunks;
    return out;
  }
};

TEST_F(PathStoreTest, PathsComeBackFromMemoryAndFromTheFile) {
  for (const size_t memory : {size_t{1} << 30, size_t{1} << 20, size_t{0}}) {
    const auto store = std::make_shared<PathStore>(folder_.string(), memory);
    std::vector<std::vector<double>> rows;
    IonTrajectory ions = Written(store, 7, 30011, &rows);
    EXPECT_EQ(store->spilled(), memory < (size_t{1} << 30)) << "7 x 3 x 30011 x 8 B are 5 MB";
    ASSERT_EQ(ions.n_frames(), 30011u);
    std::vector<double> path;
    for (size_t row = 0; row < rows.size(); ++row) {
      ASSERT_TRUE(ions.Path(row, &path).ok());
      EXPECT_EQ(path, rows[row]);
    }
    EXPECT_EQ((*ions.Start(6))[1], rows[19][0]);
    ions.DropFront(12345);
    ASSERT_TRUE(ions.Path(4, &path).ok());
    EXPECT_EQ(path, std::vector<double>(rows[4].begin() + 12345, rows[4].end()));
    EXPECT_EQ((*ions.Start(1))[1], rows[4][12345]);
    EXPECT_TRUE(std::filesystem::is_empty(folder_)) << "the file has no name";
  }
}

TEST_F(PathStoreTest, TrajectoriesAreAppendedWhereverTheyLie) {
  const auto store = std::make_shared<PathStore>(folder_.string(), 0);
  std::vector<std::vector<double>> rows;
  IonTrajectory spilled = Written(store, 2, 500, &rows), memory = spilled;
  memory.chunks.clear();
  memory.positions = rows;
  for (const auto& [first, second] :
       {std::pair{spilled, memory}, {memory, spilled}, {memory, memory}, {spilled, spilled}}) {
    IonTrajectory ions = first;
    ions.DropFront(100);
    ions.Append(second, 1, {{1, 2, 3}, {0, 0, 10}});
    EXPECT_EQ(ions.n_frames(), 400u + 499u);
    std::vector<double> path;
    ASSERT_TRUE(ions.Path(5, &path).ok());
    EXPECT_EQ(path[399], rows[5][499]);
    EXPECT_EQ(path[400], rows[5][1] + 10.0);
    EXPECT_EQ(path.back(), rows[5][499] + 10.0);
  }
}

TEST_F(PathStoreTest, AFolderThatDoesNotExistIsNamed) {
  const auto store = std::make_shared<PathStore>(Path("absent"), 0);
  PathWriter writer(store, 1);
  ASSERT_TRUE(writer.Add({{1, 2, 3}}).ok());
  ExpectError(writer.Finish().status(), absl::StatusCode::kInternal, {"absent"});
}

TEST_F(PathStoreTest, SumsOfSpeciesFollowThePaths) {
  IonTrajectory ions;
  ions.species = {"S", "Li", "Li"};
  ions.masses_u = {32, 6, 8};
  for (double start : {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0})
    ions.positions.push_back({start, start + 1, start + 3});
  auto sums = SpeciesPaths(ions);
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].species, "Li");
  EXPECT_EQ(sums[0].count, 2);
  EXPECT_EQ(sums[0].mass_u, 7.0);
  EXPECT_EQ(sums[0].start, (Vec3{9, 11, 13}));
  EXPECT_EQ(sums[0].displacement[2], (std::vector<double>{0, 2, 6}));
  ions.sums = sums;
  ions.DropFront(1);
  EXPECT_EQ(ions.sums[0].start, (Vec3{11, 13, 15}));
  EXPECT_EQ(ions.sums[0].displacement[2], (std::vector<double>{0, 4}));
  EXPECT_EQ(SpeciesPaths(ions)[1].displacement[0], (std::vector<double>{0, 2}));
}

}  // namespace
}  // namespace superion::analysis
