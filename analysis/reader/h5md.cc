#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/reader/format_reader.h"
#include "analysis/reader/hdf5_file.h"
#include "core/structure.h"

namespace superion::analysis {
namespace {

// Factor to Å or ps; 0 when the name is not known.
double LengthOf(const std::string& unit) {
  for (const auto& [name, factor] :
       std::initializer_list<std::pair<const char*, double>>{{"Angstrom", 1.0},
                                                             {"angstrom", 1.0},
                                                             {"A", 1.0},
                                                             {"Å", 1.0},
                                                             {"nm", 10.0},
                                                             {"pm", 0.01},
                                                             {"m", 1e10},
                                                             {"bohr", 0.529177210903},
                                                             {"a0", 0.529177210903}}) {
    if (unit == name) return factor;
  }
  return 0.0;
}

double TimeOf(const std::string& unit) {
  for (const auto& [name, factor] : std::initializer_list<std::pair<const char*, double>>{
           {"ps", 1.0}, {"fs", 1e-3}, {"ns", 1e3}, {"us", 1e6}, {"s", 1e12}}) {
    if (unit == name) return factor;
  }
  return 0.0;
}

// "nm ps-1", "Angstrom/ps".
double VelocityOf(const std::string& unit) {
  const size_t at = unit.find_first_of(" /");
  if (at == std::string::npos) return 0.0;
  std::string time = unit.substr(at + 1);
  if (unit[at] == ' ') {
    if (time.size() < 3 || time.substr(time.size() - 2) != "-1") return 0.0;
    time.resize(time.size() - 2);
  }
  const double per = TimeOf(time);
  return per > 0.0 ? LengthOf(unit.substr(0, at)) / per : 0.0;
}

// An H5MD element: a dataset that never changes, or a group of value, step and time.
struct Element {
  std::optional<H5Dataset> value, step, time;
  bool fixed = false;
};

std::optional<Element> OpenElement(const H5Handle& parent, const std::string& name) {
  Element out;
  out.value = H5Dataset::Open(parent, name);
  out.fixed = out.value.has_value();
  if (out.fixed) return out;
  out.value = H5Dataset::Open(parent, name + "/value");
  if (!out.value) return std::nullopt;
  out.step = H5Dataset::Open(parent, name + "/step");
  out.time = H5Dataset::Open(parent, name + "/time");
  return out;
}

// Of row k: a dataset of its own, or an increment with the attribute `offset`.
absl::StatusOr<std::optional<double>> Stamp(const std::optional<H5Dataset>& stamps, size_t k) {
  if (!stamps) return std::optional<double>();
  if (stamps->shape().empty()) {
    SUPERION_ASSIGN_OR_RETURN(const auto increment, stamps->Read());
    return std::optional(increment[0] * static_cast<double>(k) + stamps->NumberAttribute("offset", 0.0));
  }
  SUPERION_ASSIGN_OR_RETURN(const auto row, stamps->ReadRow(k));
  return std::optional(row[0]);
}

class H5mdReader : public FormatReader {
 public:
  H5mdReader(std::string path, const InputOptions& options) : path_(std::move(path)), options_(options) {}

