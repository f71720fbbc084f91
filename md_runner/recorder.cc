#include "md_runner/recorder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/extxyz.h"
#include "core/units.h"
#include "core/velocity.h"

namespace superion {
namespace {

// Frames worth a label follow each other closely in time; this many steps apart they differ enough to be
// worth keeping when no snapshot interval says otherwise.
constexpr int64_t kCollectSpacing = 20;
constexpr size_t kEventFrames = 4;

StreamHeader HeaderOf(const RecorderOptions& o) {
  StreamHeader header;
  header.interval_ps = static_cast<double>(o.stream_every) * o.timestep_ps;
  header.temperature_k = o.temperature_k;
  header.cell = o.cell;
  Structure atoms;
  atoms.species = o.species;
  atoms.positions.resize(o.species.size());
  header.species = DistinctSpecies(atoms);
  for (const std::string& symbol : header.species) {
    header.counts.push_back(std::count(o.species.begin(), o.species.end(), symbol));
    const auto atom = std::find(o.species.begin(), o.species.end(), symbol) - o.species.begin();
    header.masses_u.push_back(o.masses[atom]);
  }
  header.field_v_per_angstrom = o.field;
  if (o.field != Vec3{}) {
    for (const std::string& symbol : header.species) header.charges_e.push_back(o.charges.at(symbol));
  }
  header.scalars = {"temperature_k", "potential_energy_ev", "conserved_ev", "max_grade",
                    "momentum_x",    "momentum_y",          "momentum_z"};
  if (o.variable_cell) {
    header.scalars.push_back("volume_angstrom3");
    header.scalars.push_back("pressure_bar");
  }
  header.provenance = o.provenance;
  return header;
}

TrajectoryHeader TrajectoryHeaderOf(const RecorderOptions& o) {
  return {o.species, o.masses, static_cast<double>(o.frame_every) * o.timestep_ps, o.temperature_k,
          o.provenance};
}

bool Due(int64_t step, int64_t every) { return every > 0 && step % every == 0; }

std::vector<Vec3> Wrapped(const std::vector<Vec3>& positions, const Mat3& cell) {
  const Mat3 inverse = Inverse(cell);
  std::vector<Vec3> wrapped;
  wrapped.reserve(positions.size());
  for (const Vec3& r : positions) {
    Vec3 s = r * inverse;
    for (double& x : s) x -= std::floor(x);
    wrapped.push_back(s * cell);
  }
  return wrapped;
}

bool Finite(const std::vector<Vec3>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const Vec3& v) { return std::isfinite(Dot(v, v)); });
}

absl::StatusOr<std::FILE*> OpenSnapshots(const std::string& path, int64_t keep_bytes) {
  std::error_code error;
  const bool there = keep_bytes > 0 &&
                     std::filesystem::file_size(path, error) >= static_cast<uintmax_t>(keep_bytes) && !error;
  std::FILE* file = std::fopen(path.c_str(), there ? "r+b" : "wb");
  if (file == nullptr) return Unavailable("cannot open {}: {}", path, std::strerror(errno));
  if (!there) return file;
  if (::ftruncate(::fileno(file), keep_bytes) != 0 || std::fseek(file, 0, SEEK_END) != 0) {
    const int reason = errno;
    std::fclose(file);
    return Unavailable("cannot continue {}: {}", path, std::strerror(reason));
  }
  return file;
}

absl::Status WriteError(const std::string& path) {
  const std::string message = fmt::format("cannot write {}: {}", path, std::strerror(errno));
  return errno == ENOSPC ? absl::ResourceExhaustedError(message) : absl::UnavailableError(message);
}

// The writer continues a file that has something to keep and starts one that has not.
template <typename Writer, typename Header>
absl::StatusOr<Writer> ContinueOrCreate(const std::string& path, const Header& header, int64_t n,
                                        int64_t* kept) {
  *kept = 0;
  if (n > 0) {
    *kept = n;
    return Writer::Continue(path, header, static_cast<size_t>(n));
  }
  return Writer::Create(path, header);
}

}  // namespace

Recorder::Recorder(const RecorderOptions& options) : options_(options), stream_header_(HeaderOf(options)) {
  for (const std::string& symbol : options_.species) {
    const auto& all = stream_header_.species;
    column_.push_back(static_cast<int>(std::find(all.begin(), all.end(), symbol) - all.begin()));
  }
  row_.resize(stream_header_.columns());
}

