// Pairs of frames at logarithmically spaced time lags, from frames that stream by: the part that van Hove
// functions, α2 and F_s share.
#pragma once

#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "analysis/structure/snapshot.h"

namespace superion::analysis {

// Two frames of one seed, `lag` an index into DisplacementWindows::lags().
struct FramePair {
  std::shared_ptr<const Snapshot> origin, later;
  size_t lag = 0;
};

// Origins are taken every `origin_stride` frames, so that at most `most_origins` frames are kept at a time,
// however long the trajectory is.
class DisplacementWindows {
 public:
  // Lags 0, 1, … `longest` frames, about `per_decade` in a decade.
  DisplacementWindows(size_t longest, double per_decade, size_t most_origins);

  const std::vector<size_t>& lags() const { return lags_; }
  size_t origin_stride() const { return stride_; }
  // The pairs whose later frame is among `frames`. A frame numbered 0 starts a new seed.
  std::vector<FramePair> Add(std::span<const Snapshot> frames);

 private:
  std::vector<size_t> lags_;
  size_t stride_ = 1;
  std::deque<std::shared_ptr<const Snapshot>> origins_;
};

}  // namespace superion::analysis
