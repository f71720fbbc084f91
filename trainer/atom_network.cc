#include "trainer/atom_network.h"

#include <algorithm>

#include "potential/coupling.h"
#include "potential/parallel.h"

namespace superion::trainer {
namespace {

constexpr int kAccumulators = 8;  // partial gradients summed in a fixed order, whatever the number of threads

// out[j * out_stride + i] = in[i * columns + j]
template <typename Real>
void Transpose(const Real* in, int rows, int columns, int out_stride, Real* out) {
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) out[j * out_stride + i] = in[i * columns + j];
}

}  // namespace

AtomTiles MakeAtomTiles(const std::vector<int>& species, int n_species) {
  AtomTiles result;
  for (int c = 0; c < n_species; ++c) {
    const int begin = static_cast<int>(result.order.size());
    for (size_t i = 0; i < species.size(); ++i)
      if (species[i] == c) result.order.push_back(static_cast<int>(i));
    const int end = static_cast<int>(result.order.size());
    for (int first = begin; first < end; first += kTileAtoms)
      result.tiles.push_back({c, first, std::min(kTileAtoms, end - first)});
  }
  return result;
}

template <typename Real>
AtomNetwork<Real>::AtomNetwork(const ModelArchitecture& architecture, int threads)
    : architecture_(architecture), layout_(architecture), threads_(threads), kernel_(ChooseKernel<Real>()) {
  SUPERION_CHECK(architecture.products <= kMaxProducts);
  SUPERION_CHECK(architecture.invariant_pairs.size() <= static_cast<size_t>(kMaxPairs));
  BuildShape();
}

template <typename Real>
void AtomNetwork<Real>::BuildShape() {
  const ModelArchitecture& a = architecture_;
  for (int l = 0; l <= a.l_max; ++l) degree_.insert(degree_.end(), 2 * l + 1, l);
  for (const CouplingTerm& term : CouplingTerms(a.l_max)) {
    if (groups_.empty() || groups_.back().path != term.path || groups_.back().lm3 != term.lm3)
      groups_.push_back({term.path, term.lm3, static_cast<int>(terms_.size()), 0});
    ++groups_.back().count;
    terms_.push_back({term.lm1, term.lm2, term.value});
  }
  shape_.l_max = a.l_max;
  shape_.n_lm = a.n_lm();
  shape_.n_density = a.n_species() * a.n_radial;
  shape_.density_columns = (shape_.n_density + 15) / 16 * 16;
  shape_.channels = a.channels;
  shape_.products = a.products;
  shape_.n_paths = static_cast<int>(CouplingPaths(a.l_max).size());
  shape_.hidden = a.hidden;
  shape_.n_features = a.n_features();
  shape_.n_pairs = static_cast<int>(a.invariant_pairs.size());
  for (int i = 0; i < shape_.n_pairs; ++i) {
    shape_.pair_a[i] = a.invariant_pairs[i].first;
    shape_.pair_b[i] = a.invariant_pairs[i].second;
  }
  shape_.degree = degree_.data();
  shape_.groups = groups_.data();
  shape_.n_groups = static_cast<int>(groups_.size());
  shape_.terms = terms_.data();
  at_ = MakeKernelLayout(shape_);
}

template <typename Real>
void AtomNetwork<Real>::SetStandardisation(const std::vector<double>& mean,
                                           const std::vector<double>& scale) {
  mean_.assign(mean.begin(), mean.end());
  inverse_scale_.clear();
  for (double s : scale) inverse_scale_.push_back(static_cast<Real>(1.0 / s));
}

template <typename Real>
void AtomNetwork<Real>::SetParameters(const Real* parameters) {
  const KernelShape& s = shape_;
  const int z = architecture_.n_species(), degrees = s.l_max + 1;
  const int d = s.n_density, dc = s.density_columns, k = s.channels, h = s.hidden, f = s.n_features;
  parameters_.assign(parameters, parameters + layout_.size());
  mix0_t_.assign(static_cast<size_t>(z) * degrees * k * dc, Real(0));
  mix_t_.resize(static_cast<size_t>(s.products) * degrees * k * k);
  w1_t_.resize(static_cast<size_t>(z) * h * f);
  w2_t_.resize(static_cast<size_t>(z) * h * h);
  const auto at = [&](const char* name) { return parameters_.data() + layout_.block(name).offset; };
  for (int i = 0; i < z * degrees; ++i)
    Transpose(at("mix0") + i * d * k, d, k, dc, mix0_t_.data() + i * k * dc);
  for (int p = 0; p < s.products; ++p)
    for (int l = 0; l < degrees; ++l)
      Transpose(at(fmt::format("mixp{}", p + 1).c_str()) + l * k * k, k, k, k,
                mix_t_.data() + (p * degrees + l) * k * k);
  for (int c = 0; c < z; ++c) {
    Transpose(at("w1") + c * h * f, h, f, h, w1_t_.data() + c * h * f);
    Transpose(at("w2") + c * h * h, h, h, h, w2_t_.data() + c * h * h);
  }
}

