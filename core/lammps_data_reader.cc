#include <algorithm>
#include <map>

#include "core/structure_reader.h"
#include "core/text_fields.h"

namespace superion {
namespace {

constexpr double kMassTolerance =
    0.35;  // u; files round masses, and neighbors in the table lie further apart

struct Atom {
  int id, type;
  Vec3 position;
};

// Column of the type and of x in a line of the Atoms section.
struct Style {
  size_t type, x;
};

absl::StatusOr<Style> StyleOf(std::string_view name, size_t n_fields) {
  if (name == "atomic") return Style{1, 2};
  if (name == "charge") return Style{1, 3};
  if (name == "molecular" || name == "bond" || name == "angle") return Style{2, 3};
  if (name == "full") return Style{2, 4};
  if (!name.empty()) {
    return InvalidArgument("atom style \"{}\" is not read (atomic, charge, molecular and full are)", name);
  }
  // Without a name the number of columns tells, three image numbers at the end allowed for.
  if (n_fields == 5 || n_fields == 8) return Style{1, 2};
  if (n_fields == 6 || n_fields == 9) return Style{1, 3};
  if (n_fields == 7 || n_fields == 10) return Style{2, 4};
  return InvalidArgument("cannot tell the atom style from {} columns (write \"Atoms # charge\")", n_fields);
}

std::string_view WithoutComment(std::string_view line) { return Trim(line.substr(0, line.find('#'))); }
std::string_view CommentOf(std::string_view line) {
  const size_t hash = line.find('#');
  return hash == std::string_view::npos ? std::string_view() : Trim(line.substr(hash + 1));
}

absl::StatusOr<std::string> SpeciesOfMass(double mass) {
  int best = 1;
  const auto distance = [mass](int z) { return std::abs(AtomicMass(ElementSymbol(z)).value() - mass); };
  for (int z = 2; z <= 118; ++z) {
    if (distance(z) < distance(best)) best = z;
  }
  if (distance(best) > kMassTolerance) {
    return NotFound("no element has a mass of {} u (name the type in a comment: \"1 {} # Li\")", mass, mass);
  }
  return std::string(ElementSymbol(best));
}

class LammpsDataReader {
 public:
  LammpsDataReader(std::string_view text, const std::string& origin)
      : cursor_(text, origin), origin_(origin) {}

  absl::StatusOr<Structure> Read() {
    SUPERION_RETURN_IF_ERROR(cursor_.Line("the title").status());
    while (!cursor_.AtEnd()) {
      SUPERION_ASSIGN_OR_RETURN(const std::string_view line, cursor_.Line("a section"));
      const std::string_view content = WithoutComment(line);
      if (content.empty()) continue;
      if (content == "Masses") {
        SUPERION_RETURN_IF_ERROR(ReadMasses());
      } else if (content == "Atoms") {
        SUPERION_RETURN_IF_ERROR(ReadAtoms(CommentOf(line)));
      } else {
        SUPERION_RETURN_IF_ERROR(ReadHeaderLine(content));
      }
    }
    return Assemble();
  }

 private:
  // A header line ends in its keyword; lines of sections that are not read (velocities, bonds) hold numbers
  // only.
  absl::Status ReadHeaderLine(std::string_view content) {
    std::vector<std::string_view> fields;
    SplitBlanks(content, &fields);
    const auto is = [&](size_t numbers, std::initializer_list<const char*> words) {
      return fields.size() == numbers + words.size() &&
             std::equal(words.begin(), words.end(), fields.begin() + numbers);
    };
    if (is(1, {"atoms"})) {
      const auto n = ParseInteger(fields[0]);
      if (!n.ok()) return cursor_.Error(n.status());
      n_atoms_ = *n;
    }
    for (int k = 0; k < 3; ++k) {
      static constexpr const char* kBounds[3][2] = {{"xlo", "xhi"}, {"ylo", "yhi"}, {"zlo", "zhi"}};
      if (!is(2, {kBounds[k][0], kBounds[k][1]})) continue;
      const auto low = ParseReal(fields[0]), high = ParseReal(fields[1]);
      if (!low.ok() || !high.ok() || !(*high > *low)) {
        return cursor_.Error(fmt::format("expected two growing numbers before {}", kBounds[k][0]));
      }
      low_[k] = *low;
      cell_[k][k] = *high - *low;
    }
    if (is(3, {"xy", "xz", "yz"})) {
      const auto tilt = ParseVector(fields);
      if (!tilt.ok()) return cursor_.Error(tilt.status());
      cell_[1][0] = (*tilt)[0];
      cell_[2][0] = (*tilt)[1];
      cell_[2][1] = (*tilt)[2];
    }
    return absl::OkStatus();
  }

