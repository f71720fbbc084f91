#include <algorithm>
#include <charconv>
#include <memory>

#include "core/extxyz.h"
#include "core/extxyz_columns.h"
#include "core/extxyz_comment.h"
#include "core/line_source.h"
#include "core/units.h"

namespace superion {
namespace {

absl::StatusOr<Mat3> ParseMatrix(const CommentItem& item, bool allow_voigt) {
  const auto values = ParseReals(item.value);
  if (!values.ok()) return InvalidArgument("{}: {}", item.key, values.status().message());
  const std::vector<double>& v = *values;
  if (v.size() == 9) return Mat3{{{v[0], v[1], v[2]}, {v[3], v[4], v[5]}, {v[6], v[7], v[8]}}};
  // Voigt order xx yy zz yz xz xy.
  if (v.size() == 6 && allow_voigt) {
    return Mat3{{{v[0], v[5], v[4]}, {v[5], v[1], v[3]}, {v[4], v[3], v[2]}}};
  }
  return InvalidArgument("{}: expected {} numbers, found {}", item.key, allow_voigt ? "9 or 6" : "9",
                         v.size());
}

// What the comment line says, before units and precedence are settled.
struct Comment {
  std::optional<Mat3> lattice;
  std::optional<std::array<bool, 3>> pbc;
  // [family] what it calls energy, free_energy, stress, virial.
  std::array<std::map<std::string, CommentItem>, kLabelFamilies> labels;
  std::vector<Column> columns{{"species", Role::kSpecies, 1}, {"pos", Role::kPosition, 3}};
  std::map<std::string, std::string> info;
};

absl::StatusOr<double> ParseScalar(const CommentItem& item) {
  const auto value = ParseReal(item.value);
  if (!value.ok()) return InvalidArgument("{}: {}", item.key, value.status().message());
  return *value;
}

absl::Status Interpret(CommentItem item, Comment* comment) {
  const LabelName name = LabelNameOf(item.key);
  if (name.quantity == "lattice" && name.family == 0) {
    SUPERION_ASSIGN_OR_RETURN(comment->lattice, ParseMatrix(item, /*allow_voigt=*/false));
  } else if (name.quantity == "properties" && name.family == 0) {
    SUPERION_ASSIGN_OR_RETURN(comment->columns, ParseProperties(item.value));
  } else if (name.quantity == "pbc" && name.family == 0) {
    const auto flags = ParseLogicals(item.value);
    if (!flags.ok()) return InvalidArgument("pbc: {}", flags.status().message());
    if (flags->size() != 3) return InvalidArgument("pbc: expected 3 flags, found \"{}\"", item.value);
    comment->pbc = {(*flags)[0], (*flags)[1], (*flags)[2]};
  } else if (name.quantity == "energy" || name.quantity == "free_energy" || name.quantity == "stress" ||
             name.quantity == "virial") {
    comment->labels[name.family].insert_or_assign(name.quantity, std::move(item));
  } else {
    comment->info[std::move(item.key)] = std::move(item.value);
  }
  return absl::OkStatus();
}

absl::StatusOr<Comment> InterpretComment(std::string_view line) {
  SUPERION_ASSIGN_OR_RETURN(std::vector<CommentItem> items, ParseComment(line));
  Comment comment;
  for (CommentItem& item : items) SUPERION_RETURN_IF_ERROR(Interpret(std::move(item), &comment));
  return comment;
}

// The family that the labels of this frame are taken from: the first that has an energy.
int FamilyOf(const Comment& comment) {
  for (int f = 0; f < kLabelFamilies; ++f) {
    if (comment.labels[f].count("energy") + comment.labels[f].count("free_energy") > 0) return f;
  }
  return 0;
}

absl::Status FillLabels(std::map<std::string, CommentItem> labels, Frame* frame) {
  const auto has = [&](const char* quantity) { return labels.count(quantity) > 0; };
  if (has("energy") || has("free_energy")) {
    SUPERION_ASSIGN_OR_RETURN(frame->energy, ParseScalar(labels[has("energy") ? "energy" : "free_energy"]));
    if (has("energy") && has("free_energy")) frame->info["free_energy"] = labels["free_energy"].value;
  }
  if (has("stress")) {
    SUPERION_ASSIGN_OR_RETURN(frame->stress, ParseMatrix(labels["stress"], /*allow_voigt=*/true));
  }
  if (!has("virial")) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(const Mat3 virial, ParseMatrix(labels["virial"], /*allow_voigt=*/true));
  if (has("stress")) return absl::OkStatus();
  const double volume = frame->structure.Volume();
  if (volume == 0.0) return InvalidArgument("virial given for a frame without volume");
  frame->stress.emplace();
  for (int a = 0; a < 3; ++a) (*frame->stress)[a] = (-1.0 / volume) * virial[a];
  return absl::OkStatus();
}

absl::Status FillFrame(Comment comment, int family, Frame* frame) {
  Structure& s = frame->structure;
  const bool periodic = comment.lattice.has_value();
  s.cell = comment.lattice.value_or(Mat3{});
  s.pbc = comment.pbc.value_or(std::array<bool, 3>{periodic, periodic, periodic});
  if ((s.pbc[0] || s.pbc[1] || s.pbc[2]) && s.Volume() == 0.0) {
    return InvalidArgument(
        "the frame is periodic but has {}",
        periodic ? "a Lattice without volume" : "no Lattice=\"ax ay az bx by bz cx cy cz\"");
  }
  frame->info = std::move(comment.info);
  for (int f = 0; f < kLabelFamilies; ++f) {
    if (f == family) continue;
    for (const auto& [quantity, item] : comment.labels[f]) frame->info[item.key] = item.value;
  }
  return FillLabels(std::move(comment.labels[family]), frame);
}

// Reads the atom lines of one frame according to its columns.
class AtomReader {
 public:
  AtomReader(const std::vector<Column>& columns, Frame* frame) : columns_(columns), frame_(frame) {
    for (const Column& c : columns_) width_ += c.count;
    has_species_ = HasRole(columns_, Role::kSpecies);
  }

