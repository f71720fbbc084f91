// Frames made ready for training: what does not depend on a learned parameter is computed once.
#pragma once

#include "potential/density.h"
#include "trainer/dataset.h"

namespace superion::trainer {

// What is fixed before training starts and goes into the model file as it is.
struct FixedScales {
  double density_scale = 1.0, energy_scale = 1.0, zbl_scale = 0.7;
  std::vector<double> reference_energy;  // [Z] eV
};

struct PreparedFrame {
  int n_atoms = 0;
  std::vector<int> species;  // [n_atoms]
  PairList pairs;
  size_t n_pairs = 0;
  double energy = 0.0;         // label - ZBL, eV (reference energies not yet taken off)
  std::vector<double> forces;  // [n_atoms, 3] label - ZBL, eV/Å
  std::optional<Mat3> virial;  // -volume · stress - ZBL's, eV
  double volume = 0.0;         // Å³
  int source = 0;              // index into the names of sources of a training
  double force_square = 0.0;   // Σ of squares of the labels themselves
};

// Pair lists, labels without ZBL. Errors name the frame (from 1, counted on from `first`).
absl::StatusOr<std::vector<PreparedFrame>> PrepareFrames(const ModelArchitecture& architecture,
                                                         const std::vector<Frame>& frames, double zbl_scale,
                                                         int threads, size_t first = 0);

// density_scale from the mean number of neighbors within the cutoff and the cutoff function, energy_scale
// from the root mean square of the forces (times 1 Å), reference energies by least squares.
FixedScales MeasureScales(const ModelArchitecture& architecture, const std::vector<PreparedFrame>& frames,
                          double zbl_scale);
// Puts the reference energies of the species that `init` knows in place, because its tensors are relative to
// them, and fits those of the other species to what is left.
void KeepKnownReferences(const Model& init, const ModelArchitecture& architecture,
                         const std::vector<PreparedFrame>& frames, std::vector<double>* reference_energy);
// Takes the reference energies off.
void SubtractReference(const std::vector<double>& reference_energy, std::vector<PreparedFrame>* frames);

}  // namespace superion::trainer