absl::StatusOr<Recorder> Recorder::Open(const RecorderOptions& options, const Continuation& from) {
  Recorder recorder(options);
  if (from.checkpoint != nullptr) SUPERION_RETURN_IF_ERROR(recorder.TakeOver(from));
  const bool append = from.checkpoint != nullptr && from.files;
  SUPERION_RETURN_IF_ERROR(recorder.OpenFiles(append ? *from.checkpoint : ReplicaCheckpoint{}));
  return recorder;
}

absl::Status Recorder::TakeOver(const Continuation& from) {
  reference_ = from.checkpoint->reference;
  const Json& saved = from.checkpoint->recorder;
  if (from.sums) {
    if (!saved.contains("statistics")) return DataLoss("restart file: the sums of the run are missing");
    SUPERION_ASSIGN_OR_RETURN(statistics_, RunStatistics::FromJson(saved["statistics"]));
    SUPERION_ASSIGN_OR_RETURN(snapshots_written_, GetInteger(saved, "snapshots", "recorder"));
    SUPERION_ASSIGN_OR_RETURN(last_collected_, GetInteger(saved, "last_collected", "recorder"));
  }
  if (from.files) {
    SUPERION_ASSIGN_OR_RETURN(counts_.accurate, GetInteger(saved, "accurate", "recorder"));
    SUPERION_ASSIGN_OR_RETURN(counts_.candidate, GetInteger(saved, "candidate", "recorder"));
    SUPERION_ASSIGN_OR_RETURN(counts_.failed, GetInteger(saved, "failed", "recorder"));
  }
  return absl::OkStatus();
}

absl::Status Recorder::OpenFiles(const ReplicaCheckpoint& from) {
  if (options_.stream_every > 0) {
    SUPERION_ASSIGN_OR_RETURN(stream_, ContinueOrCreate<StreamWriter>(options_.stream_path, stream_header_,
                                                                      from.stream_rows, &stream_rows_));
  }
  if (options_.frame_every > 0) {
    SUPERION_ASSIGN_OR_RETURN(trajectory_, ContinueOrCreate<TrajectoryWriter>(
                                               options_.trajectory_path, TrajectoryHeaderOf(options_),
                                               from.trajectory_frames, &frames_));
  }
  SUPERION_ASSIGN_OR_RETURN(std::FILE* const file,
                            OpenSnapshots(options_.snapshots_path, from.snapshot_bytes));
  snapshots_.reset(file);
  snapshot_bytes_ = std::ftell(file);
  return absl::OkStatus();
}

absl::Status Recorder::Record(const StepView& view, double temperature_k, GateLevel level) {
  if (reference_.empty()) reference_ = view.positions;
  const double time_ps = static_cast<double>(view.step) * options_.timestep_ps;
  statistics_.AddStep(time_ps, temperature_k, view.conserved, view.force.max_grade);
  if (Due(view.step, options_.stream_every)) SUPERION_RETURN_IF_ERROR(RecordStream(view, temperature_k));
  if (Due(view.step, options_.frame_every)) {
    SUPERION_RETURN_IF_ERROR(trajectory_->Append({time_ps, view.cell, view.positions}));
    ++frames_;
  }
  return RecordSnapshot(view, temperature_k, level);
}

absl::Status Recorder::RecordStream(const StepView& view, double temperature_k) {
  std::fill(row_.begin(), row_.end(), 0.0);
  row_[0] = static_cast<double>(view.step);
  for (size_t i = 0; i < reference_.size(); ++i) {
    double* sum = &row_[1 + 3 * static_cast<size_t>(column_[i])];
    for (int a = 0; a < 3; ++a) sum[a] += view.positions[i][a] - reference_[i][a];
  }
  const Vec3 momentum = Momentum(options_.masses, view.velocities);
  double* scalar = row_.data() + 1 + 3 * stream_header_.species.size();
  for (const double value : {temperature_k, view.force.energy, view.conserved, view.force.max_grade,
                             momentum[0], momentum[1], momentum[2]}) {
    *scalar++ = value;
  }
  if (options_.variable_cell) {
    const double volume = std::abs(Determinant(view.cell));
    const Mat3& w = view.force.virial;
    *scalar++ = volume;
    *scalar++ = (2.0 * view.kinetic_energy + w[0][0] + w[1][1] + w[2][2]) / (3.0 * volume) / units::kBar;
  }
  ++stream_rows_;
  return stream_->Append(row_);
}

