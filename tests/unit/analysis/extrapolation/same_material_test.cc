#include "analysis/extrapolation/same_material.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion::analysis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Json Document(double temperature_k, double volume, const Json& composition) {
  Json out = {{"temperature_k", temperature_k}, {"volume_angstrom3", volume}};
  if (composition.empty()) return out;
  out["composition"] = composition;
  out["charges"] = {{"Li", 1.0}, {"S", -2.0}};
  out["mobile"] = {"Li"};
  return out;
}

const Json kSmall = {{"Li", 64}, {"S", 32}}, kLarge = {{"Li", 512}, {"S", 256}};

struct Outcome {
  absl::Status status;
  std::vector<std::string> notes;
};

Outcome Check(const std::vector<Json>& documents, const DensityRule& rule) {
  std::vector<Material> materials;
  for (size_t k = 0; k < documents.size(); ++k)
    materials.push_back(MaterialOf(documents[k], std::string(1, static_cast<char>('a' + k)) + ".json"));
  Outcome out;
  out.status = CheckOneMaterial(materials, rule, &out.notes);
  return out;
}

std::string Refusal(const Json& one, const Json& other, const DensityRule& rule = kAcrossTemperatures) {
  const Outcome out = Check({one, other}, rule);
  EXPECT_EQ(out.status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(out.status.message());
}

TEST(SameMaterial, CellsOfOneMaterialAgree) {
  const Outcome sizes = Check({Document(900, 1800, kSmall), Document(900, 14400, kLarge)}, kAcrossSizes);
  EXPECT_TRUE(sizes.status.ok()) << sizes.status;
  EXPECT_THAT(sizes.notes, IsEmpty());
}

TEST(SameMaterial, ExpansionIsNotedAndAnotherDensityRefused) {
  const Outcome warm = Check({Document(300, 1800, kSmall), Document(900, 1854, kSmall)}, kAcrossTemperatures);
  EXPECT_TRUE(warm.status.ok()) << warm.status;
  EXPECT_THAT(warm.notes, ElementsAre(HasSubstr("differs by up to 3 %")));
  EXPECT_THAT(Refusal(Document(300, 1800, kSmall), Document(900, 2600, kSmall)),
              AllOf(HasSubstr("a.json (300 K) has 18.75 Å3 per ion"), HasSubstr("b.json (900 K)")));
  // At one temperature there is one density.
  EXPECT_THAT(Refusal(Document(900, 1800, kSmall), Document(900, 1854, kSmall), kAcrossSizes),
              HasSubstr("expected at most 2 %"));
}

TEST(SameMaterial, WhatDiffersIsNamed) {
  const Json one = Document(300, 1800, kSmall);
  EXPECT_THAT(Refusal(one, Document(400, 1800, {{"Li", 64}, {"Cl", 32}})),
              AllOf(HasSubstr("Li64 S32"), HasSubstr("Cl32 Li64")));
  EXPECT_THAT(Refusal(one, Document(400, 1800, {{"Li", 60}, {"S", 32}})), HasSubstr("Li60 S32"));
  Json other = Document(400, 1800, kSmall);
  other["charges"] = {{"Li", 0.9}, {"S", -1.8}};
  EXPECT_THAT(Refusal(one, other), AllOf(HasSubstr("Li = +1 e"), HasSubstr("+0.9 e")));
  other = Document(400, 1800, kSmall);
  other["mobile"] = {"Li", "S"};
  EXPECT_THAT(Refusal(one, other), HasSubstr("mobile species Li, b.json (400 K) with Li,S"));
  EXPECT_THAT(Refusal(one, one), HasSubstr("the same analysis"));
  other = one;
  other["cpu_s"] = 3.5;
  EXPECT_THAT(Refusal(one, other), HasSubstr("the same analysis"));
}

TEST(SameMaterial, ASlightlyOtherCompositionIsNoted) {
  const Outcome out =
      Check({Document(900, 1800, kSmall), Document(900, 14400, {{"Li", 511}, {"S", 256}})}, kAcrossSizes);
  EXPECT_TRUE(out.status.ok()) << out.status;
  EXPECT_THAT(out.notes, ElementsAre(AllOf(HasSubstr("Li511"), HasSubstr("differ by up to"))));
}

// A third document is compared too, also where the first does not know its ions.
TEST(SameMaterial, CurrentsAreTakenOnTrustAndThatIsSaid) {
  const Outcome mixed = Check({Document(300, 1000, {}), Document(400, 1800, kSmall)}, kAcrossTemperatures);
  EXPECT_TRUE(mixed.status.ok()) << mixed.status;
  EXPECT_THAT(mixed.notes, ElementsAre(HasSubstr("a.json does not say its ions")));
  const Outcome none = Check({Document(300, 1000, {}), Document(400, 1000, {})}, kAcrossTemperatures);
  EXPECT_THAT(none.notes, ElementsAre(HasSubstr("the analyses do not say their ions")));
  EXPECT_FALSE(Check({Document(300, 1000, {}), Document(400, 1800, kSmall),
                      Document(500, 1800, {{"Na", 64}, {"S", 32}})},
                     kAcrossTemperatures)
                   .status.ok());
}

}  // namespace
}  // namespace superion::analysis
