#include "core/campaign.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace superion {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::string kExamples = std::string(SUPERION_SOURCE_DIR) + "/examples/";

// A small campaign of its own, so that tuning the examples does not touch these tests.
const char kCampaign[] = R"(schema = 1
name = "test"
seed = 7
[structure]
file = "li2s_12.xyz"
[charges]
Li = 1
S = -2
mobile = ["Li"]
[labeler]
kind = "qe"
mode = "auto"
ecutwfc_ry = 20
kpoints = [2, 2, 2]
kshift = [1, 1, 1]
[labeler.pseudopotentials]
Li = "Li.UPF"
S = "S.UPF"
[bootstrap]
aimd_temperatures_k = [800]
aimd_steps = 50
perturbed_frames = 40
perturbation_angstrom = [0.1, 0.2]
[train]
size = "S"
epochs_first = 60
epochs_next = 30
epochs_final = 60
[explore]
temperatures_k = [1250, 1500]
steps = 4000
timestep_fs = 2.0
[learning]
min_generations = 2
max_generations = 3
labels_per_generation = 32
[production]
supercell = [2, 2, 2]
temperatures_k = [1250, 1375]
steps = 5000
)";

// The campaign with one piece of text replaced; the piece must be there.
std::string With(const std::string& from, const std::string& to) {
  std::string text = kCampaign;
  const size_t at = text.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << "not in the campaign: " << from;
    return text;
  }
  return text.replace(at, from.size(), to);
}

absl::StatusOr<CampaignSpec> Parse(const std::string& toml) {
  return ParseCampaign(toml, "c.toml", kExamples);
}

std::string ErrorOf(const std::string& toml) {
  const absl::StatusOr<CampaignSpec> spec = Parse(toml);
  EXPECT_TRUE(absl::IsInvalidArgument(spec.status())) << spec.status() << "\n" << toml;
  return std::string(spec.status().message());
}

TEST(CampaignTest, QuickstartIsTheFixedCellLi2S) {
  const absl::StatusOr<CampaignSpec> spec = ReadCampaign(kExamples + "li2s_quickstart.toml");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->structure.size(), 12u);
  EXPECT_NEAR(spec->structure.Volume(), 5.85 * 5.85 * 5.85, 1e-9);
  EXPECT_EQ(spec->labeler["ecutwfc_ry"], 20);
  EXPECT_EQ(spec->labeler["kpoints"], Json({2, 2, 2}));
  EXPECT_EQ(spec->labeler["stress"], false);
  EXPECT_EQ(spec->bootstrap.strain, 0);
  EXPECT_EQ(spec->production.temperatures_k, (std::vector<double>{1250, 1375, 1500}));
  EXPECT_EQ(spec->production.supercell, (std::array<int, 3>{2, 2, 2}));
  EXPECT_GE(spec->production.seeds, 4);
  EXPECT_GE(spec->heldout.frames, 40);
  EXPECT_EQ(spec->mobile, std::vector<std::string>{"Li"});
}

TEST(CampaignTest, ArgyroditeIsNeutralAndWellSpaced) {
  const absl::StatusOr<CampaignSpec> spec = ReadCampaign(kExamples + "li6ps5cl.toml");
  ASSERT_TRUE(spec.ok()) << spec.status();
  const Structure& s = spec->structure;
  ASSERT_EQ(s.size(), 52u);
  EXPECT_EQ(std::count(s.species.begin(), s.species.end(), "Li"), 24);
  EXPECT_EQ(std::count(s.species.begin(), s.species.end(), "P"), 4);
  EXPECT_EQ(std::count(s.species.begin(), s.species.end(), "S"), 20);
  EXPECT_EQ(std::count(s.species.begin(), s.species.end(), "Cl"), 4);
  EXPECT_TRUE(CheckStructure(s, 2.0).ok());
  const double a = s.cell[0][0];
  for (size_t i = 0; i < s.size(); ++i) {
    int bonds = 0;
    for (size_t j = 0; j < s.size(); ++j) {
      Vec3 d = s.positions[j] - s.positions[i];
      for (double& x : d) x -= a * std::round(x / a);
      const double r = Norm(d);
      if (s.species[i] == "P" && s.species[j] == "S" && r < 2.5) {
        EXPECT_NEAR(r, 2.05, 0.01);
        ++bonds;
      }
      const bool lithium_pair = i != j && s.species[i] == "Li" && s.species[j] == "Li";
      EXPECT_TRUE(!lithium_pair || r > 2.3) << i + 1 << " " << j + 1 << " " << r;
    }
    EXPECT_EQ(bonds, s.species[i] == "P" ? 4 : 0) << "PS4 tetrahedron of atom " << i + 1;
  }
}

