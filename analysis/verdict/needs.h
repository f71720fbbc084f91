// How much more sampling a conductivity needs (conductivity.md, section 3.2).
#pragma once

#include <cstdint>
#include <string>

#include "analysis/transport/collective.h"

namespace superion::analysis {

inline constexpr size_t kWantedSeeds = 4;

// Standard deviation of ln σ along the axis where it is largest; infinite where an axis gives no estimate. No
// name: the target is that of the mean over the axes.
struct AxisPrecision {
  std::string axis;
  double s_tot = 0.0;
};

struct Needs {
  double total_time_ps = 0.0;  // over all seeds, in all (not in addition)
  int64_t seeds = 0;
  std::string message;
};

// The remaining work by the planning formulas; no message where they ask for none.
Needs PlanFurther(const CollectiveResult& collective, double target_s_tot, const AxisPrecision& worst_axis);

// Where the sampling planned for is there and a gate is still shut. Gate 8 alone asks for a quarter more of
// the data.
void NameWhatIsOpen(const std::string& limited_by, double total_time_ps, Needs* needs);

}  // namespace superion::analysis
