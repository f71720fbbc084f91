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
  out.n_pairs = out.pairs.center.size();
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
                                                         int threads, size_t first) {
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
      return absl::Status(status[k].code(), fmt::format("frame {}: {}", first + k + 1, status[k].message()));
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
    pairs += static_cast<double>(frame.n_pairs);
    atoms += frame.n_atoms;
    for (double f : frame.forces) force_square += f * f;
    std::vector<int> count(architecture.n_species(), 0);
    for (int c : frame.species) ++count[c];
    counts.push_back(std::move(count));
    energies.push_back(frame.energy);
  }
  // Of f_c² over the sphere of the cutoff: 3 ∫ u² (1 - u)^(2p) du. The quintic's scale stays as it was.
  const double p = architecture.cutoff_power;
  const double mean_square = p == 0 ? 1.0 : 6 / ((2 * p + 1) * (2 * p + 2) * (2 * p + 3));
  scales.density_scale = 1.0 / std::sqrt(std::max(1.0, pairs / atoms) * mean_square);
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

}  // namespace superion::trainer
