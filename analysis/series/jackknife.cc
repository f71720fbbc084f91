#include "analysis/series/jackknife.h"

#include <cmath>

namespace superion::analysis {

double JackknifeSd(const std::vector<double>& leave_one_out) {
  const auto n = static_cast<double>(leave_one_out.size());
  double mean = 0.0, sum = 0.0;
  for (double v : leave_one_out) mean += v / n;
  for (double v : leave_one_out) sum += (v - mean) * (v - mean);
  return std::sqrt((n - 1.0) / n * sum);
}

}  // namespace superion::analysis
