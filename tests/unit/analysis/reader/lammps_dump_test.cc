#include "core/random.h"
#include "fmt/ranges.h"
#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

class LammpsDumpTest : public FileTest {
 protected:
  static std::string Head(int64_t step, size_t n, const std::string& box, const std::string& columns) {
    return fmt::format("ITEM: TIMESTEP\n{}\nITEM: NUMBER OF ATOMS\n{}\n{}ITEM: ATOMS {}\n", step, n, box,
                       columns);
  }
  static InputOptions Typed(double timestep_fs) {
    InputOptions options = Every(timestep_fs);
    options.types = {{"1", "Li"}, {"2", "S"}};
    return options;
  }
};

const char kCube[] = "ITEM: BOX BOUNDS pp pp pp\n-1 9\n-1 9\n-1 9\n";

TEST_F(LammpsDumpTest, AtomsAreOrderedByIdAndStepsBecomeTimes) {
  const std::string text = Head(1000, 2, kCube, "id type x y z") + "2 2 5 5 5\n1 1 0 0 0\n" +
                           Head(1500, 2, kCube, "id type x y z") + "1 1 0 0 0.5\n2 2 5 5 5\n";
  const Read read = ReadAll(Write("a.dump", text), Typed(2.0));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
  EXPECT_EQ(read.frames[0].positions[0], (Vec3{1, 1, 1})) << "relative to the origin of the box";
  EXPECT_DOUBLE_EQ(read.frames[0].time_ps, 2.0);
  EXPECT_DOUBLE_EQ(read.interval_ps, 1.0);
}

TEST_F(LammpsDumpTest, WithoutIdsTheOrderIsTakenAsItIsAndSaid) {
  const Read read = ReadAll(Write("a.dump", Head(0, 2, kCube, "type x y z") + "1 0 0 0\n2 5 5 5\n" +
                                                Head(10, 2, kCube, "type x y z") + "1 0 0 1\n2 5 5 5\n"),
                            Typed(1.0));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.frames[1].positions[0], (Vec3{1, 1, 2}));
  ASSERT_FALSE(read.notes.empty());
  EXPECT_THAT(
      fmt::format("{}", fmt::join(read.notes, "\n")),
      testing::AllOf(testing::HasSubstr("no column id"),
                     testing::HasSubstr("frames every 10 MD steps of timestep_fs = 1: 0.01 ps apart")));
}

// LAMMPS calls every element C when it was not told.
TEST_F(LammpsDumpTest, GivenTypesComeBeforeTheColumnElement) {
  const Read read = ReadAll(
      Write("a.dump", Head(0, 2, kCube, "id type element x y z") + "1 1 C 0 0 0\n2 2 C 5 5 5\n"), Typed(1.0));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
}

// The same walk in a triclinic box as x with images, xu, xs with images, xsu, x alone.
TEST_F(LammpsDumpTest, ScienceT30EveryKindOfPositionGivesTheSameWay) {
  const Mat3 cell = {{{10, 0, 0}, {3, 9, 0}, {-2, 1, 8}}};
  // xlo_bound = xlo + min(0, xy, xz, xy + xz), …
  const std::string box = "ITEM: BOX BOUNDS xy xz yz pp pp pp\n-2 13 3\n0 10 -2\n0 8 1\n";
  Random random(31);
  std::vector<Vec3> r = {{1, 2, 3}, {7, 3, 2}};
  std::vector<std::vector<Vec3>> walk;
  std::map<std::string, std::string> files;
  for (int k = 0; k < 1200; ++k) {
    walk.push_back(r);
    for (const std::string columns :
         {"x y z ix iy iz", "xu yu zu", "xs ys zs ix iy iz", "xsu ysu zsu", "x y z", "xs ys zs"}) {
      std::string& text = files[columns];
      text += Head(10 * k, r.size(), box, "id element " + columns);
      for (size_t i = r.size(); i-- > 0;) {
        const Vec3 su = r[i] * Inverse(cell), w = Wrap(r[i], cell);
        Vec3 n, s;
        for (size_t c = 0; c < 3; ++c) n[c] = std::floor(su[c]), s[c] = su[c] - n[c];
        const Vec3& shown = columns[1] == 'u'              ? r[i]
                            : columns.rfind("xsu", 0) == 0 ? su
                            : columns[1] == 's'            ? s
                                                           : w;
        text += fmt::format("{} Li {:.17g} {:.17g} {:.17g}", i + 1, shown[0], shown[1], shown[2]);
        if (columns.find("ix") != std::string::npos) text += fmt::format(" {} {} {}", n[0], n[1], n[2]);
        text += "\n";
      }
    }
    for (Vec3& x : r) {
      for (double& v : x) v += 0.1 + 0.4 * random.Gaussian();
    }
  }
  for (const auto& [columns, text] : files) {
    const Read read = ReadAll(Write("w.dump", text), Every(1));
    ASSERT_TRUE(read.status.ok()) << columns << ": " << read.status;
    ASSERT_EQ(read.frames.size(), walk.size());
    for (size_t k = 0; k < walk.size(); ++k) {
      for (size_t i = 0; i < r.size(); ++i) {
        const Vec3 moved = read.frames[k].unwrapped[i] - read.frames[0].unwrapped[i];
        ASSERT_NEAR(Norm(moved - (walk[k][i] - walk[0][i])), 0.0, 1e-9) << columns << ", frame " << k;
      }
    }
  }
}