  absl::Status Open() {
    SUPERION_ASSIGN_OR_RETURN(file_, OpenH5(path_));
    const H5Handle particles = OpenGroup(file_, "particles");
    std::vector<std::string> names;
    if (particles.ok()) names = GroupNames(particles);
    std::erase_if(names,
                  [&](const std::string& name) { return !OpenElement(particles, name + "/position"); });
    if (names.size() != 1) {
      std::string found;
      for (const auto& name : names) found += (found.empty() ? "" : ", ") + name;
      return InvalidArgument("{}: expected one group below /particles with positions (H5MD), found {}", path_,
                             names.empty() ? "none" : found);
    }
    group_ = OpenGroup(particles, names[0]);
    where_ = fmt::format("{}, /particles/{}", path_, names[0]);
    position_ = *OpenElement(group_, "position");
    const auto& shape = position_.value->shape();
    if (position_.fixed || shape.size() != 3 || shape[2] != 3)
      return InvalidArgument("{}/position: expected values of the shape [frames, atoms, 3]", where_);
    image_ = OpenElement(group_, "image");
    velocity_ = OpenElement(group_, "velocity");
    id_ = OpenElement(group_, "id");
    box_ = OpenElement(group_, "box/edges");
    species_ = OpenElement(group_, "species");
    mass_ = OpenElement(group_, "mass");
    if (velocity_ && velocity_->value->rows() != shape[0]) velocity_.reset();
    if (image_ && !image_->fixed && image_->value->rows() != shape[0])
      return InvalidArgument("{}: {} frames of positions but {} of images", where_, shape[0],
                             image_->value->rows());
    if (!box_ && Determinant(options_.cell) == 0.0)
      return InvalidArgument("{}: no box/edges: the cell is missing, give cell_angstrom", where_);
    if (!species_ && options_.species.empty())
      return InvalidArgument(
          "{}: no species (MDAnalysis writes none): give species, those of all atoms in order, such as "
          "Li64,S32 "
          "or a structure file with the same atoms",
          where_);
    // ZnH5MD writes atomic numbers (as ASE does); others number their species as they like.
    const H5Handle creator = OpenGroup(file_, "h5md/creator");
    atomic_numbers_ = creator.ok() && TextAttributeOf(creator, "name") == "ZnH5MD" && options_.types.empty();
    return ReadUnits();
  }

  absl::StatusOr<bool> Next(RawFrame* frame) override {
    if (frame_ >= position_.value->rows()) return false;
    const auto status = ReadFrame(frame_, frame);
    if (!status.ok())
      return absl::Status(status.code(),
                          fmt::format("{}, frame {}: {}", where_, frame_ + 1, status.message()));
    ++frame_;
    return true;
  }
  bool truncated() const override { return false; }
  Continuity continuity() const override { return image_ ? Continuity::kImages : Continuity::kUnknown; }
  std::vector<std::string> notes() const override { return notes_; }

 private:
  absl::Status ReadUnits() {
    const std::string length = position_.value->TextAttribute("unit");
    length_ = length.empty() ? 1.0 : LengthOf(length);
    if (length.empty()) notes_.push_back(where_ + ": the positions name no unit and are taken as Å");
    if (length_ == 0.0)
      return InvalidArgument("{}: positions in the unit \"{}\", expected Angstrom or nm", where_, length);
    if (position_.time) {
      const std::string unit = position_.time->TextAttribute("unit");
      time_ = TimeOf(unit);
      if (!unit.empty() && time_ == 0.0)
        return InvalidArgument("{}: times in the unit \"{}\", expected ps or fs", where_, unit);
    }
    if (velocity_) speed_ = VelocityOf(velocity_->value->TextAttribute("unit"));
    if (!box_) return absl::OkStatus();
    const std::string box = box_->value->TextAttribute("unit");
    box_length_ = box.empty() ? length_ : LengthOf(box);
    if (box_length_ == 0.0)
      return InvalidArgument("{}: the box in the unit \"{}\", expected Angstrom or nm", where_, box);
    return absl::OkStatus();
  }

  // What never changes may be written once, as a dataset or as a single row.
  static absl::StatusOr<std::vector<double>> Values(const Element& element, size_t k) {
    if (element.fixed) return element.value->Read();
    return element.value->ReadRow(element.value->rows() == 1 ? 0 : k);
  }

  static absl::StatusOr<std::vector<Vec3>> Vectors(const std::vector<double>& x, size_t n, double factor) {
    if (x.size() != 3 * n) return DataLoss("{} numbers for {} atoms, expected three for each", x.size(), n);
    std::vector<Vec3> out(n);
    for (size_t i = 0; i < n; ++i) out[i] = {factor * x[3 * i], factor * x[3 * i + 1], factor * x[3 * i + 2]};
    return out;
  }

