// A made-up but realistic report document (docs/report.md): three temperatures of Li2S, one converged, one
// still running, one with an upper bound only.
#pragma once

#include "core/json.h"

namespace superion {

Json SampleReport();

}  // namespace superion
