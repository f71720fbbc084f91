#include "trainer/parameter_layout.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/random.h"
#include "potential/coupling.h"
#include "trainer/warm_start.h"

namespace superion::trainer {
namespace {

int64_t Product(const std::vector<int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

}  // namespace

ParameterLayout::ParameterLayout(const ModelArchitecture& a) {
  const int64_t z = a.n_species(), l = a.l_max + 1, k = a.channels, f = a.n_features(), h = a.hidden;
  const int64_t q = static_cast<int64_t>(CouplingPaths(a.l_max).size());
  Append("mix0", {z, l, z * a.n_radial, k}, true, true);
  for (int p = 1; p <= a.products; ++p) {
    Append(fmt::format("path{}", p), {z, q, k}, true, true);
    Append(fmt::format("mixp{}", p), {l, k, k}, false, true);
  }
  Append("w1", {z, h, f}, true, true);
  Append("b1", {z, h}, true, false);
  Append("w2", {z, h, h}, true, true);
  Append("b2", {z, h}, true, false);
  Append("w_lin", {z, f}, true, false);
  Append("w3", {z, h}, true, false);
}

void ParameterLayout::Append(const std::string& name, std::vector<int64_t> shape, bool per_species,
                             bool decayed) {
  const int64_t size = Product(shape);
  blocks_.push_back({name, std::move(shape), size_, size, per_species, decayed});
  size_ += size;
}

const ParameterBlock& ParameterLayout::block(const std::string& name) const {
  const auto it = std::find_if(blocks_.begin(), blocks_.end(), [&](const auto& b) { return b.name == name; });
  SUPERION_CHECK(it != blocks_.end());
  return *it;
}

std::vector<double> InitialParameters(const ModelArchitecture& a, const std::vector<double>& seen,
                                      uint64_t seed) {
  const ParameterLayout layout(a);
  std::vector<double> parameters(layout.size(), 0.0);
  for (const ParameterBlock& block : layout.blocks()) {
    Random random(DeriveSeed(seed, "parameters/" + block.name));
    const auto fill = [&](double deviation) {
      for (int64_t i = 0; i < block.size; ++i) parameters[block.offset + i] = deviation * random.Gaussian();
    };
    if (block.name == "mix0") {
      fill(1.0 / std::sqrt(static_cast<double>(block.shape[2])));
      for (int64_t i = 0; i < block.size; ++i) parameters[block.offset + i] *= seen[i / a.channels];
    } else if (block.name.rfind("path", 0) == 0) {
      fill(1.0 / std::sqrt(static_cast<double>(block.shape[1])));
    } else if (block.name.rfind("mixp", 0) == 0) {
      fill(1.0 / std::sqrt(static_cast<double>(a.channels)));
    } else if (block.name == "w1" || block.name == "w2") {
      fill(1.0 / std::sqrt(static_cast<double>(block.shape[2])));
    } else if (block.name == "w3") {
      fill(0.1 / std::sqrt(static_cast<double>(a.hidden)));
    }
  }
  return parameters;
}

void StoreParameters(const ModelArchitecture& architecture, const std::vector<double>& parameters,
                     Model* model) {
  const ParameterLayout layout(architecture);
  for (const ParameterBlock& block : layout.blocks())
    model->tensors[block.name] = {
        block.shape, {parameters.begin() + block.offset, parameters.begin() + block.offset + block.size}};
}

absl::StatusOr<std::vector<double>> LoadParameters(const Model& model) {
  SUPERION_RETURN_IF_ERROR(CheckModel(model));
  const ParameterLayout layout(model.architecture);
  std::vector<double> parameters(layout.size());
  for (const ParameterBlock& block : layout.blocks())
    std::copy_n(model.tensors.at(block.name).values.begin(), block.size, parameters.begin() + block.offset);
  return parameters;
}

namespace {

absl::Status CheckSameShape(const ModelArchitecture& old, const ModelArchitecture& now) {
  if (SameShape(old, now) && old.cutoff_angstrom == now.cutoff_angstrom &&
      old.cutoff_power == now.cutoff_power && old.smoothstep == now.smoothstep)
    return absl::OkStatus();
  return InvalidArgument("warm start: the initial model has {}; asked for {}", DescribeShape(old),
                         DescribeShape(now));
}

}  // namespace

absl::Status CopyKnownSpecies(const Model& init, const ModelArchitecture& now,
                              std::vector<double>* parameters, std::vector<double>* mean,
                              std::vector<double>* scale) {
  const ModelArchitecture& old = init.architecture;
  SUPERION_RETURN_IF_ERROR(CheckSameShape(old, now));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<double> from, LoadParameters(init));
  std::vector<int> old_index(now.n_species(), -1);
  for (int c = 0; c < now.n_species(); ++c) {
    const auto it = std::find(old.species.begin(), old.species.end(), now.species[c]);
    if (it != old.species.end()) old_index[c] = static_cast<int>(it - old.species.begin());
  }
  const ParameterLayout old_layout(old), layout(now);
  for (const ParameterBlock& block : layout.blocks()) {
    const ParameterBlock& source = old_layout.block(block.name);
    if (!block.per_species) {
      std::copy_n(from.begin() + source.offset, block.size, parameters->begin() + block.offset);
      continue;
    }
    // mix0 is [c][l][z][n, k]: the neighbor species is matched as well. The others are one row per center
    // species.
    const bool mix0 = block.name == "mix0";
    const int64_t rows = mix0 ? now.l_max + 1 : 1, inner = mix0 ? now.n_species() : 1;
    const int64_t old_inner = mix0 ? old.n_species() : 1;
    const int64_t chunk = block.size / (now.n_species() * rows * inner);
    for (int c = 0; c < now.n_species(); ++c)
      for (int64_t l = 0; l < rows; ++l)
        for (int64_t z = 0; z < inner; ++z) {
          const int64_t old_z = mix0 ? old_index[z] : 0;
          if (old_index[c] < 0 || old_z < 0) continue;
          std::copy_n(from.begin() + source.offset + ((old_index[c] * rows + l) * old_inner + old_z) * chunk,
                      chunk, parameters->begin() + block.offset + ((c * rows + l) * inner + z) * chunk);
        }
  }
  const int64_t f = now.n_features();
  for (int c = 0; c < now.n_species(); ++c) {
    if (old_index[c] < 0) continue;
    std::copy_n(init.tensors.at("feature_mean").values.begin() + old_index[c] * f, f, mean->begin() + c * f);
    std::copy_n(init.tensors.at("feature_scale").values.begin() + old_index[c] * f, f,
                scale->begin() + c * f);
  }
  return absl::OkStatus();
}

}  // namespace superion::trainer
