#include <cctype>
#include <map>
#include <optional>

#include "core/structure_reader.h"
#include "core/text_fields.h"
#include "core/units.h"

namespace superion {
namespace {

std::string_view WithoutComment(std::string_view line) {
  const std::string_view content = Trim(line.substr(0, line.find('!')));
  return content.empty() || content[0] == '#' ? std::string_view() : content;
}

// "ATOMIC_POSITIONS (crystal)", "{crystal}" or "crystal" -> "crystal".
std::string UnitOf(std::string_view card, size_t name_length) {
  std::string unit;
  for (const char c : card.substr(name_length)) {
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return unit;
}

bool StartsWith(const std::string& text, std::string_view start) {
  return text.compare(0, start.size(), start) == 0;
}

class QeInputReader {
 public:
  QeInputReader(std::string_view text, const std::string& origin) : cursor_(text, origin), origin_(origin) {}

  absl::StatusOr<Structure> Read() {
    while (!cursor_.AtEnd()) {
      SUPERION_ASSIGN_OR_RETURN(const std::string_view line, cursor_.Line("a card"));
      const std::string_view content = WithoutComment(line);
      const std::string lower = Lower(content);
      if (StartsWith(lower, "&")) {
        SUPERION_RETURN_IF_ERROR(ReadNamelist(lower));
      } else if (StartsWith(lower, "cell_parameters")) {
        SUPERION_RETURN_IF_ERROR(ReadCell(UnitOf(content, 15)));
      } else if (StartsWith(lower, "atomic_positions")) {
        SUPERION_RETURN_IF_ERROR(ReadPositions(UnitOf(content, 16)));
      }
    }
    SUPERION_RETURN_IF_ERROR(CheckIbrav());
    return Assemble();
  }

 private:
  absl::Status ReadNamelist(std::string_view name) {
    const bool system = name.substr(0, 7) == "&system";
    while (true) {
      SUPERION_ASSIGN_OR_RETURN(const std::string_view line, cursor_.Line("the end of a namelist (/)"));
      const std::string_view content = WithoutComment(line);
      if (content == "/" || Lower(content) == "&end") return absl::OkStatus();
      if (system) ReadAssignments(content);
    }
  }

  // "ibrav = 0, nat=12, celldm(1) = 10.2": several may share a line.
  void ReadAssignments(std::string_view content) {
    while (!content.empty()) {
      const size_t comma = std::min(content.find(','), content.size());
      const std::string_view assignment = content.substr(0, comma);
      content.remove_prefix(std::min(comma + 1, content.size()));
      const size_t equals = assignment.find('=');
      if (equals == std::string_view::npos) continue;
      system_[Lower(Trim(assignment.substr(0, equals)))] = std::string(Trim(assignment.substr(equals + 1)));
    }
  }

  absl::StatusOr<std::optional<double>> SystemNumber(const std::string& key) const {
    const auto it = system_.find(key);
    if (it == system_.end()) return std::optional<double>();
    const auto value = ParseReal(it->second);
    if (!value.ok()) return InvalidArgument("{}: {}: {}", origin_, key, value.status().message());
    return std::optional<double>(*value);
  }

  absl::Status ReadCell(std::string unit) {
    cell_unit_ = std::move(unit);
    Mat3 cell;
    for (Vec3& row : cell) {
      SUPERION_ASSIGN_OR_RETURN(const auto fields, cursor_.Fields("a row of CELL_PARAMETERS"));
      const auto vector = ParseVector(fields);
      if (!vector.ok()) return cursor_.Error(vector.status());
      row = *vector;
    }
    cell_ = cell;
    return absl::OkStatus();
  }

  absl::Status ReadPositions(std::string unit) {
    position_unit_ = std::move(unit);
    SUPERION_ASSIGN_OR_RETURN(const std::optional<double> nat, SystemNumber("nat"));
    if (!nat || !(*nat >= 1) || *nat > 1e8) return cursor_.Error("nat is missing in &SYSTEM or not positive");
    while (structure_.size() < static_cast<size_t>(*nat)) {
      SUPERION_ASSIGN_OR_RETURN(
          const std::string_view line,
          cursor_.Line(fmt::format("atom {} of nat = {}", structure_.size() + 1, *nat)));
      std::vector<std::string_view> fields;
      SplitBlanks(WithoutComment(line), &fields);
      if (fields.empty()) continue;
      const auto species = ElementOfLabel(fields[0]);
      if (!species.ok()) return cursor_.Error(species.status());
      const auto position = ParseVector(fields, 1);
      if (!position.ok()) return cursor_.Error(position.status());
      structure_.species.push_back(*species);
      structure_.positions.push_back(*position);
    }
    return absl::OkStatus();
  }

  absl::Status CheckIbrav() const {
    SUPERION_ASSIGN_OR_RETURN(const std::optional<double> ibrav, SystemNumber("ibrav"));
    if (ibrav == 0.0) return absl::OkStatus();
    return InvalidArgument("{}: expected ibrav = 0 with CELL_PARAMETERS, found {}", origin_,
                           ibrav ? fmt::format("ibrav = {}", *ibrav) : "no ibrav in &SYSTEM");
  }

  // Lattice parameter in Å from celldm(1) (bohr) or A (Å); 0 when neither is there.
  absl::StatusOr<double> Alat() const {
    SUPERION_ASSIGN_OR_RETURN(const std::optional<double> celldm, SystemNumber("celldm(1)"));
    SUPERION_ASSIGN_OR_RETURN(const std::optional<double> a, SystemNumber("a"));
    const double alat = celldm ? *celldm * units::kBohr : a.value_or(0);
    if (!(alat >= 0)) return InvalidArgument("{}: the lattice parameter is negative", origin_);
    return alat;
  }

  absl::Status ConvertCell(double alat) {
    double factor = 0;
    if (cell_unit_ == "angstrom") factor = 1;
    if (cell_unit_ == "bohr") factor = units::kBohr;
    if (cell_unit_.empty()) factor = alat > 0 ? alat : units::kBohr;
    if (cell_unit_ == "alat") factor = alat;
    if (factor == 0) {
      return InvalidArgument(
          "{}: CELL_PARAMETERS in \"{}\"{}", origin_, cell_unit_,
          cell_unit_ == "alat" ? " needs celldm(1) or A" : " (expected angstrom, bohr or alat)");
    }
    for (int k = 0; k < 3; ++k) structure_.cell[k] = factor * (*cell_)[k];
    return absl::OkStatus();
  }

  absl::Status ConvertPositions(double alat) {
    if (position_unit_ == "crystal") {
      for (Vec3& r : structure_.positions) r = r * structure_.cell;
      return absl::OkStatus();
    }
    double factor = 0;
    if (position_unit_ == "angstrom") factor = 1;
    if (position_unit_ == "bohr") factor = units::kBohr;
    if (position_unit_ == "alat" || position_unit_.empty())
      factor = alat > 0 ? alat : Norm(structure_.cell[0]);
    if (factor == 0) {
      return InvalidArgument("{}: ATOMIC_POSITIONS in \"{}\" (expected crystal, angstrom, bohr or alat)",
                             origin_, position_unit_);
    }
    for (Vec3& r : structure_.positions) r = factor * r;
    return absl::OkStatus();
  }

  absl::StatusOr<Structure> Assemble() {
    if (!cell_) return InvalidArgument("{}: no CELL_PARAMETERS", origin_);
    if (structure_.size() == 0) return InvalidArgument("{}: no ATOMIC_POSITIONS", origin_);
    SUPERION_ASSIGN_OR_RETURN(const double alat, Alat());
    SUPERION_RETURN_IF_ERROR(ConvertCell(alat));
    SUPERION_RETURN_IF_ERROR(ConvertPositions(alat));
    return structure_;
  }

  LineCursor cursor_;
  const std::string origin_;
  std::map<std::string, std::string> system_;  // assignments of &SYSTEM, keys in lower case
  std::optional<Mat3> cell_;
  std::string cell_unit_, position_unit_;
  Structure structure_;
};

}  // namespace

absl::StatusOr<Structure> ParseQeInput(std::string_view text, const std::string& origin) {
  return QeInputReader(text, origin).Read();
}

}  // namespace superion
