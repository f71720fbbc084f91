#include "tests/unit/trainer/reference_network.h"

#include "potential/coupling.h"
#include "trainer/parameter_layout.h"

namespace superion::trainer {
namespace {

using at::Tensor;

struct AtomReference {
  const ModelArchitecture& a;
  const ParameterLayout layout;
  const Tensor& parameters;

  Tensor Get(const std::string& name) const {
    const ParameterBlock& block = layout.block(name);
    return parameters.narrow(0, block.offset, block.size).reshape(block.shape);
  }

  // [n_paths, n_lm, n_lm, n_lm]
  Tensor Coupling() const {
    const int64_t q = static_cast<int64_t>(CouplingPaths(a.l_max).size()), m = a.n_lm();
    Tensor c = at::zeros({q, m, m, m}, at::kDouble);
    for (const CouplingTerm& t : CouplingTerms(a.l_max)) c[t.path][t.lm1][t.lm2][t.lm3] = t.value;
    return c;
  }

  Tensor DegreeOf() const {
    std::vector<int64_t> degree;
    for (int l = 0; l <= a.l_max; ++l) degree.insert(degree.end(), 2 * l + 1, l);
    return at::tensor(degree, at::kLong);
  }

  // density [n_density] of one atom of species c -> invariants [F]
  Tensor Invariants(const Tensor& density, int c, const Tensor& coupling) const {
    const Tensor degree = DegreeOf();
    const Tensor mixing = Get("mix0")[c].index_select(0, degree);  // [lm, zn, k]
    std::vector<Tensor> x{at::einsum("jm,mjk->mk", {density.reshape({-1, a.n_lm()}), mixing})};
    for (int p = 1; p <= a.products; ++p) {
      const Tensor t = at::einsum("qabd,ak,bk->qdk", {coupling, x[p - 1], x[0]});
      const Tensor u = at::einsum("qk,qdk->dk", {Get(fmt::format("path{}", p))[c], t});
      const Tensor v = at::einsum("dj,djk->dk", {u, Get(fmt::format("mixp{}", p)).index_select(0, degree)});
      x.push_back(v / at::sqrt(1.0 + v.square().sum() / static_cast<double>(a.channels * a.n_lm())));
    }
    std::vector<Tensor> f{x[0][0]};
    for (const auto& [i, j] : a.invariant_pairs)
      for (int l = 0; l <= a.l_max; ++l)
        f.push_back((x[i] * x[j]).narrow(0, l * l, 2 * l + 1).sum(0) / (2.0 * l + 1));
    return at::cat(f);
  }

  Tensor Energy(const Tensor& invariants, int c, const Tensor& mean, const Tensor& scale) const {
    const Tensor x = (invariants - mean) / scale;
    const Tensor h1 = at::silu(at::mv(Get("w1")[c], x) + Get("b1")[c]);
    const Tensor h2 = at::silu(at::mv(Get("w2")[c], h1) + Get("b2")[c]);
    return at::dot(Get("w_lin")[c], x) + at::dot(Get("w3")[c], h2);
  }
};

}  // namespace

Tensor ReferenceAtomEnergies(const ModelArchitecture& a, const Tensor& parameters, const Tensor& density,
                             const std::vector<int>& species, const std::vector<double>& mean,
                             const std::vector<double>& scale) {
  const AtomReference reference{a, ParameterLayout(a), parameters};
  const Tensor coupling = reference.Coupling();
  const Tensor m = at::tensor(mean, at::kDouble).reshape({a.n_species(), -1});
  const Tensor s = at::tensor(scale, at::kDouble).reshape({a.n_species(), -1});
  std::vector<Tensor> energies;
  for (size_t i = 0; i < species.size(); ++i) {
    const int c = species[i];
    const Tensor f = reference.Invariants(density[static_cast<int64_t>(i)], c, coupling);
    energies.push_back(reference.Energy(f, c, m[c], s[c]));
  }
  return at::stack(energies);
}

}  // namespace superion::trainer
