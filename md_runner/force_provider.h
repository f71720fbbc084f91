// Where the forces of MD come from: a learned potential, an analytic one in tests, either with an electric
// field added.
#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "core/status.h"
#include "core/vec3.h"

namespace superion {

struct ForceResult {
  double energy = 0.0;         // eV
  std::vector<Vec3> forces;    // [n_atoms, 3] eV/Å
  Mat3 virial{};               // Σ r_ij ⊗ f_ij, eV; filled only when one frame is asked for at a time
  std::vector<double> grades;  // [n_atoms] extrapolation grade; empty when the potential states none
  double max_grade = 0.0;      // largest of `grades`
  // Smallest distance of a pair as a fraction of the least distance allowed to its two species; infinity when
  // unknown.
  double closest = std::numeric_limits<double>::infinity();
};

// One frame to be evaluated. `replica` names the Verlet list that follows these atoms through time; positions
// must be continuous in time (unwrapped).
struct ForceRequest {
  int replica = 0;
  const Mat3* cell = nullptr;
  const std::vector<Vec3>* positions = nullptr;
  ForceResult* result = nullptr;  // buffers are reused
};

// Same atoms (number, species, order) in every frame. Not thread-safe.
class ForceProvider {
 public:
  virtual ~ForceProvider() = default;
  // Evaluates all requests, laid end to end where the potential gains by it.
  virtual absl::Status Compute(const std::vector<ForceRequest>& requests) = 0;
  // Drops what was kept from earlier frames of a replica, so that the next result depends on its positions
  // alone.
  virtual void Forget(int replica) = 0;
};

// Adds a uniform electric field E (V/Å): force q_i E on every ion and energy -Σ q_i E·r_i of the unwrapped
// positions. The virial is left alone: a uniform field has no pairwise part. Takes ownership of the
// field-free provider. InvalidArgument unless the charges (e, [n_atoms]) add up to zero within 1e-9 |q|: a
// net force would accelerate the whole cell.
absl::StatusOr<std::unique_ptr<ForceProvider>> AddElectricField(std::unique_ptr<ForceProvider> provider,
                                                                std::vector<double> charges,
                                                                const Vec3& field);

}  // namespace superion
