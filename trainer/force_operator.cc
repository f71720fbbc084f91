#include "trainer/force_operator.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <numeric>

#include "potential/pair_dispatch.h"
#ifdef SUPERION_WITH_CUDA
#include <c10/cuda/CUDAStream.h>
#endif

namespace superion::trainer {
namespace {

using at::Tensor;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The arrays of integers of a batch, one after the other in one vector: a single copy to the device.
struct IntegerArrays {
  std::vector<int> values;
  size_t first_atom, frame, first_pair, center, neighbor, neighbor_species, first_incoming, incoming;
};

// Where the runs of equal keys begin: [n_keys + 1].
void AppendStarts(const int* keys, size_t n, int n_keys, std::vector<int>* out) {
  std::vector<int> starts(n_keys + 1, 0);
  for (size_t i = 0; i < n; ++i) ++starts[keys[i] + 1];
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  out->insert(out->end(), starts.begin(), starts.end());
}

IntegerArrays Integers(const std::vector<const PairList*>& frames, int n_atoms, size_t n_pairs) {
  IntegerArrays at;
  std::vector<int>& v = at.values;
  v.reserve(4 * n_pairs + 3 * n_atoms + frames.size() + 3);
  const auto concatenate = [&](const std::vector<int> PairList::*member, bool atoms) {
    const size_t begin = v.size();
    int offset = 0;
    for (const PairList* pairs : frames) {
      for (int value : pairs->*member) v.push_back(value + (atoms ? offset : 0));
      offset += pairs->n_atoms;
    }
    return begin;
  };
  at.center = concatenate(&PairList::center, true);
  at.neighbor = concatenate(&PairList::neighbor, true);
  at.neighbor_species = concatenate(&PairList::neighbor_species, false);
  at.frame = v.size();
  for (size_t k = 0; k < frames.size(); ++k)
    v.insert(v.end(), static_cast<size_t>(frames[k]->n_atoms), static_cast<int>(k));
  at.first_atom = v.size();
  AppendStarts(v.data() + at.frame, n_atoms, static_cast<int>(frames.size()), &v);
  at.first_pair = v.size();
  AppendStarts(v.data() + at.center, n_pairs, n_atoms, &v);
  at.first_incoming = v.size();
  AppendStarts(v.data() + at.neighbor, n_pairs, n_atoms, &v);
  at.incoming = v.size();
  std::vector<int> next(v.begin() + static_cast<std::ptrdiff_t>(at.first_incoming),
                        v.begin() + static_cast<std::ptrdiff_t>(at.incoming));
  v.resize(at.incoming + n_pairs);
  for (size_t p = 0; p < n_pairs; ++p) v[at.incoming + next[v[at.neighbor + p]]++] = static_cast<int>(p);
  return at;
}

void Check(const char* error, const char* what) {
  TORCH_CHECK(error == nullptr, what, ": ", error);  // caught with LibTorch's own errors, see device.h
}

template <int kLMax, typename Real>
void RunForces(at::Device device, const ForceArguments<Real>& arguments) {
  if (device.is_cpu()) return ForcesOnHost<kLMax>(arguments);
#ifdef SUPERION_WITH_CUDA
  return Check(ForcesOnCuda<kLMax>(arguments, c10::cuda::getCurrentCUDAStream(device.index()).stream()),
               "forces from the gradient by the density");
#endif
  Check("this build has no kernels for the device", "forces from the gradient by the density");
}

template <int kLMax, typename Real>
void RunAdjoint(at::Device device, const AdjointArguments<Real>& arguments) {
  if (device.is_cpu()) return AdjointOnHost<kLMax>(arguments);
#ifdef SUPERION_WITH_CUDA
  return Check(AdjointOnCuda<kLMax>(arguments, c10::cuda::getCurrentCUDAStream(device.index()).stream()),
               "adjoint of the forces");
#endif
  Check("this build has no kernels for the device", "adjoint of the forces");
}

template <typename Real>
constexpr at::ScalarType kType = sizeof(Real) == 4 ? at::kFloat : at::kDouble;

template <typename Real>
struct OperatorNode : torch::autograd::Function<OperatorNode<Real>> {
  static variable_list forward(AutogradContext* ctx, Tensor gradient, int64_t force_operator, int64_t pairs,
                               bool virials) {
    ctx->saved_data["operator"] = force_operator;
    ctx->saved_data["pairs"] = pairs;
    const Motion motion = reinterpret_cast<const ForceOperator<Real>*>(force_operator)
                              ->Forces(*reinterpret_cast<const PairTensors*>(pairs), gradient, virials);
    return {motion.forces, motion.virials};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grad) {
    const auto* force_operator =
        reinterpret_cast<const ForceOperator<Real>*>(ctx->saved_data["operator"].toInt());
    const auto* pairs = reinterpret_cast<const PairTensors*>(ctx->saved_data["pairs"].toInt());
    return {force_operator->Adjoint(*pairs, {grad[0], grad[1]}), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

PairTensors::PairTensors(const std::vector<const PairList*>& frames, at::Device device) {
  int n_atoms = 0;
  size_t n_pairs = 0;
  for (const PairList* pairs : frames) n_atoms += pairs->n_atoms, n_pairs += pairs->center.size();
  IntegerArrays host = Integers(frames, n_atoms, n_pairs);
  std::vector<Vec3> displacements;
  displacements.reserve(n_pairs);
  for (const PairList* pairs : frames)
    displacements.insert(displacements.end(), pairs->displacement.begin(), pairs->displacement.end());
  const auto upload = [&](void* data, size_t n, at::ScalarType type) {
    const Tensor view = at::from_blob(data, {static_cast<int64_t>(n)}, type);
    return device.is_cpu() ? view.clone() : view.to(device);
  };
  integers_ = upload(host.values.data(), host.values.size(), at::kInt);
  displacement_ = upload(displacements.data(), 3 * n_pairs, at::kDouble);
  const int* i = integers_.data_ptr<int>();
  arrays_ = {n_atoms,
             static_cast<long>(frames.size()),
             static_cast<long>(n_pairs),
             i + host.first_atom,
             i + host.frame,
             i + host.first_pair,
             i + host.center,
             i + host.neighbor,
             i + host.neighbor_species,
             i + host.first_incoming,
             i + host.incoming,
             displacement_.data_ptr<double>()};
}

template <typename Real>
ForceOperator<Real>::ForceOperator(const ModelArchitecture& architecture, double density_scale)
    : l_max_(architecture.l_max), setting_(MakePairSetting<Real>(architecture, density_scale)) {}

template <typename Real>
Motion ForceOperator<Real>::Forces(const PairTensors& pairs, const Tensor& gradient, bool virials) const {
  const PairArrays& at = pairs.arrays();
  const auto options = at::TensorOptions(at::kDouble).device(pairs.device());
  const Motion motion{at::empty({at.n_atoms, 3}, options),
                      at::empty({virials ? at.n_frames : 0, 9}, options)};
  const Tensor g = gradient.contiguous(), pair_gradient = at::empty({at.n_pairs, 3}, options);
  const Tensor atom_virials = at::empty({virials ? at.n_atoms : 0, 9}, options);
  const ForceArguments<Real> arguments{setting_,
                                       at,
                                       g.data_ptr<Real>(),
                                       pair_gradient.data_ptr<double>(),
                                       virials ? atom_virials.data_ptr<double>() : nullptr,
                                       motion.forces.data_ptr<double>(),
                                       virials ? motion.virials.data_ptr<double>() : nullptr};
  WithDegree(l_max_, [&](auto degree) { RunForces<degree()>(pairs.device(), arguments); });
  return motion;
}

template <typename Real>
Tensor ForceOperator<Real>::Adjoint(const PairTensors& pairs, const Motion& cotangent) const {
  const PairArrays& at = pairs.arrays();
  const auto options = at::TensorOptions(kType<Real>).device(pairs.device());
  const Tensor out = at::empty({at.n_atoms, setting_.n_density}, options);
  const Tensor factors = at::empty({at.n_pairs, 2 * (setting_.n_radial + setting_.n_lm)}, options);
  const Tensor f = cotangent.forces.contiguous();
  const Tensor v = cotangent.virials.defined() ? cotangent.virials.contiguous() : Tensor();
  const AdjointArguments<Real> arguments{setting_,
                                         at,
                                         f.data_ptr<double>(),
                                         v.defined() && v.size(0) > 0 ? v.data_ptr<double>() : nullptr,
                                         factors.data_ptr<Real>(),
                                         out.data_ptr<Real>()};
  WithDegree(l_max_, [&](auto degree) { RunAdjoint<degree()>(pairs.device(), arguments); });
  return out;
}

template <typename Real>
Motion ForceOperator<Real>::Apply(const PairTensors& pairs, const Tensor& gradient, bool virials) const {
  const variable_list out = OperatorNode<Real>::apply(gradient, reinterpret_cast<int64_t>(this),
                                                      reinterpret_cast<int64_t>(&pairs), virials);
  return {out[0], out[1]};
}

template class ForceOperator<float>;
template class ForceOperator<double>;

}  // namespace superion::trainer
