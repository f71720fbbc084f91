// Velocities of a system of point masses: Maxwell-Boltzmann start, kinetic energy, momentum. Å/ps, u, eV, K.
#pragma once

#include <vector>

#include "core/random.h"
#include "core/vec3.h"

namespace superion {

// Number of kinetic degrees of freedom with the centre of mass at rest: 3 n - 3 (3 for a single atom).
int DegreesOfFreedom(size_t n_atoms);

// The same of the two components across `direction` (a unit vector; zero: of all three).
int DegreesOfFreedomAcross(size_t n_atoms, const Vec3& direction);

double KineticEnergy(const std::vector<double>& masses, const std::vector<Vec3>& velocities);  // eV
double KineticEnergyAcross(const std::vector<double>& masses, const std::vector<Vec3>& velocities,
                           const Vec3& direction);  // eV
// Multiplies the components across `direction` (zero: all) by `factor`.
void ScaleAcross(double factor, const Vec3& direction, std::vector<Vec3>* velocities);
double Temperature(double kinetic_energy, int degrees_of_freedom);                      // K
Vec3 Momentum(const std::vector<double>& masses, const std::vector<Vec3>& velocities);  // u Å/ps
void RemoveDrift(const std::vector<double>& masses, std::vector<Vec3>* velocities);

void Scale(double factor, std::vector<Vec3>* velocities);

// Gaussian velocities of the given temperature, total momentum removed: their kinetic energy fluctuates.
std::vector<Vec3> GaussianVelocities(const std::vector<double>& masses, double temperature_k, Random* random);
// The same, scaled to exactly `temperature_k`.
std::vector<Vec3> MaxwellBoltzmann(const std::vector<double>& masses, double temperature_k, Random* random);

}  // namespace superion
