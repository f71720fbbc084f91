#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

class XdatcarTest : public FileTest {};

const char kHead[] = "Li2S run\n 2.0\n 5 0 0\n 0 5 0\n 1 0 5\n Li S\n 2 1\n";

std::string Frame(int number, double z) {
  return fmt::format("Direct configuration= {:5d}\n 0.5 0.5 {}\n 0.1 0.2 0.3\n 0.9 0.9 0.9\n", number, z);
}

TEST_F(XdatcarTest, Vasp5) {
  const Read read = ReadAll(Write("XDATCAR", kHead + Frame(1, 0.9) + Frame(2, 0.05)), Every(4));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "Li", "S"}));
  ASSERT_EQ(read.frames.size(), 2u);
  EXPECT_EQ(read.frames[0].cell[2], (Vec3{2, 0, 10})) << "scaled";
  EXPECT_NEAR(read.frames[0].positions[0][0], 5 + 0.9 * 2, 1e-12);
  EXPECT_NEAR(Norm(read.frames[1].unwrapped[0] - read.frames[0].unwrapped[0] - Vec3{0.3, 0, 1.5}), 0.0,
              1e-12);
  EXPECT_DOUBLE_EQ(read.interval_ps, 0.004);
}

TEST_F(XdatcarTest, VolumeAsScaleCartesianAndSymbolsOfPotentials) {
  const std::string text =
      "x\n -1000\n 5 0 0\n 0 5 0\n 0 0 5\n Li_sv S/abc\n 1 1\nCartesian configuration= 1\n 1 2 3\n 4 5 6\n";
  const Read read = ReadAll(Write("XDATCAR", text), Every(4));
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_NEAR(read.frames[0].cell[0][0], 10.0, 1e-12);
  EXPECT_EQ(read.frames[0].positions[1], (Vec3{4, 5, 6}));
  EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "S"}));
}

TEST_F(XdatcarTest, OldStyleWithBlankLinesAndWithoutSymbols) {
  const std::string text =
      "name\n 1.0\n 10 0 0\n 0 10 0\n 0 0 10\n 1 1\n\n 0.1 0.1 0.1\n 0.5 0.5 0.5\n\n 0.2 0.1 0.1\n 0.5 0.5 "
      "0.5\n\n";
  InputOptions options = Every(1);
  ExpectError(ReadAll(Write("XDATCAR", text), options).status, StatusCode::kInvalidArgument, {"1=Li,2=S"});
  options.types = {{"1", "Li"}, {"2", "S"}};
  const Read read = ReadAll(Path("XDATCAR"), options);
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.frames.size(), 2u);
  EXPECT_NEAR(read.frames[1].unwrapped[0][0] - read.frames[0].unwrapped[0][0], 1.0, 1e-12);
}

TEST_F(XdatcarTest, RepeatedHeadersOfAChangingCellAndOfAContinuedRun) {
  std::string larger = kHead;
  larger.replace(larger.find(" 2.0"), 4, " 2.2");
  const std::string nameless = "\n" + std::string(kHead).substr(9);
  const Read read =
      ReadAll(Write("XDATCAR", kHead + Frame(1, 0.5) + larger + Frame(2, 0.52) + nameless + Frame(1, 0.54)),
              Every(1));
  ASSERT_TRUE(read.status.ok()) << read.status;
  ASSERT_EQ(read.frames.size(), 3u);
  EXPECT_NEAR(read.frames[1].cell[0][0], 11.0, 1e-12);
  EXPECT_NEAR(read.frames[2].cell[0][0], 10.0, 1e-12);
  ASSERT_EQ(read.notes.size(), 1u);
  EXPECT_THAT(read.notes[0], testing::HasSubstr("the counter goes from 2 to 1 at frame 3"));
}

