#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "core/file.h"
#include "potential/model_header.h"
#include "reference_model.h"
#include "tests/unit/core/temporary_directory.h"

namespace superion {
namespace {

Model SmallModel() {
  ModelArchitecture a;
  a.species = {"Li", "S"};
  a.channels = 4, a.l_max = 1, a.n_radial = 3, a.hidden = 5;
  Model model = reference::RandomModel(a, 3);
  model.provenance = {{"program", "test"}, {"unknown to readers", {1, 2.5, nullptr}}};
  return model;
}

// Replaces the checksum by one that fits, so that the parser behind it meets the change.
std::string Sealed(std::string bytes) {
  bytes.resize(bytes.size() - 32);
  const std::string hex = Sha256(bytes);
  for (size_t k = 0; k < 64; k += 2)
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(k, 2), nullptr, 16)));
  return bytes;
}

TEST(ModelFile, RoundTripKeepsEveryBit) {
  for (const std::string size : {"S", "M"}) {
    Model model = reference::RandomModel(size, {"Li", "P", "S"}, 5.3, 1);
    model.density_scale = 0.1 + 0.2, model.provenance = {{"a", 1}};
    const std::string bytes = SerializeModel(model);
    const absl::StatusOr<Model> read = ParseModel(bytes, "memory");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(SerializeModel(*read), bytes);
    EXPECT_EQ(read->density_scale, model.density_scale);
    EXPECT_EQ(read->architecture.invariant_pairs, model.architecture.invariant_pairs);
    for (const auto& [name, tensor] : model.tensors) {
      EXPECT_EQ(read->tensors.at(name).shape, tensor.shape);
      EXPECT_EQ(
          std::memcmp(read->tensors.at(name).values.data(), tensor.values.data(), tensor.values.size() * 8),
          0);
    }
  }
}

TEST(ModelFile, LayoutIsTheDocumentedOne) {
  const std::string bytes = SerializeModel(SmallModel());
  EXPECT_EQ(bytes.substr(0, 8), "SUPERION");
  uint64_t header = 0;
  std::memcpy(&header, bytes.data() + 16, 8);
  const Json json = Json::parse(bytes.substr(24, header));
  EXPECT_EQ(json["tensors"][0]["name"], "b1");
  double first = 0.0;
  std::memcpy(&first, bytes.data() + (24 + header + 7) / 8 * 8, 8);
  EXPECT_EQ(first, SmallModel().tensors.at("b1").values[0]);
  EXPECT_EQ(Sealed(bytes), bytes);
}

TEST(ModelFile, VersionIsTheLowestThatHoldsTheModel) {
  const auto version = [](const Model& model) { return static_cast<int>(SerializeModel(model)[8]); };
  Model model = SmallModel();
  EXPECT_EQ(version(model), 1);
  model.electrostatics = Electrostatics{{0.5, -0.5}, 0.5};
  EXPECT_EQ(version(model), 2);
  model.architecture.cutoff_power = 6;
  EXPECT_EQ(version(model), 3);
  EXPECT_EQ(ParseModel(SerializeModel(model), "memory")->architecture.cutoff_power, 6);
  model.architecture.smoothstep = true;
  EXPECT_EQ(version(model), 4);
  EXPECT_TRUE(ParseModel(SerializeModel(model), "memory")->architecture.smoothstep);
  ModelArchitecture high = model.architecture;
  high.l_max = 4;
  const Model of_high_degree = reference::RandomModel(high, 3);
  EXPECT_EQ(version(of_high_degree), 5);
  EXPECT_EQ(ParseModel(SerializeModel(of_high_degree), "memory")->architecture.l_max, 4);
  std::string older = SerializeModel(of_high_degree);
  older[8] = 4;
  EXPECT_FALSE(ParseModel(Sealed(older), "memory").ok());
  std::string bytes = SerializeModel(model);
  bytes[8] = 2;
  EXPECT_FALSE(ParseModel(Sealed(bytes), "memory").ok());
  model.architecture.cutoff_power = 2;  // its second derivative would jump at the cutoff
  EXPECT_FALSE(ParseModel(SerializeModel(model), "memory").ok());
}