TEST(CampaignTest, GarnetCarriesItsForceField) {
  const absl::StatusOr<CampaignSpec> spec = ReadCampaign(kExamples + "oracle_llzo.toml");
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->structure.size(), 192u);
  EXPECT_EQ(spec->labeler["kind"], "oracle");
  EXPECT_EQ(spec->labeler["morse"].size(), 3u);
  EXPECT_EQ(spec->labeler["coulomb"]["interactions"].size(), 7u);
  EXPECT_EQ(spec->labeler["coulomb"]["species"]["La"]["principal_quantum_number"], 6);
}

TEST(CampaignTest, JsonFormKeepsEverything) {
  for (const char* name : {"li2s_quickstart.toml", "li6ps5cl.toml", "oracle_llzo.toml"}) {
    const absl::StatusOr<CampaignSpec> spec = ReadCampaign(kExamples + name);
    ASSERT_TRUE(spec.ok()) << spec.status();
    const Json json = ToJson(*spec);
    const absl::StatusOr<CampaignSpec> back = CampaignFromJson(Json::parse(json.dump()));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(ToJson(*back), json);
    EXPECT_EQ(back->structure.positions, spec->structure.positions);
  }
}

TEST(CampaignTest, ElectrostaticsAreLeftOutUnlessAskedFor) {
  const absl::StatusOr<CampaignSpec> without = Parse(kCampaign);
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->train.charge_scale, 0);
  EXPECT_FALSE(ToJson(*without)["train"].contains("charge_scale"));
  const absl::StatusOr<CampaignSpec> with = Parse(With("size = \"S\"", "size = \"S\"\ncharge_scale = 0.7"));
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_EQ(CampaignFromJson(ToJson(*with))->train.charge_scale, 0.7);
  EXPECT_THAT(ErrorOf(With("size = \"S\"", "charge_scale = -1")), HasSubstr("charge_scale"));
}

TEST(CampaignTest, UnknownKeyNamesLineAndSuggestion) {
  EXPECT_THAT(ErrorOf(With("epochs_first", "epoch_first")),
              AllOf(HasSubstr("c.toml:26: train.epoch_first"), HasSubstr("did you mean \"epochs_first\"?")));
  EXPECT_THAT(ErrorOf(With("timestep_fs", "timestep")), HasSubstr("did you mean \"timestep_fs\"?"));
  EXPECT_THAT(ErrorOf(With("[explore]", "[explroe]")), HasSubstr("did you mean \"explore\"?"));
  EXPECT_THAT(ErrorOf(std::string("zzz = 1\n") + kCampaign),
              AllOf(HasSubstr("c.toml:1: zzz"), HasSubstr("known here")));
}

TEST(CampaignTest, ImpossibleNumbersNameGivenAndExpected) {
  EXPECT_THAT(
      ErrorOf(With("temperatures_k = [1250, 1375]", "temperatures_k = [-1250]")),
      AllOf(HasSubstr("production.temperatures_k"), HasSubstr(">= 1 and <= 20000"), HasSubstr("-1250")));
  EXPECT_THAT(ErrorOf(With("steps = 5000", "steps = 0")),
              AllOf(HasSubstr("production.steps"), HasSubstr(">= 1"), HasSubstr("found 0")));
  EXPECT_THAT(ErrorOf(With("steps = 5000", "steps = 2.5")), HasSubstr("expected an integer, found 2.5"));
  EXPECT_THAT(ErrorOf(With("steps = 5000", "steps = \"many\"")), HasSubstr("expected an integer"));
  EXPECT_THAT(ErrorOf(With("steps = 5000", "")), AllOf(HasSubstr("production.steps"), HasSubstr("missing")));
  EXPECT_THAT(ErrorOf(With("max_generations = 3", "max_generations = 1")),
              HasSubstr("min_generations = 2, found 1"));
  EXPECT_THAT(ErrorOf(With("size = \"S\"", "size = \"XL\"")),
              HasSubstr("expected one of S, M, L, found \"XL\""));
  EXPECT_THAT(ErrorOf(With("schema = 1", "schema = 2")), HasSubstr("expected 1, found 2"));
  EXPECT_THAT(ErrorOf(With("supercell = [2, 2, 2]", "supercell = [2, 2]")), HasSubstr("three integers"));
  EXPECT_THAT(ErrorOf(With("supercell = [2, 2, 2]", "supercell = [99, 99, 99]")), HasSubstr("atoms"));
  EXPECT_THAT(ErrorOf(With("timestep_fs = 2.0", "timestep_fs = nan")), HasSubstr("explore.timestep_fs"));
}

