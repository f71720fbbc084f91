#include "analysis/reader/frame_source.h"

#include "core/random.h"
#include "core/trajectory.h"
#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

class FrameSourceTest : public FileTest {};

// T-30: wrapped copies of a walk over many cells, triclinic: the way comes back.
TEST_F(FrameSourceTest, ScienceT30TriclinicWalkIsRecovered) {
  const Mat3 cell = {{{10, 0, 0}, {3, 9, 0}, {-2, 1, 8}}};
  Random random(30);
  std::vector<Vec3> r = {{1, 2, 3}, {2, 2, 2}, {8, 1, 4}};
  std::vector<std::vector<Vec3>> walk;
  std::string wrapped, plain;
  for (int k = 0; k < 3000; ++k) {
    walk.push_back(r);
    std::vector<Vec3> w;
    for (const Vec3& x : r) w.push_back(Wrap(x, cell));
    wrapped += XyzFrame(w, cell);
    plain += XyzFrame(r, cell);
    for (Vec3& x : r) {
      for (double& v : x) v += 0.05 + 0.4 * random.Gaussian();
    }
  }
  EXPECT_GT(walk.back()[0][0] / 10.0, 10.0) << "ten cells are crossed";
  for (const auto& text : {wrapped, plain}) {
    const Read read = ReadAll(Write("walk.xyz", text), Every(2));
    ASSERT_TRUE(read.status.ok()) << read.status;
    ASSERT_EQ(read.frames.size(), walk.size());
    for (size_t k = 0; k < walk.size(); ++k) {
      for (size_t i = 0; i < r.size(); ++i) {
        const Vec3 moved = read.frames[k].unwrapped[i] - read.frames[0].unwrapped[i];
        ASSERT_NEAR(Norm(moved - (walk[k][i] - walk[0][i])), 0.0, 1e-9) << k;
      }
    }
  }
}

TEST_F(FrameSourceTest, ScienceT30LongStepsAreRefused) {
  const Mat3 cell = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
  const std::string text = XyzFrame({{1, 1, 1}, {5, 5, 5}}, cell) + XyzFrame({{1, 1, 1}, {8.4, 5, 5}}, cell) +
                           XyzFrame({{1, 1, 1}, {8.4, 5, 9}}, cell);
  ExpectError(ReadAll(Write("far.xyz", text), Every(1)).status, StatusCode::kInvalidArgument,
              {"far.xyz", "atom 2 (Li)", "moves by 0.400", "frames 2 and 3", "beyond 0.35"});
  // The user knows better.
  InputOptions no = Every(1);
  no.wrapped = "no";
  const Read read = ReadAll(Path("far.xyz"), no);
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.frames[2].unwrapped[1], (Vec3{8.4, 5, 9}));
}

// One ion crosses, the framework stays: nothing but the jump shows that the user is mistaken.
TEST_F(FrameSourceTest, WrappedPositionsThatAreSaidNotToBe) {
  const Mat3 cell = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
  std::string wrapped, plain;
  for (int k = 0; k < 12; ++k) {
    const double x = 8.3 + 0.5 * k;
    wrapped += XyzFrame({{x < 10 ? x : x - 10, 5, 5}, {1, 1, 1}}, cell);
    plain += XyzFrame({{x, 5, 5}, {1, 1, 1}}, cell);
  }
  InputOptions no = Every(1);
  no.wrapped = "no";
  ExpectError(ReadAll(Write("wrapped.xyz", wrapped), no).status, StatusCode::kInvalidArgument,
              {"wrapped.xyz: atom 1 (Li) jumps by -0.95 of the cell between frames 4 and 5",
               "all positions of the file lie within one cell", "wrapped = no was given"});
  EXPECT_TRUE(ReadAll(Write("plain.xyz", plain), no).status.ok());
  EXPECT_TRUE(ReadAll(Path("wrapped.xyz"), Every(1)).status.ok());
}

// Largest way of an atom of an immobile lattice in a cell that breathes by 2 %.
double LargestExcursion(const std::vector<SourceFrame>& frames) {
  double largest = 0.0;
  for (const auto& frame : frames) {
    for (size_t i = 0; i < frame.unwrapped.size(); ++i)
      largest = std::max(largest, Norm(frame.unwrapped[i] - frames[0].unwrapped[i]));
  }
  return largest;
}

