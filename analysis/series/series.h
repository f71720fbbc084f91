// What the estimators work on: the collective dipole of one run, and the factor that turns its diffusion into
// a conductivity.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/units.h"

namespace superion::analysis {

// p(t) = sum_i q_i r_i(t) of one velocity seed at equally spaced times; only differences of it have a
// meaning.
struct DipoleSeries {
  double interval_ps = 0.0;
  std::vector<std::vector<double>>
      components;  // [d][n_samples], e Å; d Cartesian components that count as equivalent

  size_t size() const { return components.empty() ? 0 : components[0].size(); }
  size_t dimension() const { return components.size(); }
  double duration_ps() const { return size() < 2 ? 0.0 : interval_ps * static_cast<double>(size() - 1); }
};

// σ = scale · slope / 2, slope of <dp_x²> in e² Å²/ps: C/(V T) in S/m (conductivity.md, section 0).
inline double ConductivityScale(double volume_angstrom3, double temperature_k) {
  return units::kConductivity / (volume_angstrom3 * temperature_k);
}

// The first `n` samples of every component.
inline DipoleSeries Truncated(const DipoleSeries& series, size_t n) {
  DipoleSeries out{series.interval_ps, {}};
  for (const auto& c : series.components)
    out.components.emplace_back(c.begin(), c.begin() + static_cast<std::ptrdiff_t>(std::min(n, c.size())));
  return out;
}

// Every `stride`-th sample: block-averaged currents of `stride` times the interval, without aliasing.
inline DipoleSeries Decimated(const DipoleSeries& series, size_t stride) {
  DipoleSeries out{series.interval_ps * static_cast<double>(stride), {}};
  for (const auto& c : series.components) {
    std::vector<double>& kept = out.components.emplace_back();
    kept.reserve(c.size() / stride + 1);
    for (size_t i = 0; i < c.size(); i += stride) kept.push_back(c[i]);
  }
  return out;
}

}  // namespace superion::analysis
