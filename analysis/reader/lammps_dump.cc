#include <algorithm>
#include <charconv>
#include <cmath>

#include "analysis/reader/format_reader.h"
#include "core/extxyz_comment.h"
#include "core/line_source.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

using Fields = std::vector<std::string_view>;

// The columns of an ATOMS section that this reader uses; -1: not there.
struct Columns {
  int id = -1, element = -1, type = -1, mass = -1, charge = -1;
  int position[3] = {-1, -1, -1}, image[3] = {-1, -1, -1}, velocity[3] = {-1, -1, -1};
  bool scaled = false, unwrapped = false;
  size_t count = 0;
  bool images() const { return !unwrapped && image[0] >= 0 && image[1] >= 0 && image[2] >= 0; }
  bool velocities() const { return velocity[0] >= 0 && velocity[1] >= 0 && velocity[2] >= 0; }
};

struct Atom {
  int64_t id = 0;
  std::string_view species;  // of an entry of DumpReader::names_
  Vec3 r{}, v{};
  double mass = 0.0, charge = 0.0;
};

// Units of a dump that names them (dump_modify units yes). LAMMPS manual, command `units`.
struct Units {
  const char* name;
  double angstrom, ps;
};
constexpr Units kUnits[] = {{"metal", 1.0, 1.0},
                            {"real", 1.0, 1e-3},
                            {"si", 1e10, 1e12},
                            {"cgs", 1e8, 1e12},
                            {"micro", 1e4, 1e6},
                            {"nano", 10.0, 1e3},
                            {"electron", 0.529177210903, 1e-3}};

bool ParseDouble(std::string_view text, double* value) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

class DumpReader : public FormatReader {
 public:
  DumpReader(const std::string& path, const InputOptions& options, std::unique_ptr<LineSource> lines)
      : path_(path),
        types_(options.types),
        named_(!options.species.empty()),
        charge_column_(options.charge_column),
        lines_(std::move(lines)) {}

  absl::StatusOr<bool> Next(RawFrame* frame) override {
    std::string_view line;
    do {
      if (!NextLine(&line)) {
        SUPERION_RETURN_IF_ERROR(lines_->status());
        return false;
      }
    } while (line.empty());
    SUPERION_RETURN_IF_ERROR(ReadFrame(std::string(line), frame));
    truncated_ = lines_->cut();
    return true;
  }
  bool truncated() const override { return truncated_; }
  Continuity continuity() const override { return continuity_; }
  bool counts_md_steps() const override { return true; }
  std::vector<std::string> notes() const override {
    if (has_ids_) return {};
    return {path_ + ": no column id: the atoms are taken to stand in the same order in every frame"};
  }

 private:
  bool NextLine(std::string_view* line) {
    if (!lines_->Next(line)) return false;
    ++line_;
    if (!line->empty() && line->back() == '\r') line->remove_suffix(1);
    return true;
  }

  absl::StatusOr<std::string_view> Line() {
    std::string_view line;
    if (NextLine(&line)) return line;
    SUPERION_RETURN_IF_ERROR(lines_->status());
    truncated_ = true;
    return DataLoss("{}: the file ends within a frame, after line {}", path_, line_);
  }

  absl::Status Wrong(std::string_view expected, std::string_view found) {
    truncated_ = lines_->cut();
    return InvalidArgument("{}, line {}: expected {}, found \"{}\"", path_, line_, expected,
                           found.substr(0, 120));
  }

  absl::StatusOr<std::vector<double>> Numbers(size_t wanted) {
    SUPERION_ASSIGN_OR_RETURN(const std::string_view line, Line());
    SplitBlanks(line, &fields_);
    std::vector<double> out(fields_.size());
    bool good = out.size() >= wanted;
    for (size_t k = 0; k < out.size(); ++k)
      good = good && ParseDouble(fields_[k], &out[k]) && std::isfinite(out[k]);
    if (!good) return Wrong(fmt::format("{} finite numbers", wanted), line);
    return out;
  }

  absl::Status ReadFrame(std::string item, RawFrame* frame) {
    size_t n_atoms = 0;
    Vec3 origin{};
    for (;;) {
      if (item == "ITEM: TIMESTEP") {
        SUPERION_ASSIGN_OR_RETURN(const auto step, Numbers(1));
        frame->step = step[0];
      } else if (item == "ITEM: NUMBER OF ATOMS") {
        SUPERION_ASSIGN_OR_RETURN(const auto n, Numbers(1));
        if (!(n[0] >= 1.0 && n[0] < 1e12)) return Wrong("a number of atoms", fmt::format("{}", n[0]));
        n_atoms = static_cast<size_t>(n[0]);
      } else if (item.rfind("ITEM: BOX BOUNDS", 0) == 0) {
        SUPERION_RETURN_IF_ERROR(ReadBox(item, frame, &origin));
      } else if (item.rfind("ITEM: ATOMS", 0) == 0) {
        return ReadAtoms(item.substr(11), n_atoms, origin, frame);
      } else if (item == "ITEM: UNITS") {
        SUPERION_RETURN_IF_ERROR(ReadUnits());
      } else if (item == "ITEM: TIME") {
        SUPERION_ASSIGN_OR_RETURN(const auto time, Numbers(1));
        if (units_) frame->time_ps = time[0] * units_->ps;
      } else {
        return Wrong("an ITEM of a LAMMPS dump", item);
      }
      SUPERION_ASSIGN_OR_RETURN(const std::string_view next, Line());
      item = std::string(next);
    }
  }

