#include "analysis/reader/format_reader.h"

#include <cstring>
#include <fstream>

#include "absl/strings/numbers.h"
#include "core/line_source.h"
#include "core/record_file.h"

namespace superion::analysis {
namespace {

bool HasH5Signature(const std::string& path) {
  static constexpr char kSignature[] = {'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  char start[sizeof kSignature] = {};
  std::ifstream(path, std::ios::binary).read(start, sizeof start);
  return std::memcmp(start, kSignature, sizeof start) == 0;
}

// The first line without what stands around it, at most 80 letters.
absl::Status FirstLine(const std::string& path, std::string* first) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  std::string_view line;
  if (!lines->Next(&line)) {
    SUPERION_RETURN_IF_ERROR(lines->status());
    return DataLoss("{}: the file is empty", path);
  }
  first->clear();
  const size_t begin = line.find_first_not_of(" \t\xEF\xBB\xBF"), end = line.find_last_not_of(" \t\r");
  if (begin < line.size()) *first = line.substr(begin, std::min<size_t>(end + 1 - begin, 80));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<FileFormat> SniffFormat(const std::string& path) {
  if (HasH5Signature(path)) return FileFormat::kH5md;
  std::string first;
  SUPERION_RETURN_IF_ERROR(FirstLine(path, &first));
  if (!first.empty() && first[0] == '{') {
    SUPERION_ASSIGN_OR_RETURN(const Json header, ReadRecordHeader(path));
    const std::string format = header.value("format", "");
    if (format == "superion-stream") return FileFormat::kStream;
    if (format == "superion-trajectory") return FileFormat::kTrajectory;
    return InvalidArgument("{}: expected a stream or a trajectory, found the format \"{}\"", path, format);
  }
  if (first.rfind("ITEM:", 0) == 0) return FileFormat::kLammpsDump;
  SUPERION_ASSIGN_OR_RETURN(const bool xdatcar, LooksLikeXdatcar(path));
  if (xdatcar) return FileFormat::kXdatcar;
  SUPERION_ASSIGN_OR_RETURN(const bool old_xdatcar, LooksLikeOldXdatcar(path));
  if (old_xdatcar)
    return InvalidArgument(
        "{}: an XDATCAR of VASP 4, which holds neither cell vectors nor symbols: replace its first five "
        "lines "
        "by the head of the CONTCAR (name, scale, three cell vectors, symbols, numbers of atoms; without "
        "symbols give types, such as 1=Li,2=S)",
        path);
  int64_t atoms = 0;
  if (absl::SimpleAtoi(first, &atoms) && atoms > 0) return FileFormat::kExtxyz;
  return InvalidArgument(
      "{}: expected a displacement stream, a trajectory, extended XYZ, a LAMMPS dump, an XDATCAR with cell "
      "or "
      "H5MD; the first line is \"{}\" (a text series of a current or dipole goes with --current or --dipole)",
      path, first);
}

absl::StatusOr<std::unique_ptr<FormatReader>> OpenFormat(const std::string& path,
                                                         const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(path));
  switch (format) {
    case FileFormat::kTrajectory:
      return OpenOwnTrajectory(path);
    case FileFormat::kExtxyz:
      return OpenExtxyz(path, options);
    case FileFormat::kLammpsDump:
      return OpenLammpsDump(path, options);
    case FileFormat::kXdatcar:
      return OpenXdatcar(path, options);
    case FileFormat::kH5md:
      return OpenH5md(path, options);
    case FileFormat::kStream:
      break;
  }
  return InvalidArgument("{}: a displacement stream holds no positions of ions", path);
}

}  // namespace superion::analysis