  // Calls `visit(fields, comment)` for the lines of a section up to the next one.
  template <typename Visit>
  absl::Status ForEachSectionLine(Visit visit) {
    while (!cursor_.AtEnd()) {
      const std::string_view line = cursor_.Peek(), content = WithoutComment(line);
      if (!content.empty() && std::isalpha(static_cast<unsigned char>(content[0]))) return absl::OkStatus();
      cursor_.Skip();
      if (content.empty()) continue;
      std::vector<std::string_view> fields;
      SplitBlanks(content, &fields);
      if (const absl::Status status = visit(fields, CommentOf(line)); !status.ok())
        return cursor_.Error(status);
    }
    return absl::OkStatus();
  }

  absl::Status ReadMasses() {
    return ForEachSectionLine([this](const auto& fields, std::string_view comment) -> absl::Status {
      if (fields.size() != 2) return InvalidArgument("Masses: expected a type and a mass");
      SUPERION_ASSIGN_OR_RETURN(const int type, ParseInteger(fields[0]));
      SUPERION_ASSIGN_OR_RETURN(const double mass, ParseReal(fields[1]));
      const std::string_view name = comment.substr(0, comment.find_first_of(" \t"));
      if (AtomicNumber(name).ok()) {
        species_[type] = std::string(name);
        return absl::OkStatus();
      }
      SUPERION_ASSIGN_OR_RETURN(species_[type], SpeciesOfMass(mass));
      return absl::OkStatus();
    });
  }

  absl::Status ReadAtoms(std::string_view style_name) {
    return ForEachSectionLine([&](const auto& fields, std::string_view) -> absl::Status {
      SUPERION_ASSIGN_OR_RETURN(const Style style, StyleOf(style_name, fields.size()));
      Atom atom;
      SUPERION_ASSIGN_OR_RETURN(atom.position, ParseVector(fields, style.x));
      SUPERION_ASSIGN_OR_RETURN(atom.id, ParseInteger(fields[0]));
      SUPERION_ASSIGN_OR_RETURN(atom.type, ParseInteger(fields[style.type]));
      atoms_.push_back(atom);
      return absl::OkStatus();
    });
  }

  absl::StatusOr<Structure> Assemble() {
    if (atoms_.empty()) return InvalidArgument("{}: no Atoms section", origin_);
    if (n_atoms_ != static_cast<int>(atoms_.size())) {
      return InvalidArgument("{}: the header announces {} atoms, the Atoms section holds {}", origin_,
                             n_atoms_, atoms_.size());
    }
    for (int k = 0; k < 3; ++k) {
      if (cell_[k][k] == 0) return InvalidArgument("{}: no line \"{}lo {}hi\"", origin_, "xyz"[k], "xyz"[k]);
    }
    std::stable_sort(atoms_.begin(), atoms_.end(), [](const Atom& a, const Atom& b) { return a.id < b.id; });
    Structure s;
    s.cell = cell_;
    for (const Atom& atom : atoms_) {
      const auto species = species_.find(atom.type);
      if (species == species_.end()) {
        return InvalidArgument("{}: atom {} is of type {}, which has no line in Masses", origin_, atom.id,
                               atom.type);
      }
      s.species.push_back(species->second);
      s.positions.push_back(atom.position - low_);
    }
    return s;
  }

  LineCursor cursor_;
  const std::string origin_;
  int n_atoms_ = 0;
  Vec3 low_{};
  Mat3 cell_{};
  std::map<int, std::string> species_;
  std::vector<Atom> atoms_;
};

}  // namespace

absl::StatusOr<Structure> ParseLammpsData(std::string_view text, const std::string& origin) {
  return LammpsDataReader(text, origin).Read();
}

}  // namespace superion
