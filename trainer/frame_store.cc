#include "trainer/frame_store.h"

#include <algorithm>

#include "potential/parallel.h"
#include "trainer/dataset.h"

namespace superion::trainer {
namespace {

constexpr int kChunk = 32;  // frames prepared at once: bounds what is in memory before the limit is looked at

double KeptBytes(const ModelArchitecture& architecture, const PreparedFrame& frame, size_t real_size) {
  const double per_pair = 3.0 * sizeof(int) + sizeof(Vec3);
  return per_pair * static_cast<double>(frame.n_pairs) +
         static_cast<double>(real_size) * frame.n_atoms * architecture.n_density();
}

}  // namespace

template <typename Real>
absl::StatusOr<FrameStore<Real>> FrameStore<Real>::Create(const ModelArchitecture& architecture,
                                                          const std::vector<Frame>& frames, double zbl_scale,
                                                          int threads, MemoryBudget* budget) {
  FrameStore store;
  store.architecture_ = architecture;
  store.threads_ = threads;
  for (size_t first = 0; first < frames.size(); first += kChunk) {
    const size_t last = std::min(frames.size(), first + kChunk);
    SUPERION_ASSIGN_OR_RETURN(std::vector<PreparedFrame> chunk,
                              PrepareFrames(architecture, {frames.begin() + first, frames.begin() + last},
                                            zbl_scale, threads, first));
    for (size_t k = 0; k < chunk.size(); ++k) {
      const double bytes = KeptBytes(architecture, chunk[k], sizeof(Real));
      const bool keep = bytes <= budget->bytes_left;
      if (keep)
        budget->bytes_left -= bytes;
      else
        chunk[k].pairs = {};
      store.structures_.push_back(keep ? Structure{} : frames[first + k].structure);
      store.sources_.push_back(SourceOf(frames[first + k]));
      store.frames_.push_back(std::move(chunk[k]));
    }
  }
  return store;
}

template <typename Real>
size_t FrameStore<Real>::n_kept() const {
  size_t n = 0;
  for (size_t k = 0; k < size(); ++k) n += Kept(static_cast<int>(k));
  return n;
}

template <typename Real>
void FrameStore<Real>::SetSources(std::vector<std::string>* sources) {
  for (size_t k = 0; k < size(); ++k) {
    const auto at = std::find(sources->begin(), sources->end(), sources_[k]);
    frames_[k].source = static_cast<int>(at - sources->begin());
    if (at == sources->end()) sources->push_back(sources_[k]);
  }
}

template <typename Real>
void FrameStore<Real>::Finish(const FixedScales& scales) {
  SubtractReference(scales.reference_energy, &frames_);
  density_scale_ = scales.density_scale;
  densities_.resize(size());
  const DensityOperator<Real> density(architecture_, density_scale_);
  ParallelChunks(static_cast<int>(size()), threads_, [&](int k, int) {
    if (!Kept(k)) return;
    densities_[k].resize(static_cast<size_t>(frames_[k].n_atoms) * architecture_.n_density());
    density.Density(frames_[k].pairs, densities_[k].data(), 1);
  });
}

template <typename Real>
const PairList& FrameStore<Real>::Pairs(int k, PairList* scratch) const {
  if (Kept(k)) return frames_[k].pairs;
  // Cannot fail: the same structure gave a list when the store was made.
  absl::StatusOr<PairList> pairs = MakePairList(architecture_, structures_[k]);
  SUPERION_CHECK(pairs.ok());
  *scratch = *std::move(pairs);
  return *scratch;
}

template <typename Real>
void FrameStore<Real>::AppendDensity(int k, const PairList& pairs, std::vector<Real>* out) const {
  if (Kept(k)) {
    out->insert(out->end(), densities_[k].begin(), densities_[k].end());
    return;
  }
  const size_t before = out->size();
  out->resize(before + static_cast<size_t>(frames_[k].n_atoms) * architecture_.n_density());
  DensityOperator<Real>(architecture_, density_scale_).Density(pairs, out->data() + before, threads_);
}

template <typename Real>
std::vector<Real> FrameStore<Real>::Density(int k) const {
  if (Kept(k)) return densities_[k];
  PairList scratch;
  std::vector<Real> density;
  AppendDensity(k, Pairs(k, &scratch), &density);
  return density;
}

template class FrameStore<float>;
template class FrameStore<double>;

}  // namespace superion::trainer