  absl::Status ReadUnits() {
    SUPERION_ASSIGN_OR_RETURN(const std::string_view line, Line());
    SplitBlanks(line, &fields_);
    for (const Units& units : kUnits) {
      if (!fields_.empty() && fields_[0] == units.name) units_ = &units;
    }
    if (units_ == nullptr) return Wrong("units with a length and a time (metal, real, si, …)", line);
    return absl::OkStatus();
  }

  absl::Status ReadBox(const std::string& item, RawFrame* frame, Vec3* origin) {
    const bool general = item.find("abc origin") != std::string::npos;
    const bool triclinic = item.find("xy xz yz") != std::string::npos;
    const size_t wanted = general ? 4 : triclinic ? 3 : 2;
    double row[3][4] = {};
    for (auto& numbers : row) {
      SUPERION_ASSIGN_OR_RETURN(const auto found, Numbers(wanted));
      std::copy_n(found.begin(), wanted, numbers);
    }
    if (general) {  // rows: a cell vector and a component of the origin
      for (size_t k = 0; k < 3; ++k)
        frame->cell[k] = {row[k][0], row[k][1], row[k][2]}, (*origin)[k] = row[k][3];
    } else {
      const double xy = row[0][2], xz = row[1][2], yz = row[2][2];
      // The file holds the bounding box; the tilts move the corners (LAMMPS manual, Howto_triclinic).
      const double xlo = row[0][0] - std::min({0.0, xy, xz, xy + xz}),
                   xhi = row[0][1] - std::max({0.0, xy, xz, xy + xz});
      const double ylo = row[1][0] - std::min(0.0, yz), yhi = row[1][1] - std::max(0.0, yz);
      *origin = {xlo, ylo, row[2][0]};
      frame->cell = {{{xhi - xlo, 0.0, 0.0}, {xy, yhi - ylo, 0.0}, {xz, yz, row[2][1] - row[2][0]}}};
    }
    ReadBoundaries(item, frame);
    const double length = units_ ? units_->angstrom : 1.0;
    for (Vec3& v : frame->cell) v = length * v;
    *origin = length * *origin;
    return absl::OkStatus();
  }

  // "pp pp fs": only what is p is periodic; older files do not say.
  void ReadBoundaries(const std::string& item, RawFrame* frame) {
    SplitBlanks(item, &fields_);
    if (fields_.size() < 3) return;
    const size_t first = fields_.size() - 3;
    for (size_t c = 0; c < 3; ++c) {
      const std::string_view flags = fields_[first + c];
      if (flags.size() != 2 || flags.find_first_not_of("pfsm") != std::string_view::npos) return;
    }
    for (size_t c = 0; c < 3; ++c) frame->pbc[c] = fields_[first + c] == "pp";
  }

  absl::StatusOr<Columns> FindColumns(const std::string& names) {
    SplitBlanks(names, &fields_);
    auto find = [&](const std::string& name) {
      const auto it = std::find(fields_.begin(), fields_.end(), name);
      return it == fields_.end() ? -1 : static_cast<int>(it - fields_.begin());
    };
    Columns c;
    c.count = fields_.size();
    c.id = find("id");
    c.element = find("element");
    c.type = find("type");
    c.mass = find("mass");
    if (!charge_column_.empty()) c.charge = find(charge_column_);
    const std::pair<const char*, std::pair<bool, bool>> kinds[] = {
        {"u", {false, true}}, {"su", {true, true}}, {"", {false, false}}, {"s", {true, false}}};
    for (const auto& [suffix, meaning] : kinds) {
      for (int a = 0; a < 3; ++a) c.position[a] = find(std::string(1, "xyz"[a]) + suffix);
      if (c.position[0] < 0 || c.position[1] < 0 || c.position[2] < 0) continue;
      std::tie(c.scaled, c.unwrapped) = meaning;
      break;
    }
    for (int a = 0; a < 3; ++a) {
      c.image[a] = find(std::string("i") + "xyz"[a]);
      c.velocity[a] = find(std::string("v") + "xyz"[a]);
    }
    if (c.position[0] < 0 || c.position[1] < 0 || c.position[2] < 0)
      return Wrong("the columns x y z (or xu, xs, xsu …)", names);
    // A dump that was not told the elements calls all of them C: what the user says is better.
    if (c.type >= 0 && !types_.empty()) c.element = -1;
    if (c.element < 0 && (c.type < 0 || types_.empty()) && !named_)
      return InvalidArgument("{}, line {}: no column element; give {}", path_, line_,
                             c.type < 0
                                 ? "species, those of all atoms in the order of their ids, such as Li64,S32"
                                 : "types, the species of every LAMMPS type, such as 1=Li,2=S");
    return c;
  }

