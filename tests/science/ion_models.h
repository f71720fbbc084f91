// Trajectories of model ions with known transport, as the analysis receives them.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "core/random.h"

namespace superion::analysis {

struct IonModel {
  size_t n_mobile = 16;     // Li, charge +1
  size_t n_framework = 16;  // Cl, charge -1
  size_t n_frames = 4000;
  double interval_ps = 0.05, diffusion = 0.5, box = 14.0;
  double framework_mass = 35.45, mobile_mass = 6.94;
};

// A trajectory in which every ion stays where it was put on a grid.
inline IonTrajectory Lattice(const IonModel& model) {
  IonTrajectory out;
  out.origin = "model";
  out.interval_ps = model.interval_ps;
  out.temperature_k = 600.0;
  out.volume_angstrom3 = model.box * model.box * model.box;
  const size_t n = model.n_mobile + model.n_framework;
  const auto side = static_cast<size_t>(std::ceil(std::cbrt(static_cast<double>(n)) - 1e-9));
  for (size_t i = 0; i < n; ++i) {
    const bool mobile = i < model.n_mobile;
    out.species.push_back(mobile ? "Li" : "Cl");
    out.masses_u.push_back(mobile ? model.mobile_mass : model.framework_mass);
    for (size_t c = 0, rest = i; c < 3; ++c, rest /= side) {
      const double x = model.box * static_cast<double>(rest % side) / static_cast<double>(side);
      out.positions.emplace_back(model.n_frames, x);
    }
  }
  return out;
}

// Adds Brownian motion to the mobile ions: dx_i = sqrt(2 D h) (sqrt(1-r) xi_i + sqrt(r) xi_0), the same xi_0
// for all ions (r = 0: independent).
inline void AddBrownian(const IonModel& model, double r, Random* random, IonTrajectory* out) {
  const double step = std::sqrt(2.0 * model.diffusion * model.interval_ps);
  std::vector<double> x(3 * model.n_mobile, 0.0);
  for (size_t k = 0; k < model.n_frames; ++k) {
    for (size_t c = 0; c < 3; ++c) {
      const double common = std::sqrt(r) * random->Gaussian();
      for (size_t i = 0; i < model.n_mobile; ++i) {
        out->positions[3 * i + c][k] += x[3 * i + c];
        x[3 * i + c] += step * (std::sqrt(1.0 - r) * random->Gaussian() + common);
      }
    }
  }
}

inline std::vector<IonTrajectory> BrownianSeeds(const IonModel& model, double r, int n_seeds, uint64_t seed) {
  std::vector<IonTrajectory> out;
  for (int s = 0; s < n_seeds; ++s) {
    Random random(DeriveSeed(seed, std::to_string(s)));
    out.push_back(Lattice(model));
    AddBrownian(model, r, &random, &out.back());
  }
  return out;
}

inline AnalysisInput InputOf(const std::vector<IonTrajectory>& ions) {
  AnalysisInput input;
  input.ions = ions;
  for (const auto& seed : ions) {
    const double a = std::cbrt(seed.volume_angstrom3);
    input.cells.push_back({{{a, 0, 0}, {0, a, 0}, {0, 0, a}}});
    input.sums.push_back(*SumsOfTrajectory(seed));
  }
  return input;
}

inline AnalysisOptions LiCl() {
  AnalysisOptions options;
  options.charges = {{"Li", 1.0}, {"Cl", -1.0}};
  options.temperature_k = 600.0;
  return options;
}

// σ of n independent ions of charge z in a box, S/m.
inline double NernstEinstein(const IonModel& model, double z = 1.0) {
  return units::kConductivity * z * z * static_cast<double>(model.n_mobile) /
         (model.box * model.box * model.box) * model.diffusion / 600.0;
}

inline const Json& GateOf(const Json& document, const std::string& id) {
  for (const Json& gate : document.at("gates")) {
    if (gate.at("id") == id) return gate;
  }
  static const Json none;
  return none;
}

}  // namespace superion::analysis
