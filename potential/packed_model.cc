#include "potential/packed_model.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "potential/coupling.h"
#include "potential/linear_algebra.h"

namespace superion {
namespace {

using kernel::kPad;
using kernel::kTile;

int Padded(int n) { return (n + kPad - 1) / kPad * kPad; }

// One path of a product after folding: `weights` are the rows of `path<p>` that add up to its weight.
struct FoldedPath {
  std::vector<int> weights;
};
struct FoldedTerm {
  int path, lm1, lm2, lm3;
  double value;
};
struct FoldedProduct {
  std::vector<FoldedPath> paths;
  std::vector<FoldedTerm> terms;  // ordered by lm3, then path
};

// With both factors X_0, (l1, l2 -> l3) and (l2, l1 -> l3) give the same tensor, and m1, m2 may be exchanged
// within l1 = l2: half of the work is left.
FoldedProduct Fold(int l_max, bool symmetric) {
  const std::vector<CouplingPath> paths = CouplingPaths(l_max);
  std::map<std::tuple<int, int, int>, int> index;
  std::vector<int> folded_path(paths.size());
  FoldedProduct product;
  for (size_t q = 0; q < paths.size(); ++q) {
    auto [l1, l2, l3] = paths[q];
    if (symmetric && l1 > l2) std::swap(l1, l2);
    const auto [at, inserted] = index.emplace(std::tuple(l1, l2, l3), static_cast<int>(product.paths.size()));
    if (inserted) product.paths.emplace_back();
    product.paths[at->second].weights.push_back(static_cast<int>(q));
    folded_path[q] = at->second;
  }
  for (const CouplingTerm& term : CouplingTerms(l_max)) {
    const CouplingPath& path = paths[term.path];
    double value = term.value;
    if (symmetric) {
      if (path.l1 > path.l2 || (path.l1 == path.l2 && term.lm1 > term.lm2)) continue;
      if (path.l1 == path.l2 && term.lm1 != term.lm2) value *= 2.0;
    }
    product.terms.push_back({folded_path[term.path], term.lm1, term.lm2, term.lm3, value});
  }
  std::stable_sort(product.terms.begin(), product.terms.end(), [](const FoldedTerm& a, const FoldedTerm& b) {
    return std::tie(a.lm3, a.path) < std::tie(b.lm3, b.path);
  });
  return product;
}

struct Derivative {
  int lm, partner, segment;
  double value;
};

template <typename Real>
struct BackwardGroups {
  std::vector<int> group_first, partner, term_first;  // as in kernel::BackwardTable
  std::vector<kernel::ProductTerm<Real>> terms;
};

template <typename Real>
BackwardGroups<Real> GroupByPartner(std::vector<Derivative> list, int n_lm) {
  std::stable_sort(list.begin(), list.end(), [](const Derivative& x, const Derivative& y) {
    return std::tie(x.lm, x.partner, x.segment) < std::tie(y.lm, y.partner, y.segment);
  });
  BackwardGroups<Real> groups;
  groups.group_first.assign(n_lm + 1, 0);
  int previous = -1;
  for (const Derivative& d : list) {
    if (d.lm != previous || d.partner != groups.partner.back()) {
      groups.partner.push_back(d.partner);
      groups.term_first.push_back(static_cast<int>(groups.terms.size()));
      previous = d.lm;
    }
    groups.group_first[d.lm + 1] = static_cast<int>(groups.partner.size());
    groups.terms.push_back({d.segment, 0, static_cast<Real>(d.value)});
  }
  for (int lm = 0; lm < n_lm; ++lm) {
    groups.group_first[lm + 1] = std::max(groups.group_first[lm + 1], groups.group_first[lm]);
  }
  groups.term_first.push_back(static_cast<int>(groups.terms.size()));
  return groups;
}

}  // namespace

template <typename Real>
Real* PackedStorage<Real>::Array(size_t size) {
  arrays_.emplace_back(std::max<size_t>(size, kPad), Real(0));
  return arrays_.back().data();
}

template <typename Real>
const int* PackedStorage<Real>::Integers(const std::vector<int>& values) {
  integers_.push_back(values);
  return integers_.back().data();
}

template <typename Real>
void PackedStorage<Real>::PackMixing(const Model& model) {
  const ModelArchitecture& a = model.architecture;
  const std::vector<double>& mix = model.tensors.at("mix0").values;
  const size_t zn = static_cast<size_t>(a.n_species()) * a.n_radial, k_all = a.channels;
  const size_t blocks = static_cast<size_t>(a.n_species()) * (a.l_max + 1), kp = view_.kp, znp = view_.znp;
  Real* forward = Array(blocks * zn * kp);
  Real* backward = Array(blocks * kp * znp);
  for (size_t block = 0; block < blocks; ++block)
    for (size_t row = 0; row < zn; ++row)
      for (size_t k = 0; k < k_all; ++k) {
        const Real w = static_cast<Real>(model.density_scale * mix[(block * zn + row) * k_all + k]);
        forward[(block * zn + row) * kp + k] = w;
        backward[(block * kp + k) * znp + row] = w;
      }
  view_.mix0 = forward, view_.mix0t = backward;
}

template <typename Real>
void PackedStorage<Real>::PackProductWeights(const Model& model, int p) {
  const ModelArchitecture& a = model.architecture;
  const size_t kp = view_.kp, n_channels = a.channels, n_species = a.n_species(), n_degrees = a.l_max + 1;
  const FoldedProduct product = Fold(a.l_max, p == 0);
  const std::string suffix = std::to_string(p + 1);
  const Tensor& path = model.tensors.at("path" + suffix);
  const std::vector<double>& mix = model.tensors.at("mixp" + suffix).values;
  view_.n_paths[p] = static_cast<int>(product.paths.size());
  Real* weights = Array(n_species * product.paths.size() * kp);
  for (size_t c = 0; c < n_species; ++c)
    for (size_t q = 0; q < product.paths.size(); ++q)
      for (size_t k = 0; k < n_channels; ++k) {
        double sum = 0.0;
        for (const int row : product.paths[q].weights)
          sum += path.values[(c * path.shape[1] + row) * n_channels + k];
        weights[(c * product.paths.size() + q) * kp + k] = static_cast<Real>(sum);
      }
  view_.path[p] = weights;
  Real *forward = Array(n_degrees * kp * kp), *backward = Array(n_degrees * kp * kp);
  for (size_t l = 0; l < n_degrees; ++l)
    for (size_t row = 0; row < n_channels; ++row)
      for (size_t k = 0; k < n_channels; ++k) {
        const Real w = static_cast<Real>(mix[(l * n_channels + row) * n_channels + k]);
        forward[(l * kp + row) * kp + k] = backward[(l * kp + k) * kp + row] = w;
      }
  view_.mixp[p] = forward, view_.mixpt[p] = backward;
}

template <typename Real>
void PackedStorage<Real>::PackProductTable(const Model& model, int p) {
  const ModelArchitecture& a = model.architecture;
  const FoldedProduct product = Fold(a.l_max, p == 0);
  kernel::ProductTable<Real>& table = view_.product[p];
  std::vector<int> segment_first(a.n_lm() + 1, 0), segment_path, term_first;
  std::vector<kernel::ProductTerm<Real>> terms;
  std::vector<Derivative> left, right;
  int previous_lm3 = -1;
  for (const FoldedTerm& term : product.terms) {
    if (term.lm3 != previous_lm3 || term.path != segment_path.back()) {
      segment_path.push_back(term.path);
      term_first.push_back(static_cast<int>(terms.size()));
      previous_lm3 = term.lm3;
    }
    const int segment = static_cast<int>(segment_path.size()) - 1;
    segment_first[term.lm3 + 1] = segment + 1;
    terms.push_back({term.lm1, term.lm2, static_cast<Real>(term.value)});
    left.push_back({term.lm1, term.lm2, segment, term.value});
    (p == 0 ? left : right).push_back({term.lm2, term.lm1, segment, term.value});
  }
  for (int lm = 0; lm < a.n_lm(); ++lm)
    segment_first[lm + 1] = std::max(segment_first[lm + 1], segment_first[lm]);
  term_first.push_back(static_cast<int>(terms.size()));
  table.n_segments = static_cast<int>(segment_path.size());
  table.symmetric = p == 0;
  table.segment_first = Integers(segment_first), table.segment_path = Integers(segment_path);
  table.term_first = Integers(term_first);
  terms_.push_back(std::move(terms));
  table.terms = terms_.back().data();
  const auto side = [&](std::vector<Derivative> list) {
    BackwardGroups<Real> groups = GroupByPartner<Real>(std::move(list), a.n_lm());
    terms_.push_back(std::move(groups.terms));
    return kernel::BackwardTable<Real>{Integers(groups.group_first), Integers(groups.partner),
                                       Integers(groups.term_first), terms_.back().data()};
  };
  table.left = side(std::move(left));
  if (!table.symmetric) table.right = side(std::move(right));
}

template <typename Real>
void PackedStorage<Real>::PackReadout(const Model& model) {
  const ModelArchitecture& a = model.architecture;
  const size_t n_species = a.n_species(), n_features = a.n_features(), n_hidden = a.hidden;
  const size_t kp = view_.kp, fp = view_.fp, hp = view_.hp, n_channels = a.channels;
  const auto tensor = [&](const char* name) { return model.tensors.at(name).values.data(); };
  const auto at = [&](size_t f) {
    return f / n_channels * kp + f % n_channels;
  };  // place of a feature with padding
  Real *mean = Array(n_species * fp), *inverse = Array(n_species * fp), *linear = Array(n_species * fp);
  Real *w1 = Array(n_species * fp * hp), *w1t = Array(n_species * hp * fp), *b1 = Array(n_species * hp);
  Real *w2 = Array(n_species * hp * hp), *w2t = Array(n_species * hp * hp), *b2 = Array(n_species * hp);
  Real* w3 = Array(n_species * hp);
  for (size_t c = 0; c < n_species; ++c) {
    for (size_t f = 0; f < n_features; ++f) {
      mean[c * fp + at(f)] = static_cast<Real>(tensor("feature_mean")[c * n_features + f]);
      inverse[c * fp + at(f)] = static_cast<Real>(1.0 / tensor("feature_scale")[c * n_features + f]);
      linear[c * fp + at(f)] = static_cast<Real>(model.energy_scale * tensor("w_lin")[c * n_features + f]);
    }
    for (size_t h = 0; h < n_hidden; ++h) {
      for (size_t f = 0; f < n_features; ++f) {
        const Real w = static_cast<Real>(tensor("w1")[(c * n_hidden + h) * n_features + f]);
        w1[(c * fp + at(f)) * hp + h] = w1t[(c * hp + h) * fp + at(f)] = w;
      }
      for (size_t g = 0; g < n_hidden; ++g) {
        const Real w = static_cast<Real>(tensor("w2")[(c * n_hidden + h) * n_hidden + g]);
        w2[(c * hp + g) * hp + h] = w2t[(c * hp + h) * hp + g] = w;
      }
      b1[c * hp + h] = static_cast<Real>(tensor("b1")[c * n_hidden + h]);
      b2[c * hp + h] = static_cast<Real>(tensor("b2")[c * n_hidden + h]);
      w3[c * hp + h] = static_cast<Real>(model.energy_scale * tensor("w3")[c * n_hidden + h]);
    }
  }
  view_.feature_mean = mean, view_.feature_inverse = inverse, view_.w_lin = linear;
  view_.w1 = w1, view_.w1t = w1t, view_.b1 = b1, view_.w2 = w2, view_.w2t = w2t, view_.b2 = b2, view_.w3 = w3;
  reference_energy_ = model.tensors.at("reference_energy").values;
  view_.reference_energy = reference_energy_.data();
}

template <typename Real>
absl::Status PackedStorage<Real>::PackGrades(const Model& model) {
  const auto found = model.tensors.find("grade_inverse");
  if (found == model.tensors.end()) return absl::OkStatus();
  const int n = model.architecture.hidden + 1, n_species = model.architecture.n_species();
  const size_t hp = view_.hp, gp = Padded(n), size = n;
  Real *factor = Array(n_species * hp * gp), *offset = Array(n_species * gp);
  for (int c = 0; c < n_species; ++c) {
    const auto begin = found->second.values.begin() + c * size * size;
    std::vector<double> lower(begin, begin + size * size);
    const absl::Status status = CholeskyFactor(n, &lower);
    if (!status.ok()) {
      return InvalidArgument("model tensor grade_inverse, species {}: {}", model.architecture.species[c],
                             std::string(status.message()));
    }
    const double inverse_fence = 1.0 / model.tensors.at("grade_fence").values[c];
    for (size_t g = 0; g < size; ++g) {
      for (size_t h = 0; h + 1 < size; ++h) {
        factor[(c * hp + h) * gp + g] = static_cast<Real>(inverse_fence * lower[h * size + g]);
      }
      offset[c * gp + g] = static_cast<Real>(inverse_fence * lower[(size - 1) * size + g]);
    }
  }
  view_.gp = static_cast<int>(gp), view_.grade_factor = factor, view_.grade_offset = offset;
  return absl::OkStatus();
}

template <typename Real>
absl::StatusOr<std::unique_ptr<PackedStorage<Real>>> PackedStorage<Real>::Create(const Model& model) {
  SUPERION_RETURN_IF_ERROR(CheckModel(model));
  const ModelArchitecture& a = model.architecture;
  std::unique_ptr<PackedStorage> packed(new PackedStorage);
  kernel::PackedModel<Real>& view = packed->view_;
  view.n_species = a.n_species(), view.n_radial = a.n_radial, view.l_max = a.l_max, view.n_lm = a.n_lm();
  view.channels = a.channels, view.products = a.products, view.hidden = a.hidden;
  view.kp = Padded(a.channels), view.znp = Padded(a.n_species() * a.n_radial), view.hp = Padded(a.hidden);
  view.fp = a.n_features() / a.channels * view.kp;
  view.n_invariant_pairs = static_cast<int>(a.invariant_pairs.size());
  for (int k = 0; k < view.n_invariant_pairs; ++k) {
    view.invariant_a[k] = a.invariant_pairs[k].first, view.invariant_b[k] = a.invariant_pairs[k].second;
  }
  view.cutoff_power = a.cutoff_power, view.smoothstep = a.smoothstep;
  view.cutoff = static_cast<Real>(a.cutoff_angstrom);
  view.cutoff_squared = a.cutoff_angstrom * a.cutoff_angstrom;
  packed->PackMixing(model);
  for (int p = 0; p < a.products; ++p) {
    packed->PackProductWeights(model, p);
    packed->PackProductTable(model, p);
  }
  packed->PackReadout(model);
  SUPERION_RETURN_IF_ERROR(packed->PackGrades(model));
  return packed;
}

template <typename Real>
void WorkspaceStorage<Real>::Reserve(const kernel::PackedModel<Real>& m, int max_pairs) {
  const int capacity = Padded(max_pairs);
  if (!numbers_.empty() && capacity <= view_.capacity) return;
  kernel::Workspace<Real>& w = view_;
  w.capacity = capacity + capacity / 4 / kPad * kPad;  // lists breathe: do not grow at every step
  w.center_capacity = w.capacity + m.n_species * kPad;
  const size_t pairs = static_cast<size_t>(kTile) * m.n_species * w.capacity, zn = m.n_species * m.n_radial;
  const size_t field = static_cast<size_t>(kTile) * m.n_lm * m.kp;
  int segments = 1;
  for (int p = 0; p < m.products; ++p) segments = std::max(segments, m.product[p].n_segments);
  size_t total = 0;
  std::vector<std::pair<Real**, size_t>> plan;
  const auto want = [&](Real** where, size_t size) {
    plan.emplace_back(where, total);
    total += (size + kPad - 1) / kPad * kPad;
  };
  for (Real** where : {&w.x, &w.y, &w.z, &w.r}) want(where, pairs);
  want(&w.radial, static_cast<size_t>(w.center_capacity) * m.n_radial);
  const size_t stride = kernel::HarmonicsStride(m.l_max);
  want(&w.harmonics, w.center_capacity * stride);
  want(&w.density, kTile * zn * stride);
  want(&w.field, (m.products + 1) * field);
  want(&w.field_bar, (m.products + 1) * field);
  want(&w.mixed, field);
  want(&w.norm, kTile * kernel::kMaxProducts);
  want(&w.weighted, static_cast<size_t>(segments) * kTile * kPad);
  for (Real** where : {&w.feature, &w.feature_bar}) want(where, static_cast<size_t>(kTile) * m.fp);
  for (Real** where : {&w.h1, &w.h2, &w.slope1, &w.slope2, &w.hidden_bar})
    want(where, static_cast<size_t>(kTile) * m.hp);
  want(&w.grade, static_cast<size_t>(kTile) * m.gp);
  want(&w.gradient, static_cast<size_t>(kTile) * m.n_lm * m.znp);
  numbers_.assign(total, Real(0));
  for (const auto& [where, offset] : plan) *where = numbers_.data() + offset;
  integers_.assign(pairs + static_cast<size_t>(kTile) * m.n_species, 0);
  w.j = integers_.data();
  w.count = integers_.data() + pairs;
}

template class PackedStorage<float>;
template class PackedStorage<double>;
template class WorkspaceStorage<float>;
template class WorkspaceStorage<double>;

}  // namespace superion
