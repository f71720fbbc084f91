#include "potential/evaluator.h"

#include <algorithm>
#include <chrono>

#include "potential/electrostatics.h"
#include "potential/packed_model.h"
#include "potential/parallel.h"
#include "potential/zbl.h"

namespace superion {
namespace {

bool MachineHas(const std::string& instruction_set) {
#if defined(SUPERION_X86_KERNELS)
  if (instruction_set == "avx512") {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("fma");
  }
  if (instruction_set == "avx2") return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
  return instruction_set == "generic";
}

absl::StatusOr<std::string> ChooseInstructionSet(const std::string& wanted) {
  if (!wanted.empty()) {
    if (MachineHas(wanted)) return wanted;
    return InvalidArgument(
        "instruction set: expected avx512, avx2 or generic as this machine has, found \"{}\"", wanted);
  }
  return InstructionSets().front();
}

template <typename Real>
const kernel::Kernel<Real>& KernelOf(const std::string& instruction_set) {
  constexpr bool kSingle = std::is_same_v<Real, float>;
#if defined(SUPERION_X86_KERNELS)
  if (instruction_set == "avx512") {
    if constexpr (kSingle)
      return kernel::avx512::kFloatKernel;
    else
      return kernel::avx512::kDoubleKernel;
  }
  if (instruction_set == "avx2") {
    if constexpr (kSingle)
      return kernel::avx2::kFloatKernel;
    else
      return kernel::avx2::kDoubleKernel;
  }
#endif
  if constexpr (kSingle)
    return kernel::generic::kFloatKernel;
  else
    return kernel::generic::kDoubleKernel;
}

int64_t Nanoseconds() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

template <typename Real>
class KernelEvaluator : public Evaluator {
 public:
  KernelEvaluator(const Model& model, const EvaluatorOptions& options, const std::string& instruction_set,
                  std::unique_ptr<PackedStorage<Real>> packed)
      : model_(model),
        options_(options),
        instruction_set_(instruction_set),
        kernel_(KernelOf<Real>(instruction_set)),
        packed_(std::move(packed)),
        view_(packed_->view()),
        core_(model.architecture, model.zbl_scale) {
    for (int i = 0; i < view_.n_species; ++i)
      for (int j = 0; j < view_.n_species; ++j)
        core_range_squared_.push_back(core_.range(i, j) * core_.range(i, j));
    view_.core_range_squared = core_range_squared_.data();
  }

  const Model& model() const override { return model_; }
  const std::vector<double>& features() const override { return features_; }
  const std::string& instruction_set() const override { return instruction_set_; }
  EvaluationProfile profile() const override {
    EvaluationProfile sum;
    for (const kernel::Profile& p : profiles_) {
      sum.neighbors += p.ns[kernel::kNeighbors], sum.density += p.ns[kernel::kDensity];
      sum.layers += p.ns[kernel::kLayers], sum.adjoint += p.ns[kernel::kAdjoint];
    }
    return sum;
  }

  void Evaluate(const std::vector<int>& species, const PairList& pairs, Evaluation* result) override {
    SUPERION_CHECK(static_cast<int>(species.size()) == pairs.n_atoms);
    const int max_pairs = IndexPairs(pairs);
    MakeTiles(species);
    const kernel::Results<Real> results = Prepare(pairs, result);
    const kernel::Frame<Real> frame{pairs.displacement.empty() ? nullptr : pairs.displacement[0].data(),
                                    pairs.neighbor.data(), pairs.neighbor_species.data(), first_.data()};
    const int threads = std::max(1, options_.threads);
    workspaces_.resize(threads);
    profiles_.resize(threads, kernel::Profile{Nanoseconds, {}});
    ParallelChunks(static_cast<int>(tiles_.size()), threads, [&](int chunk, int member) {
      workspaces_[member].Reserve(view_, max_pairs);
      kernel_.evaluate(view_, frame, tiles_[chunk], workspaces_[member].view(), results,
                       options_.profile ? &profiles_[member] : nullptr);
    });
    kernel_.scatter(frame, results, pairs.n_atoms, forces_.data());
    Collect(result);
    AddCore(species, pairs, result);
  }

 private:
  // Where each center's pairs begin; returns the largest number of pairs of a center.
  int IndexPairs(const PairList& pairs) {
    const int n_pairs = static_cast<int>(pairs.center.size());
    first_.resize(pairs.n_atoms + 1);
    int max_pairs = 0;
    for (int i = 0, p = 0; i < pairs.n_atoms; ++i) {
      first_[i] = p;
      while (p < n_pairs && pairs.center[p] == i) ++p;
      max_pairs = std::max(max_pairs, p - first_[i]);
      first_[i + 1] = p;
    }
    SUPERION_CHECK(first_.empty() || n_pairs == first_.back());  // centers ascend
    return max_pairs;
  }

  void MakeTiles(const std::vector<int>& species) {
    order_.clear();
    tiles_.clear();
    order_.reserve(species.size());
    for (int c = 0; c < view_.n_species; ++c) {
      for (size_t i = 0; i < species.size(); ++i) {
        if (species[i] == c) order_.push_back(static_cast<int>(i));
      }
    }
    SUPERION_CHECK(order_.size() == species.size());  // every index is a species of the model
    for (size_t k = 0; k < order_.size();) {
      size_t end = k;
      while (end < order_.size() && end < k + kernel::kTile && species[order_[end]] == species[order_[k]])
        ++end;
      tiles_.push_back({species[order_[k]], static_cast<int>(end - k), order_.data() + k});
      k = end;
    }
  }

