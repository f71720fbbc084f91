#include "trainer/training_graph.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "potential/parallel.h"
#include "trainer/tensor_graph.h"

namespace superion::trainer {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <typename Real>
constexpr at::ScalarType kType = sizeof(Real) == 4 ? at::kFloat : at::kDouble;

template <typename Real>
struct GraphContext {
  TrainingGraph<Real>* graph;
  const Batch<Real>* batch;
  int64_t n_density;
};

template <typename Real>
GraphContext<Real>* ContextOf(AutogradContext* ctx) {
  return reinterpret_cast<GraphContext<Real>*>(ctx->saved_data["context"].toInt());
}

// parameters -> energies [n_atoms] (units of the energy scale), gradient [n_atoms, n_density]
template <typename Real>
struct NetworkNode : torch::autograd::Function<NetworkNode<Real>> {
  static variable_list forward(AutogradContext* ctx, Tensor parameters, int64_t context) {
    ctx->saved_data["context"] = context;
    GraphContext<Real>* c = ContextOf<Real>(ctx);
    c->graph->network().SetParameters(parameters.data_ptr<Real>());
    const Tensor energies = at::empty({c->batch->n_atoms()}, kType<Real>);
    const Tensor gradient = at::empty({c->batch->n_atoms(), c->n_density}, kType<Real>);
    c->graph->NetworkForward(*c->batch, energies.data_ptr<Real>(), gradient.data_ptr<Real>());
    ctx->saved_data["size"] = parameters.numel();
    return {energies, gradient};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    GraphContext<Real>* c = ContextOf<Real>(ctx);
    const Tensor out = at::empty({ctx->saved_data["size"].toInt()}, kType<Real>);
    const Tensor e = grad[0].contiguous(), g = grad[1].contiguous();
    c->graph->NetworkBackward(*c->batch, e.data_ptr<Real>(), g.data_ptr<Real>(), out.data_ptr<Real>());
    return {out, Tensor()};
  }
};

// gradient [n_atoms, n_density] -> forces [n_atoms, 3], virials of the frames [n_frames, 9] (empty when not
// wanted)
template <typename Real>
struct OperatorNode : torch::autograd::Function<OperatorNode<Real>> {
  static variable_list forward(AutogradContext* ctx, Tensor gradient, int64_t context, bool virial) {
    ctx->saved_data["context"] = context;
    ctx->saved_data["virial"] = virial;
    GraphContext<Real>* c = ContextOf<Real>(ctx);
    const Tensor forces = at::empty({c->batch->n_atoms(), 3}, at::kDouble);
    const Tensor virials =
        at::empty({virial ? static_cast<int64_t>(c->batch->frames.size()) : 0, 9}, at::kDouble);
    c->graph->OperatorForward(*c->batch, gradient.data_ptr<Real>(), forces.data_ptr<double>(),
                              virial ? virials.data_ptr<double>() : nullptr);
    return {forces, virials};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    GraphContext<Real>* c = ContextOf<Real>(ctx);
    const Tensor out = at::empty({c->batch->n_atoms(), c->n_density}, kType<Real>);
    const Tensor f = grad[0].contiguous(), v = grad[1].contiguous();
    c->graph->OperatorBackward(*c->batch, f.data_ptr<double>(),
                               ctx->saved_data["virial"].toBool() ? v.data_ptr<double>() : nullptr,
                               out.data_ptr<Real>());
    return {out, Tensor(), Tensor()};
  }
};

// The same memory.
template <typename Real>
Tensor AsTensor(const std::vector<Real>& values) {
  return at::from_blob(const_cast<Real*>(values.data()), {static_cast<int64_t>(values.size())}, kType<Real>);
}

struct BatchLabels {
  Tensor energies, forces, virials, has_virial, frame_of_atom, inverse_atoms;
  int64_t stress_frames = 0;
};

template <typename Real>
BatchLabels LabelsOf(const Batch<Real>& batch, double energy_scale) {
  const int64_t frames = static_cast<int64_t>(batch.frames.size());
  BatchLabels labels{at::empty({frames}, at::kDouble),        at::empty({batch.n_atoms(), 3}, at::kDouble),
                     at::zeros({frames, 9}, at::kDouble),     at::zeros({frames, 1}, at::kDouble),
                     at::empty({batch.n_atoms()}, at::kLong), at::empty({frames}, at::kDouble)};
  for (int64_t k = 0; k < frames; ++k) {
    const PreparedFrame& frame = *batch.frames[k];
    labels.energies.data_ptr<double>()[k] = frame.energy / energy_scale;
    labels.inverse_atoms.data_ptr<double>()[k] = 1.0 / frame.n_atoms;
    std::transform(frame.forces.begin(), frame.forces.end(),
                   labels.forces.data_ptr<double>() + 3 * batch.first_atom[k],
                   [&](double f) { return f / energy_scale; });
    std::fill_n(labels.frame_of_atom.data_ptr<int64_t>() + batch.first_atom[k], frame.n_atoms, k);
    if (!frame.virial.has_value()) continue;
    ++labels.stress_frames;
    labels.has_virial.data_ptr<double>()[k] = 1.0;
    for (int i = 0; i < 9; ++i)
      labels.virials.data_ptr<double>()[9 * k + i] = (*frame.virial)[i / 3][i % 3] / energy_scale;
  }
  return labels;
}

}  // namespace

