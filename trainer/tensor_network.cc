#include "trainer/tensor_network.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "potential/coupling.h"

namespace superion::trainer {

using at::Tensor;

AtomSlots MakeAtomSlots(const std::vector<int>& species, int n_species, at::Device device) {
  std::vector<int64_t> count(n_species, 0), slot(species.size());
  for (size_t i = 0; i < species.size(); ++i) slot[i] = count[species[i]]++;
  AtomSlots slots;
  slots.n_slots = *std::max_element(count.begin(), count.end());
  for (size_t i = 0; i < species.size(); ++i) slot[i] += species[i] * slots.n_slots;
  slots.slot = at::tensor(slot, at::kLong).to(device);
  return slots;
}

TensorNetwork::TensorNetwork(const ModelArchitecture& a, at::ScalarType type, at::Device device)
    : architecture_(a), layout_(a) {
  const int64_t m = a.n_lm();
  Tensor degree = at::zeros({m, a.l_max + 1}, at::kDouble), mean = at::zeros({a.l_max + 1, m}, at::kDouble);
  for (int l = 0; l <= a.l_max; ++l)
    for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) degree[lm][l] = 1.0, mean[l][lm] = 1.0 / (2 * l + 1);
  const std::vector<CouplingPath> paths = CouplingPaths(a.l_max);
  std::vector<int64_t> first;  // row of the path's first component
  int64_t rows = 0;
  for (const CouplingPath& path : paths) first.push_back(rows), rows += 2 * path.l3 + 1;
  Tensor coupling = at::zeros({rows, m * m}, at::kDouble);
  Tensor path_of = at::zeros({rows, static_cast<int64_t>(paths.size())}, at::kDouble);
  Tensor result = at::zeros({m, rows}, at::kDouble);
  for (size_t q = 0; q < paths.size(); ++q) {
    const int64_t l3 = paths[q].l3;
    for (int64_t i = 0; i < 2 * l3 + 1; ++i)
      path_of[first[q] + i][static_cast<int64_t>(q)] = 1.0, result[l3 * l3 + i][first[q] + i] = 1.0;
  }
  for (const CouplingTerm& t : CouplingTerms(a.l_max)) {
    const int64_t l3 = paths[t.path].l3;
    coupling[first[t.path] + t.lm3 - l3 * l3][t.lm1 * m + t.lm2] = t.value;
  }
  const auto place = [&](const Tensor& matrix) { return matrix.to(device, type); };
  degree_ = place(degree), coupling_ = place(coupling), path_ = place(path_of), result_ = place(result),
  mean_of_degree_ = place(mean);
}

Tensor TensorNetwork::ToSlots(const AtomSlots& slots, const Tensor& density) const {
  const int64_t z = architecture_.n_species(), m = architecture_.n_lm();
  return at::zeros({z * slots.n_slots, density.size(1)}, density.options())
      .index_copy(0, slots.slot, density)
      .reshape({z, slots.n_slots, -1, m})
      .permute({3, 0, 1, 2})
      .contiguous();
}

Tensor TensorNetwork::FromSlots(const AtomSlots& slots, const Tensor& density) const {
  const int64_t z = architecture_.n_species();
  return density.permute({1, 2, 3, 0}).reshape({z * slots.n_slots, -1}).index_select(0, slots.slot);
}

// All at once: the gradient by the parameters is then put together in one step.
TensorNetwork::Weights TensorNetwork::Split(const Tensor& parameters) const {
  std::vector<int64_t> sizes;
  for (const ParameterBlock& block : layout_.blocks()) sizes.push_back(block.size);
  const std::vector<Tensor> parts = at::split_with_sizes(parameters, sizes);
  Weights weights;
  for (size_t b = 0; b < parts.size(); ++b)
    weights[layout_.blocks()[b].name] = parts[b].reshape(layout_.blocks()[b].shape);
  return weights;
}

Tensor TensorNetwork::ByComponent(const Tensor& by_degree) const {
  std::vector<int64_t> shape = by_degree.sizes().vec();
  shape[0] = architecture_.n_lm();
  return at::mm(degree_, by_degree.reshape({by_degree.size(0), -1})).reshape(shape);
}

// Equation 5 up to U: x and y [n_lm, Z, n, K], path weights [Z, Q, K].
Tensor TensorNetwork::Product(const Tensor& path_weights, const Tensor& x, const Tensor& y) const {
  const int64_t m = x.size(0), z = x.size(1), n = x.size(2), k = x.size(3);
  const Tensor outer = (x.unsqueeze(1) * y.unsqueeze(0)).reshape({m * m, z * n * k});
  const Tensor t = at::mm(coupling_, outer).reshape({-1, z, n, k});
  const Tensor w = at::mm(path_, path_weights.transpose(0, 1).reshape({-1, z * k})).reshape({-1, z, 1, k});
  return at::mm(result_, (w * t).reshape({-1, z * n * k})).reshape({m, z, n, k});
}

Tensor TensorNetwork::Gate(const Tensor& v) const {
  const double size = static_cast<double>(v.size(0) * v.size(3));
  return v * at::rsqrt(1.0 + v.square().sum(at::IntArrayRef{0, 3}, true) / size);
}

// Equation 6: [Z, n, F].
Tensor TensorNetwork::Invariants(const std::vector<Tensor>& x) const {
  const int64_t m = x[0].size(0), z = x[0].size(1), n = x[0].size(2), k = x[0].size(3);
  std::vector<Tensor> f{x[0][0]};
  for (const auto& [a, b] : architecture_.invariant_pairs)
    f.push_back(at::mm(mean_of_degree_, (x[a] * x[b]).reshape({m, -1}))
                    .reshape({-1, z, n, k})
                    .permute({1, 2, 0, 3})
                    .reshape({z, n, -1}));
  return at::cat(f, 2);
}

// Equation 7 for standardised invariants.
Tensor TensorNetwork::Readout(const Weights& weights, const Tensor& x) const {
  const auto layer = [&](const char* w, const char* b, const Tensor& in) {
    return at::silu(at::matmul(in, weights.at(w).transpose(1, 2)) + weights.at(b).unsqueeze(1));
  };
  const Tensor h2 = layer("w2", "b2", layer("w1", "b1", x));
  return (at::matmul(x, weights.at("w_lin").unsqueeze(2)) + at::matmul(h2, weights.at("w3").unsqueeze(2)))
      .squeeze(2);
}

Tensor TensorNetwork::Energies(const Tensor& parameters, const Tensor& density, const Tensor& mean,
                               const Tensor& inverse_scale) const {
  const Weights weights = Split(parameters);
  const Tensor mixing = ByComponent(weights.at("mix0").transpose(0, 1));  // [n_lm, Z, Z·N, K]
  std::vector<Tensor> x{at::matmul(density, mixing)};
  const int64_t m = density.size(0), k = architecture_.channels;
  for (int p = 1; p <= architecture_.products; ++p) {
    const Tensor u = Product(weights.at(fmt::format("path{}", p)), x[p - 1], x[0]);
    const Tensor v = at::bmm(u.reshape({m, -1, k}), ByComponent(weights.at(fmt::format("mixp{}", p))));
    x.push_back(Gate(v.reshape(u.sizes())));
  }
  return Readout(weights, (Invariants(x) - mean.unsqueeze(1)) * inverse_scale.unsqueeze(1));
}

}  // namespace superion::trainer