TEST(ModelFile, EveryTruncationAndEveryFlippedByteIsRefused) {
  const std::string bytes = SerializeModel(SmallModel());
  std::mt19937_64 engine(1);
  for (size_t length = 0; length < bytes.size(); length += 1 + engine() % 97) {
    EXPECT_FALSE(ParseModel(std::string_view(bytes).substr(0, length), "cut").ok()) << length;
  }
  for (size_t k = 0; k < bytes.size(); k += 1 + engine() % 53) {
    std::string changed = bytes;
    changed[k] = static_cast<char>(changed[k] ^ (1 << engine() % 8));
    const absl::Status status = ParseModel(changed, "flipped").status();
    EXPECT_TRUE(absl::IsDataLoss(status) || absl::IsUnimplemented(status)) << k << " " << status;
  }
}

TEST(ModelFile, HostileBytesBehindAFittingChecksumNeverCrash) {
  const std::string bytes = SerializeModel(SmallModel());
  uint64_t header = 0;
  std::memcpy(&header, bytes.data() + 16, 8);
  std::mt19937_64 engine(2);
  const char* tokens[] = {
      "-1", "1e308", "null", "[]", "{}", "99999999999999999999", "\"x\"", "18446744073709551615"};
  for (int round = 0; round < 3000; ++round) {
    std::string changed = bytes;
    const size_t at = 24 + engine() % header;
    if (round % 3 == 0) {
      changed[engine() % 24] = static_cast<char>(engine());
    } else if (round % 3 == 1) {
      changed[at] = static_cast<char>(engine());
    } else {
      const std::string token = tokens[engine() % std::size(tokens)];
      changed.replace(at, std::min<size_t>(token.size(), bytes.size() - 32 - at), token);
    }
    const absl::StatusOr<Model> parsed = ParseModel(Sealed(changed), "hostile");
    if (parsed.ok()) {
      EXPECT_TRUE(CheckModel(*parsed).ok());
    } else {
      EXPECT_FALSE(parsed.status().message().empty());
    }
  }
}

TEST(ModelFile, LengthsThatDoNotFitAreRefused) {
  const std::string bytes = SerializeModel(SmallModel());
  uint64_t header = 0;
  std::memcpy(&header, bytes.data() + 16, 8);
  for (const uint64_t length : {uint64_t{0}, header - 1, header + 1, header + 8, bytes.size() - 56,
                                bytes.size() - 55, uint64_t{1} << 40, uint64_t(-1), uint64_t(-8)}) {
    std::string changed = bytes;
    std::memcpy(changed.data() + 16, &length, 8);
    EXPECT_FALSE(ParseModel(Sealed(changed), "length").ok()) << length;
  }
  for (const int extra : {-16, -8, -1, 1, 8, 1000}) {
    std::string changed = bytes.substr(0, bytes.size() - 32);
    changed.resize(changed.size() + extra);
    EXPECT_TRUE(absl::IsDataLoss(ParseModel(Sealed(changed + std::string(32, '\0')), "size").status()))
        << extra;
  }
}

TEST(ModelFile, BytesThatMeanNothingMustBeZero) {
  Model model = SmallModel();
  for (int round = 0; round < 8; ++round) {  // headers of different lengths
    model.provenance["x"] = std::string(round, 'x');
    const std::string bytes = SerializeModel(model);
    uint64_t header = 0;
    std::memcpy(&header, bytes.data() + 16, 8);
    std::vector<size_t> zeros{12, 13, 14, 15};
    for (size_t k = 24 + header; k % 8 != 0; ++k) zeros.push_back(k);
    for (const size_t at : zeros) {
      std::string changed = bytes;
      changed[at] = 1;
      EXPECT_TRUE(absl::IsDataLoss(ParseModel(Sealed(changed), "zeros").status())) << at;
    }
  }
}

