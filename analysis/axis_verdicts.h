// Verdicts for every Cartesian axis by itself.
#pragma once

#include <vector>

#include "analysis/transport/tensor.h"
#include "analysis/verdict/verdict.h"
#include "core/json.h"

namespace superion::analysis {

// The least precise axis of a tensor.
AxisPrecision WorstAxis(const TensorResult& tensor);

// {status, limited_by, needs} of x, y, z: the gates of the whole, asked of one component. `all` gives
// everything but the dipole: target, equilibration, tracer, hop length.
std::vector<Json> AxisVerdicts(const std::vector<DipoleSeries>& dipoles, double scale,
                               const VerdictInput& all);

}  // namespace superion::analysis
