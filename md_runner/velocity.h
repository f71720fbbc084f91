// Velocities of a system of point masses: Maxwell-Boltzmann start, kinetic energy, momentum. Å/ps, u, eV, K.
#pragma once

#include <vector>

#include "core/random.h"
#include "core/vec3.h"

namespace superion {

// Number of kinetic degrees of freedom with the centre of mass at rest: 3 n - 3 (3 for a single atom).
int DegreesOfFreedom(size_t n_atoms);

double KineticEnergy(const std::vector<double>& masses, const std::vector<Vec3>& velocities);  // eV
double Temperature(double kinetic_energy, int degrees_of_freedom);                             // K
Vec3 Momentum(const std::vector<double>& masses, const std::vector<Vec3>& velocities);         // u Å/ps
void RemoveDrift(const std::vector<double>& masses, std::vector<Vec3>* velocities);

// Gaussian velocities of the given temperature, total momentum removed, scaled to exactly `temperature_k`.
std::vector<Vec3> MaxwellBoltzmann(const std::vector<double>& masses, double temperature_k, Random* random);

}  // namespace superion