  absl::Status ReadFrame(size_t k, RawFrame* frame) {
    const size_t n = position_.value->shape()[1];
    SUPERION_ASSIGN_OR_RETURN(const auto x, position_.value->ReadRow(k));
    SUPERION_ASSIGN_OR_RETURN(frame->positions, Vectors(x, n, length_));
    SUPERION_ASSIGN_OR_RETURN(frame->step, Stamp(position_.step, k));
    if (time_ > 0.0) {
      SUPERION_ASSIGN_OR_RETURN(frame->time_ps, Stamp(position_.time, k));
      if (frame->time_ps) *frame->time_ps *= time_;
    }
    SUPERION_RETURN_IF_ERROR(ReadCell(k, frame));
    if (image_) {
      SUPERION_ASSIGN_OR_RETURN(const auto numbers, Values(*image_, k));
      SUPERION_ASSIGN_OR_RETURN(const auto images, Vectors(numbers, n, 1.0));
      for (size_t i = 0; i < n; ++i) frame->positions[i] += images[i] * frame->cell;
    }
    if (velocity_ && speed_ > 0.0) {
      SUPERION_ASSIGN_OR_RETURN(const auto v, velocity_->value->ReadRow(k));
      SUPERION_ASSIGN_OR_RETURN(frame->velocities, Vectors(v, n, speed_));
    }
    SUPERION_RETURN_IF_ERROR(ReadSpecies(k, n, frame));
    if (mass_ && mass_->fixed) {
      SUPERION_ASSIGN_OR_RETURN(frame->masses_u, mass_->value->Read());
      if (frame->masses_u.size() != n) frame->masses_u.clear();
    }
    bool charges_by_frame = false;
    if (!options_.charge_column.empty()) {
      if (const auto charges = OpenElement(group_, options_.charge_column)) {
        SUPERION_ASSIGN_OR_RETURN(frame->charges_e, Values(*charges, k));
        charges_by_frame = !charges->fixed;
      }
    }
    return SortById(k, n, charges_by_frame, frame);
  }

  // The row of the box that belongs to the step of the positions.
  absl::StatusOr<size_t> BoxRow(size_t k, const RawFrame& frame) const {
    if (box_->value->rows() == 1) return 0;
    if (box_->value->rows() == position_.value->rows() || !frame.step || !box_->step ||
        box_->step->shape().empty()) {
      if (k >= box_->value->rows())
        return DataLoss("{} boxes for {} frames of positions", box_->value->rows(), position_.value->rows());
      return k;
    }
    SUPERION_ASSIGN_OR_RETURN(const auto steps, box_->step->Read());
    const auto after = std::upper_bound(steps.begin(), steps.end(), *frame.step);
    if (after == steps.begin()) return DataLoss("no box at or before step {}", *frame.step);
    return static_cast<size_t>(after - steps.begin() - 1);
  }

  absl::Status ReadCell(size_t k, RawFrame* frame) const {
    if (!box_) return absl::OkStatus();
    size_t row = 0;
    if (!box_->fixed) {
      SUPERION_ASSIGN_OR_RETURN(row, BoxRow(k, *frame));
    }
    SUPERION_ASSIGN_OR_RETURN(const auto edges, Values(*box_, row));
    if (edges.size() != 3 && edges.size() != 9)
      return DataLoss("box/edges holds {} numbers, expected 3 or 9", edges.size());
    for (size_t a = 0; a < 3; ++a) {
      if (edges.size() == 3) frame->cell[a][a] = box_length_ * edges[a];
      for (size_t c = 0; c < 3 && edges.size() == 9; ++c) frame->cell[a][c] = box_length_ * edges[3 * a + c];
    }
    return absl::OkStatus();
  }

