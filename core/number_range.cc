#include "core/number_range.h"

#include <cmath>

#include "fmt/format.h"

namespace superion {

bool Range::Holds(double x) const { return std::isfinite(x) && x <= high && (open_low ? x > low : x >= low); }

std::string Range::Describe() const {
  const std::string least = fmt::format("{} {}", open_low ? ">" : ">=", low);
  if (std::isfinite(low) && std::isfinite(high)) return fmt::format("{} and <= {}", least, high);
  if (std::isfinite(low)) return least;
  return std::isfinite(high) ? fmt::format("<= {}", high) : "any";
}

}  // namespace superion