TEST(ModelFile, BottomlessProvenanceIsRefused) {
  Model model = SmallModel();
  model.provenance = Json::object();
  std::string header = FormatModelHeader(model);
  const size_t at = header.find("\"provenance\":{}");
  ASSERT_NE(at, std::string::npos);
  std::string deep;
  for (int k = 0; k < 100000; ++k) deep += "{\"a\":[";
  for (int k = 0; k < 100000; ++k) deep += "]}";
  header.replace(at, 15, "\"provenance\":" + deep);
  std::string bytes = SerializeModel(model).substr(0, 24);
  const uint64_t length = header.size();
  std::memcpy(bytes.data() + 16, &length, 8);
  bytes += header + std::string((8 - header.size() % 8) % 8 + 32, '\0');
  const absl::Status status = ParseModel(Sealed(bytes), "deep").status();
  EXPECT_NE(status.message().find("nested deeper"), std::string::npos) << status;
}

TEST(ModelFile, AnotherKindOfFileIsNamedAsSuch) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(WriteFileAtomically(directory.File("a.xyz"), "2\nLattice=\"1 0 0 0 1 0 0 0 1\"\n").ok());
  const absl::Status status = ReadModel(directory.File("a.xyz")).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_NE(status.message().find("is not a model file"), std::string::npos);
  EXPECT_TRUE(absl::IsNotFound(ReadModel(directory.File("none")).status()));
  ASSERT_TRUE(WriteModel(directory.File("m.superion"), SmallModel()).ok());
  EXPECT_TRUE(ReadModel(directory.File("m.superion")).ok());
}

TEST(ModelFile, MessagesNameWhatIsWrong) {
  Model model = SmallModel();
  std::string newer = SerializeModel(model);
  newer[8] = 6;
  EXPECT_TRUE(absl::IsUnimplemented(ParseModel(newer, "newer").status()));
  const char* known = "\"chebyshev_argument\":\"smoothstep\"";
  model.architecture.smoothstep = true;
  std::string other = SerializeModel(model);
  other.replace(other.find(known), std::strlen(known), "\"chebyshev_argument\":\"polynomial\"");
  EXPECT_NE(ParseModel(Sealed(other), "x").status().message().find("found \"polynomial\""),
            std::string::npos);
  model.architecture.smoothstep = false;
  model.architecture.l_max = 6;
  const std::string degree(ParseModel(SerializeModel(model), "six").status().message());
  EXPECT_EQ(degree.find("six: header.architecture: model l_max: expected 0 to 5, found 6"), 0u) << degree;
  model.architecture.l_max = 1;
  model.tensors.erase("w3");
  EXPECT_NE(ParseModel(SerializeModel(model), "x").status().message().find("w3 is missing"),
            std::string::npos);
  model = SmallModel();
  model.tensors["b1"].values[2] = std::numeric_limits<double>::infinity();
  EXPECT_NE(CheckModel(model).message().find("b1: value 2"), std::string::npos);
  model = SmallModel();
  model.tensors["w1"].values[0] = 1e31;  // beyond what single precision holds once it is scaled
  EXPECT_NE(CheckModel(model).message().find("w1: value 0"), std::string::npos);
  model = SmallModel();
  model.tensors["b1"].shape = {10};
  EXPECT_NE(CheckModel(model).message().find("b1: expected shape [2, 5], found [10]"), std::string::npos);
  model = SmallModel();
  model.architecture.species = {"Li",
                                "Og"};  // no covalent radius is known: the nuclear core could not be built
  EXPECT_FALSE(CheckModel(model).ok());
  model = SmallModel();
  model.tensors["extra"] = {{1}, {0.0}};
  EXPECT_NE(CheckModel(model).message().find("extra"), std::string::npos);
}

}  // namespace
}  // namespace superion
