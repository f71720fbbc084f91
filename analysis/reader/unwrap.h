// Continuous paths from wrapped frames (conductivity.md, sections 1.1 and 1.2).
#pragma once

#include <string>
#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

// Adds wrapped frames one after the other. The step from frame to frame is the minimum image in the newer
// cell (the toroidal-view-preserving rule: right in a constant cell and in one that breathes, Bullerjahn et
// al., JCTC 19, 3406 (2023), doi:10.1021/acs.jctc.3c00308).
class Unwrapper {
 public:
  // Unwrapped positions of this frame. InvalidArgument, naming atom (from 1) and frame, when a fractional
  // component of a step exceeds 0.35: then the way cannot be known.
  absl::StatusOr<std::vector<Vec3>> Next(const std::vector<Vec3>& wrapped, const Mat3& cell);

 private:
  size_t frame_ = 0;
  std::vector<Vec3> last_wrapped_, unwrapped_;
};

}  // namespace superion::analysis
