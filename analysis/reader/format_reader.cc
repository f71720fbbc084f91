#include "analysis/reader/format_reader.h"

#include "absl/strings/numbers.h"
#include "core/line_source.h"
#include "core/record_file.h"

namespace superion::analysis {
namespace {

// The first line without what stands around it, at most 80 letters.
absl::StatusOr<std::string> FirstLine(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  std::string_view line;
  if (!lines->Next(&line)) {
    SUPERION_RETURN_IF_ERROR(lines->status());
    return DataLoss("{}: the file is empty", path);
  }
  const size_t begin = std::min(line.find_first_not_of(" \t\xEF\xBB\xBF"), line.size());
  const size_t end = line.find_last_not_of(" \t\r");
  std::string first;
  if (begin < line.size()) first = line.substr(begin, std::min<size_t>(end + 1 - begin, 80));
  return first;
}

}  // namespace

absl::StatusOr<FileFormat> SniffFormat(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const std::string first, FirstLine(path));
  if (!first.empty() && first[0] == '{') {
    SUPERION_ASSIGN_OR_RETURN(const Json header, ReadRecordHeader(path));
    const std::string format = header.value("format", "");
    if (format == "superion-stream") return FileFormat::kStream;
    if (format == "superion-trajectory") return FileFormat::kTrajectory;
    return InvalidArgument("{}: expected a stream or a trajectory, found the format \"{}\"", path, format);
  }
  if (first.rfind("ITEM:", 0) == 0) return FileFormat::kLammpsDump;
  int64_t atoms = 0;
  if (absl::SimpleAtoi(first, &atoms) && atoms > 0) return FileFormat::kExtxyz;
  return InvalidArgument(
      "{}: expected a displacement stream, a trajectory, extended XYZ or a LAMMPS dump; the first "
      "line is \"{}\"",
      path, first);
}

absl::StatusOr<std::unique_ptr<FormatReader>> OpenFormat(const std::string& path,
                                                         const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(path));
  switch (format) {
    case FileFormat::kTrajectory:
      return OpenOwnTrajectory(path);
    case FileFormat::kExtxyz:
      return OpenExtxyz(path);
    case FileFormat::kLammpsDump:
      return OpenLammpsDump(path, options);
    case FileFormat::kStream:
      break;
  }
  return InvalidArgument("{}: a displacement stream holds no positions of ions", path);
}

}  // namespace superion::analysis