template <typename Real>
KernelWeights<Real> AtomNetwork<Real>::GradientWeights(int c, Real* base) const {
  const auto at = [&](const std::string& name) {
    const ParameterBlock& block = layout_.block(name);
    return base + block.offset + (block.per_species ? c * (block.size / architecture_.n_species()) : 0);
  };
  KernelWeights<Real> w{};
  w.mix0 = at("mix0");
  for (int p = 0; p < shape_.products; ++p) {
    w.path[p] = at(fmt::format("path{}", p + 1));
    w.mix[p] = at(fmt::format("mixp{}", p + 1));
  }
  w.w1 = at("w1");
  w.b1 = at("b1");
  w.w2 = at("w2");
  w.b2 = at("b2");
  w.w_lin = at("w_lin");
  w.w3 = at("w3");
  return w;
}

template <typename Real>
KernelWeights<Real> AtomNetwork<Real>::Weights(int c) const {
  const KernelShape& s = shape_;
  const int degrees = s.l_max + 1, k = s.channels, h = s.hidden, f = s.n_features;
  KernelWeights<Real> w = GradientWeights(c, const_cast<Real*>(parameters_.data()));
  w.mix0_t = mix0_t_.data() + static_cast<long>(c) * degrees * k * s.density_columns;
  for (int p = 0; p < s.products; ++p) w.mix_t[p] = mix_t_.data() + static_cast<long>(p) * degrees * k * k;
  w.w1_t = w1_t_.data() + static_cast<long>(c) * h * f;
  w.w2_t = w2_t_.data() + static_cast<long>(c) * h * h;
  w.mean = mean_.data() + static_cast<long>(c) * f;
  w.inverse_scale = inverse_scale_.data() + static_cast<long>(c) * f;
  return w;
}

template <typename Real>
void AtomNetwork<Real>::Gather(const AtomTiles& tiles, const AtomTiles::Tile& tile, const Real* density,
                               Real* out) const {
  const int n = tile.count, d = shape_.n_density, dc = shape_.density_columns, n_lm = shape_.n_lm;
  for (int atom = 0; atom < n; ++atom) {
    const Real* from = density + static_cast<long>(tiles.order[tile.first + atom]) * d * n_lm;
    for (int j = 0; j < d; ++j)
      for (int lm = 0; lm < n_lm; ++lm)
        out[(static_cast<long>(lm) * n + atom) * dc + j] = from[j * n_lm + lm];
    for (int j = d; j < dc; ++j)
      for (int lm = 0; lm < n_lm; ++lm) out[(static_cast<long>(lm) * n + atom) * dc + j] = Real(0);
  }
}

template <typename Real>
void AtomNetwork<Real>::Scatter(const AtomTiles& tiles, const AtomTiles::Tile& tile, const Real* in,
                                Real* density) const {
  const int n = tile.count, d = shape_.n_density, dc = shape_.density_columns, n_lm = shape_.n_lm;
  for (int atom = 0; atom < n; ++atom) {
    Real* to = density + static_cast<long>(tiles.order[tile.first + atom]) * d * n_lm;
    for (int j = 0; j < d; ++j)
      for (int lm = 0; lm < n_lm; ++lm) to[j * n_lm + lm] = in[(static_cast<long>(lm) * n + atom) * dc + j];
  }
}