// LAMMPS adds images of the box of the frame: the naive rule, mended by the one of Bullerjahn et al.
TEST_F(LammpsDumpTest, ScienceT31UnwrappedPositionsInABreathingBox) {
  std::string text;
  for (int k = 0; k < 500; ++k) {
    const double low = -0.1 * std::sin(0.37 * k), a = 10.0 - 2.0 * low;
    text += Head(k, 1, fmt::format("ITEM: BOX BOUNDS pp pp pp\n{0} {1}\n{0} {1}\n{0} {1}\n", low, low + a),
                 "id element xu yu zu");
    text += fmt::format("1 Li {:.15g} {:.15g} {:.15g}\n", low + 40.25 * a, low + 0.25 * a, low - 30.5 * a);
  }
  const Read read = ReadAll(Write("npt.dump", text), Every(1));
  ASSERT_TRUE(read.status.ok()) << read.status;
  double largest = 0.0;
  for (const auto& frame : read.frames)
    largest = std::max(largest, Norm(frame.unwrapped[0] - read.frames[0].unwrapped[0]));
  EXPECT_LT(largest, 0.5);
}

TEST_F(LammpsDumpTest, UnitsAndTimesOfTheFileAreUsed) {
  auto frame = [&](const std::string& units, int step, double time) {
    return "ITEM: UNITS\n" + units + "\nITEM: TIME\n" + fmt::format("{}\n", time) +
           Head(step, 1, kCube, "id element xu yu zu vx vy vz") +
           fmt::format("1 Li {} 0 0 0.5 0 0\n", 0.01 * step);
  };
  const Read real = ReadAll(Write("real.dump", frame("real", 0, 0) + frame("real", 10, 20)));
  ASSERT_TRUE(real.status.ok()) << real.status;
  EXPECT_DOUBLE_EQ(real.interval_ps, 0.02);
  EXPECT_DOUBLE_EQ(real.frames[0].velocities[0][0], 500.0);
  const Read metal = ReadAll(Write("metal.dump", frame("metal", 0, 0) + frame("metal", 10, 20)));
  EXPECT_DOUBLE_EQ(metal.interval_ps, 20.0);
  EXPECT_DOUBLE_EQ(metal.frames[0].velocities[0][0], 0.5);
  const Read nano = ReadAll(Write("nano.dump", frame("nano", 0, 0) + frame("nano", 10, 2)));
  EXPECT_DOUBLE_EQ(nano.interval_ps, 2000.0);
  EXPECT_DOUBLE_EQ(nano.frames[1].cell[0][0], 100.0);
  ExpectError(ReadAll(Write("lj.dump", frame("lj", 0, 0))).status, StatusCode::kInvalidArgument,
              {"line 2", "lj"});
}

TEST_F(LammpsDumpTest, GeneralTriclinicBoxAndBoundaries) {
  const std::string box = "ITEM: BOX BOUNDS abc origin pp pp ff\n8 1 0 0.5\n0 9 1 0\n1 0 7 0\n";
  const std::string text = Head(0, 1, box, "id element x y z") + "1 Li 1 1 0.1\n" +
                           Head(1, 1, box, "id element x y z") + "1 Li 1 1 6.8\n";
  const Read read = ReadAll(Write("g.dump", text), Every(1));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.frames[0].cell[0], (Vec3{8, 1, 0}));
  EXPECT_EQ(read.frames[0].positions[0], (Vec3{0.5, 1, 0.1}));
  EXPECT_NEAR(read.frames[1].unwrapped[0][2] - read.frames[0].unwrapped[0][2], 6.7, 1e-12)
      << "no image across f";
}

