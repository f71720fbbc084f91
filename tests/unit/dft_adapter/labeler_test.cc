#include "dft_adapter/labeler.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/unit/dft_adapter/example_structures.h"

namespace superion {
namespace {

using testing::HasSubstr;

Json Oracle() {
  return Json::parse(R"({"kind": "oracle", "form": "morse_coulomb", "cutoff_angstrom": 5.0,
    "coulomb": {"species": {"Li": {"valence": 1, "radius_angstrom": 1.2, "principal_quantum_number": 2},
                            "S": {"valence": -2, "radius_angstrom": 1.0, "principal_quantum_number": 3}},
                "interactions": [["Li", "Li"], ["S", "S"]]},
    "morse": [{"pair": ["Li", "S"], "d_ev": 0.6, "alpha_per_angstrom": 1.6, "rmin_angstrom": 2.5}]})");
}

TEST(Labeler, CloseAtomsAreAGeometryFailure) {
  Structure s = Li2S12(0.0, 1);
  EXPECT_FALSE(CheckGeometry(s).has_value());
  s.positions[5] = s.positions[4] + Vec3{1.27, 0, 0};  // covalent radius of Li: 1.28 Å
  const auto close = CheckGeometry(s);
  ASSERT_TRUE(close.has_value());
  EXPECT_EQ(close->failure_class, failure_class::kGeometry);
  EXPECT_THAT(close->message, HasSubstr("1.270"));
  s.positions[5] = s.positions[4] + Vec3{1.29, 0, 0};
  EXPECT_FALSE(CheckGeometry(s).has_value());
}

TEST(Labeler, ImagesCountAndSoDoBrokenCells) {
  Structure one;
  one.species = {"Li"};
  one.positions = {{0, 0, 0}};
  one.cell = Mat3{{{1.2, 0, 0}, {0, 6, 0}, {0, 0, 6}}};
  EXPECT_TRUE(CheckGeometry(one).has_value());
  one.cell[0][0] = 6;
  EXPECT_FALSE(CheckGeometry(one).has_value());
  one.pbc = {true, true, false};
  EXPECT_TRUE(CheckGeometry(one).has_value());
  one.pbc = {true, true, true};
  one.positions[0][1] = std::nan("");
  EXPECT_TRUE(CheckGeometry(one).has_value());
  EXPECT_TRUE(CheckGeometry(Structure{}).has_value());
}

TEST(Labeler, FactoryIsStrict) {
  const LabelerOptions options;
  EXPECT_TRUE(MakeLabeler(Oracle(), options).ok());
  Json unknown = Oracle();
  unknown["cutof"] = 3;
  EXPECT_EQ(MakeLabeler(unknown, options).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MakeLabeler(Json("qe"), options).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(MakeLabeler(Json{{"kind", "vasp"}}, options).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Labeler, MissingProgramIsOneClearError) {
  LabelerOptions options;
  options.work_directory = TestFolder();
  options.site.pw_command = "no-such-pw.x";
  const Json qe = {{"kind", "qe"}, {"ecutwfc_ry", 20}, {"pseudopotentials", {{"Li", "Li.pbe-tm-nlcc.UPF"}}}};
  const auto labeler = MakeLabeler(qe, options);
  EXPECT_EQ(labeler.status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_THAT(std::string(labeler.status().message()), HasSubstr("no-such-pw.x"));
  std::filesystem::remove_all(options.work_directory);
}

TEST(Labeler, HashNamesThePotentialAndNothingElse) {
  const LabelerOptions options;
  const auto first = MakeLabeler(Oracle(), options);
  Json reordered = Json::parse(Oracle().dump());
  reordered["stress"] = true;  // its default
  EXPECT_EQ((*first)->LabelHash(), (*MakeLabeler(reordered, options))->LabelHash());
  Json other = Oracle();
  other["morse"][0]["d_ev"] = 0.61;
  EXPECT_NE((*first)->LabelHash(), (*MakeLabeler(other, options))->LabelHash());
}

TEST(Labeler, PressureBeyondReasonIsRefused) {
  Frame frame;
  frame.structure = Li2S12(0.0, 1);
  frame.energy = -1.0;
  frame.forces.assign(12, Vec3{});
  frame.stress = Mat3{};
  EXPECT_FALSE(CheckNumbers(frame).has_value());
  for (int a = 0; a < 3; ++a) (*frame.stress)[a][a] = -10.0;  // eV/Å^3: 1.6 TPa
  ASSERT_TRUE(CheckNumbers(frame).has_value());
  EXPECT_EQ(CheckNumbers(frame)->failure_class, failure_class::kUnphysical);
}

}  // namespace
}  // namespace superion
