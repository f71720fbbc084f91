#include "analysis/structure/seed_source.h"

#include <cmath>

#include "analysis/reader/untimed_seam.h"
#include "analysis/structure/snapshot.h"

namespace superion::analysis {
namespace {

constexpr double kRepeated = 1e-3;  // Å: atoms that move less have not moved

double RootMeanSquare(const std::vector<Vec3>& a, const std::vector<Vec3>& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += Dot(a[i] - b[i], a[i] - b[i]);
  return std::sqrt(sum / static_cast<double>(std::max<size_t>(1, a.size())));
}

}  // namespace

absl::StatusOr<SeedSource> SeedSource::Open(std::vector<std::string> paths, const InputOptions& options) {
  SeedSource out(std::move(paths), options);
  SUPERION_ASSIGN_OR_RETURN(FrameSource first, FrameSource::Open(out.paths_.at(0), options));
  out.first_.emplace(std::move(first));
  return out;
}

absl::StatusOr<bool> SeedSource::NextFile() {
  const FrameSource& ended = later_ ? *later_ : *first_;
  notes_.insert(notes_.end(), ended.notes().begin(), ended.notes().end());
  if (++file_ >= paths_.size()) return false;
  SUPERION_ASSIGN_OR_RETURN(FrameSource next, FrameSource::Open(paths_[file_], options_));
  if (next.species() != first_->species())
    return InvalidArgument("{} cannot continue {}: it holds other atoms", paths_[file_], paths_[file_ - 1]);
  const double h = first_->interval_ps();
  if (next.interval_ps() > 0.0 && std::abs(next.interval_ps() - h) > 1e-6 * h)
    return InvalidArgument("{} cannot continue {}: frames every {} ps, there every {} ps", paths_[file_],
                           paths_[file_ - 1], next.interval_ps(), h);
  later_.emplace(std::move(next));
  shift_.clear();
  seam_ = true;
  return true;
}

absl::Status SeedSource::Join(SourceFrame* frame, bool* repeated) {
  const Mat3 inverse = Inverse(frame->cell);
  std::vector<Vec3> places(last_.positions.size());
  double square = 0.0;
  for (size_t i = 0; i < places.size(); ++i) {
    const Vec3 step = MinimumImage(frame->positions[i] - last_.positions[i], frame->cell, inverse);
    places[i] = last_.unwrapped[i] + step;
    square += Dot(step, step) / static_cast<double>(places.size());
  }
  const double h = first_->interval_ps();
  *repeated = std::sqrt(square) < kRepeated && last_step_ > kRepeated;
  if (!later_->timed())
    SUPERION_RETURN_IF_ERROR(
        CheckUntimedSeam({paths_[file_ - 1], paths_[file_], last_.counter, frame->counter,
                          first_->counter_increment(), std::sqrt(square), last_step_}));
  if (later_->timed()) {
    const double gap = frame->time_ps - last_.time_ps;
    *repeated = std::abs(gap) < 0.1 * h;
    if (!*repeated && std::abs(gap - h) > 0.1 * h)
      return DataLoss("{} starts {:.6g} ps after the end of {}, {:.6g} ps are wanted", paths_[file_], gap,
                      paths_[file_ - 1], h);
  }
  if (later_->continuity() == Continuity::kIntegrated) return absl::OkStatus();
  for (size_t i = 0; i < places.size(); ++i) shift_.push_back(places[i] - frame->unwrapped[i]);
  return absl::OkStatus();
}

absl::StatusOr<bool> SeedSource::Next(SourceFrame* frame) {
  for (;;) {
    SUPERION_ASSIGN_OR_RETURN(const bool more, (later_ ? *later_ : *first_).Next(frame));
    if (!more) {
      SUPERION_ASSIGN_OR_RETURN(const bool another, NextFile());
      if (!another) return false;
      continue;
    }
    bool repeated = false;
    if (seam_) SUPERION_RETURN_IF_ERROR(Join(frame, &repeated));
    seam_ = false;
    for (size_t i = 0; i < shift_.size(); ++i) frame->unwrapped[i] += shift_[i];
    if (repeated) continue;
    frame->index = frames_++;
    if (paths_.size() > 1) {
      last_step_ = last_.unwrapped.empty() ? 0.0 : RootMeanSquare(frame->unwrapped, last_.unwrapped);
      last_ = *frame;
    }
    return true;
  }
}

}  // namespace superion::analysis
