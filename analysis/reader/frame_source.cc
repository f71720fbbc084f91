#include "analysis/reader/frame_source.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "analysis/reader/cell_parameters.h"
#include "core/structure.h"
#include "core/text_fields.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

constexpr double kLongestStep = 0.35;  // of the cell; beyond it the image is a guess
constexpr double kWidestWrapped = 1.5;
// Positions that were put into the cell, rounding included.
constexpr double kWithinCell = 1.01;
// A jump of most atoms of a species: longer than this, and than so many usual steps together.
constexpr double kJumpAngstrom = 0.5, kJumpSteps = 8.0;
constexpr double kExchangeAngstrom = 1.0, kExchangeSteps = 3.0, kHottest = 3000.0;  // K
constexpr size_t kUsualSteps = 32, kFewestSteps = 4, kFewestAtoms = 4;

// Reorders `x`.
double Median(std::vector<double>* x) {
  const auto middle = x->begin() + static_cast<std::ptrdiff_t>(x->size() / 2);
  std::nth_element(x->begin(), middle, x->end());
  return *middle;
}

bool Finite(const Vec3& v) { return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]); }

absl::Status CheckFinite(const RawFrame& raw, const std::string& where) {
  for (const Vec3& row : raw.cell) {
    if (!Finite(row)) return DataLoss("{}: the cell holds a number that is not finite", where);
  }
  for (size_t i = 0; i < raw.positions.size(); ++i) {
    const Vec3& r = raw.positions[i];
    if (!Finite(r))
      return DataLoss("{}: atom {} is at ({}, {}, {}), expected finite numbers", where, i + 1, r[0], r[1],
                      r[2]);
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Vec3> WrappedPositions(const SourceFrame& frame) {
  const Mat3 inverse = Inverse(frame.cell);
  std::vector<Vec3> out;
  out.reserve(frame.positions.size());
  for (const Vec3& r : frame.positions) {
    Vec3 s = r * inverse;
    for (double& v : s) v -= std::floor(v);
    out.push_back(s * frame.cell);
  }
  return out;
}

absl::StatusOr<FrameSource> FrameSource::Open(const std::string& path, const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(auto reader, OpenFormat(path, options));
  FrameSource source(path, options, std::move(reader));
  for (int k = 0; k < 2; ++k) {
    SourceFrame frame;
    SUPERION_ASSIGN_OR_RETURN(const bool more, source.Read(&frame));
    if (!more) break;
    source.ahead_.push_back(std::move(frame));
  }
  const auto notes = source.reader_->notes();
  source.notes_.insert(source.notes_.end(), notes.begin(), notes.end());
  return source;
}

absl::StatusOr<bool> FrameSource::Next(SourceFrame* frame) {
  if (ahead_.empty()) return Read(frame);
  *frame = std::move(ahead_.front());
  ahead_.pop_front();
  return true;
}

absl::StatusOr<bool> FrameSource::ReadRaw(RawFrame* raw) {
  if (ended_) return false;
  const auto more = reader_->Next(raw);
  if (more.ok() && *more && !reader_->truncated()) return true;
  if (!more.ok() && !reader_->truncated()) return more.status();
  ended_ = true;
  if (!reader_->truncated()) return false;
  if (n_read_ == 0) {
    if (!more.ok()) return more.status();
    return DataLoss("{}: the file ends within its first frame", path_);
  }
  notes_.push_back(fmt::format("{}: the file ends within frame {}; the {} complete frames before it are used",
                               path_, frame_number(), n_read_));
  return false;
}

absl::StatusOr<bool> FrameSource::Read(SourceFrame* frame) {
  for (;;) {
    RawFrame raw;
    SUPERION_ASSIGN_OR_RETURN(const bool more, ReadRaw(&raw));
    if (!more) {
      SUPERION_RETURN_IF_ERROR(CheckUnwrapped());
      return false;
    }
    const std::string where = fmt::format("{}, frame {}", path_, frame_number());
    SUPERION_RETURN_IF_ERROR(NameAtoms(&raw));
    if (Determinant(raw.cell) == 0.0) {
      raw.cell = options_.cell;
      raw.pbc = {true, true, true};
    } else if (n_read_ == 0) {
      SUPERION_RETURN_IF_ERROR(CheckSameCell(options_.cell, raw.cell, where));
    }
    if (n_read_ == 0) SUPERION_RETURN_IF_ERROR(Start(raw));
    SUPERION_RETURN_IF_ERROR(CheckAtoms(raw));
    SUPERION_RETURN_IF_ERROR(CheckFinite(raw, where));
    if (!(std::abs(Determinant(raw.cell)) > 0.0))
      return InvalidArgument(
          "{}: no cell, or one without volume: expected three cell vectors (Lattice=\"ax ay az bx …\" in "
          "XYZ), or "
          "give cell_angstrom",
          where);
    SUPERION_ASSIGN_OR_RETURN(frame->time_ps, Time(raw));
    SUPERION_ASSIGN_OR_RETURN(const bool repeated, IsRepeated(raw, frame->time_ps));
    if (repeated) {
      ++n_read_;
      continue;
    }
    SUPERION_RETURN_IF_ERROR(CheckCounter(raw));
    SUPERION_RETURN_IF_ERROR(CheckTime(frame->time_ps));
    if (n_kept_ == 1) SUPERION_RETURN_IF_ERROR(CheckGivenTime(raw));
    SUPERION_RETURN_IF_ERROR(Continue(raw));
    frame->index = n_kept_++;
    frame->counter = timed_ ? std::nullopt : raw.step;
    ++n_read_;
    frame->cell = last_cell_ = raw.cell;
    last_time_ps_ = frame->time_ps;
    frame->unwrapped = raw.positions;
    for (size_t i = 0; i < shift_.size(); ++i) frame->unwrapped[i] -= shift_[i];
    if (mode_ != Mode::kIntegrated) {
      SUPERION_RETURN_IF_ERROR(CheckStep(last_unwrapped_, frame->unwrapped));
      last_unwrapped_ = frame->unwrapped;
    }
    last_ = raw.positions;
    frame->positions = std::move(raw.positions);
    frame->velocities = std::move(raw.velocities);
    return true;
  }
}

// The user's list of species in place of the file's.
absl::Status FrameSource::NameAtoms(RawFrame* raw) {
  if (options_.species.empty()) return absl::OkStatus();
  if (n_read_ > 0) {
    raw->species = elements_;
    return absl::OkStatus();
  }
  raw->species.clear();
  for (const auto& [symbol, n] : options_.species) raw->species.insert(raw->species.end(), n, symbol);
  if (raw->species.size() == raw->positions.size()) return absl::OkStatus();
  return InvalidArgument("{}: species were given for {} atoms, the file has {}", path_, raw->species.size(),
                         raw->positions.size());
}

absl::Status FrameSource::Start(const RawFrame& first) {
  elements_ = species_ = first.species;
  first_step_ = first.step.value_or(0.0);
  masses_u_ = first.masses_u;
  if (masses_u_.empty()) {
    for (const auto& name : elements_) {
      auto mass = AtomicMass(name);
      if (const auto element = ElementOfLabel(name); !mass.ok() && element.ok()) mass = AtomicMass(*element);
      if (!mass.ok()) return InvalidArgument("{}: {}", path_, mass.status().message());
      masses_u_.push_back(*mass);
    }
  }
  SUPERION_RETURN_IF_ERROR(NameByCharge(first));
  for (size_t i = 0; i < species_.size(); ++i) groups_[species_[i]].atoms.push_back(i);
  shift_.assign(species_.size(), Vec3{});
  low_.fill(1e300);
  high_.fill(-1e300);
  switch (reader_->continuity()) {
    case Continuity::kUnknown:
      if (options_.wrapped == "yes") mode_ = Mode::kWrapped;
      if (options_.wrapped == "no") mode_ = Mode::kImages;
      break;
    case Continuity::kImages:
      mode_ = Mode::kImages;
      break;
    case Continuity::kIntegrated:
      mode_ = Mode::kIntegrated;
      break;
  }
  return absl::OkStatus();
}

// Atoms of one element with different charges become species of their own.
absl::Status FrameSource::NameByCharge(const RawFrame& first) {
  if (options_.charge_column.empty()) return absl::OkStatus();
  charges_e_ = first.charges_e;
  if (charges_e_.size() != species_.size())
    return InvalidArgument("{}: no column {} with the charge of every atom", path_, options_.charge_column);
  std::map<std::string, std::set<std::string>> charges;
  const auto name = [&](size_t i) { return fmt::format("{:.6g}", charges_e_[i]); };
  for (size_t i = 0; i < species_.size(); ++i) charges[elements_[i]].insert(name(i));
  for (size_t i = 0; i < species_.size(); ++i) {
    if (charges[elements_[i]].size() > 1) species_[i] = fmt::format("{}({})", elements_[i], name(i));
  }
  return absl::OkStatus();
}

// A counter of frames says nothing about time, but that frames are missing.
absl::Status FrameSource::CheckCounter(const RawFrame& raw) {
  if (!raw.step || raw.time_ps || reader_->counts_md_steps()) return absl::OkStatus();
  const auto last = std::exchange(last_step_, raw.step);
  if (!last) return absl::OkStatus();
  const double increment = *raw.step - *last;
  if (increment <= 0.0) {
    notes_.push_back(
        fmt::format("{}: the counter goes from {} to {} at frame {}: taken as the same run continued", path_,
                    *last, *raw.step, frame_number()));
    return absl::OkStatus();
  }
  if (!step_increment_) step_increment_ = increment;
  if (std::abs(increment - *step_increment_) > 1e-3 * *step_increment_)
    return DataLoss("{}: frames {} and {} are numbered {} and {}, expected steps of {}: frames are missing",
                    path_, n_read_, frame_number(), *last, *raw.step, *step_increment_);
  return absl::OkStatus();
}

absl::Status FrameSource::CheckAtoms(const RawFrame& raw) const {
  if (raw.positions.size() != species_.size() || raw.species.size() != species_.size())
    return InvalidArgument("{}: frame {} has {} atoms, the first one {}", path_, frame_number(),
                           raw.positions.size(), species_.size());
  for (size_t i = 0; i < species_.size(); ++i) {
    if (raw.species[i] != elements_[i])
      return InvalidArgument("{}: atom {} is {} in frame {} and {} in the first: the order of atoms changes",
                             path_, i + 1, raw.species[i], frame_number(), elements_[i]);
  }
  for (size_t i = 0; i < std::min(charges_e_.size(), raw.charges_e.size()); ++i) {
    if (!(std::abs(raw.charges_e[i] - charges_e_[i]) <= 1e-6))
      return InvalidArgument(
          "{}: the charge of atom {} ({}) is {} in frame {} and {} in the first: expected charges that do "
          "not "
          "change (formal charges by species give the same conductivity)",
          path_, i + 1, species_[i], raw.charges_e[i], frame_number(), charges_e_[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<double> FrameSource::Time(const RawFrame& raw) {
  const double given_ps = options_.timestep_fs / units::kFsPerPs;
  timed_ = raw.time_ps || reader_->counts_md_steps();
  if (raw.time_ps) return *raw.time_ps;
  if (reader_->counts_md_steps()) {
    by_md_step_ = true;
    if (given_ps > 0.0 && raw.step) return *raw.step * given_ps;
    return InvalidArgument(
        "{}: the file counts MD steps and says no time: give timestep_fs, the MD time step in fs (not the "
        "time "
        "between frames)",
        path_);
  }
  if (!(given_ps > 0.0))
    return InvalidArgument("{}: its frames carry no time: give timestep_fs, the time between frames in fs",
                           path_);
  return given_ps * static_cast<double>(n_kept_);
}

// A frame that a restart wrote again.
absl::StatusOr<bool> FrameSource::IsRepeated(const RawFrame& raw, double time_ps) {
  if (n_kept_ == 0) return false;
  const bool same_atoms = raw.positions == last_;
  const bool timed = raw.time_ps || (raw.step && reader_->counts_md_steps());
  if (!timed) {
    if (!same_atoms) moved_ = true;
    // Without a time it is the same frame only where atoms move otherwise.
    if (!same_atoms || !moved_) return false;
  } else if (time_ps != last_time_ps_) {
    return false;
  } else if (!same_atoms) {
    const Mat3 inverse = Inverse(raw.cell);
    for (size_t i = 0; i < last_.size(); ++i) {
      Vec3 s = (raw.positions[i] - last_[i]) * inverse;
      for (double& v : s) v -= std::round(v);
      const double distance = Norm(s * raw.cell);
      if (distance > 1e-3)
        return DataLoss("{}: frames {} and {} are both at {} but atom {} differs by {:.3g} Å", path_, n_read_,
                        frame_number(),
                        raw.step ? fmt::format("step {}", *raw.step) : fmt::format("{} ps", time_ps), i + 1,
                        distance);
    }
  }
  notes_.push_back(fmt::format("{}: frame {} repeats the one before and is left out", path_, frame_number()));
  return true;
}

// A wrong MD step shows here.
void FrameSource::SayInterval() {
  if (!by_md_step_) return;
  notes_.push_back(fmt::format("{}: frames every {:.9g} MD steps of timestep_fs = {:.9g}: {:.6g} ps apart",
                               path_, interval_ps_ * units::kFsPerPs / options_.timestep_fs,
                               options_.timestep_fs, interval_ps_));
}

absl::Status FrameSource::CheckTime(double time_ps) {
  if (n_kept_ == 0) return absl::OkStatus();
  const double step = time_ps - last_time_ps_;
  if (!(step > 0.0))
    return DataLoss(
        "{}: frame {} is at {:.9g} ps, the one before at {:.9g} ps: expected times that grow (several runs "
        "in one file are to be given as one file each)",
        path_, frame_number(), time_ps, last_time_ps_);
  if (n_kept_ == 1) {
    interval_ps_ = step;
    SayInterval();
  }
  if (std::abs(step - interval_ps_) > 1e-3 * interval_ps_)
    return DataLoss(
        "{}: frames {} and {} are {:.6g} ps apart, the first two {:.6g} ps: frames are missing or the time "
        "step changes",
        path_, n_read_, frame_number(), step, interval_ps_);
  return absl::OkStatus();
}

// Who gives a time step to a file that has one means the same.
absl::Status FrameSource::CheckGivenTime(const RawFrame& second) const {
  if (!second.time_ps || !(options_.timestep_fs > 0.0) || mode_ == Mode::kIntegrated) return absl::OkStatus();
  double expected_ps = options_.timestep_fs / units::kFsPerPs;
  if (reader_->counts_md_steps()) expected_ps *= *second.step - first_step_;
  if (std::abs(interval_ps_ / expected_ps - 1.0) < 0.01) return absl::OkStatus();
  return InvalidArgument(
      "{}: its frames are {:.6g} ps apart, with the timestep_fs given it would be {:.6g} ps", path_,
      interval_ps_, expected_ps);
}

absl::Status FrameSource::Continue(const RawFrame& raw) {
  if (mode_ == Mode::kUndecided || (mode_ == Mode::kWrapped && options_.wrapped == "auto"))
    SUPERION_RETURN_IF_ERROR(WatchExtent(raw));
  if (options_.wrapped == "no" && reader_->continuity() == Continuity::kUnknown) WatchJumps(raw);
  if (n_kept_ == 0 || mode_ == Mode::kIntegrated) return absl::OkStatus();
  if (mode_ != Mode::kImages) return ContinueByMinimumImage(raw);
  ContinueInImage(raw);
  return absl::OkStatus();
}

// Two atoms of one species that land each where the other was. Faster than atoms fly it is their order that
// changed; else it may be that, or one exchange within a frame.
absl::Status FrameSource::CheckExchange(const std::vector<size_t>& atoms, double usual_step,
                                        const std::vector<Vec3>& before, const std::vector<Vec3>& now) {
  std::vector<size_t> jumping;
  for (const size_t i : atoms) {
    if (Norm(now[i] - before[i]) > kExchangeAngstrom + kExchangeSteps * usual_step) jumping.push_back(i);
  }
  const double close = kJumpAngstrom + 2.0 * usual_step;
  for (size_t a = 0; a < jumping.size(); ++a) {
    for (size_t b = a + 1; b < jumping.size(); ++b) {
      const size_t i = jumping[a], j = jumping[b];
      if (Norm(now[i] - before[j]) > close || Norm(now[j] - before[i]) > close) continue;
      const double length = Norm(now[i] - before[i]);
      const std::string what =
          fmt::format("{}: atoms {} and {} ({}) change places between frames {} and {}, {:.3g} Å apart",
                      path_, i + 1, j + 1, species_[i], n_read_ - 1, n_read_, length);
      const double thermal =
          std::sqrt(3.0 * units::kBoltzmann * kHottest / (masses_u_[i] * units::kMassVelocity2));
      if (interval_ps_ > 0.0 && length / interval_ps_ > thermal)
        return InvalidArgument("{} within {:.4g} ps, faster than atoms fly: their order changes", what,
                               interval_ps_);
      if (exchanges_++ == 0)
        notes_.push_back(what + ": an exchange within one frame, or their order changed");
    }
  }
  return absl::OkStatus();
}

// Where atoms change places in the file, or another run begins, most of a species jumps at once: nothing
// that moves by its dynamics does.
absl::Status FrameSource::CheckStep(const std::vector<Vec3>& before, const std::vector<Vec3>& now) {
  if (before.empty()) return absl::OkStatus();
  for (auto& [species, group] : groups_) {
    if (group.atoms.size() < kFewestAtoms) continue;
    lengths_.clear();
    for (const size_t i : group.atoms) lengths_.push_back(Norm(now[i] - before[i]));
    const double step = Median(&lengths_);
    SUPERION_RETURN_IF_ERROR(CheckExchange(group.atoms, step, before, now));
    std::deque<double>& usual = group.usual_steps;
    if (usual.size() >= kFewestSteps && step > kJumpAngstrom) {
      lengths_.assign(usual.begin(), usual.end());
      const double expected = Median(&lengths_);
      if (step > kJumpAngstrom + kJumpSteps * expected)
        return InvalidArgument(
            "{}: between frames {} and {} most {} jump ({:.3g} Å in the median, {:.3g} Å in the frames "
            "before): {}the order of atoms changes, frames are missing, or another run begins",
            path_, n_read_ - 1, n_read_, species, step, expected,
            options_.wrapped == "no" ? "positions are wrapped after all (wrapped = no was given), " : "");
    }
    usual.push_back(step);
    if (usual.size() > kUsualSteps) usual.pop_front();
  }
  return absl::OkStatus();
}

double FrameSource::WidenExtent(const RawFrame& raw) {
  const Mat3 inverse = Inverse(raw.cell);
  double widest = 0.0;
  for (const Vec3& r : raw.positions) {
    const Vec3 s = r * inverse;
    for (size_t c = 0; c < 3; ++c) {
      low_[c] = std::min(low_[c], s[c]);
      high_[c] = std::max(high_[c], s[c]);
      widest = std::max(widest, high_[c] - low_[c]);
    }
  }
  return widest;
}

// Of positions that are said to be unwrapped.
void FrameSource::WatchJumps(const RawFrame& raw) {
  widest_ = WidenExtent(raw);
  const Mat3 inverse = Inverse(raw.cell);
  for (size_t i = 0; i < last_.size() && jumps_.empty(); ++i) {
    const Vec3 ds = (raw.positions[i] - last_[i]) * inverse;
    for (size_t c = 0; c < 3; ++c) {
      if (raw.pbc[c] && std::abs(ds[c]) > 1.0 - kLongestStep)
        jumps_ = fmt::format("atom {} ({}) jumps by {:.2f} of the cell between frames {} and {}", i + 1,
                             species_[i], ds[c], n_read_, frame_number());
    }
  }
}

// Ions that leave a cell do not all come back to it.
absl::Status FrameSource::CheckUnwrapped() const {
  if (jumps_.empty() || widest_ > kWithinCell) return absl::OkStatus();
  return InvalidArgument(
      "{}: {}, and all positions of the file lie within one cell: they are wrapped, although wrapped = no "
      "was "
      "given",
      path_, jumps_);
}

absl::Status FrameSource::WatchExtent(const RawFrame& raw) {
  if (WidenExtent(raw) < kWidestWrapped) return absl::OkStatus();
  if (mode_ == Mode::kWrapped)
    return InvalidArgument(
        "{}: up to frame {} positions jump by more than half a cell and also reach over more than {} cells: "
        "say with wrapped = yes or no whether they are wrapped",
        path_, frame_number(), kWidestWrapped);
  mode_ = Mode::kImages;
  return absl::OkStatus();
}

absl::Status FrameSource::ContinueByMinimumImage(const RawFrame& raw) {
  const Mat3 inverse = Inverse(raw.cell);
  for (size_t i = 0; i < raw.positions.size(); ++i) {
    const Vec3 ds = (raw.positions[i] - last_[i]) * inverse;
    Vec3 images{};
    for (size_t c = 0; c < 3; ++c) {
      if (!raw.pbc[c]) continue;
      images[c] = std::round(ds[c]);
      if (const double left = ds[c] - images[c]; std::abs(left) > kLongestStep)
        return InvalidArgument(
            "{}: unwrapping: atom {} ({}) moves by {:.3f} of the cell between frames {} and {}; beyond {} "
            "its "
            "way cannot be known. Give frames closer in time, positions with image flags, or wrapped = no "
            "where they are unwrapped",
            path_, i + 1, species_[i], left, n_read_, frame_number(), kLongestStep);
    }
    if (images == Vec3{}) continue;
    mode_ = Mode::kWrapped;
    shift_[i] += images * raw.cell;
  }
  return absl::OkStatus();
}

void FrameSource::ContinueInImage(const RawFrame& raw) {
  if (raw.cell == last_cell_) return;
  const Mat3 inverse = Inverse(last_cell_);
  const Mat3 change = {raw.cell[0] - last_cell_[0], raw.cell[1] - last_cell_[1], raw.cell[2] - last_cell_[2]};
  for (size_t i = 0; i < last_.size(); ++i) {
    Vec3 image = last_[i] * inverse;
    for (double& v : image) v = std::floor(v);
    shift_[i] += image * change;
  }
}

}  // namespace superion::analysis
