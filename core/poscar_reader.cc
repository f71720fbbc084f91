#include <cctype>

#include "core/structure_reader.h"
#include "core/text_fields.h"

namespace superion {
namespace {

// One positive factor for everything, three for x y z, or minus the volume in Å³.
struct Scale {
  Vec3 factor{1, 1, 1};
  double volume = 0;
};

absl::StatusOr<Scale> ReadScale(LineCursor* cursor) {
  SUPERION_ASSIGN_OR_RETURN(const auto fields, cursor->Fields("the scale factor"));
  std::vector<double> values;
  for (const std::string_view field : fields) {
    const auto value = ParseReal(field);
    if (!value.ok()) break;  // comments may follow
    values.push_back(*value);
  }
  if (values.size() == 1 && values[0] < 0) return Scale{{1, 1, 1}, -values[0]};
  if (values.size() == 1 && values[0] > 0) return Scale{{values[0], values[0], values[0]}, 0};
  if (values.size() == 3 && values[0] > 0 && values[1] > 0 && values[2] > 0) {
    return Scale{{values[0], values[1], values[2]}, 0};
  }
  return cursor->Error("expected a scale factor (positive, minus a volume, or three positive numbers)");
}

Vec3 Scaled(const Vec3& v, const Vec3& factor) {
  return {v[0] * factor[0], v[1] * factor[1], v[2] * factor[2]};
}

absl::Status ReadCell(LineCursor* cursor, Scale* scale, Mat3* cell) {
  for (Vec3& row : *cell) {
    SUPERION_ASSIGN_OR_RETURN(const auto fields, cursor->Fields("a cell vector"));
    const auto vector = ParseVector(fields);
    if (!vector.ok()) return cursor->Error(vector.status());
    row = *vector;
  }
  const double volume = std::abs(Determinant(*cell));
  if (!(volume > 0)) return cursor->Error("the cell vectors have no volume");
  if (scale->volume > 0) {
    const double factor = std::cbrt(scale->volume / volume);
    scale->factor = {factor, factor, factor};
  }
  for (Vec3& row : *cell) row = Scaled(row, scale->factor);
  return absl::OkStatus();
}

// "Li", "Li_sv" or "Li/6a1c…", as VASP writes them.
absl::StatusOr<std::string> SpeciesName(std::string_view field) {
  const std::string_view name = field.substr(0, field.find_first_of("_/"));
  SUPERION_RETURN_IF_ERROR(AtomicNumber(name).status());
  return std::string(name);
}

absl::StatusOr<std::vector<std::string>> SpeciesNames(const std::vector<std::string_view>& fields) {
  std::vector<std::string> names;
  for (const std::string_view field : fields) {
    if (field[0] == '!' || field[0] == '#') break;
    SUPERION_ASSIGN_OR_RETURN(std::string name, SpeciesName(field));
    names.push_back(std::move(name));
  }
  return names;
}

// The species line of VASP 5, or the first line of older files, then the counts.
absl::Status ReadSpecies(LineCursor* cursor, std::string_view first_line, std::vector<std::string>* species) {
  SUPERION_ASSIGN_OR_RETURN(auto fields, cursor->Fields("the species"));
  if (fields.empty()) return cursor->Error("expected the species");
  absl::StatusOr<std::vector<std::string>> names;
  if (std::isdigit(static_cast<unsigned char>(fields[0][0]))) {
    std::vector<std::string_view> title;
    SplitBlanks(first_line, &title);
    names = SpeciesNames(title);
    if (!names.ok())
      return cursor->Error("no line of species (VASP 5), and the first line does not name them");
  } else {
    names = SpeciesNames(fields);
    if (!names.ok()) return cursor->Error(names.status());
    SUPERION_ASSIGN_OR_RETURN(fields, cursor->Fields("the numbers of atoms"));
  }
  if (fields.size() < names->size()) {
    return cursor->Error(fmt::format("{} species but {} counts", names->size(), fields.size()));
  }
  for (size_t k = 0; k < names->size(); ++k) {
    const auto count = ParseInteger(fields[k]);
    if (!count.ok()) return cursor->Error(count.status());
    // Every atom has a line: a huge count must not take memory before the atoms are there.
    if (*count < 1 || species->size() + *count > cursor->Remaining()) {
      return cursor->Error(
          fmt::format("{} atoms of {} with {} lines to follow", *count, (*names)[k], cursor->Remaining()));
    }
    species->insert(species->end(), static_cast<size_t>(*count), (*names)[k]);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ReadIsCartesian(LineCursor* cursor) {
  SUPERION_ASSIGN_OR_RETURN(std::string_view line, cursor->Line("Direct or Cartesian"));
  line = Trim(line);
  if (!line.empty() && (line[0] == 'S' || line[0] == 's')) {  // Selective dynamics
    SUPERION_ASSIGN_OR_RETURN(line, cursor->Line("Direct or Cartesian"));
    line = Trim(line);
  }
  const char mode = line.empty() ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(line[0])));
  if (mode == 'c' || mode == 'k') return true;
  if (mode == 'd') return false;
  return cursor->Error(fmt::format("expected Direct or Cartesian, found \"{}\"", line.substr(0, 40)));
}

}  // namespace

absl::StatusOr<Structure> ParsePoscar(std::string_view text, const std::string& origin) {
  LineCursor cursor(text, origin);
  SUPERION_ASSIGN_OR_RETURN(const std::string_view title, cursor.Line("the title"));
  SUPERION_ASSIGN_OR_RETURN(Scale scale, ReadScale(&cursor));
  Structure s;
  SUPERION_RETURN_IF_ERROR(ReadCell(&cursor, &scale, &s.cell));
  SUPERION_RETURN_IF_ERROR(ReadSpecies(&cursor, title, &s.species));
  SUPERION_ASSIGN_OR_RETURN(const bool cartesian, ReadIsCartesian(&cursor));
  for (size_t i = 0; i < s.species.size(); ++i) {
    SUPERION_ASSIGN_OR_RETURN(const auto fields,
                              cursor.Fields(fmt::format("atom {} of {}", i + 1, s.species.size())));
    const auto position = ParseVector(fields);
    if (!position.ok()) return cursor.Error(position.status());
    s.positions.push_back(cartesian ? Scaled(*position, scale.factor) : *position * s.cell);
  }
  return s;
}

}  // namespace superion
