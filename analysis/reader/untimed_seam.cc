#include "analysis/reader/untimed_seam.h"

#include <cmath>

namespace superion::analysis {
namespace {

constexpr double kUsualSteps = 3.0, kSlackAngstrom = 0.1;

absl::Status CheckCounter(const UntimedSeam& seam, double last, double first, double increment) {
  const double gap = first - last;
  const bool follows = std::abs(gap - increment) < 1e-3 * increment || gap == 0.0;
  const bool anew = first <= 1.5 * increment;
  if (follows || anew) return absl::OkStatus();
  return DataLoss("{} begins with the frame numbered {:g}, but {} ends with {:g}, in steps of {:g}: {}",
                  seam.late, first, seam.early, last, increment,
                  gap > 0.0 ? "frames between them are missing" : "they overlap");
}

}  // namespace

absl::Status CheckUntimedSeam(const UntimedSeam& seam) {
  if (seam.last && seam.first && seam.increment && *seam.increment > 0.0)
    SUPERION_RETURN_IF_ERROR(CheckCounter(seam, *seam.last, *seam.first, *seam.increment));
  if (seam.step_angstrom <= kUsualSteps * seam.usual_angstrom + kSlackAngstrom) return absl::OkStatus();
  return DataLoss(
      "from the end of {} to the start of {} atoms move by {:.3g} Å (root mean square), {:.3g} Å in the step "
      "before: frames between them are missing, or they are no pieces of one run",
      seam.early, seam.late, seam.step_angstrom, seam.usual_angstrom);
}

}  // namespace superion::analysis
