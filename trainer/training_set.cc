#include "trainer/training_set.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "potential/parallel.h"
#include "potential/zbl.h"
#include "trainer/reference_energy.h"

namespace superion::trainer {
namespace {

absl::StatusOr<PreparedFrame> PrepareFrame(const ModelArchitecture& architecture, const Frame& frame,
                                           double zbl_scale) {
  const Structure& s = frame.structure;
  PreparedFrame out;
  out.n_atoms = static_cast<int>(s.size());
  out.volume = s.Volume();
  SUPERION_ASSIGN_OR_RETURN(out.species, SpeciesIndices(architecture, s));
  SUPERION_ASSIGN_OR_RETURN(out.pairs, MakePairList(architecture, s));
  std::vector<Vec3> zbl_forces(s.size(), Vec3{});
  Mat3 zbl_virial{};
  out.energy =
      *frame.energy -
      ZblCore(architecture, zbl_scale).Add(out.species, out.pairs, nullptr, zbl_forces.data(), &zbl_virial);
  for (size_t i = 0; i < s.size(); ++i)
    for (int a = 0; a < 3; ++a) {
      out.forces.push_back(frame.forces[i][a] - zbl_forces[i][a]);
      out.force_square += frame.forces[i][a] * frame.forces[i][a];
    }
  if (frame.stress.has_value()) {
    Mat3 virial{};
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) virial[a][b] = -s.Volume() * (*frame.stress)[a][b] - zbl_virial[a][b];
    out.virial = virial;
  }
  return out;
}

}  // namespace

absl::StatusOr<std::vector<PreparedFrame>> PrepareFrames(const ModelArchitecture& architecture,
                                                         const std::vector<Frame>& frames, double zbl_scale,
                                                         int threads) {
  const int n = static_cast<int>(frames.size());
  std::vector<PreparedFrame> prepared(n);
  std::vector<absl::Status> status(n);
  ParallelChunks(n, threads, [&](int k, int) {
    absl::StatusOr<PreparedFrame> one = PrepareFrame(architecture, frames[k], zbl_scale);
    if (one.ok())
      prepared[k] = *std::move(one);
    else
      status[k] = one.status();
  });
  for (int k = 0; k < n; ++k)
    if (!status[k].ok())
      return absl::Status(status[k].code(), fmt::format("frame {}: {}", k + 1, status[k].message()));
  return prepared;
}

FixedScales MeasureScales(const ModelArchitecture& architecture, const std::vector<PreparedFrame>& frames,
                          double zbl_scale) {
  FixedScales scales;
  scales.zbl_scale = zbl_scale;
  double pairs = 0, atoms = 0, force_square = 0;
  std::vector<std::vector<int>> counts;
  std::vector<double> energies;
  for (const PreparedFrame& frame : frames) {
    pairs += static_cast<double>(frame.pairs.center.size());
    atoms += frame.n_atoms;
    for (double f : frame.forces) force_square += f * f;
    std::vector<int> count(architecture.n_species(), 0);
    for (int c : frame.species) ++count[c];
    counts.push_back(std::move(count));
    energies.push_back(frame.energy);
  }
  scales.density_scale = 1.0 / std::sqrt(std::max(1.0, pairs / atoms));
  scales.reference_energy = ReferenceEnergies(counts, energies);
  scales.energy_scale = std::clamp(std::sqrt(force_square / (3 * atoms)), 0.01, 10.0);
  return scales;
}

void KeepKnownReferences(const Model& init, const ModelArchitecture& architecture,
                         const std::vector<PreparedFrame>& frames, std::vector<double>* reference_energy) {
  const std::vector<std::string>& old = init.architecture.species;
  std::vector<int> unknown;  // species of the new architecture
  for (int c = 0; c < architecture.n_species(); ++c) {
    const auto it = std::find(old.begin(), old.end(), architecture.species[c]);
    if (it == old.end())
      unknown.push_back(c);
    else
      (*reference_energy)[c] = init.tensors.at("reference_energy").values[it - old.begin()];
  }
  std::vector<std::vector<int>> counts;
  std::vector<double> energies;
  for (const PreparedFrame& frame : frames) {
    std::vector<int> count(unknown.size(), 0);
    double energy = frame.energy;
    bool any = false;
    for (int c : frame.species) {
      const auto it = std::find(unknown.begin(), unknown.end(), c);
      if (it == unknown.end())
        energy -= (*reference_energy)[c];
      else
        ++count[it - unknown.begin()], any = true;
    }
    if (any) counts.push_back(std::move(count)), energies.push_back(energy);
  }
  if (counts.empty()) return;
  const std::vector<double> fitted = ReferenceEnergies(counts, energies);
  for (size_t k = 0; k < unknown.size(); ++k) (*reference_energy)[unknown[k]] = fitted[k];
}

