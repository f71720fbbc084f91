// The surface of Müller & Brown, Theor. Chim. Acta 53, 75 (1979), doi:10.1007/BF00547608.
#pragma once

#include <cmath>

#include "md_runner/minimizer.h"

namespace superion {

inline SurfacePoint MuellerBrownPoint(double x, double y) {
  static constexpr double kA[] = {-200, -100, -170, 15}, ka[] = {-1, -1, -6.5, 0.7}, kb[] = {0, 0, 11, 0.6},
                          kc[] = {-10, -10, -6.5, 0.7}, kx[] = {1, 0, -0.5, -1}, ky[] = {0, 0.5, 1.5, 1};
  SurfacePoint p{0.0, {0.0, 0.0}};
  for (int k = 0; k < 4; ++k) {
    const double dx = x - kx[k], dy = y - ky[k];
    const double e = kA[k] * std::exp(ka[k] * dx * dx + kb[k] * dx * dy + kc[k] * dy * dy);
    p.energy += e;
    p.forces[0] -= e * (2.0 * ka[k] * dx + kb[k] * dy);
    p.forces[1] -= e * (kb[k] * dx + 2.0 * kc[k] * dy);
  }
  return p;
}

inline EnergySurface MuellerBrown() {
  return [](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    std::vector<SurfacePoint> out;
    for (const Coordinates& x : points) out.push_back(MuellerBrownPoint(x[0], x[1]));
    return out;
  };
}

// Steps for its curvatures of some thousand.
inline FireOptions MuellerBrownSteps() { return {0.005, 0.02, 0.05}; }

}  // namespace superion
