// Positions and labels of axis ticks.
#pragma once

#include <string>
#include <vector>

namespace superion::report {

struct Tick {
  double value;
  std::string label;  // empty: a minor tick
};

// About `count` ticks at steps of 1, 2 or 5 times a power of ten inside [low, high]; `whole`: at whole
// numbers only.
std::vector<Tick> LinearTicks(double low, double high, int count, bool whole = false);
// Decades with minor ticks at 2 … 9; 1 2 5 labelled below two decades. A range too narrow for three round
// numbers gets linear ticks. Both ends positive.
std::vector<Tick> LogTicks(double low, double high);

}  // namespace superion::report