// T-31: wrapped, and unwrapped by images fifty cells out (where the naive rule moves by an Ångström per
// Ångström of the cell's change times fifty).
TEST_F(FrameSourceTest, ScienceT31BreathingBoxStaysBounded) {
  std::string wrapped, images;
  double naive = 0.0;
  for (int k = 0; k < 2000; ++k) {
    const double a = 10.0 * (1.0 + 0.02 * std::sin(0.37 * k));
    const Mat3 cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
    const double s = 0.999 + 0.002 * (k % 2);  // vibrates across the face of the cell
    wrapped += XyzFrame({Wrap({s * a, 0.5 * a, 0.1 * a}, cell)}, cell);
    images += XyzFrame({{50.5 * a, -50.2 * a, 0.5 * a}, {0.1 * a, 0.2 * a, 0.3 * a}}, cell);
    naive = std::max(naive, 50.5 * std::abs(a - 10.0));
  }
  const Read in = ReadAll(Write("wrapped.xyz", wrapped), Every(1));
  ASSERT_TRUE(in.status.ok()) << in.status;
  EXPECT_LT(LargestExcursion(in.frames), 1.0);
  const Read out = ReadAll(Write("images.xyz", images), Every(1));
  ASSERT_TRUE(out.status.ok()) << out.status;
  EXPECT_LT(LargestExcursion(out.frames), 0.5);
  EXPECT_GT(naive, 10.0);
}

TEST_F(FrameSourceTest, OwnTrajectoriesAreTakenAsTheyAre) {
  TrajectoryHeader header{{"Li", "Cl"}, {6.0, 35.0}, 0.01, 500.0, Json::object()};
  {
    auto writer = TrajectoryWriter::Create(Path("trajectory"), header);
    ASSERT_TRUE(writer.ok());
    for (int k = 0; k < 4; ++k) {
      const double a = 10.0 + k;
      ASSERT_TRUE(
          writer->Append({1.0 + 0.01 * k, {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}}, {{99.0 * k, 0, 1}, {1, 2, 3}}})
              .ok());
    }
  }
  const Read read = ReadAll(Path("trajectory"));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.frames[3].unwrapped[0], (Vec3{297, 0, 1}));
  EXPECT_NEAR(WrappedPositions(read.frames[3])[0][0], 297 - 22 * 13, 1e-9);
  EXPECT_DOUBLE_EQ(read.frames[0].time_ps, 1.0);
  EXPECT_NEAR(read.interval_ps, 0.01, 1e-12);
  EXPECT_EQ(read.masses, (std::vector<double>{6.0, 35.0}));
  // A record that is cut.
  std::filesystem::resize_file(Path("trajectory"), std::filesystem::file_size(Path("trajectory")) - 3);
  const Read cut = ReadAll(Path("trajectory"));
  ASSERT_TRUE(cut.status.ok()) << cut.status;
  EXPECT_EQ(cut.frames.size(), 3u);
  ASSERT_EQ(cut.notes.size(), 1u);
  EXPECT_THAT(cut.notes[0], testing::HasSubstr("within frame 4; the 3 complete frames"));
}

const Mat3 kBox = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};

TEST_F(FrameSourceTest, ALastFrameThatIsCutIsLeftOutAndNamed) {
  const std::string text =
      XyzFrame({{1, 1, 1}}, kBox) + XyzFrame({{1, 1, 2}}, kBox) + XyzFrame({{1, 1, 3.25}}, kBox);
  for (size_t less : {1u, 3u, 8u, 40u}) {
    const Read read = ReadAll(Write("cut.xyz", text.substr(0, text.size() - less)), Every(1));
    ASSERT_TRUE(read.status.ok()) << less << ": " << read.status;
    EXPECT_EQ(read.frames.size(), 2u) << less;
    ASSERT_EQ(read.notes.size(), 1u) << less;
    EXPECT_THAT(read.notes[0], testing::HasSubstr("cut.xyz: the file ends within frame 3")) << less;
  }
  ExpectError(ReadAll(Write("stub.xyz", text.substr(0, 30)), Every(1)).status, StatusCode::kInvalidArgument,
              {"stub.xyz", "frame 1"});
}