  absl::Status ReadSpecies(size_t k, size_t n, RawFrame* frame) {
    if (!options_.species.empty()) return absl::OkStatus();
    if (!fixed_species_.empty()) {
      frame->species = fixed_species_;
      return absl::OkStatus();
    }
    if (species_->value->is_text()) {
      SUPERION_ASSIGN_OR_RETURN(frame->species, species_->value->ReadText());
    } else {
      SUPERION_ASSIGN_OR_RETURN(const auto table, SpeciesTable());
      SUPERION_ASSIGN_OR_RETURN(const auto numbers, Values(*species_, k));
      for (const double number : numbers) {
        const auto found = table.find(fmt::format("{}", number));
        if (found == table.end() && atomic_numbers_ && number >= 1 && number <= 118) {
          frame->species.emplace_back(ElementSymbol(static_cast<int>(number)));
          continue;
        }
        if (found == table.end())
          return InvalidArgument(
              "species are numbers, here {}: give types, the chemical symbol of every number, such as {}=Li",
              number, number);
        frame->species.push_back(found->second);
      }
    }
    if (frame->species.size() != n) return DataLoss("{} species for {} atoms", frame->species.size(), n);
    if (species_->fixed || species_->value->rows() == 1) fixed_species_ = frame->species;
    return absl::OkStatus();
  }

  // What the user says, the names of an enumeration, or a list below /parameters.
  absl::StatusOr<std::map<std::string, std::string>> SpeciesTable() const {
    if (!options_.types.empty()) return options_.types;
    std::map<std::string, std::string> table;
    for (const auto& [name, value] : species_->value->EnumNames()) table[fmt::format("{}", value)] = name;
    if (!table.empty() || atomic_numbers_) return table;
    for (const char* name : {"parameters/species_names", "parameters/species", "parameters/elements"}) {
      const auto list = H5Dataset::Open(file_, name);
      if (!list || !list->is_text()) continue;
      SUPERION_ASSIGN_OR_RETURN(const auto symbols, list->ReadText());
      for (size_t k = 0; k < symbols.size(); ++k) table[std::to_string(k)] = symbols[k];
      break;
    }
    return table;
  }

  // Parallel writers leave the atoms in any order and name them.
  absl::Status SortById(size_t k, size_t n, bool charges_by_frame, RawFrame* frame) {
    if (!id_ || id_->fixed) return absl::OkStatus();
    SUPERION_ASSIGN_OR_RETURN(const auto ids, Values(*id_, k));
    if (ids.size() != n) return DataLoss("{} ids for {} atoms", ids.size(), n);
    auto in_order = ids;
    std::sort(in_order.begin(), in_order.end());
    if (first_ids_.empty()) first_ids_ = in_order;
    if (in_order != first_ids_) return InvalidArgument("its ids are not those of the first frame");
    if (std::is_sorted(ids.begin(), ids.end())) return absl::OkStatus();
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t{0});
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return ids[a] < ids[b]; });
    const auto sorted = [&](auto& values) {
      if (values.size() != n) return;
      auto copy = values;
      for (size_t i = 0; i < n; ++i) values[i] = copy[order[i]];
    };
    sorted(frame->positions);
    sorted(frame->velocities);
    if (!species_->fixed) sorted(frame->species);
    if (charges_by_frame) sorted(frame->charges_e);
    return absl::OkStatus();
  }

  const std::string path_;
  const InputOptions options_;
  H5Handle file_, group_;
  std::string where_;
  Element position_;
  std::optional<Element> image_, velocity_, id_, box_, species_, mass_;
  double length_ = 1.0, box_length_ = 1.0, time_ = 0.0, speed_ = 0.0;  // to Å, ps, Å/ps; 0: not known
  std::vector<std::string> fixed_species_, notes_;
  std::vector<double> first_ids_;  // sorted
  size_t frame_ = 0;
  bool atomic_numbers_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FormatReader>> OpenH5md(const std::string& path, const InputOptions& options) {
  auto reader = std::make_unique<H5mdReader>(path, options);
  SUPERION_RETURN_IF_ERROR(reader->Open());
  return reader;
}

}  // namespace superion::analysis
