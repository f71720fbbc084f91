// Fixed charges as a setting of training: what they give is taken off the labels and goes into the model.
#pragma once

#include <optional>

#include "core/json.h"
#include "potential/model.h"
#include "trainer/dataset.h"

namespace superion::trainer {

// `params.charges`, {species: e}, one for every species of the architecture; null: those of `init`, if any.
// InvalidArgument names a species without a charge, one that is not in the data, or a charge that differs
// from that of `init` (its tensors hold the rest that its charges left).
absl::StatusOr<std::optional<Electrostatics>> ElectrostaticsOfTraining(const Json& charges,
                                                                       const ModelArchitecture& architecture,
                                                                       const Model* init);

// Off the labels of all frames; the hash of the content becomes that of the labels and the charges.
absl::Status SubtractElectrostatics(const ModelArchitecture& architecture,
                                    const Electrostatics& electrostatics, Dataset* dataset);

}  // namespace superion::trainer
