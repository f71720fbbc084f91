// Ions in an electric field with known currents, for T-18, T-19 and the driver of nemd.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "analysis/transport/nemd.h"
#include "core/random.h"

namespace superion::analysis {

// A Poisson number; large means are split so that no exponential underflows.
inline int64_t Poisson(double mean, Random* random) {
  int64_t total = 0;
  for (; mean > 30.0; mean -= 30.0) total += Poisson(30.0, random);
  const double limit = std::exp(-mean);
  int64_t k = 0;
  for (double product = random->Uniform(); product > limit; product *= random->Uniform()) ++k;
  return total + k;
}

// Dipole of n independent ions of charge q that hop a length a at rates G exp(±x), x = q E a/2kT, both ways
// along the field, every `h` for n_samples: exact.
struct HoppingIons {
  double n = 20, charge = 1.0, length = 3.0, rate = 0.5, temperature_k = 600.0, volume = 8000.0;

  double x(double field) const { return charge * field * length / (2.0 * units::kBoltzmann * temperature_k); }
  double current(double field) const {  // e/(Å² ps)
    return 2.0 * n / volume * charge * length * rate * std::sinh(x(field));
  }
  double sigma() const {  // S/m
    return kCurrentPerField * n / volume * charge * charge * length * length * rate /
           (units::kBoltzmann * temperature_k);
  }
  std::vector<double> Dipole(double field, double h, size_t n_samples, Random* random) const {
    std::vector<double> p(1, 0.0);
    const double mean = n * rate * h;
    while (p.size() < n_samples) {
      const auto hops =
          Poisson(mean * std::exp(x(field)), random) - Poisson(mean * std::exp(-x(field)), random);
      p.push_back(p.back() + charge * length * static_cast<double>(hops));
    }
    return p;
  }
};

// Dipole of n Langevin ions of mass m and friction γ in a field that is switched on at t = 0: exact samples
// of (velocity, position); the sum of n ions is one process with n times the variance.
struct LangevinIons {
  double n = 50, charge = 1.0, mass = 6.94, friction = 2.0, temperature_k = 600.0, volume = 8000.0;

  double sigma() const {  // S/m
    return kCurrentPerField * n / volume * charge * charge / (mass * units::kMassVelocity2 * friction);
  }
  std::vector<double> Dipole(double field, double h, size_t n_samples, Random* random) const {
    const double g = friction, a = std::exp(-g * h), kt = units::kBoltzmann * temperature_k;
    const double m = mass * units::kMassVelocity2;
    // Chandrasekhar, Rev. Mod. Phys. 15, 1 (1943): the joint Gaussian of one step.
    const double vv = kt / m * (1.0 - a * a), xx = kt / (m * g * g) * (2.0 * g * h - 3.0 + 4.0 * a - a * a);
    const double vx = kt / (m * g) * (1.0 - a) * (1.0 - a);
    const double l11 = std::sqrt(vv), l21 = vx / l11, l22 = std::sqrt(std::max(0.0, xx - l21 * l21));
    const double drift = charge * field / (m * g), root = std::sqrt(n);
    double v = root * std::sqrt(kt / m) * random->Gaussian();
    std::vector<double> p(1, 0.0);
    while (p.size() < n_samples) {
      const double z1 = root * random->Gaussian(), z2 = root * random->Gaussian(), u = v - n * drift;
      p.push_back(p.back() + charge * (n * drift * h + u * (1.0 - a) / g + l21 * z1 + l22 * z2));
      v = n * drift + a * u + l11 * z1;
    }
    return p;
  }
};

// ±E0, ±E0/2, ±E0/4, `seeds` runs each.
template <typename Ions>
std::vector<FieldPoint> Protocol(const Ions& ions, double largest, int seeds, size_t samples, double h,
                                 Random* random) {
  std::vector<FieldRun> runs;
  for (const double part : {1.0, 0.5, 0.25}) {
    for (const double sign : {1.0, -1.0}) {
      for (int s = 0; s < seeds; ++s) {
        const double field = sign * part * largest;
        runs.push_back({field, *AnalyzeSteadyCurrent(ions.Dipole(field, h, samples, random), h)});
      }
    }
  }
  return *PoolFields(runs, ions.volume);
}

}  // namespace superion::analysis
