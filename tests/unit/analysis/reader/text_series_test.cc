#include "analysis/reader/text_series.h"

#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

class TextSeriesTest : public FileTest {
 protected:
  absl::StatusOr<DipoleSeries> Series(const std::string& text) {
    notes_.clear();
    return ReadTextSeries(Write("j.txt", text), options_, &notes_);
  }
  void Expect(const std::string& text, StatusCode code, const std::vector<std::string>& words) {
    ExpectError(Series(text).status(), code, words);
  }
  TextSeriesOptions options_{{"2", "3"}, 500.0, false, "", 0.0};
  std::vector<std::string> notes_;
};

TEST_F(TextSeriesTest, ACurrentIsSummed) {
  const auto series = Series("# t jx jy\n0, 1.0, 2\n\n1\t3.0\t-4 # more\n");
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_DOUBLE_EQ(series->interval_ps, 0.5);
  EXPECT_EQ(series->components, (std::vector<std::vector<double>>{{0, 0.5, 2}, {0, 1, -1}}));
}

TEST_F(TextSeriesTest, ADipoleIsTakenAsItIs) {
  options_.dipole = true;
  const auto series = Series("0 1 2\n1 3 4\n");
  ASSERT_TRUE(series.ok());
  EXPECT_EQ(series->components, (std::vector<std::vector<double>>{{1, 3}, {2, 4}}));
  options_.unit = "debye";
  EXPECT_NEAR(Series("0 1 2\n1 3 4\n")->components[0][0], 0.2081943, 1e-7);
  options_.unit = "C*m";
  EXPECT_NEAR(Series("0 1.602176634e-29 2\n1 3 4\n")->components[0][0], 1.0, 1e-12);
  options_.unit = "e*A/ps";
  Expect("0 1 2\n1 3 4\n", StatusCode::kInvalidArgument,
         {"unit: expected one of e*A, e*nm", "found \"e*A/ps\""});
}

TEST_F(TextSeriesTest, UnitsOfCurrents) {
  const std::pair<const char*, double> cases[] = {
      {"e*A/fs", 1000.0},  // metal and real units of LAMMPS differ by this
      {"e*nm/ps", 10.0},
      {"e*m/s", 0.01},
      {"e*bohr/aut", 0.529177210903 / 2.4188843265857e-5},
      {"A*m", 1.0 / (1.602176634e-19 * 1e-10 / 1e-12)},
      {"A/m^2", 1000.0 * 1e-30 / (1.602176634e-19 * 1e-10 / 1e-12)},
      {"e/(A^2*ps)", 1000.0}};
  options_.volume_angstrom3 = 1000.0;
  for (const auto& [unit, factor] : cases) {
    options_.unit = unit;
    const auto series = Series("0 2 0\n0 2 0\n");
    ASSERT_TRUE(series.ok()) << series.status();
    EXPECT_NEAR(series->components[0][1] / factor, 1.0, 1e-9) << unit;
  }
}

TEST_F(TextSeriesTest, ColumnsByName) {
  options_.columns = {"flux[2]", "flux[1]"};
  const auto series = Series("Temp flux[1] flux[2]\n300 1 2\n300 1 2\n");
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->components[0][1], 1.0);
  EXPECT_EQ(Series("# Temp flux[1] flux[2]\n300 1 2\n300 1 2\n")->components[1][1], 0.5);
  options_.columns = {"jx"};
  Expect("Temp flux[1] flux[2]\n300 1 2\n", StatusCode::kInvalidArgument,
         {"no column is named jx", "Temp flux[1]"});
}

TEST_F(TextSeriesTest, BrokenFilesAreNamed) {
  Expect("1 2 3\n1 2\n", StatusCode::kInvalidArgument,
         {"j.txt, line 2: column 3 was asked for, the line has 2"});
  Expect("1 2 3\n1 nan 3\n", StatusCode::kInvalidArgument, {"j.txt, line 2", "finite number, found \"nan\""});
  Expect("1 2 3\n1 2x 3\n", StatusCode::kInvalidArgument, {"line 2", "\"2x\""});
  Expect("", StatusCode::kDataLoss, {"j.txt: 0 lines"});
  Expect("a b c\nd e f\n", StatusCode::kInvalidArgument, {"line 2", "\"e\""});
  const auto cut = Series("1 2 3\n1 2 3\n1 2 3\n1 2 3.1");
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ(cut->size(), 4u);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_THAT(notes_[0], testing::HasSubstr("line 4"));
  options_.timestep_fs = 0.0;
  Expect("1 2 3\n", StatusCode::kInvalidArgument, {"timestep_fs"});
}

}  // namespace
}  // namespace superion::analysis
