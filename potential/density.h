// The raw density A and the fixed linear operator from its gradient to forces and virial, with the adjoint;
// equations 1-3 and 9 of docs/potential_model.md. Depends on the architecture only: no learned parameter.
#pragma once

#include <vector>

#include "core/neighbor_list.h"
#include "potential/model.h"

namespace superion {

// Directed pairs of one frame or of a batch of frames laid end to end.
struct PairList {
  int n_atoms = 0;
  std::vector<int> center;            // [n_pairs] i, ascending
  std::vector<int> neighbor;          // [n_pairs] j
  std::vector<int> neighbor_species;  // [n_pairs] z_j
  std::vector<Vec3> displacement;     // [n_pairs] r_j - r_i, Å
};

// Species indices [n_atoms] of a structure in a model; InvalidArgument names a species that the model does
// not know.
absl::StatusOr<std::vector<int>> SpeciesIndices(const ModelArchitecture& architecture,
                                                const Structure& structure);
absl::StatusOr<PairList> MakePairList(const ModelArchitecture& architecture, const Structure& structure);

// Template on float and double (explicitly instantiated). Buffers are owned by the caller. Threads: pairs are
// split by center; results do not depend on the number of threads.
template <typename Real>
class DensityOperator {
 public:
  explicit DensityOperator(const ModelArchitecture& architecture, double density_scale = 1.0);

  // density [n_atoms, n_density] (overwritten).
  void Density(const PairList& pairs, Real* density, int threads = 1) const;
  // gradient = ∂E/∂A [n_atoms, n_density] -> forces [n_atoms, 3] (overwritten) and, when not null, pair
  // virials summed per atom of the center [n_atoms, 9].
  void Forces(const PairList& pairs, const Real* gradient, double* forces, double* atom_virials,
              int threads = 1) const;
  // Adjoint of Forces: given ∂L/∂forces [n_atoms, 3] and, when not null, ∂L/∂atom_virials [n_atoms, 9],
  // writes ∂L/∂gradient [n_atoms, n_density].
  void ForcesAdjoint(const PairList& pairs, const double* force_cotangent, const double* virial_cotangent,
                     Real* gradient_cotangent, int threads = 1) const;

 private:
  ModelArchitecture architecture_;
  double density_scale_;
};

}  // namespace superion
