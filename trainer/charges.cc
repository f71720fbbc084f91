#include "trainer/charges.h"

#include <algorithm>

#include "core/file.h"
#include "potential/electrostatics.h"
#include "potential/frame_source.h"

namespace superion::trainer {
namespace {

absl::Status CheckAgainst(const Model& init, const ModelArchitecture& architecture,
                          const Electrostatics& electrostatics) {
  for (size_t k = 0; k < init.architecture.species.size(); ++k) {
    const auto& species = architecture.species;
    const size_t c =
        std::find(species.begin(), species.end(), init.architecture.species[k]) - species.begin();
    const double old = init.electrostatics ? init.electrostatics->charges[k] : 0.0;
    if (c < species.size() && electrostatics.charges[c] != old) {
      return InvalidArgument("params.charges: {} has {} e, in the initial model {} e", species[c],
                             electrostatics.charges[c], old);
    }
  }
  return absl::OkStatus();
}

// Those of the initial model as the user would have given them.
Json ChargesOf(const Model& init) {
  Json charges = Json::object();
  for (size_t k = 0; k < init.architecture.species.size(); ++k)
    charges[init.architecture.species[k]] = init.electrostatics->charges[k];
  return charges;
}

}  // namespace

absl::StatusOr<std::optional<Electrostatics>> ElectrostaticsOfTraining(const Json& charges,
                                                                       const ModelArchitecture& architecture,
                                                                       const Model* init) {
  if (charges.is_null()) {
    if (init == nullptr || !init->electrostatics) return std::nullopt;
    return ElectrostaticsOfTraining(ChargesOf(*init), architecture, init);
  }
  if (!charges.is_object())
    return InvalidArgument("params.charges: expected an object {{species: charge}}, found {}",
                           charges.type_name());
  const auto& species = architecture.species;
  for (const auto& [symbol, charge] : charges.items()) {
    if (std::find(species.begin(), species.end(), symbol) == species.end())
      return InvalidArgument("params.charges: {} is not among the species of the data", symbol);
  }
  Electrostatics electrostatics;
  for (const std::string& symbol : species) {
    if (!charges.contains(symbol))
      return InvalidArgument(
          "params.charges.{}: missing; every species of the data and of the initial model needs a charge",
          symbol);
    SUPERION_ASSIGN_OR_RETURN(const double charge, GetNumber(charges, symbol, "params.charges"));
    electrostatics.charges.push_back(charge);
  }
  electrostatics.alpha_per_angstrom = ElectrostaticAlpha(architecture.cutoff_angstrom);
  if (init != nullptr) SUPERION_RETURN_IF_ERROR(CheckAgainst(*init, architecture, electrostatics));
  return electrostatics;
}

absl::Status SubtractElectrostatics(const ModelArchitecture& architecture,
                                    const Electrostatics& electrostatics, Dataset* dataset) {
  for (std::vector<Frame>* frames : {&dataset->train, &dataset->valid}) {
    for (size_t k = 0; k < frames->size(); ++k) {
      const absl::Status status =
          superion::SubtractElectrostatics(architecture, electrostatics, &(*frames)[k]);
      if (!status.ok()) return InvalidArgument("charges: {}: {}", PlaceOf((*frames)[k]), status.message());
    }
  }
  const Json charges{electrostatics.charges, electrostatics.alpha_per_angstrom};
  dataset->content_sha256 = Sha256(dataset->content_sha256 + charges.dump());
  return absl::OkStatus();
}

}  // namespace superion::trainer
