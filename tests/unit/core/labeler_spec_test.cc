#include "core/labeler_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

const std::string kExamples = std::string(SUPERION_SOURCE_DIR) + "/examples/";

absl::StatusOr<Json> Check(const Json& labeler, const std::vector<std::string>& species) {
  TomlDocument document;
  document.origin = "labeler.json";
  document.root = labeler;
  return CheckLabeler(document, "", species);
}

Json LammpsWith(const std::string& command) {
  return {{"kind", "lammps"}, {"commands", {command}}, {"species", {"Si"}}};
}

TEST(LabelerSpecTest, MissingPseudopotentialIsNamed) {
  const Json qe = {{"kind", "qe"}, {"ecutwfc_ry", 20}, {"pseudopotentials", {{"Li", "Li.UPF"}}}};
  EXPECT_TRUE(Check(qe, {"Li"}).ok());
  EXPECT_THAT(std::string(Check(qe, {"Li", "S"}).status().message()), HasSubstr("no pseudopotential for S"));
}

TEST(LabelerSpecTest, DefaultsAreWrittenOut) {
  const absl::StatusOr<Json> qe =
      Check({{"kind", "qe"}, {"ecutwfc_ry", 20}, {"pseudopotentials", {{"Li", "Li.UPF"}}}}, {});
  ASSERT_TRUE(qe.ok()) << qe.status();
  EXPECT_EQ((*qe)["conv_thr_ry"], 1e-7);
  EXPECT_EQ((*qe)["kpoints"], Json({1, 1, 1}));
  EXPECT_TRUE((*qe)["ecutrho_ry"].is_null());
  EXPECT_EQ(*Check(*qe, {}), *qe);
}

TEST(LabelerSpecTest, LammpsCommandsCannotRunPrograms) {
  EXPECT_TRUE(Check(LammpsWith("pair_style sw"), {"Si"}).ok());
  EXPECT_TRUE(Check(LammpsWith("pair_coeff * * Si.sw Si"), {"Si"}).ok());
  for (const char* command :
       {"shell rm x", "python f source here", "pair_coeff * * /etc/passwd Si", "include x",
        "pair_coeff * * ../x Si", "pair_style python 5.0", "pair_style $(x)", "print x", ""}) {
    EXPECT_FALSE(Check(LammpsWith(command), {"Si"}).ok()) << command;
  }
  EXPECT_THAT(std::string(Check(LammpsWith("pair_style sw"), {"Ge"}).status().message()),
              HasSubstr("no type for Ge"));
}

TEST(LabelerSpecTest, OracleTermsMustNameKnownSpecies) {
  const absl::StatusOr<Json> good = ReadLabeler(kExamples + "oracle_llzo.toml", {"Li", "La", "Zr", "O"});
  ASSERT_TRUE(good.ok()) << good.status();
  Json bad = *good;
  bad["morse"][1]["pair"] = {"O", "Na"};
  EXPECT_THAT(std::string(Check(bad, {}).status().message()), HasSubstr("\"Na\" is not in coulomb.species"));
  bad = *good;
  bad["morse"][0]["d_eV"] = 1;
  EXPECT_THAT(std::string(Check(bad, {}).status().message()), HasSubstr("morse[0].d_eV"));
  bad = *good;
  bad["coulomb"]["interactions"][0] = {"O", "O", "O"};
  EXPECT_FALSE(Check(bad, {}).ok());
  EXPECT_FALSE(Check(*good, {"Na"}).ok());
}

TEST(LabelerSpecTest, UnknownKindIsTheOnlyComplaint) {
  EXPECT_THAT(std::string(Check({{"kind", "vasp"}, {"encut", 300}}, {}).status().message()),
              HasSubstr("expected one of qe, lammps, oracle, found \"vasp\""));
}

TEST(LabelerSpecTest, ReadFromACampaignAJsonFileOrText) {
  const absl::StatusOr<Json> qe = ReadLabeler(kExamples + "li2s_quickstart.toml", {"Li"});
  ASSERT_TRUE(qe.ok()) << qe.status();
  const std::string path = ::testing::TempDir() + "/labeler_spec_test.json";
  ASSERT_TRUE(WriteFileAtomically(path, qe->dump()).ok());
  const absl::StatusOr<Json> again = ReadLabeler(path, {"Li", "S"});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, *qe);
  EXPECT_FALSE(ReadLabeler(path, {"Cl"}).ok());
  const absl::StatusOr<Json> text = ReadLabeler(qe->dump(), {"Li", "S"});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, *qe);
}

}  // namespace
}  // namespace superion
