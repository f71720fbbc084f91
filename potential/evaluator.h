// Energy, forces, virial and uncertainty grade of a model, without LibTorch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "potential/density.h"
#include "potential/model.h"

namespace superion {

struct Evaluation {
  double energy = 0.0;                // eV
  std::vector<double> atom_energies;  // [n_atoms] eV
  std::vector<Vec3> forces;           // [n_atoms, 3] eV/Å
  Mat3 virial{};                      // eV; stress = -virial / volume
  std::vector<double> grades;         // [n_atoms]; empty when the model holds no uncertainty data
};

struct EvaluatorOptions {
  bool double_precision = false;  // float32 features with float64 sums, or float64 throughout
  int threads = 1;
  bool grades = true;
  std::string instruction_set;  // avx512, avx2, generic; empty: the widest that this machine has
  bool profile = false;
};

// Wall time inside the kernels since the evaluator was made, summed over threads, ns.
struct EvaluationProfile {
  int64_t neighbors = 0;  // sorting the pairs within the cutoff by species
  int64_t density = 0;
  int64_t layers = 0;   // everything on atoms, forward and backward
  int64_t adjoint = 0;  // from the gradient of the density to pair forces
};

// Those that this machine has, the widest first.
std::vector<std::string> InstructionSets();

// Not thread-safe: one evaluator per thread of MD.
class Evaluator {
 public:
  // InvalidArgument for a model that does not pass CheckModel or an instruction set that this machine lacks.
  static absl::StatusOr<std::unique_ptr<Evaluator>> Create(const Model& model,
                                                           const EvaluatorOptions& options = {});
  virtual ~Evaluator() = default;
  virtual const Model& model() const = 0;
  // The short-ranged part, to which AddElectrostatics (electrostatics.h) belongs when the model has charges.
  // `species` [n_atoms] indices into the model's species. Pairs beyond the cutoff are ignored, so a Verlet
  // list with a skin may be passed. Buffers of `result` are reused.
  virtual void Evaluate(const std::vector<int>& species, const PairList& pairs, Evaluation* result) = 0;
  // All of the model; builds the pair list itself.
  absl::Status EvaluateStructure(const Structure& structure, Evaluation* result);
  // Last-layer features [n_atoms, H+1] of the last call.
  virtual const std::vector<double>& features() const = 0;
  virtual const std::string& instruction_set() const = 0;
  virtual EvaluationProfile profile() const = 0;  // zeros unless asked for in the options
};

}  // namespace superion
