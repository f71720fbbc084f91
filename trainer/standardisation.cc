#include "trainer/standardisation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace superion::trainer {
namespace {

constexpr double kSmallestRms = 0.25;        // of the columns of one species and degree
constexpr double kSmallestDeviation = 5e-3;  // of an invariant, in units of its root mean square
constexpr double kShareOfOrder = 0.3;        // size of an invariant with one more factor of A

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
std::vector<double> DensityRms(const ModelArchitecture& a, const FrameStore<Real>& frames) {
  const int columns = a.n_species() * a.n_radial, degrees = a.l_max + 1, n_lm = a.n_lm();
  std::vector<double> square(static_cast<size_t>(a.n_species()) * degrees * columns, 0.0);
  std::vector<double> count(a.n_species(), 0.0);
  for (size_t k = 0; k < frames.size(); ++k) {
    const std::vector<Real> density = frames.Density(static_cast<int>(k));
    const Real* row = density.data();
    for (int c : frames.frames()[k].species) {
      count[c] += 1;
      for (int j = 0; j < columns; ++j)
        for (int l = 0; l < degrees; ++l)
          for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm)
            square[(c * degrees + l) * columns + j] +=
                static_cast<double>(row[j * n_lm + lm]) * row[j * n_lm + lm] / (2 * l + 1);
      row += a.n_density();
    }
  }
  for (int block = 0; block < a.n_species() * degrees; ++block) {
    double* rms = square.data() + static_cast<size_t>(block) * columns;
    const double n = std::max(1.0, count[block / degrees]);
    const double typical = std::sqrt(std::accumulate(rms, rms + columns, 0.0) / n / columns);
    for (int j = 0; j < columns; ++j)
      if (rms[j] > 0) rms[j] = std::max(std::sqrt(rms[j] / n), kSmallestRms * typical);
  }
  return square;
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

template std::vector<double> DensityRms(const ModelArchitecture&, const FrameStore<float>&);
template std::vector<double> DensityRms(const ModelArchitecture&, const FrameStore<double>&);
template void MeasureInvariants(const ModelArchitecture&, const FrameStore<float>&, const AtomNetwork<float>&,
                                std::vector<double>*, std::vector<double>*);
template void MeasureInvariants(const ModelArchitecture&, const FrameStore<double>&,
                                const AtomNetwork<double>&, std::vector<double>*, std::vector<double>*);

}  // namespace superion::trainer