TEST_F(XdatcarTest, BrokenFilesAreNamed) {
  auto expect = [&](const std::string& text, StatusCode code, const std::vector<std::string>& words) {
    ExpectError(ReadAll(Write("XDATCAR", text), Every(1)).status, code, words);
  };
  expect(kHead + Frame(1, 0.5) + Frame(2, 0.5) + Frame(4, 0.5), StatusCode::kDataLoss,
         {"frames 2 and 3 are numbered 2 and 4, expected steps of 1: frames are missing"});
  expect(kHead + std::string("Direct configuration= 1\n 0.5 0.5 nan\n"), StatusCode::kInvalidArgument,
         {"XDATCAR, line 9: expected a position"});
  std::string fewer = kHead;
  fewer.replace(fewer.find(" 2 1"), 4, " 1 1");
  expect(kHead + Frame(1, 0.5) + fewer + "Direct configuration= 2\n 0 0 0\n 0 0 0\n",
         StatusCode::kInvalidArgument, {"frame 2 has 2 atoms, the first one 3"});
  ExpectError(ReadAll(Write("XDATCAR", kHead + Frame(1, 0.5)), {}).status, StatusCode::kInvalidArgument,
              {"XDATCAR", "timestep_fs, the time between frames"});
  const std::string whole = kHead + Frame(1, 0.5) + Frame(2, 0.5);
  const Read cut = ReadAll(Write("XDATCAR", whole.substr(0, whole.size() - 6)), Every(1));
  ASSERT_TRUE(cut.status.ok()) << cut.status;
  EXPECT_EQ(cut.frames.size(), 1u);
  ASSERT_EQ(cut.notes.size(), 1u);
  EXPECT_THAT(cut.notes[0], testing::HasSubstr("the file ends within frame 2"));
}

// What ASE writes is read back.
TEST_F(XdatcarTest, FilesOfAse) {
  const std::string script = fmt::format(
      "cd {} && /usr/bin/python3 -c \"\n"
      "import numpy as np\n"
      "from ase import Atoms\n"
      "from ase.io import write\n"
      "rng = np.random.default_rng(1)\n"
      "a = Atoms('Li2S', cell=[[6,0,0],[1,7,0],[0,2,8]], pbc=True, positions=rng.random((3,3))*5)\n"
      "frames = []\n"
      "for k in range(3):\n"
      "    b = a.copy(); b.positions += 0.1*k; b.set_momenta(np.full((3,3), 0.5)); frames.append(b)\n"
      "write('XDATCAR', frames, format='vasp-xdatcar')\n"
      "write('a.xyz', frames, format='extxyz')\n"
      "write('b.xyz', frames, format='extxyz', columns=['symbols','positions','numbers'])\n"
      "np.savetxt('last.txt', frames[2].positions)\n"
      "np.savetxt('speed.txt', frames[2].get_velocities())\n"
      "\" 2> error.txt",
      folder_.string());
  if (std::system("/usr/bin/python3 -c 'import ase' 2> /dev/null") != 0)
    GTEST_SKIP() << "ASE is not installed";
  ASSERT_EQ(std::system(script.c_str()), 0);
  std::ifstream last(Path("last.txt"));
  std::vector<double> expected{std::istream_iterator<double>(last), {}};
  std::ifstream speed(Path("speed.txt"));
  std::vector<double> velocities{std::istream_iterator<double>(speed), {}};
  ASSERT_EQ(expected.size(), 9u);
  for (const char* name : {"XDATCAR", "a.xyz", "b.xyz"}) {
    const Read read = ReadAll(Path(name), Every(1));
    ASSERT_TRUE(read.status.ok()) << name << read.status;
    ASSERT_EQ(read.frames.size(), 3u) << name;
    EXPECT_EQ(read.species, (std::vector<std::string>{"Li", "Li", "S"}));
    for (size_t k = 0; k < 9; ++k) {
      const double moved = read.frames[2].unwrapped[k / 3][k % 3] - read.frames[0].unwrapped[k / 3][k % 3];
      EXPECT_NEAR(moved, 0.2, 1e-6) << name;
      if (name[0] != 'X') {
        EXPECT_NEAR(read.frames[2].positions[k / 3][k % 3], expected[k], 1e-7) << name;
      }
    }
    if (name[0] == 'a') {
      // ASE's unit of time is Å sqrt(u/eV) = 10.18 fs.
      EXPECT_NEAR(read.frames[2].velocities[0][0], velocities[0] / 0.010180505671156714, 1e-4);
    }
  }
}

}  // namespace
}  // namespace superion::analysis
