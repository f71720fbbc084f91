// The model once more, slow and readable, in double precision, from docs/potential_model.md alone: harmonics
// from associated Legendre functions, coupling from Wigner 3j symbols, radial functions as cosines. Nothing
// is shared with the product but the container of the tensors.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "core/vec3.h"
#include "potential/density.h"
#include "potential/model.h"

namespace superion::reference {

double Harmonic(int l, int m, const Vec3& unit);
double Radial(int n, double r, const ModelArchitecture& architecture);
// C[l1 m1, l2 m2, l3 m3] of equation 5.
double Coupling(int l1, int m1, int l2, int m2, int l3, int m3);

// A box of atoms with species indices.
struct Box {
  Mat3 cell{};
  std::vector<Vec3> positions;
  std::vector<int> species;
};

// Every ordered pair within `cutoff` by running over all images.
PairList Pairs(const Box& box, double cutoff);
// Equation 3, [n_atoms * n_density].
std::vector<double> Density(const ModelArchitecture& architecture, double density_scale,
                            const PairList& pairs);

struct AtomResult {
  double energy = 0.0;
  std::vector<double> last_layer;  // [h2, 1]
};
// Equations 4-8.
std::vector<AtomResult> Atoms(const Model& model, const Box& box);
double Energy(const Model& model, const Box& box);

// A model with random tensors of sensible size.
Model RandomModel(const std::string& size, const std::vector<std::string>& species, double cutoff,
                  unsigned seed);
Model RandomModel(const ModelArchitecture& architecture, unsigned seed);
// Atoms at random, none closer than `spacing`.
Box RandomBox(int n_atoms, int n_species, double edge, double spacing, unsigned seed);

}  // namespace superion::reference
