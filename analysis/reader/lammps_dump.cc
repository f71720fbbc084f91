#include "analysis/reader/lammps_dump.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace superion::analysis {
namespace {

using Words = std::vector<std::string>;

// The columns of an ATOMS section that this reader uses; -1: not there.
struct Columns {
  int id = -1, element = -1, type = -1;
  int position[3] = {-1, -1, -1}, image[3] = {-1, -1, -1};
  bool scaled = false, unwrapped = false;
};

class DumpReader {
 public:
  DumpReader(const std::string& path, const std::map<std::string, std::string>& types)
      : path_(path), types_(types), file_(path) {}

  absl::Status Run(const std::function<absl::Status(DumpFrame)>& visit) {
    if (!file_) return NotFound("cannot open {}", path_);
    std::string line;
    while (std::getline(file_, line)) {
      ++line_;
      if (line.empty()) continue;
      DumpFrame frame;
      SUPERION_RETURN_IF_ERROR(ReadFrame(line, &frame));
      SUPERION_RETURN_IF_ERROR(visit(std::move(frame)));
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::string> Next() {
    std::string line;
    if (!std::getline(file_, line))
      return DataLoss("{}: the file ends within a frame, after line {}", path_, line_);
    ++line_;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    return line;
  }

  absl::StatusOr<std::vector<double>> Numbers(size_t wanted) {
    SUPERION_ASSIGN_OR_RETURN(const std::string line, Next());
    std::vector<double> out;
    for (absl::string_view word : absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty())) {
      double value = 0.0;
      if (!absl::SimpleAtod(word, &value))
        return InvalidArgument("{}, line {}: expected {} numbers, found \"{}\"", path_, line_, wanted, line);
      out.push_back(value);
    }
    if (out.size() < wanted)
      return InvalidArgument("{}, line {}: expected {} numbers, found \"{}\"", path_, line_, wanted, line);
    return out;
  }

  absl::Status ReadFrame(std::string item, DumpFrame* frame) {
    size_t n_atoms = 0;
    Vec3 origin{};
    for (;;) {
      if (!item.empty() && item.back() == '\r') item.pop_back();
      if (item == "ITEM: TIMESTEP") {
        SUPERION_ASSIGN_OR_RETURN(const auto step, Numbers(1));
        frame->step = step[0];
      } else if (item == "ITEM: NUMBER OF ATOMS") {
        SUPERION_ASSIGN_OR_RETURN(const auto n, Numbers(1));
        n_atoms = static_cast<size_t>(n[0]);
      } else if (item.rfind("ITEM: BOX BOUNDS", 0) == 0) {
        SUPERION_RETURN_IF_ERROR(ReadBox(item.find("xy") != std::string::npos, frame, &origin));
      } else if (item.rfind("ITEM: ATOMS", 0) == 0) {
        return ReadAtoms(item.substr(11), n_atoms, origin, frame);
      } else if (item.rfind("ITEM: UNITS", 0) == 0 || item.rfind("ITEM: TIME", 0) == 0) {
        SUPERION_RETURN_IF_ERROR(Next().status());
      } else {
        return InvalidArgument("{}, line {}: expected an ITEM of a LAMMPS dump, found \"{}\"", path_, line_,
                               item);
      }
      SUPERION_ASSIGN_OR_RETURN(item, Next());
    }
  }

  absl::Status ReadBox(bool triclinic, DumpFrame* frame, Vec3* origin) {
    double bound[3][3] = {};
    for (auto& row : bound) {
      SUPERION_ASSIGN_OR_RETURN(const auto numbers, Numbers(triclinic ? 3 : 2));
      for (size_t k = 0; k < (triclinic ? 3u : 2u); ++k) row[k] = numbers[k];
    }
    const double xy = bound[0][2], xz = bound[1][2], yz = bound[2][2];
    // The file holds the bounding box; the tilts move the corners (LAMMPS manual, Howto_triclinic).
    const double xlo = bound[0][0] - std::min({0.0, xy, xz, xy + xz}),
                 xhi = bound[0][1] - std::max({0.0, xy, xz, xy + xz});
    const double ylo = bound[1][0] - std::min(0.0, yz), yhi = bound[1][1] - std::max(0.0, yz);
    *origin = {xlo, ylo, bound[2][0]};
    frame->cell = {{{xhi - xlo, 0.0, 0.0}, {xy, yhi - ylo, 0.0}, {xz, yz, bound[2][1] - bound[2][0]}}};
    return absl::OkStatus();
  }

  absl::StatusOr<Columns> FindColumns(const std::string& names) {
    const Words words = absl::StrSplit(names, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    auto find = [&](const std::string& name) {
      const auto it = std::find(words.begin(), words.end(), name);
      return it == words.end() ? -1 : static_cast<int>(it - words.begin());
    };
    Columns c;
    c.id = find("id");
    c.element = find("element");
    c.type = find("type");
    const char* const axes[3] = {"x", "y", "z"};
    const std::pair<const char*, std::pair<bool, bool>> kinds[] = {
        {"u", {false, true}}, {"su", {true, true}}, {"", {false, false}}, {"s", {true, false}}};
    for (const auto& [suffix, meaning] : kinds) {
      for (int a = 0; a < 3; ++a) c.position[a] = find(std::string(axes[a]) + suffix);
      if (c.position[0] < 0 || c.position[1] < 0 || c.position[2] < 0) continue;
      std::tie(c.scaled, c.unwrapped) = meaning;
      break;
    }
    for (int a = 0; a < 3; ++a) c.image[a] = find(std::string("i") + axes[a]);
    if (c.id < 0 || c.position[0] < 0 || c.position[1] < 0 || c.position[2] < 0)
      return InvalidArgument("{}, line {}: columns id and x y z (or xu, xs, xsu …) are needed, found \"{}\"",
                             path_, line_, names);
    if (c.element < 0 && (c.type < 0 || types_.empty()))
      return InvalidArgument("{}, line {}: no column element; give types, the species of every LAMMPS type",
                             path_, line_);
    return c;
  }

  absl::Status ReadAtoms(const std::string& names, size_t n_atoms, const Vec3& origin, DumpFrame* frame) {
    SUPERION_ASSIGN_OR_RETURN(const Columns c, FindColumns(names));
    struct Atom {
      int64_t id;
      std::string species;
      Vec3 r;
    };
    std::vector<Atom> atoms;
    const bool images = !c.unwrapped && c.image[0] >= 0 && c.image[1] >= 0 && c.image[2] >= 0;
    frame->unwrapped = c.unwrapped || images;
    for (size_t i = 0; i < n_atoms; ++i) {
      SUPERION_ASSIGN_OR_RETURN(const std::string line, Next());
      const std::vector<absl::string_view> words =
          absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
      auto number = [&](int column, double* value) {
        return column >= 0 && static_cast<size_t>(column) < words.size() &&
               absl::SimpleAtod(words[static_cast<size_t>(column)], value);
      };
      Atom atom;
      double id = 0.0;
      bool good = number(c.id, &id);
      for (int a = 0; a < 3; ++a) good = good && number(c.position[a], &atom.r[static_cast<size_t>(a)]);
      if (!good)
        return InvalidArgument("{}, line {}: expected columns{}, found \"{}\"", path_, line_, names, line);
      atom.id = static_cast<int64_t>(id);
      atom.r = c.scaled ? atom.r * frame->cell : atom.r - origin;
      if (images) {
        Vec3 shift{};
        for (int a = 0; a < 3; ++a) number(c.image[a], &shift[static_cast<size_t>(a)]);
        atom.r += shift * frame->cell;
      }
      const int species_column = c.element >= 0 ? c.element : c.type;
      if (static_cast<size_t>(species_column) >= words.size())
        return InvalidArgument("{}, line {}: expected columns{}, found \"{}\"", path_, line_, names, line);
      atom.species = std::string(words[static_cast<size_t>(species_column)]);
      if (c.element < 0) {
        const auto found = types_.find(atom.species);
        if (found == types_.end())
          return InvalidArgument("{}, line {}: no species was given for type {}", path_, line_, atom.species);
        atom.species = found->second;
      }
      atoms.push_back(std::move(atom));
    }
    std::sort(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) { return a.id < b.id; });
    for (Atom& atom : atoms) {
      frame->species.push_back(std::move(atom.species));
      frame->positions.push_back(atom.r);
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const std::map<std::string, std::string>& types_;
  std::ifstream file_;
  size_t line_ = 0;
};

}  // namespace

absl::Status ForEachDumpFrame(const std::string& path, const std::map<std::string, std::string>& types,
                              const std::function<absl::Status(DumpFrame)>& visit) {
  return DumpReader(path, types).Run(visit);
}

}  // namespace superion::analysis
