// The per-atom network over a batch of atoms of any species: energies, G = ∂E/∂A, and the gradient by all
// parameters of any function of both. Equations 4-7 of docs/potential_model.md; no LibTorch in here.
#pragma once

#include <utility>
#include <vector>

#include "potential/model.h"
#include "trainer/atom_network_kernel.h"
#include "trainer/parameter_layout.h"

namespace superion::trainer {

// The atoms of a batch in tiles of one species.
struct AtomTiles {
  struct Tile {
    int species, first, count;  // atoms order[first .. first + count - 1]
  };
  std::vector<int> order;
  std::vector<Tile> tiles;
};
AtomTiles MakeAtomTiles(const std::vector<int>& species, int n_species);

// Real is float or double. Results do not depend on the number of threads.
template <typename Real>
class AtomNetwork {
 public:
  explicit AtomNetwork(const ModelArchitecture& architecture, int threads);

  const ParameterLayout& layout() const { return layout_; }
  // Copies the parameters (flat, see ParameterLayout) and the standardisation of the invariants [Z, F].
  void SetParameters(const Real* parameters);
  void SetStandardisation(const std::vector<double>& mean, const std::vector<double>& scale);
  // What was set last.
  const std::vector<Real>& parameters() const { return parameters_; }
  const std::vector<Real>& mean() const { return mean_; }
  const std::vector<Real>& inverse_scale() const { return inverse_scale_; }

  // What Energies leaves for WeightGradient, reusable between calls.
  struct Workspace {
    std::vector<Real> states, tangents, gradients;
  };
  // density [n_atoms, n_density]. energies [n_atoms] in units of the energy scale, without reference
  // energies; gradient [n_atoms, n_density] may be null; last_layer [n_atoms, H] may be null.
  void Energies(const AtomTiles& tiles, const Real* density, Real* energies, Real* gradient, Real* last_layer,
                Workspace* workspace) const;
  // Raw invariants [n_atoms, F].
  void Invariants(const AtomTiles& tiles, const Real* density, Real* invariants, Workspace* workspace) const;
  // After Energies with gradient on the same workspace: writes the gradient by the parameters of
  // Σ_i energy_weight_i E_i + Σ_i direction_i · G_i  (energy_weight [n_atoms], direction [n_atoms,
  // n_density]).
  void WeightGradient(const AtomTiles& tiles, const Real* energy_weight, const Real* direction,
                      Workspace* workspace, Real* parameter_gradient) const;

 private:
  void BuildShape();
  // Ranges of the flat parameters that atoms of these species use.
  std::vector<std::pair<long, long>> TouchedParameters(int first_species, int last_species) const;
  KernelWeights<Real> Weights(int species) const;
  KernelWeights<Real> GradientWeights(int species, Real* base) const;
  void Gather(const AtomTiles& tiles, const AtomTiles::Tile& tile, const Real* density, Real* out) const;
  void Scatter(const AtomTiles& tiles, const AtomTiles::Tile& tile, const Real* in, Real* density) const;

  ModelArchitecture architecture_;
  ParameterLayout layout_;
  int threads_;
  KernelShape shape_{};
  KernelLayout at_{};
  Kernel<Real> kernel_;
  std::vector<int> degree_;
  std::vector<KernelGroup> groups_;
  std::vector<KernelTerm> terms_;
  std::vector<Real> parameters_, mix0_t_, mix_t_, w1_t_, w2_t_, mean_, inverse_scale_;
};

}  // namespace superion::trainer
