// Energies of the species by least squares: what an atom of each kind contributes before anything is learned.
#pragma once

#include <vector>

namespace superion::trainer {

// counts [n_frames][Z] atoms of each species, energies [n_frames] eV. Minimises Σ ((E - Σ_c n_c e_c) / N)²;
// the solution of smallest norm where the compositions leave a freedom (a single composition for instance).
// [Z] eV.
std::vector<double> ReferenceEnergies(const std::vector<std::vector<int>>& counts,
                                      const std::vector<double>& energies);

// Eigenvalues and eigenvectors (rows of `vectors`) of a symmetric n x n matrix by Jacobi rotations.
void SymmetricEigen(std::vector<double> matrix, int n, std::vector<double>* values,
                    std::vector<double>* vectors);

}  // namespace superion::trainer
