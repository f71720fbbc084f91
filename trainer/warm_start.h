// What a training that goes on from a model takes from that model's architecture.
#pragma once

#include <string>

#include "potential/model.h"

namespace superion::trainer {

// "cutoff 6 Å (power 6), 8 radial functions (linear), l_max 3, 16 channels, 1 products, 32 hidden units".
std::string DescribeShape(const ModelArchitecture& architecture);

// True where all but species, cutoff and the radial functions' argument agree.
bool SameShape(const ModelArchitecture& a, const ModelArchitecture& b);

// `asked` [ArchitectureOfSize of `size`] with the cutoff function and the radial functions of `init`; with
// its shape too where that is what the size stood for before: campaigns go on across versions.
// InvalidArgument names both shapes, and the size to ask for.
absl::StatusOr<ModelArchitecture> ArchitectureOfWarmStart(const std::string& size, ModelArchitecture asked,
                                                          const ModelArchitecture& init);

}  // namespace superion::trainer
