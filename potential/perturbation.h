// Frames by random displacement of a structure: the first data of a campaign.
#pragma once

#include <optional>
#include <vector>

#include "core/random.h"
#include "core/structure.h"

namespace superion {

struct PerturbationOptions {
  int frames = 0;
  std::vector<double> amplitude_angstrom;           // standard deviation per component, used in turn
  double strain = 0.0;                              // largest component of a random symmetric strain
  std::optional<double> minimum_distance_angstrom;  // for every pair; without it 0.8 x the sum of the
                                                    // covalent radii, or 0.85 x the shortest distance of that
                                                    // pair of species at the start where that is less
};

// Frames are drawn again, with the same amplitude, when two atoms come too close (`redrawn`: how many frames
// were); FailedPrecondition after 200 vain draws of one frame,
// with the amplitude and the pair. The comment line says which amplitude made a frame. Deterministic by the
// generator.
absl::StatusOr<std::vector<Frame>> Perturb(const Structure& structure, const PerturbationOptions& options,
                                           Random* random, int* redrawn = nullptr);

}  // namespace superion
