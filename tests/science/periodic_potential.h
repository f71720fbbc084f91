// An overdamped particle in U0 cos(2 π x/L) with a force: exact jumps on a grid, and its closed forms.
#pragma once

#include <cmath>
#include <vector>

#include "core/random.h"

namespace superion::analysis {

// Units: L = 1, kT = 1, D0 = 1. Rates between neighbouring grid points obey detailed balance; what they give
// is known exactly for any grid.
struct PeriodicPotential {
  double u = 2.0;      // U0/kT
  double force = 0.0;  // F L/kT
  int grid = 32;

  double Energy(int i) const { return u * std::cos(2.0 * M_PI * i / grid); }
  double Rate(int i, int way) const {
    return grid * grid * std::exp(-0.5 * (Energy(i + way) - Energy(i)) + 0.5 * way * force / grid);
  }

  // D without a force, continuum: D0/I0(u)² (Lifson & Jackson, J. Chem. Phys. 36, 2410 (1962)).
  double Diffusion() const { return std::pow(std::cyl_bessel_i(0.0, u), -2); }
  // The same on the grid: D0/(mean of e^{-U} at the points · mean of e^{U} at the bonds).
  double GridDiffusion() const {
    double points = 0.0, bonds = 0.0;
    for (int i = 0; i < grid; ++i) {
      points += std::exp(-Energy(i)) / grid;
      bonds += std::exp(0.5 * (Energy(i) + Energy(i + 1))) / grid;
    }
    return 1.0 / (points * bonds);
  }
  // Mean velocity in the continuum: Stratonovich's double integral, v = (1 - e^{-F}) / ∫dx ∫dy
  // e^{U(x) - U(x-y) - F y}, x and y in [0, 1] (Risken, The Fokker-Planck Equation, section 11.3).
  double Velocity(int n = 400) const {
    double sum = 0.0;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n; ++j) {
        const double x = (i + 0.5) / n, y = (j + 0.5) / n;
        sum += std::exp(u * (std::cos(2.0 * M_PI * x) - std::cos(2.0 * M_PI * (x - y))) - force * y);
      }
    }
    return (1.0 - std::exp(-force)) * n * n / sum;
  }
  // On the grid: Derrida, J. Stat. Phys. 31, 433 (1983), doi:10.1007/BF01019492, equation 49.
  double GridVelocity() const {
    double total = 0.0, loop = 1.0;
    for (int i = 0; i < grid; ++i) {
      loop *= Rate(i, -1) / Rate(i, 1);
      double product = 1.0, sum = 1.0;
      for (int j = 1; j < grid; ++j) {
        product *= Rate(i + j, -1) / Rate(i + j, 1);
        sum += product;
      }
      total += sum / Rate(i, 1);
    }
    return (1.0 - loop) / total;  // turns of the ring per time, L = 1
  }

  // Positions of one particle every h, from equilibrium without the force.
  std::vector<double> Walk(double h, size_t samples, Random* random) const {
    std::vector<double> up(static_cast<size_t>(grid)), total(up.size()), x;
    for (int i = 0; i < grid; ++i) {
      up[static_cast<size_t>(i)] = Rate(i, 1);
      total[static_cast<size_t>(i)] = Rate(i, 1) + Rate(i, -1);
    }
    int at = 0;
    do {
      at = static_cast<int>(random->Below(static_cast<uint64_t>(grid)));
    } while (random->Uniform() > std::exp(-Energy(at) - u));
    int64_t turns = 0;
    double t = 0.0;
    while (x.size() < samples) {
      const auto i = static_cast<size_t>(at);
      t -= std::log(1.0 - random->Uniform()) / total[i];
      while (x.size() < samples && static_cast<double>(x.size()) * h < t)
        x.push_back(static_cast<double>(turns) + static_cast<double>(at) / grid);
      at += random->Uniform() * total[i] < up[i] ? 1 : -1;
      if (at == grid) at = 0, ++turns;
      if (at < 0) at = grid - 1, --turns;
    }
    return x;
  }
};

}  // namespace superion::analysis
