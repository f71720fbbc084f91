#include "trainer/standardisation.h"

#include <algorithm>
#include <cmath>

namespace superion::trainer {
namespace {

constexpr double kSmallestDeviation = 5e-3;  // of an invariant, in units of its root mean square
constexpr double kShareOfOrder = 0.02;       // size of an invariant with one more factor of A

// Size that each standardised invariant gets [F].
std::vector<double> InvariantSizes(const ModelArchitecture& a) {
  std::vector<double> sizes(a.channels, 1.0);
  for (const auto& [first, second] : a.invariant_pairs)
    sizes.insert(sizes.end(), static_cast<size_t>(a.l_max + 1) * a.channels,
                 std::pow(kShareOfOrder, first + second + 1));
  return sizes;
}

}  // namespace

template <typename Real>
std::vector<double> DensityGram(const ModelArchitecture& a, const FrameStore<Real>& frames) {
  const int z = a.n_species(), n = a.n_radial, degrees = a.l_max + 1, n_lm = a.n_lm();
  std::vector<double> gram(static_cast<size_t>(z) * degrees * z * n * n, 0.0), count(z, 0.0);
  const size_t of_center = gram.size() / z;
  const auto add = [&](const Real* block, int l, double* sum) {  // block [n][lm]
    for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm)
      for (int i = 0; i < n; ++i)
        for (int j = 0; j < n; ++j)
          sum[i * n + j] += static_cast<double>(block[i * n_lm + lm]) * block[j * n_lm + lm] / (2 * l + 1);
  };
  for (size_t k = 0; k < frames.size(); ++k) {
    const std::vector<Real> density = frames.Density(static_cast<int>(k));
    const Real* row = density.data();
    for (int c : frames.frames()[k].species) {
      count[c] += 1;
      for (int l = 0; l < degrees; ++l)
        for (int s = 0; s < z; ++s)
          add(row + s * n * n_lm, l, gram.data() + c * of_center + static_cast<size_t>(l * z + s) * n * n);
      row += a.n_density();
    }
  }
  for (size_t i = 0; i < gram.size(); ++i) gram[i] /= std::max(1.0, count[i / of_center]);
  return gram;
}

template <typename Real>
void MeasureInvariants(const ModelArchitecture& a, const FrameStore<Real>& frames,
                       const AtomNetwork<Real>& network, std::vector<double>* mean,
                       std::vector<double>* scale) {
  const int f = a.n_features(), z = a.n_species();
  std::vector<double> square(static_cast<size_t>(z) * f, 0.0), count(z, 0.0);
  mean->assign(static_cast<size_t>(z) * f, 0.0);
  scale->assign(static_cast<size_t>(z) * f, 1.0);
  typename AtomNetwork<Real>::Workspace workspace;
  std::vector<Real> invariants;
  for (size_t number = 0; number < frames.size(); ++number) {
    const PreparedFrame& frame = frames.frames()[number];
    invariants.resize(static_cast<size_t>(frame.n_atoms) * f);
    const std::vector<Real> density = frames.Density(static_cast<int>(number));
    network.Invariants(MakeAtomTiles(frame.species, z), density.data(), invariants.data(), &workspace);
    for (int i = 0; i < frame.n_atoms; ++i) {
      const int c = frame.species[i];
      count[c] += 1;
      for (int k = 0; k < f; ++k) {
        const double value = invariants[static_cast<size_t>(i) * f + k];
        (*mean)[c * f + k] += value;
        square[c * f + k] += value * value;
      }
    }
  }
  const std::vector<double> sizes = InvariantSizes(a);
  for (int c = 0; c < z; ++c)
    for (int k = c * f; k < (c + 1) * f && count[c] > 0; ++k) {
      (*mean)[k] /= count[c];
      const double rms2 = square[k] / count[c];
      // A constant invariant (one atom in a rigid cell) must not blow up rounding errors.
      (*scale)[k] = std::sqrt(std::max({rms2 - (*mean)[k] * (*mean)[k],
                                        kSmallestDeviation * kSmallestDeviation * rms2, 1e-12})) /
                    sizes[k % f];
    }
}

template std::vector<double> DensityGram(const ModelArchitecture&, const FrameStore<float>&);
template std::vector<double> DensityGram(const ModelArchitecture&, const FrameStore<double>&);
template void MeasureInvariants(const ModelArchitecture&, const FrameStore<float>&, const AtomNetwork<float>&,
                                std::vector<double>*, std::vector<double>*);
template void MeasureInvariants(const ModelArchitecture&, const FrameStore<double>&,
                                const AtomNetwork<double>&, std::vector<double>*, std::vector<double>*);

}  // namespace superion::trainer