void SubtractReference(const std::vector<double>& reference_energy, std::vector<PreparedFrame>* frames) {
  for (PreparedFrame& frame : *frames)
    for (int c : frame.species) frame.energy -= reference_energy[c];
}

template <typename Real>
std::vector<Real> FrameDensities(const ModelArchitecture& architecture, double density_scale,
                                 const std::vector<PreparedFrame>& frames, int threads) {
  const DensityOperator<Real> density(architecture, density_scale);
  const size_t width = architecture.n_density();
  std::vector<size_t> first;
  size_t n = 0;
  for (const PreparedFrame& frame : frames) first.push_back(n), n += frame.n_atoms;
  std::vector<Real> out(n * width);
  ParallelChunks(static_cast<int>(frames.size()), threads,
                 [&](int k, int) { density.Density(frames[k].pairs, out.data() + first[k] * width, 1); });
  return out;
}

template <typename Real>
std::vector<double> DensityRms(const ModelArchitecture& a, const std::vector<PreparedFrame>& frames,
                               const std::vector<Real>& densities) {
  const int columns = a.n_species() * a.n_radial, degrees = a.l_max + 1, n_lm = a.n_lm();
  std::vector<double> square(static_cast<size_t>(a.n_species()) * degrees * columns, 0.0);
  std::vector<double> count(a.n_species(), 0.0);
  size_t atom = 0;
  for (const PreparedFrame& frame : frames)
    for (int c : frame.species) {
      const Real* row = densities.data() + atom++ * a.n_density();
      count[c] += 1;
      for (int j = 0; j < columns; ++j)
        for (int l = 0; l < degrees; ++l)
          for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm)
            square[(c * degrees + l) * columns + j] +=
                static_cast<double>(row[j * n_lm + lm]) * row[j * n_lm + lm] / (2 * l + 1);
    }
  for (size_t i = 0; i < square.size(); ++i) {
    const double n = count[i / (degrees * columns)];
    square[i] = square[i] > 0 ? std::sqrt(square[i] / n) : 1.0;
  }
  return square;
}

template <typename Real>
void MeasureInvariants(const ModelArchitecture& a, const std::vector<PreparedFrame>& frames,
                       const std::vector<Real>& densities, const AtomNetwork<Real>& network,
                       std::vector<double>* mean, std::vector<double>* scale) {
  const int f = a.n_features(), z = a.n_species();
  std::vector<double> square(static_cast<size_t>(z) * f, 0.0), count(z, 0.0);
  mean->assign(static_cast<size_t>(z) * f, 0.0);
  scale->assign(static_cast<size_t>(z) * f, 1.0);
  typename AtomNetwork<Real>::Workspace workspace;
  std::vector<Real> invariants;
  size_t atom = 0;
  for (const PreparedFrame& frame : frames) {
    invariants.resize(static_cast<size_t>(frame.n_atoms) * f);
    network.Invariants(MakeAtomTiles(frame.species, z), densities.data() + atom * a.n_density(),
                       invariants.data(), &workspace);
    for (int i = 0; i < frame.n_atoms; ++i) {
      const int c = frame.species[i];
      count[c] += 1;
      for (int k = 0; k < f; ++k) {
        const double value = invariants[static_cast<size_t>(i) * f + k];
        (*mean)[c * f + k] += value;
        square[c * f + k] += value * value;
      }
    }
    atom += frame.n_atoms;
  }
  for (int c = 0; c < z; ++c)
    for (int k = c * f; k < (c + 1) * f && count[c] > 0; ++k) {
      (*mean)[k] /= count[c];
      const double rms2 = square[k] / count[c];
      // A constant invariant (one atom in a rigid cell) must not blow up rounding errors.
      (*scale)[k] = std::sqrt(std::max({rms2 - (*mean)[k] * (*mean)[k], 1e-6 * rms2, 1e-12}));
    }
}

template std::vector<float> FrameDensities(const ModelArchitecture&, double,
                                           const std::vector<PreparedFrame>&, int);
template std::vector<double> FrameDensities(const ModelArchitecture&, double,
                                            const std::vector<PreparedFrame>&, int);
template std::vector<double> DensityRms(const ModelArchitecture&, const std::vector<PreparedFrame>&,
                                        const std::vector<float>&);
template std::vector<double> DensityRms(const ModelArchitecture&, const std::vector<PreparedFrame>&,
                                        const std::vector<double>&);
template void MeasureInvariants(const ModelArchitecture&, const std::vector<PreparedFrame>&,
                                const std::vector<float>&, const AtomNetwork<float>&, std::vector<double>*,
                                std::vector<double>*);
template void MeasureInvariants(const ModelArchitecture&, const std::vector<PreparedFrame>&,
                                const std::vector<double>&, const AtomNetwork<double>&, std::vector<double>*,
                                std::vector<double>*);

}  // namespace superion::trainer