TEST(CampaignTest, TwoTemperaturesOfOneNameAreRefused) {
  EXPECT_THAT(ErrorOf(With("temperatures_k = [1250, 1375]", "temperatures_k = [1250, 1250.0001]")),
              HasSubstr("production.temperatures_k: the same temperature twice: 1250 K"));
  EXPECT_THAT(ErrorOf(With("aimd_temperatures_k = [800]", "aimd_temperatures_k = [800, 800]")),
              HasSubstr("bootstrap.aimd_temperatures_k: the same temperature twice"));
}

TEST(CampaignTest, AHeldOutRunHasAnEnd) {
  EXPECT_THAT(ErrorOf(std::string(kCampaign) +
                      "[heldout]\nframes = 100000\nspacing_ps = 1000\ntimestep_fs = 0.001\n"),
              AllOf(HasSubstr("heldout.frames"), HasSubstr("100000 frames 1000 ps apart")));
}

// Every number of a campaign in turn; what no campaign can mean is refused with the name of the key.
TEST(CampaignTest, NoNumberCanBeAbsurd) {
  std::string text = kCampaign;
  text +=
      "[heldout]\nframes = 4\n[uncertainty]\ncommittee = 2\nsizes = [[1, 1, 1], [3, 3, 3]]\nsteps = 700\n";
  const absl::StatusOr<CampaignSpec> qe = Parse(text), oracle = ReadCampaign(kExamples + "oracle_llzo.toml");
  ASSERT_TRUE(qe.ok() && oracle.ok()) << qe.status() << oracle.status();
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  int numbers = 0;
  for (const Json& good : {ToJson(*qe), ToJson(*oracle)}) {
    const Json flat = good.flatten();
    for (const auto& [pointer, value] : flat.items()) {
      if (!value.is_number() || pointer.rfind("/structure", 0) == 0) continue;
      ++numbers;
      std::vector<Json> absurd = {nan, infinity, -infinity, -1e300, "", Json::object()};
      if (pointer != "/seed") absurd.insert(absurd.end(), {Json(1e300), Json(int64_t{1} << 62)});
      for (const Json& wrong : absurd) {
        Json bad = good;
        bad[Json::json_pointer(pointer)] = wrong;
        const absl::Status status = CampaignFromJson(bad).status();
        ASSERT_TRUE(absl::IsInvalidArgument(status)) << pointer << " = " << wrong;
        const std::string section = pointer.substr(1, pointer.find('/', 1) - 1);
        EXPECT_THAT(std::string(status.message()), HasSubstr(section)) << pointer << " = " << wrong;
      }
    }
  }
  EXPECT_GT(numbers, 100);
}

TEST(CampaignTest, ChargesMustFitTheCell) {
  EXPECT_THAT(ErrorOf(With("S = -2", "S = -1")), AllOf(HasSubstr("not neutral"), HasSubstr("+4 e")));
  EXPECT_THAT(ErrorOf(With("S = -2", "S = -2\nNa = 1")), AllOf(HasSubstr("charges.Na"), HasSubstr("Li, S")));
  EXPECT_THAT(ErrorOf(With("S = -2\n", "")), AllOf(HasSubstr("charges.S"), HasSubstr("missing")));
  EXPECT_THAT(ErrorOf(With("mobile = [\"Li\"]", "mobile = [\"Na\"]")),
              HasSubstr("\"Na\" is not in the structure"));
}

TEST(CampaignTest, MobileIsTheSmallestPositiveChargeByDefault) {
  const absl::StatusOr<CampaignSpec> spec = Parse(With("mobile = [\"Li\"]\n", ""));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->mobile, std::vector<std::string>{"Li"});
}