template <typename Real>
void AtomNetwork<Real>::Energies(const AtomTiles& tiles, const Real* density, Real* energies, Real* gradient,
                                 Real* last_layer, Workspace* workspace) const {
  const int n_tiles = static_cast<int>(tiles.tiles.size());
  workspace->states.resize(static_cast<size_t>(n_tiles) * at_.size);
  const long gradient_size = static_cast<long>(kTileAtoms) * shape_.n_lm * shape_.density_columns;
  if (gradient != nullptr) workspace->tangents.resize(static_cast<size_t>(n_tiles) * gradient_size);
  ParallelChunks(n_tiles, threads_, [&](int t, int) {
    const AtomTiles::Tile& tile = tiles.tiles[t];
    Real* state = workspace->states.data() + static_cast<long>(t) * at_.size;
    Real* g = gradient == nullptr ? nullptr : workspace->tangents.data() + t * gradient_size;
    Real e[kTileAtoms];
    Gather(tiles, tile, density, state + at_.density);
    kernel_.energy(shape_, at_, Weights(tile.species), tile.count, state, e, g);
    for (int atom = 0; atom < tile.count; ++atom) {
      const int i = tiles.order[tile.first + atom], h = shape_.hidden;
      energies[i] = e[atom];
      if (last_layer != nullptr)
        std::copy_n(state + at_.h2 + atom * h, h, last_layer + static_cast<long>(i) * h);
    }
    if (gradient != nullptr) Scatter(tiles, tile, g, gradient);
  });
}

template <typename Real>
void AtomNetwork<Real>::Invariants(const AtomTiles& tiles, const Real* density, Real* invariants,
                                   Workspace* workspace) const {
  workspace->states.resize(std::max<size_t>(workspace->states.size(), at_.size));
  for (const AtomTiles::Tile& tile : tiles.tiles) {
    Real* state = workspace->states.data();
    Gather(tiles, tile, density, state + at_.density);
    kernel_.invariants(shape_, at_, Weights(tile.species), tile.count, state);
    for (int atom = 0; atom < tile.count; ++atom)
      std::copy_n(state + at_.feature + static_cast<long>(atom) * shape_.n_features, shape_.n_features,
                  invariants + static_cast<long>(tiles.order[tile.first + atom]) * shape_.n_features);
  }
}

template <typename Real>
void AtomNetwork<Real>::WeightGradient(const AtomTiles& tiles, const Real* energy_weight,
                                       const Real* direction, Workspace* workspace,
                                       Real* parameter_gradient) const {
  const int n_tiles = static_cast<int>(tiles.tiles.size());
  // Two tiles at least share one: clearing and summing vectors of all parameters costs as much as half a
  // tile.
  const int accumulators = std::min(kAccumulators, (n_tiles + 1) / 2);
  const long size = layout_.size();
  const auto first_tile = [&](int a) { return a * n_tiles / accumulators; };
  // The species of an accumulator's tiles follow one another; it touches the parameters of no others.
  const auto touched = [&](int a) {
    return TouchedParameters(tiles.tiles[first_tile(a)].species, tiles.tiles[first_tile(a + 1) - 1].species);
  };
  workspace->gradients.resize(static_cast<size_t>(accumulators) * size);
  workspace->tangents.resize(static_cast<size_t>(accumulators) * at_.size);
  ParallelChunks(accumulators, threads_, [&](int a, int) {
    Real* partial = workspace->gradients.data() + a * size;
    for (const auto& [begin, end] : touched(a)) std::fill(partial + begin, partial + end, Real(0));
    Real* tangent = workspace->tangents.data() + static_cast<long>(a) * at_.size;
    Real e[kTileAtoms];
    for (int t = first_tile(a); t < first_tile(a + 1); ++t) {
      const AtomTiles::Tile& tile = tiles.tiles[t];
      for (int atom = 0; atom < tile.count; ++atom) e[atom] = energy_weight[tiles.order[tile.first + atom]];
      Gather(tiles, tile, direction, tangent + at_.density);
      kernel_.weight_gradient(shape_, at_, Weights(tile.species), tile.count,
                              workspace->states.data() + static_cast<long>(t) * at_.size, e, tangent,
                              GradientWeights(tile.species, partial));
    }
  });
  std::fill(parameter_gradient, parameter_gradient + size, Real(0));
  for (int a = 0; a < accumulators; ++a)
    for (const auto& [begin, end] : touched(a))
      for (long i = begin; i < end; ++i) parameter_gradient[i] += workspace->gradients[a * size + i];
}

template <typename Real>
std::vector<std::pair<long, long>> AtomNetwork<Real>::TouchedParameters(int first_species,
                                                                        int last_species) const {
  std::vector<std::pair<long, long>> ranges;
  for (const ParameterBlock& block : layout_.blocks()) {
    const long row = block.per_species ? block.size / architecture_.n_species() : block.size;
    const long first = block.per_species ? first_species : 0, last = block.per_species ? last_species : 0;
    ranges.emplace_back(block.offset + first * row, block.offset + (last + 1) * row);
  }
  return ranges;
}

template class AtomNetwork<float>;
template class AtomNetwork<double>;

}  // namespace superion::trainer
