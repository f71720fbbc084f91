#include "analysis/reader/unwrap.h"

namespace superion::analysis {

absl::StatusOr<std::vector<Vec3>> Unwrapper::Next(const std::vector<Vec3>& wrapped, const Mat3& cell) {
  constexpr double kLargestStep = 0.35;
  ++frame_;
  if (frame_ == 1) {
    last_wrapped_ = unwrapped_ = wrapped;
    return unwrapped_;
  }
  if (wrapped.size() != unwrapped_.size())
    return InvalidArgument("unwrapping: frame {} has {} atoms, the ones before had {}", frame_,
                           wrapped.size(), unwrapped_.size());
  const Mat3 inverse = Inverse(cell);
  for (size_t i = 0; i < wrapped.size(); ++i) {
    Vec3 ds = (wrapped[i] - last_wrapped_[i]) * inverse;
    for (double& v : ds) {
      v -= std::round(v);
      if (std::abs(v) > kLargestStep)
        return InvalidArgument(
            "unwrapping: atom {} moves by {:.3f} of the cell between frames {} and {}; beyond {} its way "
            "cannot be known. "
            "Give unwrapped positions or frames closer in time",
            i + 1, v, frame_ - 1, frame_, kLargestStep);
    }
    unwrapped_[i] += ds * cell;
  }
  last_wrapped_ = wrapped;
  return unwrapped_;
}

}  // namespace superion::analysis
