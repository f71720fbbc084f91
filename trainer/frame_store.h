// The frames of one side of a dataset, ready for training, within a limit of memory: pairs and densities of
// as many frames as fit are kept, those of the others are made anew whenever a batch wants them. Results do
// not depend on which.
#pragma once

#include "trainer/training_set.h"

namespace superion::trainer {

// Bytes that pairs and densities of frames may still take; shared by the stores of one training.
struct MemoryBudget {
  double bytes_left = 4.0 * (1u << 30);
};

template <typename Real>
class FrameStore {
 public:
  // Copies the structures it may need again. Errors name the frame (from 1).
  static absl::StatusOr<FrameStore> Create(const ModelArchitecture& architecture,
                                           const std::vector<Frame>& frames, double zbl_scale, int threads,
                                           MemoryBudget* budget);

  size_t size() const { return frames_.size(); }
  // `pairs` is empty for a frame that is not kept.
  const std::vector<PreparedFrame>& frames() const { return frames_; }
  size_t n_kept() const;

  // Numbers the sources of the frames, adding names that `sources` does not hold yet.
  void SetSources(std::vector<std::string>* sources);
  // Takes reference energies off the labels and makes the densities of the frames that are kept.
  void Finish(const FixedScales& scales);
  // Pairs of frame k: those in memory, or made into `scratch`.
  const PairList& Pairs(int k, PairList* scratch) const;
  // Appends the density of frame k, whose pairs are given, to `out`. After Finish.
  void AppendDensity(int k, const PairList& pairs, std::vector<Real>* out) const;
  std::vector<Real> Density(int k) const;

 private:
  bool Kept(int k) const { return !frames_[k].pairs.center.empty() || frames_[k].n_pairs == 0; }

  ModelArchitecture architecture_;
  int threads_ = 1;
  std::vector<PreparedFrame> frames_;
  std::vector<std::string> sources_;          // [n_frames]
  std::vector<Structure> structures_;         // [n_frames]; empty where the frame is kept
  std::vector<std::vector<Real>> densities_;  // [n_frames]; empty where it is not
  double density_scale_ = 1.0;
};

}  // namespace superion::trainer