template <typename Real>
TrainingGraph<Real>::TrainingGraph(const ModelArchitecture& architecture, const FixedScales& scales,
                                   int threads, Device device)
    : architecture_(architecture),
      scales_(scales),
      threads_(threads),
      network_(architecture, threads),
      operator_(architecture, scales.density_scale) {
  if (device != Device::kCpu)
    tensors_ = std::make_unique<TensorGraph<Real>>(architecture, scales,
                                                   device == Device::kCuda ? at::kCUDA : at::kCPU);
}

template <typename Real>
TrainingGraph<Real>::~TrainingGraph() = default;

template <typename Real>
Batch<Real> TrainingGraph<Real>::MakeBatch(const FrameStore<Real>& frames,
                                           const std::vector<int>& choice) const {
  Batch<Real> batch;
  std::vector<int> species;
  batch.first_atom.push_back(0);
  for (int k : choice) {
    const PreparedFrame& frame = frames.frames()[k];
    batch.frames.push_back(&frame);
    batch.first_atom.push_back(batch.first_atom.back() + frame.n_atoms);
    species.insert(species.end(), frame.species.begin(), frame.species.end());
    PairList scratch;
    const PairList* pairs = &frames.Pairs(k, &scratch);
    if (pairs == &scratch) pairs = &batch.made.emplace_back(std::move(scratch));
    batch.pairs.push_back(pairs);
    frames.AppendDensity(k, *pairs, &batch.density);
  }
  batch.tiles = MakeAtomTiles(species, architecture_.n_species());
  return batch;
}

template <typename Real>
void TrainingGraph<Real>::NetworkForward(const Batch<Real>& batch, Real* energies, Real* gradient) {
  network_.Energies(batch.tiles, batch.density.data(), energies, gradient, nullptr, &workspace_);
}

template <typename Real>
void TrainingGraph<Real>::NetworkBackward(const Batch<Real>& batch, const Real* energy_weight,
                                          const Real* direction, Real* gradient) {
  network_.WeightGradient(batch.tiles, energy_weight, direction, &workspace_, gradient);
}

template <typename Real>
void TrainingGraph<Real>::OperatorForward(const Batch<Real>& batch, const Real* gradient, double* forces,
                                          double* virials) const {
  const int n = static_cast<int>(batch.frames.size());
  const int outer = n >= threads_ ? threads_ : 1, inner = n >= threads_ ? 1 : threads_;
  ParallelChunks(n, outer, [&](int k, int) {
    const PairList& pairs = *batch.pairs[k];
    const size_t first = batch.first_atom[k];
    std::vector<double> atom_virials(virials == nullptr ? 0 : 9 * pairs.n_atoms);
    operator_.Forces(pairs, gradient + first * architecture_.n_density(), forces + 3 * first,
                     virials == nullptr ? nullptr : atom_virials.data(), inner);
    if (virials == nullptr) return;
    std::fill_n(virials + 9 * k, 9, 0.0);
    for (int i = 0; i < 9 * pairs.n_atoms; ++i) virials[9 * k + i % 9] += atom_virials[i];
  });
}

template <typename Real>
void TrainingGraph<Real>::OperatorBackward(const Batch<Real>& batch, const double* forces,
                                           const double* virials, Real* gradient) const {
  const int n = static_cast<int>(batch.frames.size());
  const int outer = n >= threads_ ? threads_ : 1, inner = n >= threads_ ? 1 : threads_;
  ParallelChunks(n, outer, [&](int k, int) {
    const PairList& pairs = *batch.pairs[k];
    const size_t first = batch.first_atom[k];
    std::vector<double> atom_virials(virials == nullptr ? 0 : 9 * pairs.n_atoms);
    for (size_t i = 0; i < atom_virials.size(); ++i) atom_virials[i] = virials[9 * k + i % 9];
    operator_.ForcesAdjoint(pairs, forces + 3 * first, virials == nullptr ? nullptr : atom_virials.data(),
                            gradient + first * architecture_.n_density(), inner);
  });
}

