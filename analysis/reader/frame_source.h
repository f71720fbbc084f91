// One trajectory file, frame by frame, with the memory of a few frames: the atoms checked, the time known,
// the paths continuous.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/reader/format_reader.h"

namespace superion::analysis {

struct SourceFrame {
  size_t index = 0;  // from 0
  double time_ps = 0.0;
  std::optional<double> counter;  // of the file, where frames are numbered but not timed
  Mat3 cell{};                    // Å
  std::vector<Vec3> positions;    // [n_atoms] Å, as the file holds them
  std::vector<Vec3> unwrapped;    // [n_atoms] Å, continuous from frame to frame
  std::vector<Vec3> velocities;   // [n_atoms] Å/ps, or empty
};

// Positions of the file moved into the cell (not `unwrapped`: under a barostat that leaves the lattice).
std::vector<Vec3> WrappedPositions(const SourceFrame& frame);

// Unwrapping: a step of a wrapped file is the minimum image in the newer cell; a step of a file unwrapped by
// images is taken in the image where it begins. Both are the toroidal-view-preserving rule (Bullerjahn et
// al., JCTC 19, 3406 (2023), doi:10.1021/acs.jctc.3c00308), and in a constant cell the positions of the
// second are left alone. Files that do not say which they are count as wrapped when positions jump by more
// than half a cell while all of them lie within one and a half.
class FrameSource {
 public:
  // Reads two frames ahead. NotFound, InvalidArgument or DataLoss name the file; InvalidArgument when it does
  // not say its time step and the options do not either.
  static absl::StatusOr<FrameSource> Open(const std::string& path, const InputOptions& options);

  // False at the end. InvalidArgument or DataLoss names file, frame (from 1), what was found and expected:
  // atoms that change, no cell, not finite, frames missing, steps too long to unwrap (0.35 of the cell), a
  // frame in which most atoms of a species jump as they never did before (another order, another run).
  absl::StatusOr<bool> Next(SourceFrame* frame);

  const std::string& path() const { return path_; }
  const std::vector<std::string>& species() const { return species_; }  // [n_atoms]
  const std::vector<double>& masses_u() const { return masses_u_; }     // [n_atoms]
  const std::vector<double>& charges_e() const { return charges_e_; }   // [n_atoms]; empty: not asked for
  double interval_ps() const { return interval_ps_; }  // of the first two frames; 0 when there is one
  double temperature_k() const { return reader_->temperature_k(); }  // 0: not in the file
  Vec3 field_v_per_angstrom() const { return reader_->field_v_per_angstrom(); }
  // Of the counter from frame to frame, once it is known.
  std::optional<double> counter_increment() const { return step_increment_; }
  bool timed() const { return timed_; }  // times are of the file, not counted from its first frame
  Continuity continuity() const { return reader_->continuity(); }
  // What was mended, such as a last frame that is cut; complete after the last frame.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  enum class Mode { kUndecided, kWrapped, kImages, kIntegrated };

  FrameSource(std::string path, const InputOptions& options, std::unique_ptr<FormatReader> reader)
      : path_(std::move(path)), options_(options), reader_(std::move(reader)) {}
  absl::StatusOr<bool> Read(SourceFrame* frame);
  absl::StatusOr<bool> ReadRaw(RawFrame* raw);
  absl::Status NameAtoms(RawFrame* raw);
  absl::Status Start(const RawFrame& first);
  absl::Status CheckAtoms(const RawFrame& raw) const;
  absl::StatusOr<double> Time(const RawFrame& raw);
  absl::StatusOr<bool> IsRepeated(const RawFrame& raw, double time_ps);
  absl::Status CheckTime(double time_ps);
  void SayInterval();
  absl::Status CheckGivenTime(const RawFrame& second) const;
  absl::Status CheckCounter(const RawFrame& raw);
  absl::Status NameByCharge(const RawFrame& first);
  absl::Status Continue(const RawFrame& raw);
  absl::Status ContinueByMinimumImage(const RawFrame& raw);
  void ContinueInImage(const RawFrame& raw);
  absl::Status WatchExtent(const RawFrame& raw);
  double WidenExtent(const RawFrame& raw);  // the widest, in cells
  void WatchJumps(const RawFrame& raw);
  absl::Status CheckUnwrapped() const;
  absl::Status CheckStep(const std::vector<Vec3>& before, const std::vector<Vec3>& now);
  absl::Status CheckExchange(const std::vector<size_t>& atoms, double usual_step,
                             const std::vector<Vec3>& before, const std::vector<Vec3>& now);
  size_t frame_number() const { return n_read_ + 1; }

  std::string path_;
  InputOptions options_;
  std::unique_ptr<FormatReader> reader_;
  std::vector<std::string> elements_, species_, notes_;
  std::vector<double> masses_u_, charges_e_;
  double interval_ps_ = 0.0;
  std::deque<SourceFrame> ahead_;
  bool ended_ = false, timed_ = false, by_md_step_ = false;

  // Of the frames read so far.
  size_t n_read_ = 0;  // in the file
  size_t n_kept_ = 0;  // without those that were repeated
  double last_time_ps_ = 0.0, first_step_ = 0.0;
  std::optional<double> last_step_, step_increment_;
  Mat3 last_cell_{};
  std::vector<Vec3> last_, shift_;  // unwrapped = position - shift
  Mode mode_ = Mode::kUndecided;
  Vec3 low_{}, high_{};  // extent of all fractional coordinates
  bool moved_ = false;   // two frames differed
  double widest_ = 0.0;  // of low_ to high_, in cells
  std::string jumps_;    // the first step that looks like a crossing, of positions said to be unwrapped
  std::vector<Vec3> last_unwrapped_;
  size_t exchanges_ = 0;  // of two atoms within a frame, possible but suspicious

  // The atoms of one species, and how far half of them moved in each of the last frames, Å.
  struct Group {
    std::vector<size_t> atoms;
    std::deque<double> usual_steps;
  };
  std::map<std::string, Group> groups_;
  std::vector<double> lengths_;  // of the steps of one group
};

}  // namespace superion::analysis
