#include "analysis/reader/text_series.h"

#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using absl::StatusCode;

class TextSeriesTest : public FileTest {
 protected:
  absl::StatusOr<DipoleSeries> Series(const std::string& text) {
    notes_.clear();
    auto series = ReadTextSeries(Write("j.txt", text), options_, &notes_);
    if (!series.ok()) return series.status();
    temperature_k_ = series->temperature_k;
    return series->dipole;
  }
  void Expect(const std::string& text, StatusCode code, const std::vector<std::string>& words) {
    ExpectError(Series(text).status(), code, words);
  }
  TextSeriesOptions options_{.columns = {"2", "3"}, .timestep_fs = 500.0, .unit = ""};
  std::vector<std::string> notes_;
  std::vector<double> temperature_k_;
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
         {"unit: expected e*LENGTH, debye or C*m with LENGTH of A", "found \"e*A/ps\""});
}

TEST_F(TextSeriesTest, UnitsOfCurrents) {
  const std::pair<const char*, double> cases[] = {
      {"e*A/fs", 1000.0},  // metal and real units of LAMMPS differ by this
      {"e*nm/ps", 10.0},
      {"e*m/s", 0.01},
      {"e*bohr/aut", 0.529177210903 / 2.4188843265857e-5},
      {"e*bohr/fs", 529.177210903},
      {"e*bohr/rydberg", 0.529177210903 / 4.8377686531714e-5},
      {"e·Å/ps", 1.0},
      {"e Å/fs", 1000.0},
      {"e*angstrom/ps", 1.0},
      {"C*m/s", 1.0 / (1.602176634e-19 * 1e-10 / 1e-12)},
      {"A/cm^2", 1e4 * 1000.0 * 1e-30 / (1.602176634e-19 * 1e-10 / 1e-12)},
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
  for (const char* unit : {"A", "e*A", "e*inch/ps", "e*A/day", "nm/ps", "e*A/ps/ps"}) {
    options_.unit = unit;
    Expect("0 2 0\n0 2 0\n", StatusCode::kInvalidArgument, {"e*LENGTH/TIME", unit});
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
  Expect("a b c\nd e f\n", StatusCode::kDataLoss, {"j.txt: 0 lines"});
  Expect("1 2 3\na b c\n", StatusCode::kInvalidArgument, {"line 2", "column 2", "\"b\""});
  Expect("1 2 3\n1 2 3 4\n", StatusCode::kInvalidArgument, {"line 2: 4 columns, the lines before it have 3"});
  const auto cut = Series("1 2 3\n1 2 3\n1 2 3\n1 2 3.1");
  ASSERT_TRUE(cut.ok());
  EXPECT_EQ(cut->size(), 4u);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_THAT(notes_[0], testing::HasSubstr("line 4"));
  options_.timestep_fs = 0.0;
  Expect("1 2 3\n", StatusCode::kInvalidArgument, {"timestep_fs"});
}

// The head of a published set: a molten salt, LAMMPS columns below comments.
TEST_F(TextSeriesTest, ATableOfLammpsBelowComments) {
  options_.columns = {"c_vcm[1]"};
  options_.factor = 2.0;
  const auto series = Series(
      "# Molten NaCl - Fumi-Tosi potential\n# NVE, dt = 1.0 fs, 100 ps, print_step = 5.0 fs\n"
      "# LAMMPS metal units\nTemp    c_flux[1] c_flux[2] c_vcm[1][1] c_vcm[1][2] c_vcm[1][3]\n"
      "1442.7\t250.8 20.6 -0.16 -0.07 0.02\n1440.8\t196.2 82.6 -0.13 -0.07 -0.01\n");
  ASSERT_TRUE(series.ok()) << series.status();
  ASSERT_EQ(series->dimension(), 3u);
  EXPECT_DOUBLE_EQ(series->components[0][1], 2.0 * -0.16 * 0.5);
  EXPECT_NEAR(series->components[2][2], 2.0 * 0.01 * 0.5, 1e-15);
  EXPECT_EQ(temperature_k_, (std::vector<double>{1442.7, 1440.8}));
}

TEST_F(TextSeriesTest, AnXvgFileOfGromacs) {
  options_ = {.columns = {"2", "3", "4"}, .timestep_fs = 2000.0, .dipole = true, .unit = "debye"};
  const auto series = Series(
      "# gmx dipoles\n@    title \"Total dipole\"\n@ s0 legend \"Mtot_x\"\n@TYPE xy\n"
      "    0.0000  1.0  2.0  3.0\n    2.0000  2.0  2.0  3.0\n    4.0000  3.0  2.0  3.0\n&\n");
  ASSERT_TRUE(series.ok()) << series.status();
  EXPECT_EQ(series->size(), 3u);
  EXPECT_NEAR(series->components[0][2] - series->components[0][0], 2.0 * 0.2081943, 1e-6);
}

// A column of steps or times must grow evenly, to its printed digits.
TEST_F(TextSeriesTest, LinesThatAreMissingTwiceThereOrOutOfOrder) {
  const auto table = [](const std::string& head, const std::vector<double>& t, const char* format) {
    std::string out = head;
    for (const double v : t) out += fmt::format(fmt::runtime(format), v) + fmt::format(" {} 1\n", 10 * v);
    return out;
  };
  std::vector<double> t;
  for (int k = 0; k < 3000; ++k) t.push_back(0.0005 * k);
  options_.timestep_fs = 0.5;
  EXPECT_TRUE(Series(table("time_ps a b\n", t, "{:.3f}")).ok()) << "rounded";
  for (const char* head : {"time_ps a b\n", "# TimeStep c_J[1] c_J[2]\n", ""}) {
    SCOPED_TRACE(head);
    for (const size_t at : {500u, 2500u}) {
      auto broken = t;
      broken.erase(broken.begin() + static_cast<std::ptrdiff_t>(at));
      Expect(table(head, broken, "{:.4f}"), StatusCode::kDataLoss,
             {fmt::format("line {}", at + 1 + (*head != 0)), "lines are missing"});
      broken = t;
      for (size_t k = at; k < broken.size(); ++k) broken[k] -= 0.02;
      Expect(table(head, broken, "{:.4f}"), StatusCode::kDataLoss, {"times go back"});
      broken = t;
      if (*head == 0 && at == 500) continue;  // in the half of the first lines: not seen to count
      for (size_t k = at; k < broken.size(); ++k) broken[k] += 0.0005 * static_cast<double>(k - at);
      Expect(table(head, broken, "{:.4f}"), StatusCode::kDataLoss, {"the interval changes"});
    }
  }
  auto twice = t;
  twice.insert(twice.begin() + 1500, twice[1500]);
  const auto mended = Series(table("time_ps a b\n", twice, "{:.4f}"));
  ASSERT_TRUE(mended.ok()) << mended.status();
  EXPECT_EQ(mended->size(), t.size() + 1);
  ASSERT_EQ(notes_.size(), 1u);
  EXPECT_THAT(notes_[0], testing::HasSubstr("line 1503 repeats the one before"));
  Expect("step a b\n0 1 1\n1 1 1\n2 1 1\n2 3 3\n3 1 1\n", StatusCode::kDataLoss, {"line 5", "there twice"});
  options_.timestep_fs = 1.0;
  Expect(table("time_ps a b\n", t, "{:.4f}"), StatusCode::kInvalidArgument, {"0.0005 ps", "0.001 ps"});
}

// What does not fit is thinned; sums keep their values.
TEST_F(TextSeriesTest, ALongSeriesIsThinned) {
  std::string text;
  for (int k = 0; k < 1000; ++k) text += fmt::format("{} {} {}\n", k, k % 7, 1);
  const auto whole = Series(text);
  options_.most_samples = 100;
  const auto thin = Series(text);
  ASSERT_TRUE(whole.ok() && thin.ok()) << thin.status();
  const auto stride = static_cast<size_t>(std::lround(thin->interval_ps / whole->interval_ps));
  EXPECT_EQ(stride, 16u);
  ASSERT_LE(thin->size(), 101u);
  for (size_t k = 0; k < thin->size(); ++k) {
    EXPECT_EQ(thin->components[0][k], whole->components[0][stride * k]);
    EXPECT_EQ(thin->components[1][k], whole->components[1][stride * k]);
  }
  options_.dipole = true;
  const auto dipole = Series(text);
  ASSERT_TRUE(dipole.ok());
  EXPECT_EQ(dipole->components[0][3], static_cast<double>(3 * stride % 7));
}

}  // namespace
}  // namespace superion::analysis
