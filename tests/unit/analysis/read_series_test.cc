#include "analysis/read_series.h"

#include <cmath>

#include "analysis/remarks.h"
#include "core/random.h"
#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ReadSeriesTest : public FileTest {
 protected:
  // Rows "k x y z", with what `column` says in place of one of them.
  std::string Rows(size_t wrong = 0, const std::string& number = "") {
    std::string out;
    Random random(8);
    for (int k = 0; k < 50; ++k) {
      out += std::to_string(k);
      for (size_t c = 1; c <= 3; ++c)
        out += " " + (c == wrong ? number : fmt::format("{:.6f}", random.Gaussian()));
      out += "\n";
    }
    return out;
  }
  absl::StatusOr<DipoleInput> Read(const std::string& text, const std::vector<std::string>& columns) {
    SeriesFiles files;
    files.paths = {Write("j.txt", text)};
    files.options.columns = columns;
    files.options.timestep_fs = 10.0;
    files.options.dipole = dipole_;
    files.auxiliary_columns = auxiliary_;
    return ReadSeries(files, &notes_);
  }
  void Refuse(const std::string& text, const std::vector<std::string>& columns,
              const std::vector<std::string>& words) {
    ExpectError(Read(text, columns).status(), absl::StatusCode::kInvalidArgument, words);
  }

  bool dipole_ = false;
  std::vector<std::string> auxiliary_, notes_;
};

TEST_F(ReadSeriesTest, ThreeColumnsAreOneSeed) {
  const auto input = Read(Rows(), {"2", "3", "4"});
  ASSERT_TRUE(input.ok()) << input.status();
  ASSERT_EQ(input->seeds.size(), 1u);
  EXPECT_EQ(input->seeds[0].dimension(), 3u);
  EXPECT_TRUE(input->currents);
}

// Averaged over, a column of zeros makes σ smaller by a third and nobody sees it.
TEST_F(ReadSeriesTest, AColumnThatNeverChangesIsRefused) {
  Refuse(Rows(3, "0"), {"2", "3", "4"}, {"j.txt: column 4 never changes (0", "no component of a current"});
  Refuse(Rows(1, "2.5"), {"2", "3", "4"}, {"column 2 never changes (2.5"});
  EXPECT_TRUE(Read(Rows(3, "0"), {"2", "3"}).ok());
  dipole_ = true;
  Refuse(Rows(3, "7"), {"2", "3", "4"}, {"no component of a dipole"});
}

TEST_F(ReadSeriesTest, AColumnGivenTwiceIsRefused) {
  Refuse(Rows(), {"2", "2", "2"}, {"column 2 was asked for twice"});
  Refuse("t jx jy\n" + std::string("0 1 2\n1 2 3\n"), {"jx", "2"}, {"column 2 (jx) was asked for twice"});
  auxiliary_ = {"4"};
  Refuse(Rows(), {"3", "4"}, {"column 4 was asked for twice"});
}

// A walk in steps of 0.5 e Å, folded by 15 e Å in column 2 alone.
TEST_F(ReadSeriesTest, AFoldedDipoleIsRefusedAndACurrentIsNot) {
  Random random(9);
  std::string folded, whole;
  double x = 0.0, y = 0.0;
  for (int k = 0; k < 4000; ++k) {
    x += 0.5 * random.Gaussian(), y += 0.5 * random.Gaussian();
    folded += fmt::format("{:.6f} {:.6f}\n", y, x - 15.0 * std::floor(x / 15.0));
    whole += fmt::format("{:.6f} {:.6f}\n", y, x);
  }
  EXPECT_TRUE(Read(folded, {"1", "2"}).ok()) << "as currents";
  dipole_ = true;
  Refuse(folded, {"1", "2"}, {"column 2 seems folded by about 1", "e·Å", "Unfold it, or give the current"});
  EXPECT_TRUE(Read(whole, {"1", "2"}).ok());
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(ReadSeriesTest, NumbersThatNoCellHolds) {
  std::string text = Rows();
  text.replace(text.find("\n"), 1, "\n1 1e200 0.5 0.25\n2 -1e200 0 0\n");
  text = text.substr(text.find("\n1 1e200") + 1);
  text = text.substr(0, text.find("\n1 ", 3) + 1);  // the two rows
  Refuse(text, {"2", "3", "4"}, {"column 2 goes up to 1e+200 e·Å/ps"});
  std::string wide = "1 2 3 4\n2 3 4 5\n";
  Refuse(wide, {"1", "2", "3", "4"}, {"4 columns, a current has at most three"});
}

// Exact: the root mean square is what the series holds, the bound is N q² kB T/m of its constants.
TEST_F(ReadSeriesTest, ACurrentBeyondThermalMotionIsRemarked) {
  DipoleSeries series{0.1, {{0.0, 10.0, 0.0, 10.0}}};  // 100 e Å/ps
  EXPECT_THAT(RemarkOnUnit({series}, 1000.0, 600.0), IsEmpty());
  for (double& p : series.components[0]) p *= 1000.0;  // e Å/fs taken for e Å/ps the wrong way round
  EXPECT_THAT(RemarkOnUnit({series}, 1000.0, 600.0), HasSubstr("the current is 1e+05 e·Å/ps"));
}

TEST_F(ReadSeriesTest, WhoIsNamedMobileAndStaysIsNamed) {
  TracerResult tracer;
  for (const char* name : {"Cl", "Li", "P"}) {
    auto& motion = tracer.species.emplace_back();
    motion.species = name;
    motion.mobile = name != std::string("P");
  }
  EXPECT_THAT(RemarkOnSpecies(tracer), IsEmpty()) << "nothing moves: that is said elsewhere";
  tracer.species[1].d_angstrom2_per_ps = 1.0;
  EXPECT_THAT(RemarkOnSpecies(tracer), HasSubstr("Cl was named mobile"));
  EXPECT_THAT(RemarkOnSpecies(tracer), HasSubstr("--mobile Li"));
  tracer.species[0].d_angstrom2_per_ps = 1.0;
  EXPECT_THAT(RemarkOnSpecies(tracer), IsEmpty());
}

}  // namespace
}  // namespace superion::analysis
