#include "potential/model_header.h"

#include <gmock/gmock.h>

#include <random>

#include "reference_model.h"

namespace superion {
namespace {

using testing::HasSubstr;

Model SmallModel() {
  ModelArchitecture a;
  a.species = {"Li", "S"};
  a.channels = 4, a.l_max = 1, a.n_radial = 3, a.hidden = 5;
  return reference::RandomModel(a, 3);
}

Json Header() { return Json::parse(FormatModelHeader(SmallModel())); }

std::string Refusal(const Json& header) {
  const absl::Status status = ParseModelHeader(header.dump(), "x").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  return std::string(status.message());
}

TEST(ModelHeader, HoldsEverythingButTheValues) {
  Model model = SmallModel();
  model.provenance = {{"program", "test"}, {"unknown to readers", {1, 2.5, nullptr}}};
  absl::StatusOr<ModelHeader> header = ParseModelHeader(FormatModelHeader(model), "x");
  ASSERT_TRUE(header.ok()) << header.status();
  EXPECT_EQ(header->model.provenance, model.provenance);
  ASSERT_EQ(header->tensors.size(), model.tensors.size());
  for (const auto& [name, shape] : header->tensors) EXPECT_EQ(shape, model.tensors.at(name).shape);
  for (const auto& [name, shape] : header->tensors) header->model.tensors[name].shape = shape;
  EXPECT_EQ(FormatModelHeader(header->model), FormatModelHeader(model));
}

TEST(ModelHeader, RefusesWhatItDoesNotKnow) {
  Json header = Header();
  header["charges"] = {1, -2};
  EXPECT_THAT(Refusal(header), HasSubstr("does not know the key \"charges\""));
  header = Header();
  header["architecture"]["interactions"] = 2;
  EXPECT_THAT(Refusal(header), HasSubstr("x.architecture: this version does not know the key"));
  header = Header();
  header["tensors"][0]["type"] = "float32";
  EXPECT_THAT(Refusal(header), HasSubstr("\"type\""));
  header = Header();
  header["tensors"][0]["name"] = "a1";
  EXPECT_THAT(Refusal(header), HasSubstr("tensor a1 is not known"));
  header = Header();
  header["units"]["charge"] = "e";
  EXPECT_THAT(Refusal(header), HasSubstr("x.units"));
}

TEST(ModelHeader, ListsTensorsInOrderWithTheShapesOfTheArchitecture) {
  Json header = Header();
  std::swap(header["tensors"][0], header["tensors"][1]);
  EXPECT_THAT(Refusal(header), HasSubstr("ascending names"));
  header = Header();
  header["tensors"].insert(header["tensors"].begin(), header["tensors"][0]);
  EXPECT_THAT(Refusal(header), HasSubstr("ascending names"));
  for (const Json& extent : {Json(uint64_t{1} << 62), Json(-1), Json(1e300), Json("2"), Json(0)}) {
    header = Header();
    header["tensors"][0]["shape"][0] = extent;
    EXPECT_THAT(Refusal(header), HasSubstr("expected shape [2,5]"));
  }
  header = Header();
  header["tensors"][0]["shape"] = std::vector<int>(200000, 1 << 30);
  EXPECT_LT(Refusal(header).size(), 300u);
}

// Every place of a document, as pointers.
void CollectPlaces(Json* at, std::vector<Json*>* places) {
  places->push_back(at);
  for (Json& child : *at) {
    if (child.is_structured() || !at->is_primitive()) CollectPlaces(&child, places);
  }
}

Json AnyValue(std::mt19937_64* engine) {
  const std::vector<Json> values{nullptr,
                                 true,
                                 -1,
                                 0,
                                 1,
                                 1 << 30,
                                 uint64_t(-1),
                                 1e308,
                                 -0.5,
                                 "",
                                 "Li",
                                 "w1",
                                 Json::array(),
                                 Json::object(),
                                 std::vector<int>{0, 0},
                                 std::string(1000, 'x')};
  return values[(*engine)() % values.size()];
}

TEST(ModelHeader, MutatedDocumentsAreRefusedOrSound) {
  std::mt19937_64 engine(7);
  int accepted = 0;
  constexpr int kRounds = 4000;
  for (int round = 0; round < kRounds; ++round) {
    Json header = Header();
    for (uint64_t edits = 1 + engine() % 3; edits > 0; --edits) {
      std::vector<Json*> places;
      CollectPlaces(&header, &places);
      Json* place = places[engine() % places.size()];
      if (engine() % 4 == 0 && place->is_object() && !place->empty()) {
        place->erase(std::next(place->begin(), engine() % place->size()));
      } else if (engine() % 4 == 0 && place->is_array()) {
        place->push_back(AnyValue(&engine));
      } else {
        *place = AnyValue(&engine);
      }
    }
    const absl::StatusOr<ModelHeader> parsed = ParseModelHeader(header.dump(), "mutated");
    if (!parsed.ok()) {
      EXPECT_FALSE(parsed.status().message().empty());
      continue;
    }
    ++accepted;
    EXPECT_TRUE(CheckArchitecture(parsed->model.architecture).ok());
    // Accepted means understood: nothing of the document is lost when it is written again.
    ModelHeader again = *parsed;
    for (const auto& [name, shape] : parsed->tensors) again.model.tensors[name].shape = shape;
    EXPECT_EQ(Json::parse(FormatModelHeader(again.model)), header);
  }
  EXPECT_GT(accepted, 0);
  EXPECT_LT(accepted, kRounds / 2);
}

}  // namespace
}  // namespace superion