  absl::Status ReadLine(std::string_view line) {
    SplitBlanks(line, &pieces_);
    if (pieces_.size() != width_) {
      return InvalidArgument("expected {} columns{}, found {}", width_,
                             width_ == 4 ? " (a species and a position; more need a Properties key)" : "",
                             pieces_.size());
    }
    size_t at = 0;
    for (const Column& column : columns_) {
      SUPERION_RETURN_IF_ERROR(ReadColumn(column, at));
      at += column.count;
    }
    return absl::OkStatus();
  }

  // Momenta in ASE's units become velocities in Å/ps, with the masses of the file where it has any.
  absl::Status Finish() {
    const auto masses = frame_->atom_scalars.find("masses");
    const long double unit = std::sqrt(static_cast<long double>(units::kMassVelocity2));  // ps
    for (size_t i = 0; i < momenta_.size(); ++i) {
      SUPERION_ASSIGN_OR_RETURN(double mass, AtomicMass(frame_->structure.species[i]));
      if (masses != frame_->atom_scalars.end()) mass = masses->second[i];
      if (!(mass > 0)) return InvalidArgument("atom {} has the mass {} u and a momentum", i + 1, mass);
      Vec3 velocity;
      for (int k = 0; k < 3; ++k) velocity[k] = static_cast<double>(momenta_[i][k] / (mass * unit));
      frame_->velocities.push_back(velocity);
    }
    return absl::OkStatus();
  }

 private:
  using Wide3 = std::array<long double, 3>;

  template <typename Number>
  absl::StatusOr<std::array<Number, 3>> ReadVector(const Column& column, size_t at,
                                                   absl::StatusOr<Number> (*parse)(std::string_view)) {
    std::array<Number, 3> v;
    for (int k = 0; k < 3; ++k) {
      const auto value = parse(pieces_[at + k]);
      if (!value.ok()) return InvalidArgument("{}: {}", column.name, value.status().message());
      v[k] = *value;
    }
    return v;
  }

