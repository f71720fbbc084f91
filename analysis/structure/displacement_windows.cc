#include "analysis/structure/displacement_windows.h"

#include <algorithm>

#include "analysis/series/displacement.h"

namespace superion::analysis {

DisplacementWindows::DisplacementWindows(size_t longest, double per_decade, size_t most_origins) {
  lags_ = {0};
  if (longest > 0) {
    const auto spaced = LogSpacedLags(longest, per_decade);
    lags_.insert(lags_.end(), spaced.begin(), spaced.end());
  }
  stride_ = std::max<size_t>(1, (longest + most_origins) / std::max<size_t>(1, most_origins));
}

std::vector<FramePair> DisplacementWindows::Add(std::span<const Snapshot> frames) {
  std::vector<FramePair> out;
  for (const Snapshot& frame : frames) {
    if (frame.frame == 0) origins_.clear();
    const auto later = std::make_shared<const Snapshot>(frame);
    if (frame.frame % stride_ == 0) origins_.push_back(later);
    while (!origins_.empty() && frame.frame - origins_.front()->frame > lags_.back()) origins_.pop_front();
    for (const auto& origin : origins_) {
      const auto found = std::lower_bound(lags_.begin(), lags_.end(), frame.frame - origin->frame);
      if (found != lags_.end() && *found == frame.frame - origin->frame)
        out.push_back({origin, later, static_cast<size_t>(found - lags_.begin())});
    }
  }
  return out;
}

}  // namespace superion::analysis
