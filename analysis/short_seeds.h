// Seeds that are so much shorter than the others that they only take away from what those say.
#pragma once

#include <string>
#include <vector>

#include "analysis/analyze.h"

namespace superion::analysis {

struct SeedLength {
  std::string name;
  double duration_ps = 0.0;
  size_t samples = 0;
};

// For each seed whether it is kept. Left out, and named in `notes`, is a seed shorter than a twentieth of the
// longest, or of fewer than the 41 samples that the spectral fit needs while another one has them: every test
// and fit goes no further than the shortest seed.
std::vector<bool> LongEnoughSeeds(const std::vector<SeedLength>& seeds, std::vector<std::string>* notes);

// Leaves such seeds out: sums with `dipoles` (empty: not there yet), and trajectories.
void LeaveOutShortSeeds(AnalysisInput* input, std::vector<DipoleSeries>* dipoles,
                        std::vector<std::string>* notes);

// The same of series, with their temperatures and auxiliary currents.
void LeaveOutShortSeeds(DipoleInput* input, std::vector<std::string>* notes);

}  // namespace superion::analysis
