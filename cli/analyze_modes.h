// Which options of `superion analyze` mean something in which of its modes.
#pragma once

#include <string>

#include "cli/verb.h"
#include "core/status.h"

namespace superion {

enum class AnalyzeMode {
  kIons,        // conductivity from streams and trajectories
  kSeries,      // conductivity from a current or dipole
  kStructure,   // --structure, --observables, --recipe validation|glass
  kNemd,        // --nemd
  kLgps,        // --recipe lgps-nemd
  kDivergence,  // --divergence
};

// InvalidArgument names an option that was given and would be ignored in this mode, and where it belongs.
// `observables`: those asked for in kStructure, "" for all; an option of another observable is refused too.
absl::Status CheckOptionsOfMode(const CLI::App& verb, AnalyzeMode mode, const std::string& observables);

}  // namespace superion
