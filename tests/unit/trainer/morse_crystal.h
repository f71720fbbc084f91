// A labeler of which everything is known: rock salt LiCl with Morse pairs cut off smoothly, atoms displaced
// at random.
#pragma once

#include <vector>

#include "core/structure.h"
#include "trainer/dataset.h"

namespace superion::trainer {

// Labels energy, forces and stress of any structure of Li, Na and Cl.
Frame MorseFrame(Structure structure);
// `n` frames of 8 atoms, displaced by `amplitude` Å (Gaussian) and strained by up to 2 %. `cation` is Li or
// Na.
std::vector<Frame> MorseFrames(int n, double amplitude, uint64_t seed, const std::string& cation = "Li");
Dataset MorseDataset(int n_train, int n_valid, const std::string& cation = "Li", double amplitude = 0.12);

}  // namespace superion::trainer