  absl::Status ReadAtoms(const std::string& names, size_t n_atoms, const Vec3& origin, RawFrame* frame) {
    SUPERION_ASSIGN_OR_RETURN(const Columns c, FindColumns(names));
    continuity_ = c.unwrapped || c.images() ? Continuity::kImages : Continuity::kUnknown;
    has_ids_ = c.id >= 0;
    atoms_.clear();
    for (size_t i = 0; i < n_atoms; ++i) {
      SUPERION_ASSIGN_OR_RETURN(const std::string_view line, Line());
      if (!ReadAtom(line, c, origin, frame->cell, &atoms_.emplace_back()))
        return Wrong("the columns" + names, line);
      if (!has_ids_) atoms_.back().id = static_cast<int64_t>(i + 1);
    }
    std::sort(atoms_.begin(), atoms_.end(), [](const Atom& a, const Atom& b) { return a.id < b.id; });
    SUPERION_RETURN_IF_ERROR(CheckIds(*frame));
    for (const Atom& atom : atoms_) {
      if (!named_) {
        SUPERION_ASSIGN_OR_RETURN(std::string species, Species(atom, c.element >= 0));
        frame->species.push_back(std::move(species));
      }
      frame->positions.push_back(atom.r);
      if (c.velocities() && units_) frame->velocities.push_back(atom.v);
      if (c.mass >= 0) frame->masses_u.push_back(atom.mass);
      if (c.charge >= 0) frame->charges_e.push_back(atom.charge);
    }
    return absl::OkStatus();
  }

  bool ReadAtom(std::string_view line, const Columns& c, const Vec3& origin, const Mat3& cell, Atom* atom) {
    SplitBlanks(line, &fields_);
    if (fields_.size() != c.count) return false;  // a header of other columns
    auto number = [&](int column, double* value) {
      return static_cast<size_t>(column) < fields_.size() &&
             ParseDouble(fields_[static_cast<size_t>(column)], value);
    };
    const double length = units_ ? units_->angstrom : 1.0;
    double id = 0.0;
    bool good = c.id < 0 || number(c.id, &id);
    for (size_t a = 0; a < 3; ++a) good = good && number(c.position[a], &atom->r[a]);
    atom->id = static_cast<int64_t>(id);
    atom->r = c.scaled ? atom->r * cell : length * atom->r - origin;
    if (c.images()) {
      Vec3 image{};
      for (size_t a = 0; a < 3; ++a) good = good && number(c.image[a], &image[a]);
      atom->r += image * cell;
    }
    if (c.velocities() && units_) {
      for (size_t a = 0; a < 3; ++a) good = good && number(c.velocity[a], &atom->v[a]);
      atom->v = (length / units_->ps) * atom->v;
    }
    if (c.mass >= 0) good = good && number(c.mass, &atom->mass);
    if (c.charge >= 0) good = good && number(c.charge, &atom->charge);
    if (named_) return good;
    const auto column = static_cast<size_t>(c.element >= 0 ? c.element : c.type);
    if (!good || column >= fields_.size()) return false;
    atom->species = Interned(fields_[column]);
    return true;
  }

  std::string_view Interned(std::string_view name) {
    for (const auto& known : names_) {
      if (*known == name) return *known;
    }
    return *names_.emplace_back(std::make_unique<std::string>(name));
  }

  absl::StatusOr<std::string> Species(const Atom& atom, bool is_element) {
    std::string name(atom.species);
    if (is_element) return name;
    const auto found = types_.find(name);
    if (found == types_.end())
      return InvalidArgument("{}, line {}: no species was given for type {}", path_, line_, name);
    return found->second;
  }

  // The same atoms in every frame, each once.
  absl::Status CheckIds(const RawFrame& frame) {
    const std::string where = fmt::format("{}, step {}", path_, frame.step.value_or(0.0));
    for (size_t i = 1; i < atoms_.size(); ++i) {
      if (atoms_[i].id == atoms_[i - 1].id)
        return InvalidArgument("{}: the atom with id {} is there twice", where, atoms_[i].id);
    }
    if (ids_.empty()) {
      for (const Atom& atom : atoms_) ids_.push_back(atom.id);
    }
    for (size_t i = 0; i < std::min(ids_.size(), atoms_.size()); ++i) {
      if (atoms_[i].id != ids_[i])
        return InvalidArgument("{}: found the atom with id {}, expected id {} as in the first frame", where,
                               atoms_[i].id, ids_[i]);
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const std::map<std::string, std::string> types_;
  const bool named_;  // every atom by the user
  const std::string charge_column_;
  const std::unique_ptr<LineSource> lines_;
  size_t line_ = 0;
  bool truncated_ = false, has_ids_ = true;
  const Units* units_ = nullptr;
  Continuity continuity_ = Continuity::kUnknown;
  Fields fields_;
  std::vector<Atom> atoms_;
  std::vector<int64_t> ids_;
  std::vector<std::unique_ptr<std::string>> names_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FormatReader>> OpenLammpsDump(const std::string& path,
                                                             const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  return std::make_unique<DumpReader>(path, options, std::move(lines));
}

}  // namespace superion::analysis
