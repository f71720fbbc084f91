// A potential of MD as an energy surface of the coordinates of all atoms in a fixed cell.
#pragma once

#include <memory>
#include <vector>

#include "md_runner/force_provider.h"
#include "md_runner/minimizer.h"

namespace superion {

Coordinates ToCoordinates(const std::vector<Vec3>& positions);
std::vector<Vec3> ToPositions(const Coordinates& x);

// `forces` must outlive the surface. The largest grade seen goes to `max_grade`, when that is not null.
EnergySurface MakePotentialSurface(ForceProvider* forces, const Mat3& cell, double* max_grade = nullptr);

// `final` with every atom moved by lattice vectors to the image nearest to where it is in `initial`.
std::vector<Vec3> NearestImages(const std::vector<Vec3>& initial, std::vector<Vec3> final, const Mat3& cell);

}  // namespace superion
