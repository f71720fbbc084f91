// Potentials with a closed form, as force providers for tests.
#pragma once

#include <cmath>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/units.h"
#include "md_runner/engine.h"
#include "md_runner/force_provider.h"
#include "md_runner/verlet_list.h"

namespace superion {

// No forces at all.
class FreeForces : public ForceProvider {
 public:
  absl::Status Compute(const std::vector<ForceRequest>& requests) override {
    for (const ForceRequest& r : requests) {
      *r.result = {};
      r.result->forces.assign(r.positions->size(), Vec3{});
    }
    return absl::OkStatus();
  }
  void Forget(int) override {}
};

// Every atom tied to its own site by a spring, U = k/2 Σ |r - site|².
class EinsteinForces : public ForceProvider {
 public:
  EinsteinForces(std::vector<Vec3> sites, double spring) : sites_(std::move(sites)), spring_(spring) {}
  absl::Status Compute(const std::vector<ForceRequest>& requests) override {
    for (const ForceRequest& r : requests) {
      *r.result = {};
      for (size_t i = 0; i < sites_.size(); ++i) {
        const Vec3 d = (*r.positions)[i] - sites_[i];
        r.result->energy += 0.5 * spring_ * Dot(d, d);
        r.result->forces.push_back(-spring_ * d);
      }
    }
    return absl::OkStatus();
  }
  void Forget(int) override {}

 private:
  std::vector<Vec3> sites_;
  double spring_;
};

struct LennardJones {
  double epsilon = 0.0104;    // eV
  double sigma = 3.4;         // Å
  double cutoff = 6.5;        // Å
  bool force_shifted = true;  // energy and force go to zero at the cutoff; else cut off sharply
  double minimum_distance = 0.0;
};

// One species. Grades, when a function is given, are made from the number of calls so far.
class LennardJonesForces : public ForceProvider {
 public:
  LennardJonesForces(size_t n_atoms, const LennardJones& lj, double skin = 0.6,
                     std::function<double(int)> grade = nullptr)
      : n_(n_atoms), lj_(lj), skin_(skin), grade_(std::move(grade)) {}

  absl::Status Compute(const std::vector<ForceRequest>& requests) override {
    for (const ForceRequest& r : requests) {
      VerletList& list = List(r.replica);
      SUPERION_RETURN_IF_ERROR(list.Update(*r.cell, *r.positions));
      PairList pairs;
      *r.result = {};
      r.result->closest = list.WritePairs(*r.positions, 0, 0, &pairs);
      Sum(pairs, r.result);
      if (grade_) {
        r.result->max_grade = grade_(calls_);
        r.result->grades.assign(n_, 0.5 * r.result->max_grade);
        r.result->grades.back() = r.result->max_grade;
      }
    }
    ++calls_;
    return absl::OkStatus();
  }
  void Forget(int replica) override { List(replica).Forget(); }
  int64_t builds(int replica) { return List(replica).builds(); }

 private:
  VerletList& List(int replica) {
    while (lists_.size() <= static_cast<size_t>(replica)) {
      VerletOptions options{lj_.cutoff, skin_, {}};
      if (lj_.minimum_distance > 0.0) options.minimum_distance = {lj_.minimum_distance};
      lists_.emplace_back(std::vector<std::string>(n_, "Ar"), std::vector<int>(n_, 0), 1, options);
    }
    return lists_[replica];
  }

  // Energy and -dU/dr of the plain form.
  std::pair<double, double> Plain(double r) const {
    const double x6 = std::pow(lj_.sigma / r, 6);
    return {4.0 * lj_.epsilon * x6 * (x6 - 1.0), 24.0 * lj_.epsilon * x6 * (2.0 * x6 - 1.0) / r};
  }

  void Sum(const PairList& pairs, ForceResult* result) const {
    const auto [cut_energy, cut_force] = Plain(lj_.cutoff);
    result->forces.assign(n_, Vec3{});
    for (size_t p = 0; p < pairs.center.size(); ++p) {
      const Vec3 d = pairs.displacement[p];
      const double r = Norm(d);
      auto [energy, force] = Plain(r);
      if (lj_.force_shifted) {
        energy += (r - lj_.cutoff) * cut_force - cut_energy;
        force -= cut_force;
      }
      // A full list: every pair is met from both sides.
      result->energy += 0.5 * energy;
      const Vec3 f = (force / r) * d;
      result->forces[pairs.center[p]] -= f;
      for (int a = 0; a < 3; ++a) result->virial[a] += (0.5 * d[a]) * f;
    }
  }

  size_t n_;
  LennardJones lj_;
  double skin_;
  std::function<double(int)> grade_;
  std::vector<VerletList> lists_;
  int calls_ = 0;
};

// Face-centred cubic argon, repeats³ cells of 5.26 Å, random displacements of the given standard deviation.
inline Structure Argon(int repeats, double jitter = 0.0, uint64_t seed = 1) {
  Structure s;
  constexpr double a = 5.26;
  s.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
  s.positions = {{0, 0, 0}, {0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}};
  s.species.assign(4, "Ar");
  s = Supercell(s, {repeats, repeats, repeats});
  Random random(seed);
  for (Vec3& r : s.positions) {
    for (double& x : r) x += jitter * random.Gaussian();
  }
  return s;
}

constexpr double kArgonMass = 39.95;

inline EngineSettings ArgonSettings(size_t n_atoms, Ensemble ensemble, double temperature_k,
                                    double timestep_ps) {
  EngineSettings s;
  s.species.assign(n_atoms, "Ar");
  s.masses.assign(n_atoms, kArgonMass);
  s.ensemble = ensemble;
  s.temperature_k = temperature_k;
  s.timestep_ps = timestep_ps;
  return s;
}

inline ReplicaState StateOf(const Structure& s, const std::vector<Vec3>& velocities, uint64_t seed = 1) {
  ReplicaState state;
  state.cell = s.cell;
  state.positions = s.positions;
  state.velocities = velocities;
  state.random = Random(seed).state();
  return state;
}

}  // namespace superion