TEST_F(LammpsDumpTest, BrokenDumpsAreNamed) {
  auto expect = [&](const std::string& text, StatusCode code, const std::vector<std::string>& words) {
    ExpectError(ReadAll(Write("bad.dump", text), Typed(1)).status, code, words);
  };
  const std::string columns = "id type x y z", good = Head(0, 2, kCube, columns) + "1 1 0 0 0\n2 2 5 5 5\n";
  expect(good + Head(10, 2, kCube, columns) + "1 1 0 0 0\n3 2 5 5 5\n", StatusCode::kInvalidArgument,
         {"step 10", "found the atom with id 3, expected id 2"});
  expect(good + Head(10, 2, kCube, columns) + "1 1 0 0 0\n1 2 5 5 5\n", StatusCode::kInvalidArgument,
         {"step 10", "id 1 is there twice"});
  expect(good + Head(10, 2, kCube, columns) + "1 2 0 0 0\n2 2 5 5 5\n", StatusCode::kInvalidArgument,
         {"atom 1 is S in frame 2 and Li in the first"});
  expect(good + Head(10, 1, kCube, columns) + "1 1 0 0 0\n", StatusCode::kInvalidArgument,
         {"frame 2 has 1 atoms, the first one 2"});
  expect(good + Head(10, 2, kCube, columns) + "1 1 0 0 nan\n2 2 5 5 5\n", StatusCode::kDataLoss,
         {"frame 2", "atom 1", "nan"});
  expect(good + Head(10, 2, kCube, columns) + "1 1 0 0 1\n2 2 5 5\n" + good, StatusCode::kInvalidArgument,
         {"line 22", "expected the columns id type x y z"});
  // The header of one dump above the lines of another.
  expect(Head(0, 2, kCube, columns) + "1 1 0 0 0 0\n2 2 0 5 5 5\n", StatusCode::kInvalidArgument,
         {"line 10", "expected the columns id type x y z, found \"1 1 0 0 0 0\""});
  expect(good + Head(10, 2, kCube, columns) + "1 3 0 0 1\n2 2 5 5 5\n", StatusCode::kInvalidArgument,
         {"no species was given for type 3"});
  expect(Head(0, 1, "ITEM: BOX BOUNDS pp pp pp\n0 1\n0 1\n0 0\n", columns) + "1 1 0 0 0\n",
         StatusCode::kInvalidArgument, {"frame 1", "volume"});
  expect(Head(0, 1, "", columns) + "1 1 0 0 0\n", StatusCode::kInvalidArgument, {"frame 1", "no cell"});
  expect(Head(0, 1, kCube, "id type x y") + "1 1 0 0\n", StatusCode::kInvalidArgument, {"columns x y z"});
  std::string gap;
  for (int step : {0, 10, 30}) gap += Head(step, 1, kCube, columns) + "1 1 0 0 0\n";
  expect(gap, StatusCode::kDataLoss,
         {"frames 2 and 3 are 0.02 ps apart, the first two 0.01 ps: frames are missing"});
  ExpectError(ReadAll(Write("untimed.dump", good), Typed(0)).status, StatusCode::kInvalidArgument,
              {"untimed.dump", "timestep_fs, the MD time step"});
  ExpectError(ReadAll(Write("untyped.dump", good), Every(1)).status, StatusCode::kInvalidArgument,
              {"1=Li,2=S"});
  // Cut in the last frame.
  for (const std::string rest :
       {"ITEM: TIMESTEP\n20", "ITEM: TIMESTEP\n20\nITEM: NUMBER OF ATOMS\n2\nITEM: BOX BOU"}) {
    const Read cut = ReadAll(Write("cut.dump", good + rest), Typed(1));
    ASSERT_TRUE(cut.status.ok()) << cut.status;
    EXPECT_EQ(cut.frames.size(), 1u);
    EXPECT_EQ(cut.notes.size(), 1u);
  }
}

}  // namespace
}  // namespace superion::analysis
