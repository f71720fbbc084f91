// Labelled frames as the trainer accepts them: every frame checked, units made plausible, training and
// validation split by content.
#pragma once

#include <string>
#include <vector>

#include "core/structure.h"

namespace superion::trainer {

struct DatasetOptions {
  bool stress = false;               // stress labels wanted: at least one frame must hold one
  double validation_fraction = 0.1;  // used when no validation file is given; 0: no validation
};

struct Dataset {
  std::vector<Frame> train, valid;
  std::vector<std::string> species;  // of both, ascending atomic number
  std::string content_sha256;        // of all frames and of which side they are on
};

// InvalidArgument names the file, the frame (from 1) and what is wrong with it: not finite, atoms on top of
// each other, no energy, no forces, forces of a size that no DFT label has.
absl::Status CheckLabelledFrame(const Frame& frame, const std::string& origin, size_t number);

// Compares energy differences of neighboring configurations with the work of their forces; InvalidArgument
// when the ratio says that energies are in Ry or Hartree or forces in Ry/Bohr or Hartree/Bohr. Ok when there
// are no such pairs.
absl::Status CheckUnits(const std::vector<Frame>& frames);

// Groups of frames that are (nearly) the same configuration: same atoms and cell, largest displacement below
// 0.05 Å. [n_frames] group of every frame, numbered by first appearance.
std::vector<int> NearDuplicateGroups(const std::vector<Frame>& frames);

// True for the frames of validation: whole groups, in the order of a hash of their content, until the
// fraction is reached. Does not depend on the order of the frames.
std::vector<bool> ValidationSplit(const std::vector<Frame>& frames, double fraction);

// Reads, checks and splits. Frames of `valid_paths` that are also in training are an error.
absl::StatusOr<Dataset> ReadDataset(const std::vector<std::string>& train_paths,
                                    const std::vector<std::string>& valid_paths,
                                    const DatasetOptions& options);

}  // namespace superion::trainer