absl::Status Recorder::RecordSnapshot(const StepView& view, double temperature_k, GateLevel level) {
  if (view.step < options_.snapshot_start_step) return absl::OkStatus();
  if (options_.snapshot_limit > 0 && snapshots_written_ >= options_.snapshot_limit) return absl::OkStatus();
  const int64_t spacing = options_.snapshot_every > 0 ? options_.snapshot_every : kCollectSpacing;
  const bool collect = options_.collecting && level == GateLevel::kCollect &&
                       (last_collected_ < 0 || view.step >= last_collected_ + spacing);
  const bool due = Due(view.step - options_.snapshot_start_step, options_.snapshot_every);
  if (!due && !collect) return absl::OkStatus();
  if (level == GateLevel::kCollect) last_collected_ = view.step;
  ++snapshots_written_;
  CopyStep(view, temperature_k, &snapshot_);
  return WriteSnapshot(snapshot_, view.force.max_grade <= options_.stop, "", false);
}

absl::Status Recorder::RecordEvent(const Gate& gate) {
  if (!gate.event()) return absl::OkStatus();
  const std::string& reason = gate.event()->reason;
  if (gate.last_safe()) SUPERION_RETURN_IF_ERROR(WriteSnapshot(*gate.last_safe(), true, reason, false));
  const auto& trail = gate.trail();
  // Evenly thinned, always with the event itself, which is the last.
  const size_t stride = (trail.size() + kEventFrames - 1) / kEventFrames;
  for (size_t k = 0; k < trail.size(); ++k) {
    const bool last = k + 1 == trail.size();
    if ((trail.size() - 1 - k) % stride != 0) continue;
    SUPERION_RETURN_IF_ERROR(WriteSnapshot(trail[k], false, reason, last && reason != "grade"));
  }
  return absl::OkStatus();
}

absl::Status Recorder::WriteSnapshot(const KeptFrame& kept, bool safe, const std::string& event,
                                     bool condemned) {
  if (!Finite(kept.positions) || !std::isfinite(kept.energy)) return absl::OkStatus();
  Frame frame;
  frame.structure.cell = kept.cell;
  frame.structure.species = options_.species;
  frame.structure.positions = Wrapped(kept.positions, kept.cell);
  frame.velocities = kept.velocities;
  frame.info["step"] = fmt::format("{}", kept.step);
  frame.info["time_ps"] = fmt::format("{}", static_cast<double>(kept.step) * options_.timestep_ps);
  frame.info["temperature_k"] = fmt::format("{}", kept.temperature_k);
  frame.info["model_energy"] = fmt::format("{}", kept.energy);
  frame.info["max_grade"] = fmt::format("{}", kept.max_grade);
  frame.info["safe"] = std::string(1, safe ? '1' : '0');
  if (!event.empty()) frame.info["event"] = event;
  if (!kept.grades.empty()) frame.atom_scalars["grade"] = kept.grades;
  const std::string text = FormatExtxyz(frame);
  if (std::fwrite(text.data(), 1, text.size(), snapshots_.get()) != text.size())
    return WriteError(options_.snapshots_path);
  snapshot_bytes_ += static_cast<int64_t>(text.size());
  const bool failed = condemned || !(kept.max_grade <= options_.stop);
  ++(failed ? counts_.failed : kept.max_grade < options_.collect ? counts_.accurate : counts_.candidate);
  return absl::OkStatus();
}

absl::Status Recorder::Flush() {
  if (stream_) SUPERION_RETURN_IF_ERROR(stream_->Flush());
  if (trajectory_) SUPERION_RETURN_IF_ERROR(trajectory_->Flush());
  return std::fflush(snapshots_.get()) == 0 ? absl::OkStatus() : WriteError(options_.snapshots_path);
}

void Recorder::Save(ReplicaCheckpoint* checkpoint) const {
  checkpoint->reference = reference_;
  checkpoint->stream_rows = stream_rows_;
  checkpoint->trajectory_frames = frames_;
  checkpoint->snapshot_bytes = snapshot_bytes_;
  checkpoint->recorder = {{"statistics", statistics_.ToJson()}, {"snapshots", snapshots_written_},
                          {"last_collected", last_collected_},  {"accurate", counts_.accurate},
                          {"candidate", counts_.candidate},     {"failed", counts_.failed}};
}

}  // namespace superion