  absl::Status ReadColumn(const Column& column, size_t at) {
    Structure& s = frame_->structure;
    switch (column.role) {
      case Role::kSpecies:
        SUPERION_RETURN_IF_ERROR(AtomicNumber(pieces_[at]).status());
        s.species.emplace_back(pieces_[at]);
        return absl::OkStatus();
      case Role::kAtomicNumber:
        return has_species_ ? absl::OkStatus() : ReadAtomicNumber(column, pieces_[at]);
      case Role::kMomentum: {
        SUPERION_ASSIGN_OR_RETURN(const Wide3 v, ReadVector(column, at, ParseWideReal));
        momenta_.push_back(v);
        return absl::OkStatus();
      }
      case Role::kPosition:
      case Role::kForce:
      case Role::kVelocity: {
        SUPERION_ASSIGN_OR_RETURN(const Vec3 v, ReadVector(column, at, ParseReal));
        Append(column.role, v);
        return absl::OkStatus();
      }
      case Role::kScalar: {
        const auto value = ParseReal(pieces_[at]);
        if (!value.ok()) return InvalidArgument("{}: {}", column.name, value.status().message());
        frame_->atom_scalars[column.name].push_back(*value);
        return absl::OkStatus();
      }
      case Role::kLogical: {
        SUPERION_ASSIGN_OR_RETURN(const bool value, ParseLogical(pieces_[at]));
        frame_->atom_scalars[column.name].push_back(value ? 1.0 : 0.0);
        return absl::OkStatus();
      }
      case Role::kIgnored:
        return absl::OkStatus();
    }
    return absl::OkStatus();
  }

  absl::Status ReadAtomicNumber(const Column& column, std::string_view text) {
    int z = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), z);
    if (error != std::errc() || end != text.data() + text.size() || z < 1 || z > 118) {
      return InvalidArgument("{}: expected an atomic number 1..118, found \"{}\"", column.name, text);
    }
    frame_->structure.species.emplace_back(ElementSymbol(z));
    return absl::OkStatus();
  }

  void Append(Role role, const Vec3& v) {
    if (role == Role::kPosition) frame_->structure.positions.push_back(v);
    if (role == Role::kForce) frame_->forces.push_back(v);
    // Momenta are more widely written; where a file has both they say the same.
    if (role == Role::kVelocity && !HasRole(columns_, Role::kMomentum)) {
      frame_->velocities.push_back((1.0 / std::sqrt(units::kMassVelocity2)) * v);
    }
  }

  const std::vector<Column>& columns_;
  Frame* frame_;
  size_t width_ = 0;
  bool has_species_ = false;
  std::vector<std::string_view> pieces_;
  std::vector<Wide3> momenta_;
};

}  // namespace

class ExtxyzReader::Impl {
 public:
  Impl(std::unique_ptr<LineSource> lines, std::string origin)
      : lines_(std::move(lines)), origin_(std::move(origin)) {}

  // No frame at the end of the file.
  absl::StatusOr<std::optional<Frame>> Next() {
    size_t n_atoms = 0;
    SUPERION_ASSIGN_OR_RETURN(const bool more, ReadCount(&n_atoms));
    if (!more) return std::optional<Frame>();
    ++frame_;
    std::string_view line;
    if (!NextLine(&line)) return Ends("the file ends before the comment line");
    Frame frame;
    comment_ = line;
    auto comment = InterpretComment(line);
    if (!comment.ok()) return Here(comment.status());
    const int family = FamilyOf(*comment);
    const std::vector<Column> columns = ChosenColumns(std::move(comment->columns), family);
    if (const auto status = FillFrame(*std::move(comment), family, &frame); !status.ok()) return Here(status);
    AtomReader reader(columns, &frame);
    for (size_t i = 0; i < n_atoms; ++i) {
      if (!NextLine(&line)) {
        return Ends(fmt::format("the file ends after {} of {} atoms", i, n_atoms));
      }
      if (const auto status = reader.ReadLine(line); !status.ok()) {
        truncated_ = lines_->cut();
        return Here(status);
      }
    }
    truncated_ = lines_->cut();
    if (const auto status = reader.Finish(); !status.ok()) return Here(status);
    return std::optional<Frame>(std::move(frame));
  }

