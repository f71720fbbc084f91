// Ranges of numbers that users give, in files and on the command line, and how they are said to them.
#pragma once

#include <limits>
#include <string>

namespace superion {

// Closed interval, or open below for "greater than zero".
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false;
  // False for what is not finite.
  bool Holds(double x) const;
  std::string Describe() const;  // "> 0 and <= 10"
};
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline Range Positive(double high = kInfinity) { return {0.0, high, true}; }
inline Range AtLeast(double low, double high = kInfinity) { return {low, high, false}; }

// What molecular dynamics and its analysis can mean anything for: beyond these a number was mistyped, or is
// in another unit.
namespace limits {
inline constexpr Range kTemperatureK{1.0, 20000.0};
inline constexpr Range kTimestepFs{1e-3, 100.0};
inline constexpr Range kTimePs{0.0, 1e9, true};
inline constexpr Range kSteps{0.0, 1e12};
inline constexpr Range kThreads{1.0, 4096.0};
inline constexpr Range kRepeats{1.0, 100.0};  // of a cell along one vector
inline constexpr double kAtoms = 100000.0;    // of a cell
}  // namespace limits

}  // namespace superion
