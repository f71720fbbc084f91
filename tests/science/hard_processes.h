// Processes that make an honest interval hard, whose conductivity is 1 exactly (processes.h): few hops,
// clusters of hops, unequal axes, and cages nearly as slow as the runs.
#pragma once

#include <array>
#include <functional>

#include "analysis/series/displacement.h"
#include "tests/science/processes.h"

namespace superion::analysis {

// One run of n samples at spacing 0.1.
using MakeRun = std::function<DipoleSeries(size_t n, Random*)>;

inline constexpr double kHardStep = 0.1;

// Brownian motion whose components share the slope as `weights` do.
inline MakeRun UnequalAxes(std::array<double, 3> weights) {
  return [weights](size_t n, Random* random) {
    DipoleSeries run{kHardStep, {}};
    const double mean = (weights[0] + weights[1] + weights[2]) / 3.0;
    for (const double weight : weights) {
      auto p = BrownianDipole(n, kHardStep, random);
      for (double& x : p) x = std::sqrt(weight / mean) * x + 0.03 * random->Gaussian();
      run.components.push_back(std::move(p));
    }
    return run;
  };
}

// Jumps along the axes at `rate`; a part of them `factor` times as long as the others.
struct Jumps {
  double rate = 0.0, long_part = 0.0, factor = 1.0;
};
inline MakeRun JumpProcess(const Jumps& jumps) {
  return [jumps](size_t n, Random* random) {
    DipoleSeries run{kHardStep, Components(3, std::vector<double>(n))};
    // Slope of one component 2 = rate <l²>/3.
    const double mean_square = 1.0 + jumps.long_part * (jumps.factor * jumps.factor - 1.0);
    const double length = std::sqrt(6.0 / (jumps.rate * mean_square));
    double p[3] = {}, next = -std::log(1.0 - random->Uniform()) / jumps.rate;
    for (size_t i = 0; i < n; ++i) {
      for (; next <= static_cast<double>(i) * kHardStep;
           next -= std::log(1.0 - random->Uniform()) / jumps.rate) {
        const double l = length * (random->Uniform() < jumps.long_part ? jumps.factor : 1.0);
        p[random->Below(3)] += random->Below(2) == 0 ? l : -l;
      }
      for (size_t c = 0; c < 3; ++c) run.components[c][i] = p[c] + 0.05 * length * random->Gaussian();
    }
    return run;
  };
}

// Brownian motion with σ = 1 in a cage that opens after `tau`: `depth` is σ at short times.
inline MakeRun SlowCage(double tau, double depth) {
  return [=](size_t n, Random* random) {
    DipoleSeries run{kHardStep, {}};
    for (int c = 0; c < 3; ++c) {
      auto p = BrownianDipole(n, kHardStep, random);
      std::vector<double> cage(n, 0.0);
      AddCage(kHardStep / tau, random, &cage);
      for (size_t i = 0; i < n; ++i) p[i] += std::sqrt((depth - 1.0) * tau) * cage[i];
      run.components.push_back(std::move(p));
    }
    return run;
  };
}

}  // namespace superion::analysis
