#include "analysis/reader/ipi_comment.h"

#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

constexpr double kBohr = 0.529177210903;

TEST(IpiComment, CellPositionsAndStep) {
  const auto angstrom = ParseIpiComment(
      "# CELL(abcABC):   10.0  11.0  12.0  90.0  90.0  60.0  Traj: positions{angstrom} Step:  40  Bead:  0 "
      "cell{angstrom}");
  ASSERT_TRUE(angstrom.ok() && *angstrom) << angstrom.status();
  EXPECT_NEAR((*angstrom)->cell[1][0], 5.5, 1e-12);
  EXPECT_NEAR((*angstrom)->cell[1][1], 11.0 * std::sqrt(0.75), 1e-12);
  EXPECT_EQ((*angstrom)->position, 1.0);
  EXPECT_EQ((*angstrom)->step, 40.0);
  const auto atomic =
      ParseIpiComment("# CELL(abcABC): 10 11 12 90 90 90 Step: 0 Bead: 0 positions{atomic_unit}");
  ASSERT_TRUE(atomic.ok() && *atomic);
  EXPECT_NEAR((*atomic)->cell[2][2], 12.0 * kBohr, 1e-9) << "atomic units where none are named";
}

TEST(IpiComment, OthersAreLeftAlone) {
  for (const char* line : {"", "i = 4, time = 2.0, E = -1.0", "Lattice=\"1 0 0 0 1 0 0 0 1\""})
    EXPECT_EQ(*ParseIpiComment(line), std::nullopt) << line;
}

TEST(IpiComment, WhatIsWrongIsNamed) {
  const auto message = [](const std::string& line) {
    return std::string(ParseIpiComment(line).status().message());
  };
  EXPECT_THAT(message("# CELL(abcABC): 10 11"), testing::HasSubstr("found 2 numbers"));
  EXPECT_THAT(message("# CELL(abcABC): 10 11 12 90 90 90 Traj: velocities{atomic_unit}"),
              testing::HasSubstr("expected positions of i-PI, found \"velocities{atomic_unit}\""));
  EXPECT_THAT(message("# CELL(abcABC): 10 11 12 90 90 90 Traj: positions{parsec}"),
              testing::HasSubstr("parsec"));
  EXPECT_THAT(message("# CELL(abcABC): 10 11 12 10 170 90"), testing::HasSubstr("without volume"));
}

class IpiFile : public FileTest {};

// The same walk across a face as i-PI writes it in both units.
TEST_F(IpiFile, WrappedFramesInBothUnits) {
  for (const double unit : {1.0, kBohr}) {
    std::string text;
    const char* name = unit == 1.0 ? "angstrom" : "atomic_unit";
    for (int k = 0; k < 6; ++k) {
      const double x = 9.0 + 0.4 * k;
      text += fmt::format(
          "2\n# CELL(abcABC): {:.8f} {:.8f} {:.8f} 90.0 90.0 90.0 Traj: positions{{{}}} Step: {} Bead: 0 "
          "cell{{{}}}\nLi {:.8f} 0 0\nS {:.8f} {:.8f} 0\n",
          10 / unit, 10 / unit, 10 / unit, name, 5 * k, name, (x < 10 ? x : x - 10) / unit, 5 / unit,
          5 / unit);
    }
    const Read read = ReadAll(Write("ipi.xyz", text), Every(100));
    ASSERT_TRUE(read.status.ok()) << read.status;
    ASSERT_EQ(read.frames.size(), 6u);
    EXPECT_NEAR(read.frames[5].cell[0][0], 10.0, 1e-7);
    EXPECT_NEAR(read.frames[5].unwrapped[0][0] - read.frames[0].unwrapped[0][0], 2.0, 1e-7);
    EXPECT_DOUBLE_EQ(read.interval_ps, 0.1);
  }
  ExpectError(
      ReadAll(Write("v.xyz", "1\n# CELL(abcABC): 9 9 9 90 90 90 Traj: velocities{angstrom}\nLi 0 0 0\n"),
              Every(1))
          .status,
      StatusCode::kInvalidArgument, {"v.xyz, frame 1", "expected positions"});
}

// A cell that the user gives is periodic: the way across a face comes back.
TEST_F(IpiFile, AGivenCellUnwraps) {
  std::string text;
  for (int k = 0; k < 6; ++k) {
    const double x = 9.0 + 0.4 * k;
    text += fmt::format("1\nplain\nLi {:.8f} 0 0\n", x < 10 ? x : x - 10);
  }
  InputOptions options = Every(100);
  options.cell = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
  const Read read = ReadAll(Write("plain.xyz", text), options);
  ASSERT_TRUE(read.status.ok()) << read.status;
  EXPECT_NEAR(read.frames[5].unwrapped[0][0] - read.frames[0].unwrapped[0][0], 2.0, 1e-7);
}

}  // namespace
}  // namespace superion::analysis
