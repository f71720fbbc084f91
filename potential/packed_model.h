// The model in the layout of the kernels: padded, transposed where the adjoint needs it, scales folded in.
#pragma once

#include <memory>
#include <new>
#include <vector>

#include "potential/evaluator_kernel.h"
#include "potential/model.h"

namespace superion {

template <typename T>
struct AlignedAllocator {
  using value_type = T;
  AlignedAllocator() = default;
  template <typename U>
  AlignedAllocator(const AlignedAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), std::align_val_t(64))); }
  void deallocate(T* p, size_t) { ::operator delete(p, std::align_val_t(64)); }
  template <typename U>
  bool operator==(const AlignedAllocator<U>&) const {
    return true;
  }
};
template <typename T>
using AlignedVector = std::vector<T, AlignedAllocator<T>>;

template <typename Real>
class PackedStorage {
 public:
  // The model must pass CheckModel. InvalidArgument when the grade matrices are not positive definite.
  static absl::StatusOr<std::unique_ptr<PackedStorage>> Create(const Model& model);
  const kernel::PackedModel<Real>& view() const { return view_; }

 private:
  PackedStorage() = default;
  PackedStorage(const PackedStorage&) = delete;
  Real* Array(size_t size);
  const int* Integers(const std::vector<int>& values);
  void PackMixing(const Model& model);
  void PackProductWeights(const Model& model, int product);
  void PackProductTable(const Model& model, int product);
  void PackReadout(const Model& model);
  absl::Status PackGrades(const Model& model);

  kernel::PackedModel<Real> view_{};
  std::vector<AlignedVector<Real>> arrays_;
  std::vector<std::vector<int>> integers_;
  std::vector<std::vector<kernel::ProductTerm<Real>>> terms_;
  std::vector<double> reference_energy_;
};

// Memory of one thread.
template <typename Real>
class WorkspaceStorage {
 public:
  // Room for centers with up to `max_pairs` listed pairs; cheap when there is room already.
  void Reserve(const kernel::PackedModel<Real>& model, int max_pairs);
  const kernel::Workspace<Real>& view() const { return view_; }

 private:
  kernel::Workspace<Real> view_{};
  AlignedVector<Real> numbers_;
  std::vector<int> integers_;
};

}  // namespace superion
