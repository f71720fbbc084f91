#include "core/velocity.h"

#include <cmath>

#include "core/units.h"

namespace superion {

int DegreesOfFreedom(size_t n_atoms) { return n_atoms > 1 ? static_cast<int>(3 * n_atoms) - 3 : 3; }

int DegreesOfFreedomAcross(size_t n_atoms, const Vec3& direction) {
  return direction == Vec3{} ? DegreesOfFreedom(n_atoms) : DegreesOfFreedom(n_atoms) * 2 / 3;
}

double KineticEnergyAcross(const std::vector<double>& masses, const std::vector<Vec3>& velocities,
                           const Vec3& direction) {
  if (direction == Vec3{}) return KineticEnergy(masses, velocities);
  double sum = 0.0;
  for (size_t i = 0; i < masses.size(); ++i) {
    const Vec3 v = velocities[i] - Dot(velocities[i], direction) * direction;
    sum += masses[i] * Dot(v, v);
  }
  return 0.5 * units::kMassVelocity2 * sum;
}

void ScaleAcross(double factor, const Vec3& direction, std::vector<Vec3>* velocities) {
  for (Vec3& v : *velocities) v = factor * v + ((1.0 - factor) * Dot(v, direction)) * direction;
}

double KineticEnergy(const std::vector<double>& masses, const std::vector<Vec3>& velocities) {
  double sum = 0.0;
  for (size_t i = 0; i < masses.size(); ++i) sum += masses[i] * Dot(velocities[i], velocities[i]);
  return 0.5 * units::kMassVelocity2 * sum;
}

double Temperature(double kinetic_energy, int degrees_of_freedom) {
  return 2.0 * kinetic_energy / (degrees_of_freedom * units::kBoltzmann);
}

Vec3 Momentum(const std::vector<double>& masses, const std::vector<Vec3>& velocities) {
  Vec3 sum{};
  for (size_t i = 0; i < masses.size(); ++i) sum += masses[i] * velocities[i];
  return sum;
}

void RemoveDrift(const std::vector<double>& masses, std::vector<Vec3>* velocities) {
  if (masses.size() < 2) return;
  double total = 0.0;
  for (const double m : masses) total += m;
  const Vec3 drift = (1.0 / total) * Momentum(masses, *velocities);
  for (Vec3& v : *velocities) v -= drift;
}

void Scale(double factor, std::vector<Vec3>* velocities) {
  for (Vec3& v : *velocities) v = factor * v;
}

std::vector<Vec3> GaussianVelocities(const std::vector<double>& masses, double temperature_k,
                                     Random* random) {
  std::vector<Vec3> velocities(masses.size());
  for (size_t i = 0; i < masses.size(); ++i) {
    const double sd = std::sqrt(units::kBoltzmann * temperature_k / (masses[i] * units::kMassVelocity2));
    for (double& v : velocities[i]) v = sd * random->Gaussian();
  }
  RemoveDrift(masses, &velocities);
  return velocities;
}

std::vector<Vec3> MaxwellBoltzmann(const std::vector<double>& masses, double temperature_k, Random* random) {
  std::vector<Vec3> velocities = GaussianVelocities(masses, temperature_k, random);
  const double present = Temperature(KineticEnergy(masses, velocities), DegreesOfFreedom(masses.size()));
  Scale(present > 0.0 ? std::sqrt(temperature_k / present) : 0.0, &velocities);
  return velocities;
}

}  // namespace superion