  bool truncated() const { return truncated_; }
  const std::string& comment() const { return comment_; }

 private:
  bool NextLine(std::string_view* line) {
    if (!lines_->Next(line)) return false;
    ++line_;
    if (line_ == 1 && line->substr(0, 3) == "\xEF\xBB\xBF") line->remove_prefix(3);  // byte order mark
    if (!line->empty() && line->back() == '\r') line->remove_suffix(1);
    return true;
  }

  absl::StatusOr<bool> ReadCount(size_t* n_atoms) {
    std::string_view line;
    std::vector<std::string_view> pieces;
    do {
      if (!NextLine(&line)) {
        SUPERION_RETURN_IF_ERROR(lines_->status());
        return false;
      }
      SplitBlanks(line, &pieces);
    } while (pieces.empty());
    const std::string_view text = pieces[0];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *n_atoms);
    if (pieces.size() != 1 || error != std::errc() || end != text.data() + text.size() || *n_atoms == 0) {
      ++frame_;
      return Here(InvalidArgument("expected the number of atoms, found \"{}\"", line.substr(0, 60)));
    }
    return true;
  }

  absl::Status Ends(const std::string& message) {
    truncated_ = true;
    return Here(absl::InvalidArgumentError(message));
  }

  absl::Status Here(const absl::Status& status) const {
    if (const absl::Status read = lines_->status(); !read.ok()) return read;
    return InvalidArgument("{}: frame {}, line {}: {}", origin_, frame_, line_, status.message());
  }

  const std::unique_ptr<LineSource> lines_;
  const std::string origin_;
  size_t frame_ = 0, line_ = 0;
  bool truncated_ = false;
  std::string comment_;
};

ExtxyzReader::ExtxyzReader(std::unique_ptr<LineSource> lines, std::string origin)
    : impl_(std::make_unique<Impl>(std::move(lines), std::move(origin))) {}
ExtxyzReader::ExtxyzReader(ExtxyzReader&&) noexcept = default;
ExtxyzReader::~ExtxyzReader() = default;
absl::StatusOr<std::optional<Frame>> ExtxyzReader::Next() { return impl_->Next(); }
bool ExtxyzReader::truncated() const { return impl_->truncated(); }
const std::string& ExtxyzReader::comment() const { return impl_->comment(); }

namespace {

absl::Status ForEach(std::unique_ptr<LineSource> lines, const std::string& origin,
                     const std::function<absl::Status(Frame)>& visit) {
  ExtxyzReader reader(std::move(lines), origin);
  bool any = false;
  while (true) {
    SUPERION_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader.Next());
    if (!frame) break;
    any = true;
    SUPERION_RETURN_IF_ERROR(visit(*std::move(frame)));
  }
  return any ? absl::OkStatus() : InvalidArgument("{}: holds no frames", origin);
}

absl::StatusOr<std::vector<Frame>> ReadAll(std::unique_ptr<LineSource> lines, const std::string& origin) {
  std::vector<Frame> frames;
  SUPERION_RETURN_IF_ERROR(ForEach(std::move(lines), origin, [&frames](Frame frame) {
    frames.push_back(std::move(frame));
    return absl::OkStatus();
  }));
  return frames;
}

}  // namespace

absl::StatusOr<std::vector<Frame>> ParseExtxyz(std::string_view text, const std::string& origin) {
  return ReadAll(LinesOfText(text), origin);
}

absl::StatusOr<std::vector<Frame>> ReadExtxyz(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  return ReadAll(std::move(lines), path);
}

absl::Status ForEachExtxyzFrame(const std::string& path, const std::function<absl::Status(Frame)>& visit) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  return ForEach(std::move(lines), path, visit);
}

}  // namespace superion
