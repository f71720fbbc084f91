// Which explored frames are worth a label: by grade, by guards, and by how different they are from what is
// known.
#pragma once

#include <cstdint>
#include <vector>

#include "core/structure.h"
#include "potential/model.h"

namespace superion {

struct SelectionOptions {
  int budget = 0;  // frames
  double lower = 1.0,
         upper = 3.0;  // grade of a frame (largest of its atoms): accurate < lower <= candidate <= upper
  uint64_t seed = 0;
  int threads = 1;
};

struct Selection {
  std::vector<int> frames;                      // indices into the candidates, in the order they were chosen
  std::vector<double> grade;                    // [n_candidates] of every frame
  int accurate = 0, candidate = 0, failed = 0;  // of all frames
  int absurd = 0;  // failed frames with atoms closer than 0.6 x the sum of their covalent radii
  int selected_candidates = 0, selected_failed = 0, selected_random = 0;
};

// Farthest-point selection among the candidates: the frame whose most unusual atom lies farthest from all
// atoms of its species in the training set and in the frames chosen before, in the metric of the grade (so 1
// is the distance from the origin to the fence). Frames closer than 0.1 to what is chosen are near-duplicates
// and stay out. When candidates do not fill the budget, failed frames whose geometry is sane follow by the
// same rule, then accurate frames at random; a tenth of the budget is kept for these where there are any:
// without them calibration would see only the unusual. Frames with absurd distances are never chosen.
// Deterministic. FailedPrecondition when the model has no uncertainty data.
absl::StatusOr<Selection> SelectFrames(const Model& model, const std::vector<Frame>& candidates,
                                       const std::vector<Frame>& training, const SelectionOptions& options);

}  // namespace superion
