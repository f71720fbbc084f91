// The JSON document of an analysis.
#pragma once

#include "analysis/verdict/verdict.h"
#include "core/json.h"

namespace superion::analysis {

struct DocumentInput {
  const CollectiveResult* collective = nullptr;
  const TracerResult* tracer = nullptr;  // may be null
  const Verdict* verdict = nullptr;
  double temperature_k = 0.0, volume_angstrom3 = 0.0;
  double no_hop_bound = 0.0;  // S/m, used when nothing is resolved
  double discarded_ps = 0.0;
};

Json MakeDocument(const DocumentInput& input);

}  // namespace superion::analysis
