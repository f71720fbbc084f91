// Labelled frames as the trainer accepts them: every frame checked, units made plausible, training and
// validation split by content.
#pragma once

#include <string>
#include <vector>

#include "core/structure.h"
#include "potential/frame_source.h"

namespace superion::trainer {

struct DatasetOptions {
  bool stress = false;               // stress labels wanted: at least one frame must hold one
  double validation_fraction = 0.1;  // used when no validation file is given; 0: no validation
};

struct Dataset {
  std::vector<Frame> train, valid;
  // The first `n_new` training frames are new; those after them are replayed: of these, each epoch draws as
  // many as there are new ones.
  size_t n_new = 0;
  std::vector<std::string> species;  // of both, ascending atomic number
  std::string content_sha256;        // of all frames and of which side they are on
};

// InvalidArgument names the file, the frame (from 1) and what is wrong with it: not finite, atoms on top of
// each other, no energy, no forces, forces of a size that no DFT label has.
absl::Status CheckLabelledFrame(const Frame& frame, const std::string& origin, size_t number);

// Compares energy differences of neighboring configurations with the work of their forces; InvalidArgument
// when the ratio says that energies or forces or both are in other units (Ry, Hartree, Bohr), that energies
// are per atom or that forces have the wrong sign. Ok when there are no such pairs.
absl::Status CheckUnits(const std::vector<Frame>& frames);

// Groups of frames that are (nearly) the same configuration: same atoms and cell, largest displacement below
// 0.05 Å. [n_frames] group of every frame, numbered by first appearance.
std::vector<int> NearDuplicateGroups(const std::vector<Frame>& frames);

// Groups that must stay on one side of a split: near-duplicates, and blocks of at most `block` frames of a
// trajectory: neighbors in the file that moved, in root mean square, less than half as far as frames of the
// same cell that lie half of the trajectory apart. [n_frames]
std::vector<int> CorrelatedGroups(const std::vector<Frame>& frames, int block);

// True for the frames of validation: whole correlated groups (blocks of about a quarter of the validation
// frames, 2 to 20), in the order of a hash of their content, until the fraction is reached. Without
// trajectories it does not depend on the order of the frames.
std::vector<bool> ValidationSplit(const std::vector<Frame>& frames, double fraction);

// Files of labelled frames by their part in a training.
struct DatasetFiles {
  std::vector<std::string> train, valid, replay;
};

// Reads, checks and splits. Frames of `valid` that are also in training are an error. Replayed frames are
// split as the new ones are.
absl::StatusOr<Dataset> ReadDataset(const DatasetFiles& files, const DatasetOptions& options);

}  // namespace superion::trainer
