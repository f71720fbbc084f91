// Where every learned tensor of docs/potential_model.md lies in the one flat vector that the optimiser sees.
#pragma once

#include <string>
#include <vector>

#include "potential/model.h"

namespace superion::trainer {

struct ParameterBlock {
  std::string name;  // tensor name in the model file
  std::vector<int64_t> shape;
  int64_t offset = 0;
  int64_t size = 0;
  bool per_species = true;  // first dimension is the species
  bool decayed = true;      // subject to weight decay
};

class ParameterLayout {
 public:
  explicit ParameterLayout(const ModelArchitecture& architecture);
  const std::vector<ParameterBlock>& blocks() const { return blocks_; }
  int64_t size() const { return size_; }
  const ParameterBlock& block(const std::string& name) const;

 private:
  void Append(const std::string& name, std::vector<int64_t> shape, bool per_species, bool decayed);
  std::vector<ParameterBlock> blocks_;
  int64_t size_ = 0;
};

// Random start: mixings of variance 1/fan-in, mix0 in units of `seen` [Z, L+1, Z·N] (1; 0 for a column that
// the frames do not hold, which starts and stays at zero), products started small so that high orders grow
// during training, output layers at zero.
std::vector<double> InitialParameters(const ModelArchitecture& architecture, const std::vector<double>& seen,
                                      uint64_t seed);

// Flat parameters to and from the tensors of a model.
void StoreParameters(const ModelArchitecture& architecture, const std::vector<double>& parameters,
                     Model* model);
absl::StatusOr<std::vector<double>> LoadParameters(const Model& model);

// Copies what `init` knows into `parameters` and the per-species `mean` and `scale` [Z, F]: blocks of known
// species, and for mix0 the rows of known neighbor species. InvalidArgument when the architectures differ in
// more than the species.
absl::Status CopyKnownSpecies(const Model& init, const ModelArchitecture& architecture,
                              std::vector<double>* parameters, std::vector<double>* mean,
                              std::vector<double>* scale);

}  // namespace superion::trainer
