#include "dft_adapter/gth_pseudopotential.h"

#include <gmock/gmock.h>

#include <sstream>

namespace superion {
namespace {

using testing::HasSubstr;

// Parameters invented for the test, in the layout of CP2K's data base.
constexpr const char* kDatabase = R"(# comment
Si GTH-PBE-q4 GTH-PBE
    2    2
     0.44000000    2    -7.5 0.25
    2
     0.42000000    2     5.9     -1.25
                                  3.25
     0.48000000    1     2.75
#
Li GTH-PBE-q1
    1
     0.75000000    1     -0.5
    0
#
Si GTH-HF-q4
    2    2
     0.44000000    1    -7.0
    0
)";

std::vector<double> Numbers(const std::string& text) {
  std::vector<double> values;
  std::istringstream words(text.substr(text.find('\n')));
  for (std::string word; words >> word;) {
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (*end == '\0') values.push_back(value);
  }
  return values;
}

TEST(GthPseudopotential, WritesTheLayoutOfPspcod10) {
  const auto text = ConvertGth(kDatabase, "Si", "GTH-PBE-q4");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(Numbers(*text), testing::ElementsAre(14, 4, 0,                   // Z, valence, date
                                                   10, 11, 1, 0, 2001, 0,      // pspcod, PBE, lmax
                                                   0.44, 2, -7.5, 0.25,        // local part
                                                   2,                          // channels
                                                   0.42, 2, 5.9, -1.25, 3.25,  // s: upper triangle of h
                                                   0.48, 1, 2.75,              // p
                                                   0));  // and its spin-orbit coefficient
}

TEST(GthPseudopotential, NoProjectorsMeansLmaxMinusOne) {
  const auto text = ConvertGth(kDatabase, "Li", "gth-pbe-Q1");  // capitals do not count
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_THAT(Numbers(*text), testing::ElementsAre(3, 1, 0, 10, 11, -1, 0, 2001, 0, 0.75, 1, -0.5, 0));
}

TEST(GthPseudopotential, UnknownNamesListWhatThereIs) {
  const auto missing = ConvertGth(kDatabase, "Si", "GTH-PBE-q12");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("GTH-PBE-q4"));
  EXPECT_EQ(ConvertGth(kDatabase, "Si", "GTH-HF-q4").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ConvertGth("Si GTH-PBE-q4\n 2 2\n 0.44 3 1.0\n", "Si", "GTH-PBE-q4").status().code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(MakeGthPseudopotential("Si", "Ge.GTH-PBE-q4.gth", "").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace superion
