// Whether runs that are taken as independent are pieces of one another.
#pragma once

#include <string>
#include <vector>

#include "analysis/series/series.h"
#include "core/status.h"

namespace superion::analysis {

// InvalidArgument names two series of which one repeats the other over at least 50 samples and a tenth of the
// shorter: the same path shifted by a constant, later, cut, overlapping, backwards, or every 2nd to 10th
// sample of it. The increments must agree to a thousandth of the variance that an autoregression on their
// past leaves: runs of a few undamped modes come close to each other at some shift, but not that close.
// `names` of the series are for the message; without them they are counted from 1.
absl::Status CheckNoneRepeats(const std::vector<DipoleSeries>& seeds, int threads,
                              const std::vector<std::string>& names = {});

}  // namespace superion::analysis
