// Random processes whose conductivity is known exactly, for the closed-form tests of conductivity.md,
// section 14. Reduced units: the slope of <dp²> is 2 per unit time and component, so that σ = 1 with scale 1.
#pragma once

#include <cmath>
#include <vector>

#include "analysis/series/series.h"
#include "core/random.h"

namespace superion::analysis {

enum class Process { kOrnsteinUhlenbeckCurrent, kBrownianInCage, kWalkInCage };

// Exact samples of p for a current with correlation time 1 and integral 1 (variance of the current 1).
inline std::vector<double> OrnsteinUhlenbeckDipole(size_t n, double h, Random* random) {
  // (v, p) over one step is jointly Gaussian: v' = a v + ..., p' - p = (1-a) v + ....
  const double a = std::exp(-h), var_v = 1.0 - a * a;
  const double var_p = 2.0 * h - 3.0 + 4.0 * a - a * a, covariance = (1.0 - a) * (1.0 - a);
  const double l11 = std::sqrt(var_v), l21 = covariance / l11,
               l22 = std::sqrt(std::max(0.0, var_p - l21 * l21));
  std::vector<double> p(n);
  double v = random->Gaussian(), x = 0.0;
  for (size_t i = 0; i < n; ++i) {
    p[i] = x;
    const double z1 = random->Gaussian(), z2 = random->Gaussian();
    x += (1.0 - a) * v + l21 * z1 + l22 * z2;
    v = a * v + l11 * z1;
  }
  return p;
}

// A bounded displacement of variance 1 and relaxation time 1, added to p.
inline void AddCage(double h, Random* random, std::vector<double>* p) {
  const double a = std::exp(-h), b = std::sqrt(1.0 - a * a);
  double u = random->Gaussian();
  for (double& x : *p) {
    x += u;
    u = a * u + b * random->Gaussian();
  }
}

inline std::vector<double> BrownianDipole(size_t n, double h, Random* random) {
  std::vector<double> p(n);
  double x = 0.0;
  for (double& value : p) {
    value = x;
    x += std::sqrt(2.0 * h) * random->Gaussian();
  }
  return p;
}

// Continuous-time random walk: steps of ±1 at exponential times of rate 2.
inline std::vector<double> WalkDipole(size_t n, double h, Random* random) {
  std::vector<double> p(n);
  double x = 0.0, next = -std::log(1.0 - random->Uniform()) / 2.0;
  for (size_t i = 0; i < n; ++i) {
    const double t = static_cast<double>(i) * h;
    while (next <= t) {
      x += random->Next() >> 63 ? 1.0 : -1.0;
      next -= std::log(1.0 - random->Uniform()) / 2.0;
    }
    p[i] = x;
  }
  return p;
}

inline std::vector<double> Dipole(Process process, size_t n, double h, Random* random) {
  if (process == Process::kOrnsteinUhlenbeckCurrent) return OrnsteinUhlenbeckDipole(n, h, random);
  std::vector<double> p =
      process == Process::kBrownianInCage ? BrownianDipole(n, h, random) : WalkDipole(n, h, random);
  AddCage(h, random, &p);
  return p;
}

// `seeds` runs of three components and duration `t` sampled every h = 0.1.
inline std::vector<DipoleSeries> Runs(Process process, int seeds, double t, Random* random) {
  constexpr double kStep = 0.1;
  std::vector<DipoleSeries> runs;
  for (int s = 0; s < seeds; ++s) {
    DipoleSeries& run = runs.emplace_back();
    run.interval_ps = kStep;
    for (int c = 0; c < 3; ++c)
      run.components.push_back(
          Dipole(process, static_cast<size_t>(std::llround(t / kStep)) + 1, kStep, random));
  }
  return runs;
}

}  // namespace superion::analysis
