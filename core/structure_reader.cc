#include "core/structure_reader.h"

#include <algorithm>
#include <filesystem>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/text_fields.h"

namespace superion {
namespace {

enum class Format { kExtxyz, kCif, kPoscar, kLammpsData, kQeInput, kUnknown };

Format FormatOfName(const std::string& path) {
  const std::filesystem::path p(path);
  const std::string extension = Lower(p.extension().string()), name = Lower(p.filename().string());
  if (extension == ".xyz" || extension == ".extxyz") return Format::kExtxyz;
  if (extension == ".cif") return Format::kCif;
  if (extension == ".vasp" || extension == ".poscar" || name.find("poscar") == 0 ||
      name.find("contcar") == 0) {
    return Format::kPoscar;
  }
  if (extension == ".lmp" || extension == ".lammps" || name.find("data.") == 0) return Format::kLammpsData;
  if (extension == ".pwi") return Format::kQeInput;
  return Format::kUnknown;
}

bool IsCount(std::string_view line) { return ParseInteger(Trim(line)).ok(); }

bool LooksLikeLammps(const std::vector<std::string_view>& lines) {
  return std::any_of(lines.begin(), lines.end(), [](std::string_view line) {
    std::vector<std::string_view> fields;
    SplitBlanks(line, &fields);
    return fields.size() >= 4 && fields[2] == "xlo" && fields[3] == "xhi";
  });
}

bool LooksLikePoscar(const std::vector<std::string_view>& lines) {
  if (lines.size() < 8) return false;
  for (int k = 2; k < 5; ++k) {
    std::vector<std::string_view> fields;
    SplitBlanks(lines[k], &fields);
    if (!ParseVector(fields).ok()) return false;
  }
  return true;
}

Format FormatOfContent(std::string_view text) {
  const std::vector<std::string_view> lines = SplitLines(text);
  const std::string lower = Lower(text.substr(0, 1 << 20));
  if (lower.find("_cell_length_a") != std::string::npos) return Format::kCif;
  if (lower.find("&system") != std::string::npos) return Format::kQeInput;
  if (LooksLikeLammps(lines)) return Format::kLammpsData;
  if (!lines.empty() && IsCount(lines[0])) return Format::kExtxyz;
  if (LooksLikePoscar(lines)) return Format::kPoscar;
  return Format::kUnknown;
}

// "file.xyz#3" is frame 3 of file.xyz, unless a file of that very name exists.
struct Request {
  std::string path;
  int frame = 1;
};

absl::StatusOr<Request> ParseRequest(const std::string& path) {
  const size_t hash = path.rfind('#');
  if (hash == std::string::npos || std::filesystem::exists(path)) return Request{path, 1};
  const auto frame = ParseInteger(std::string_view(path).substr(hash + 1));
  if (!frame.ok() || *frame < 1) return InvalidArgument("{}: expected a frame number from 1 after #", path);
  return Request{path.substr(0, hash), *frame};
}

absl::StatusOr<Structure> ReadXyzFrame(const Request& request) {
  Structure structure;
  int seen = 0;
  const absl::Status status = ForEachExtxyzFrame(request.path, [&](Frame frame) -> absl::Status {
    if (++seen < request.frame) return absl::OkStatus();
    structure = std::move(frame.structure);
    return absl::CancelledError();
  });
  if (status.code() == absl::StatusCode::kCancelled) return structure;
  SUPERION_RETURN_IF_ERROR(status);
  return InvalidArgument("{}: asked for frame {}, the file holds {}", request.path, request.frame, seen);
}

absl::StatusOr<Structure> Read(const Request& request) {
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(request.path));
  Format format = FormatOfName(request.path);
  if (format == Format::kUnknown) format = FormatOfContent(text);
  if (format == Format::kExtxyz) return ReadXyzFrame(request);
  if (request.frame != 1) return InvalidArgument("{}: only extended XYZ holds several frames", request.path);
  switch (format) {
    case Format::kCif:
      return ParseCif(text, request.path);
    case Format::kPoscar:
      return ParsePoscar(text, request.path);
    case Format::kLammpsData:
      return ParseLammpsData(text, request.path);
    case Format::kQeInput:
      return ParseQeInput(text, request.path);
    default:
      return InvalidArgument(
          "{}: neither its name nor its content is that of a structure (extended XYZ, CIF, POSCAR, LAMMPS "
          "data, "
          "Quantum ESPRESSO input)",
          request.path);
  }
}

}  // namespace

absl::StatusOr<Structure> ReadStructure(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const Request request, ParseRequest(path));
  SUPERION_ASSIGN_OR_RETURN(Structure structure, Read(request));
  if (const absl::Status status = CheckStructure(structure); !status.ok()) {
    return InvalidArgument("{}: {}", path, status.message());
  }
  return structure;
}

}  // namespace superion