  kernel::Results<Real> Prepare(const PairList& pairs, Evaluation* result) {
    const size_t n = pairs.n_atoms;
    result->atom_energies.resize(n);
    result->grades.resize(view_.gp > 0 && options_.grades ? n : 0);
    features_.resize(n * (view_.hidden + 1));
    own_force_.resize(4 * n);
    virial_.resize(9 * n);
    count_.resize(n);
    in_core_.resize(n);
    if (pair_force_.size() < pairs.center.size()) {
      pair_force_.resize(pairs.center.size());
      target_.resize(pairs.center.size());
    }
    forces_.assign(4 * n, 0.0);
    return {result->atom_energies.data(),
            features_.data(),
            result->grades.empty() ? nullptr : result->grades.data(),
            own_force_.data(),
            virial_.data(),
            count_.data(),
            target_.data(),
            pair_force_.data(),
            in_core_.data()};
  }

  void Collect(Evaluation* result) {
    const size_t n = result->atom_energies.size();
    result->forces.resize(n);
    result->energy = 0.0;
    double virial[9] = {};
    for (size_t i = 0; i < n; ++i) {
      result->energy += result->atom_energies[i];
      for (int a = 0; a < 3; ++a) result->forces[i][a] = forces_[4 * i + a] + own_force_[4 * i + a];
      for (int a = 0; a < 9; ++a) virial[a] += virial_[9 * i + a];
    }
    for (int a = 0; a < 9; ++a) result->virial[a / 3][a % 3] = virial[a];
  }

  void AddCore(const std::vector<int>& species, const PairList& pairs, Evaluation* result) {
    close_.n_atoms = pairs.n_atoms;
    close_.center.clear(), close_.neighbor.clear(), close_.neighbor_species.clear(),
        close_.displacement.clear();
    for (int i = 0; i < pairs.n_atoms; ++i) {
      if (in_core_[i] == 0) continue;
      const double* range_squared = view_.core_range_squared + species[i] * view_.n_species;
      for (int p = first_[i]; p < first_[i + 1]; ++p) {
        if (Dot(pairs.displacement[p], pairs.displacement[p]) >= range_squared[pairs.neighbor_species[p]])
          continue;
        close_.center.push_back(i), close_.neighbor.push_back(pairs.neighbor[p]);
        close_.neighbor_species.push_back(pairs.neighbor_species[p]);
        close_.displacement.push_back(pairs.displacement[p]);
      }
    }
    if (close_.center.empty()) return;
    result->energy +=
        core_.Add(species, close_, result->atom_energies.data(), result->forces.data(), &result->virial);
  }

  const Model model_;
  const EvaluatorOptions options_;
  const std::string instruction_set_;
  const kernel::Kernel<Real>& kernel_;
  const std::unique_ptr<PackedStorage<Real>> packed_;
  kernel::PackedModel<Real> view_;
  const ZblCore core_;
  std::vector<double> core_range_squared_;  // [Z, Z]
  std::vector<int> first_, order_, count_, target_;
  std::vector<kernel::Tile> tiles_;
  std::vector<WorkspaceStorage<Real>> workspaces_;
  std::vector<kernel::Profile> profiles_;
  std::vector<double> features_, own_force_, virial_, forces_;
  std::vector<unsigned char> in_core_;
  std::vector<kernel::PairForce<Real>> pair_force_;
  PairList close_;
};

template <typename Real>
absl::StatusOr<std::unique_ptr<Evaluator>> MakeEvaluator(const Model& model, const EvaluatorOptions& options,
                                                         const std::string& instruction_set) {
  SUPERION_ASSIGN_OR_RETURN(std::unique_ptr<PackedStorage<Real>> packed, PackedStorage<Real>::Create(model));
  return std::make_unique<KernelEvaluator<Real>>(model, options, instruction_set, std::move(packed));
}

}  // namespace

std::vector<std::string> InstructionSets() {
  std::vector<std::string> sets;
  for (const char* candidate : {"avx512", "avx2", "generic"}) {
    if (MachineHas(candidate)) sets.emplace_back(candidate);
  }
  return sets;
}

absl::StatusOr<std::unique_ptr<Evaluator>> Evaluator::Create(const Model& model,
                                                             const EvaluatorOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const std::string instruction_set, ChooseInstructionSet(options.instruction_set));
  if (options.double_precision) return MakeEvaluator<double>(model, options, instruction_set);
  return MakeEvaluator<float>(model, options, instruction_set);
}

absl::Status Evaluator::EvaluateStructure(const Structure& structure, Evaluation* result) {
  SUPERION_ASSIGN_OR_RETURN(const std::vector<int> species, SpeciesIndices(model().architecture, structure));
  SUPERION_ASSIGN_OR_RETURN(const PairList pairs, MakePairList(model().architecture, structure));
  Evaluate(species, pairs, result);
  return AddElectrostatics(model(), species, structure, result);
}

}  // namespace superion