TEST_F(FrameSourceTest, RepeatedFramesAreLeftOutAndNamed) {
  // By their time.
  auto at = [&](double z, double t) { return XyzFrame({{1, 1, z}}, kBox, fmt::format("time_fs={}", t)); };
  const Read timed = ReadAll(Write("timed.xyz", at(1, 0) + at(1.1, 5) + at(1.1, 5) + at(1.3, 10)));
  ASSERT_TRUE(timed.status.ok()) << timed.status;
  EXPECT_EQ(timed.frames.size(), 3u);
  ASSERT_EQ(timed.notes.size(), 1u);
  EXPECT_THAT(timed.notes[0], testing::HasSubstr("frame 3 repeats the one before"));
  ExpectError(ReadAll(Write("other.xyz", at(1, 0) + at(1.1, 5) + at(1.2, 5))).status, StatusCode::kDataLoss,
              {"frames 2 and 3 are both at 0.005 ps", "atom 1 differs by 0.1"});
  // Without times, by atoms that stand still where they moved before; an immobile lattice is none.
  const Read plain = ReadAll(Write("plain.xyz", XyzFrame({{1, 1, 1}}, kBox) + XyzFrame({{1, 1, 2}}, kBox) +
                                                    XyzFrame({{1, 1, 2}}, kBox)),
                             Every(1));
  EXPECT_EQ(plain.frames.size(), 2u);
  EXPECT_EQ(plain.notes.size(), 1u);
  const Read still =
      ReadAll(Write("still.xyz", XyzFrame({{1, 1, 1}}, kBox) + XyzFrame({{1, 1, 1}}, kBox)), Every(1));
  EXPECT_EQ(still.frames.size(), 2u);
}

TEST_F(FrameSourceTest, BrokenFilesAreNamed) {
  auto at = [&](double z, double t) { return XyzFrame({{1, 1, z}}, kBox, fmt::format("time_fs={}", t)); };
  auto expect = [&](const std::string& text, StatusCode code, const std::vector<std::string>& words) {
    ExpectError(ReadAll(Write("bad.xyz", text), Every(5)).status, code, words);
  };
  expect(at(1, 0) + at(1.1, 5) + at(1.3, 15), StatusCode::kDataLoss,
         {"bad.xyz: frames 2 and 3 are 0.01 ps apart, the first two 0.005 ps"});
  expect(at(1, 0) + at(1.1, 5) + at(1.3, 0), StatusCode::kDataLoss,
         {"frame 3 is at 0 ps", "expected times that grow"});
  expect(XyzFrame({{1, 1, 1}}, kBox) + XyzFrame({{1, 1, 2}, {5, 5, 5}}, kBox), StatusCode::kInvalidArgument,
         {"frame 2 has 2 atoms, the first one 1"});
  expect("1\nno cell here\nLi 1 1 1\n", StatusCode::kInvalidArgument, {"frame 1", "no cell"});
  expect(XyzFrame({{1, 1, 1}}, {{{1, 0, 0}, {2, 0, 0}, {0, 0, 3}}}), StatusCode::kInvalidArgument,
         {"frame 1", "volume"});
  expect("1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nLi 1 1 nan\n", StatusCode::kInvalidArgument,
         {"frame 1, line 3", "nan"});
  expect("", StatusCode::kDataLoss, {"bad.xyz: the file is empty"});
  expect("hello\n", StatusCode::kInvalidArgument, {"hello"});
  ExpectError(ReadAll(Write("twice.xyz", at(1, 0) + at(1.1, 5)), Every(2)).status,
              StatusCode::kInvalidArgument,
              {"twice.xyz: its frames are 0.005 ps apart, with the timestep_fs given it would be 0.002 ps"});
  ExpectError(ReadAll(Path("absent.xyz")).status, StatusCode::kNotFound, {"absent.xyz"});
  ExpectError(ReadAll(Write("timeless.xyz", XyzFrame({{1, 1, 1}}, kBox))).status,
              StatusCode::kInvalidArgument, {"timestep_fs, the time between frames"});
}

TEST_F(FrameSourceTest, FilesThatJumpAndSpreadAreRefused) {
  std::string text;
  for (double x : {9.5, 0.5, 3.0, 6.0, 9.0, 12.0, 15.5}) text += XyzFrame({{x, 1, 1}}, kBox);
  ExpectError(ReadAll(Write("odd.xyz", text), Every(1)).status, StatusCode::kInvalidArgument,
              {"odd.xyz: up to frame 7", "wrapped"});
}

TEST_F(FrameSourceTest, CompressedFilesAreRead) {
  const std::string path = Write("c.xyz", XyzFrame({{1, 1, 1}}, kBox) + XyzFrame({{1, 1, 2}}, kBox));
  for (const std::string command : {"gzip -k ", "zstd -q "}) {
    ASSERT_EQ(std::system((command + path).c_str()), 0);
    const Read read = ReadAll(path + (command[0] == 'g' ? ".gz" : ".zst"), Every(1));
    ASSERT_TRUE(read.status.ok()) << read.status;
    EXPECT_EQ(read.frames.size(), 2u);
  }
}

}  // namespace
}  // namespace superion::analysis
