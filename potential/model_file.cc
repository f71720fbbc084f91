#include <bit>
#include <cstring>
#include <fstream>

#include "core/file.h"
#include "potential/model_header.h"

static_assert(std::endian::native == std::endian::little, "tensors are copied as little-endian float64");

namespace superion {
namespace {

constexpr std::string_view kMagic = "SUPERION";
// 1: without electrostatics; 2: without cutoff_power; 3: without smoothstep; 4: degrees up to 3
constexpr uint32_t kVersion = 5;
constexpr size_t kPrefixBytes = 24, kChecksumBytes = 32;

template <typename Integer>
void AppendInteger(std::string* out, Integer value) {
  char bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  out->append(bytes, sizeof(value));
}

template <typename Integer>
Integer IntegerAt(std::string_view bytes, size_t offset) {
  Integer value;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

std::string Checksum(std::string_view bytes) {
  const std::string hex = Sha256(bytes);
  const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string raw;
  for (size_t k = 0; k + 1 < hex.size(); k += 2)
    raw.push_back(static_cast<char>(digit(hex[k]) * 16 + digit(hex[k + 1])));
  return raw;
}

// Zeros from `begin` to `end`: what a later layout may use must not be passed over.
absl::Status CheckZeros(std::string_view bytes, size_t begin, size_t end, const std::string& origin) {
  for (size_t k = begin; k < end; ++k) {
    if (bytes[k] != 0)
      return DataLoss("{}: expected a zero at byte {}, found {}", origin, k, int{uint8_t(bytes[k])});
  }
  return absl::OkStatus();
}

// The values of the tensors of the header's list, which must fill `bytes` exactly.
absl::Status ReadTensors(const ModelHeader& header, std::string_view bytes, const std::string& origin,
                         Model* model) {
  size_t needed = 0;
  for (const auto& [name, shape] : header.tensors) needed += CountOf(shape) * sizeof(double);
  if (needed != bytes.size()) {
    return DataLoss("{}: the tensors of its header need {} bytes, found {}", origin, needed, bytes.size());
  }
  for (const auto& [name, shape] : header.tensors) {
    Tensor& tensor = model->tensors[name];
    tensor.shape = shape;
    tensor.values.resize(CountOf(shape));
    std::memcpy(tensor.values.data(), bytes.data(), tensor.values.size() * sizeof(double));
    bytes.remove_prefix(tensor.values.size() * sizeof(double));
  }
  return absl::OkStatus();
}

// The lowest that can hold the model, so that older programs read what they can.
uint32_t VersionOf(const Model& model) {
  if (model.architecture.l_max > 3) return 5;
  if (model.architecture.smoothstep) return 4;
  if (model.architecture.cutoff_power != 0) return 3;
  return model.electrostatics ? 2 : 1;
}

size_t PaddedHeaderEnd(uint64_t header_bytes) { return (kPrefixBytes + header_bytes + 7) / 8 * 8; }

// Prefix, version and checksum: what can be said before anything is parsed.
absl::Status CheckEnvelope(std::string_view bytes, const std::string& origin) {
  if (bytes.size() < kPrefixBytes + kChecksumBytes || bytes.substr(0, kMagic.size()) != kMagic) {
    return DataLoss("{} is not a model file: expected it to begin with {}", origin, kMagic);
  }
  const uint32_t version = IntegerAt<uint32_t>(bytes, 8);
  if (version > kVersion) {
    return absl::UnimplementedError(fmt::format(
        "{}: model file of version {}, this program reads up to version {}", origin, version, kVersion));
  }
  const std::string_view content = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (Checksum(content) != bytes.substr(content.size())) {
    return DataLoss("{}: the checksum does not fit; the file is damaged or incomplete", origin);
  }
  const uint64_t header_bytes = IntegerAt<uint64_t>(bytes, 16);
  const size_t rest = content.size() - kPrefixBytes;
  if (version == 0 || header_bytes > rest || PaddedHeaderEnd(header_bytes) > content.size()) {
    return DataLoss("{}: version {} with a header of {} bytes in {}", origin, version, header_bytes, rest);
  }
  SUPERION_RETURN_IF_ERROR(CheckZeros(bytes, 12, 16, origin));
  return CheckZeros(bytes, kPrefixBytes + header_bytes, PaddedHeaderEnd(header_bytes), origin);
}

// A wrong file (a trajectory, say) is named before all of it is read.
absl::Status CheckMagic(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic(kMagic.size(), '\0');
  if (file && !file.read(magic.data(), magic.size()).bad() && magic != kMagic)
    return DataLoss("{} is not a model file: expected it to begin with {}", path, kMagic);
  return absl::OkStatus();  // what cannot be opened is reported by the one who reads it
}

}  // namespace

std::string SerializeModel(const Model& model) {
  const std::string text = FormatModelHeader(model);
  std::string out(kMagic);
  AppendInteger<uint32_t>(&out, VersionOf(model));
  AppendInteger<uint32_t>(&out, 0);
  AppendInteger<uint64_t>(&out, text.size());
  out += text;
  out.resize(PaddedHeaderEnd(text.size()), '\0');
  for (const auto& [name, tensor] : model.tensors) {
    out.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(double));
  }
  return out + Checksum(out);
}

absl::StatusOr<Model> ParseModel(std::string_view bytes, const std::string& origin) {
  SUPERION_RETURN_IF_ERROR(CheckEnvelope(bytes, origin));
  const uint64_t header_bytes = IntegerAt<uint64_t>(bytes, 16);
  SUPERION_ASSIGN_OR_RETURN(ModelHeader header,
                            ParseModelHeader(bytes.substr(kPrefixBytes, header_bytes), origin + ": header"));
  if (const uint32_t version = IntegerAt<uint32_t>(bytes, 8); version != VersionOf(header.model))
    return InvalidArgument("{}: version {} with what belongs to version {}", origin, version,
                           VersionOf(header.model));
  bytes.remove_suffix(kChecksumBytes);
  SUPERION_RETURN_IF_ERROR(
      ReadTensors(header, bytes.substr(PaddedHeaderEnd(header_bytes)), origin, &header.model));
  const absl::Status sound = CheckModel(header.model);
  if (!sound.ok()) return InvalidArgument("{}: {}", origin, std::string(sound.message()));
  return std::move(header.model);
}

absl::StatusOr<Model> ReadModel(const std::string& path) {
  SUPERION_RETURN_IF_ERROR(CheckMagic(path));
  SUPERION_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  return ParseModel(bytes, path);
}

absl::Status WriteModel(const std::string& path, const Model& model) {
  SUPERION_RETURN_IF_ERROR(CheckModel(model));
  return WriteFileAtomically(path, SerializeModel(model));
}

}  // namespace superion