TEST(CampaignTest, SupercellOfTheStructureIsBuilt) {
  const absl::StatusOr<CampaignSpec> spec =
      Parse(With("li2s_12.xyz\"", "li2s_12.xyz\"\nsupercell = [1, 1, 2]"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->structure.size(), 24u);
  EXPECT_DOUBLE_EQ(spec->structure.cell[2][2], 11.7);
}

TEST(CampaignTest, FirstTrainingDataMustComeFromSomewhere) {
  std::string text = With("aimd_temperatures_k = [800]", "aimd_temperatures_k = []");
  EXPECT_TRUE(Parse(text).ok());
  text.replace(text.find("perturbed_frames = 40"), 21, "perturbed_frames = 0");
  EXPECT_THAT(ErrorOf(text), HasSubstr("no first training data"));
}

TEST(CampaignTest, SiteThingsAreRefused) {
  EXPECT_THAT(ErrorOf(With("mode = \"auto\"", "pw_command = \"rm -rf /\"")), HasSubstr("site profile"));
  EXPECT_THAT(ErrorOf(With("S.UPF", "../../etc/passwd")), HasSubstr("without a folder"));
  EXPECT_THAT(ErrorOf(std::string("pseudo_directories = [\"/tmp\"]\n") + kCampaign),
              HasSubstr("site profile"));
}

TEST(CampaignTest, StrainAndStressNeedFortyRydberg) {
  const std::string strained = With("perturbed_frames = 40", "strain = 0.02\nperturbed_frames = 40");
  EXPECT_THAT(ErrorOf(strained), AllOf(HasSubstr("bootstrap.strain"), HasSubstr(">= 40, found 20")));
  EXPECT_THAT(ErrorOf(With("ecutwfc_ry = 20", "ecutwfc_ry = 20\nstress = true")),
              HasSubstr("ecutwfc_ry >= 40"));
  std::string enough = strained;
  enough.replace(enough.find("ecutwfc_ry = 20"), 15, "ecutwfc_ry = 40\nstress = true");
  EXPECT_TRUE(Parse(enough).ok()) << Parse(enough).status();
}

TEST(CampaignTest, UncertaintyIsMeasuredWhereProductionIs) {
  const auto with = [](const std::string& lines) {
    return With("temperatures_k = [1250, 1375]\nsteps = 5000\n",
                "temperatures_k = [1250, 1300, 1375]\nsteps = 5000\n[uncertainty]\n" + lines);
  };
  const auto spec = Parse(with("committee = 3\nsizes = [[1, 1, 1], [3, 3, 3]]\nsteps = 700\n"));
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->uncertainty.committee, 3);
  EXPECT_EQ(spec->uncertainty.temperatures_k, (std::vector<double>{1250, 1375})) << "lowest and highest";
  const auto again = CampaignFromJson(ToJson(*spec));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToJson(*again), ToJson(*spec));
  EXPECT_THAT(ErrorOf(with("committee = 1\n")), HasSubstr("no spread"));
  EXPECT_THAT(ErrorOf(with("temperatures_k = [1260]\n")), HasSubstr("1260 K"));
  EXPECT_THAT(ErrorOf(with("sizes = [[1, 1, 1]]\n")), HasSubstr("needs three"));
  EXPECT_THAT(ErrorOf(with("sizes = [[1, 1, 1], [2, 2, 2]]\n")), HasSubstr("the cell of production"));
  EXPECT_THAT(ErrorOf(with("comittee = 3\n")), HasSubstr("committee"));
}

TEST(CampaignTest, TheTargetIsANumberOrAWord) {
  const auto with = [](const std::string& lines) { return std::string(kCampaign) + "[target]\n" + lines; };
  EXPECT_EQ(Parse(kCampaign)->target_s_tot, 0.10);
  EXPECT_EQ(Parse(with("precision = \"tight\"\nper_axis = true\n"))->target_s_tot, 0.05);
  EXPECT_TRUE(Parse(with("per_axis = true\n"))->target_per_axis);
  EXPECT_EQ(Parse(with("s_tot = 0.07\n"))->target_s_tot, 0.07);
  EXPECT_THAT(ErrorOf(with("precision = \"tight\"\ns_tot = 0.1\n")), HasSubstr("either"));
  EXPECT_THAT(ErrorOf(with("precision = \"exact\"\n")), HasSubstr("tight"));
  const auto again = CampaignFromJson(ToJson(*Parse(with("precision = \"tight\"\nper_axis = true\n"))));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->target_s_tot, 0.05);
  EXPECT_TRUE(again->target_per_axis);
}

TEST(CampaignTest, SyntaxErrorHasALine) {
  EXPECT_THAT(ErrorOf("schema = 1\nname = \n"), AllOf(HasSubstr("c.toml:2"), HasSubstr("not valid TOML")));
  EXPECT_THAT(ErrorOf("a = 1\na = 2\n"), HasSubstr("c.toml:2"));
}

TEST(CampaignTest, MissingStructureFileIsOneError) {
  EXPECT_THAT(ErrorOf(With("li2s_12.xyz", "nowhere.xyz")),
              AllOf(HasSubstr("structure.file"), HasSubstr("nowhere.xyz")));
}

TEST(CampaignTest, ForeignJsonIsCheckedLikeAFile) {
  const absl::StatusOr<CampaignSpec> spec = Parse(kCampaign);
  ASSERT_TRUE(spec.ok()) << spec.status();
  const Json good = ToJson(*spec);
  for (const char* pointer : {"/structure/cell", "/structure/positions", "/structure/species", "/charges/Li",
                              "/labeler/kind", "/production/steps", "/name"}) {
    for (const Json& wrong : {Json(), Json("?"), Json::array({1}), Json(-7), Json::object()}) {
      Json bad = good;
      bad[Json::json_pointer(pointer)] = wrong;
      EXPECT_FALSE(CampaignFromJson(bad).ok()) << pointer << " = " << wrong;
    }
  }
  EXPECT_FALSE(CampaignFromJson(Json::array()).ok());
}

}  // namespace
}  // namespace superion
