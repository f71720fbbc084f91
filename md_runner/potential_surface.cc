#include "md_runner/potential_surface.h"

#include <algorithm>
#include <cmath>

namespace superion {

Coordinates ToCoordinates(const std::vector<Vec3>& positions) {
  Coordinates x;
  x.reserve(3 * positions.size());
  for (const Vec3& r : positions) x.insert(x.end(), r.begin(), r.end());
  return x;
}

std::vector<Vec3> ToPositions(const Coordinates& x) {
  std::vector<Vec3> positions(x.size() / 3);
  for (size_t i = 0; i < x.size(); ++i) positions[i / 3][i % 3] = x[i];
  return positions;
}

EnergySurface MakePotentialSurface(ForceProvider* forces, const Mat3& cell, double* max_grade) {
  return [forces, cell,
          max_grade](const std::vector<Coordinates>& points) -> absl::StatusOr<std::vector<SurfacePoint>> {
    std::vector<std::vector<Vec3>> positions;
    for (const Coordinates& x : points) positions.push_back(ToPositions(x));
    std::vector<ForceResult> results(points.size());
    std::vector<ForceRequest> requests;
    for (size_t k = 0; k < points.size(); ++k)
      requests.push_back({static_cast<int>(k), &cell, &positions[k], &results[k]});
    SUPERION_RETURN_IF_ERROR(forces->Compute(requests));
    std::vector<SurfacePoint> out;
    for (const ForceResult& r : results) {
      out.push_back({r.energy, ToCoordinates(r.forces)});
      if (max_grade != nullptr) *max_grade = std::max(*max_grade, r.max_grade);
    }
    return out;
  };
}

std::vector<Vec3> NearestImages(const std::vector<Vec3>& initial, std::vector<Vec3> final, const Mat3& cell) {
  const Mat3 inverse = Inverse(cell);
  for (size_t i = 0; i < final.size(); ++i) {
    Vec3 whole = (final[i] - initial[i]) * inverse;
    for (double& s : whole) s = std::round(s);
    Vec3 best = final[i] - whole * cell;
    // In a skewed cell rounding alone may miss the nearest by one vector.
    const Vec3 rounded = best;
    for (int n = 0; n < 27; ++n) {
      const Vec3 shift = Vec3{double(n % 3 - 1), double(n / 3 % 3 - 1), double(n / 9 - 1)} * cell;
      if (Norm(rounded + shift - initial[i]) < Norm(best - initial[i]) - 1e-9) best = rounded + shift;
    }
    final[i] = best;
  }
  return final;
}

}  // namespace superion
