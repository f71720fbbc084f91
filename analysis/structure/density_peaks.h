// Sites from where the ions are: maxima of their density.
#pragma once

#include <array>
#include <vector>

#include "core/vec3.h"

namespace superion::analysis {

struct PeakOptions {
  double smoothing_angstrom = 0.3;   // standard deviation of the smoothing
  double separation_angstrom = 1.0;  // of two maxima closer than this the lower one is dropped
  double lowest_share = 0.05;        // of the highest maximum
};

// Fractional coordinates, highest maximum first, each moved to the centroid of the density around it.
// `density`: on a periodic grid of `shape` boxes, the last axis fastest; box i of an axis spans [i, i+1)/n.
std::vector<Vec3> DensityMaxima(const std::vector<double>& density, const std::array<size_t, 3>& shape,
                                const Mat3& cell, const PeakOptions& options);

}  // namespace superion::analysis