template <typename Real>
LossTerms TrainingGraph<Real>::LossGradient(const Batch<Real>& batch, const std::vector<Real>& parameters,
                                            const LossWeights& weights, std::vector<Real>* gradient) {
  GraphContext<Real> context{this, &batch, architecture_.n_density()};
  const int64_t handle = reinterpret_cast<int64_t>(&context);
  const BatchLabels labels = LabelsOf(batch, scales_.energy_scale);
  const bool stress = weights.stress > 0 && labels.stress_frames > 0;
  const Tensor theta = AsTensor(parameters).requires_grad_(true);
  Tensor atom_energies;
  Motion motion;
  if (tensors_ != nullptr) {
    auto outputs = tensors_->Run(batch, theta, {network_.mean(), network_.inverse_scale()}, stress, true);
    atom_energies = outputs.energies, motion = outputs.motion;
  } else {
    const variable_list network = NetworkNode<Real>::apply(theta, handle);
    const variable_list out = OperatorNode<Real>::apply(network[1], handle, stress);
    atom_energies = network[0], motion = {out[0], out[1]};
  }
  const Tensor energies = at::zeros({labels.energies.size(0)}, at::kDouble)
                              .index_add(0, labels.frame_of_atom, atom_energies.to(at::kDouble));
  const Tensor energy_loss =
      at::huber_loss((energies - labels.energies) * labels.inverse_atoms, at::zeros_like(labels.energies),
                     at::Reduction::Mean, weights.huber);
  const Tensor force_loss = at::huber_loss(motion.forces, labels.forces, at::Reduction::Mean, weights.huber);
  Tensor loss = weights.energy * energy_loss + weights.force * force_loss;
  LossTerms terms{energy_loss.item<double>(), force_loss.item<double>(), 0.0};
  if (stress) {
    const Tensor mask = labels.has_virial * labels.inverse_atoms.unsqueeze(1);
    const Tensor sum = at::huber_loss((motion.virials - labels.virials) * mask,
                                      at::zeros_like(labels.virials), at::Reduction::Sum, weights.huber);
    const Tensor stress_loss = sum / static_cast<double>(9 * labels.stress_frames);
    terms.stress = stress_loss.item<double>();
    loss = loss + weights.stress * stress_loss;
  }
  const Tensor by_parameters = torch::autograd::grad({loss}, {theta})[0];
  const Real* g = by_parameters.data_ptr<Real>();
  gradient->assign(g, g + parameters.size());
  return terms;
}

template <typename Real>
void TrainingGraph<Real>::Predict(const Batch<Real>& batch, bool virials, Prediction* prediction) {
  const size_t frames = batch.frames.size();
  std::vector<Real> energies(batch.n_atoms());
  prediction->forces.resize(3 * static_cast<size_t>(batch.n_atoms()));
  prediction->virials.resize(virials ? 9 * frames : 0);
  if (tensors_ != nullptr) {
    const auto outputs = tensors_->Run(batch, AsTensor(network_.parameters()),
                                       {network_.mean(), network_.inverse_scale()}, virials, false);
    std::copy_n(outputs.energies.template data_ptr<Real>(), energies.size(), energies.data());
    std::copy_n(outputs.motion.forces.template data_ptr<double>(), prediction->forces.size(),
                prediction->forces.data());
    std::copy_n(outputs.motion.virials.template data_ptr<double>(), prediction->virials.size(),
                prediction->virials.data());
  } else {
    std::vector<Real> gradient(static_cast<size_t>(batch.n_atoms()) * architecture_.n_density());
    NetworkForward(batch, energies.data(), gradient.data());
    OperatorForward(batch, gradient.data(), prediction->forces.data(),
                    virials ? prediction->virials.data() : nullptr);
  }
  for (double& f : prediction->forces) f *= scales_.energy_scale;
  for (double& v : prediction->virials) v *= scales_.energy_scale;
  prediction->energies.assign(frames, 0.0);
  for (size_t k = 0; k < frames; ++k) {
    for (int i = batch.first_atom[k]; i < batch.first_atom[k + 1]; ++i)
      prediction->energies[k] += energies[i];
    prediction->energies[k] *= scales_.energy_scale;
  }
}

template class TrainingGraph<float>;
template class TrainingGraph<double>;

}  // namespace superion::trainer
