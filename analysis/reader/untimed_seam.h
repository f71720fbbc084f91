// Whether a file without times can follow another one: by the counter of its frames and the length of the
// step.
#pragma once

#include <optional>
#include <string>

#include "core/status.h"

namespace superion::analysis {

struct UntimedSeam {
  std::string early, late;  // the files, for messages
  std::optional<double> last, first,
      increment;                // counter of the last frame of one, of the first of the other
  double step_angstrom = 0.0;   // root mean square from one to the other
  double usual_angstrom = 0.0;  // of the last step of the earlier one
};

// DataLoss where the counter goes on after a hole or begins within what was there, or where the step is
// longer than three usual ones and 0.1 Å. A counter that begins anew says nothing; a hole of a few frames of
// ions that diffuse cannot be seen then.
absl::Status CheckUntimedSeam(const UntimedSeam& seam);

}  // namespace superion::analysis
