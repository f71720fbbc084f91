#include "potential/precision.h"

#include <algorithm>
#include <cmath>

#include "potential/evaluator.h"

namespace superion {
namespace {

constexpr double kMilli = 1e3;

absl::StatusOr<std::unique_ptr<Evaluator>> Make(const Model& model, const std::string& instruction_set,
                                                bool double_precision) {
  EvaluatorOptions options;
  options.instruction_set = instruction_set;
  options.double_precision = double_precision;
  options.grades = false;
  return Evaluator::Create(model, options);
}

void Compare(const Evaluation& single, const Evaluation& judge, PrecisionError* error) {
  for (size_t i = 0; i < judge.forces.size(); ++i) {
    for (int a = 0; a < 3; ++a) {
      const double difference = single.forces[i][a] - judge.forces[i][a];
      error->forces.Add(difference);
      error->largest_force = std::max(error->largest_force, std::abs(difference));
    }
  }
  error->energy.Add((single.energy - judge.energy) / static_cast<double>(judge.forces.size()));
}

}  // namespace

absl::StatusOr<std::vector<PrecisionError>> MeasurePrecision(const Model& model,
                                                             const std::vector<Frame>& frames) {
  if (frames.empty()) return InvalidArgument("precision: expected at least one frame, found none");
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Evaluator> judge, Make(model, "", true));
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  std::vector<PrecisionError> errors;
  for (const std::string& set : InstructionSets()) {
    SUPERION_ASSIGN_OR_RETURN(evaluators.emplace_back(), Make(model, set, false));
    errors.emplace_back().instruction_set = set;
  }
  Evaluation exact, rounded;
  for (size_t f = 0; f < frames.size(); ++f) {
    const absl::Status status = judge->EvaluateStructure(frames[f].structure, &exact);
    if (!status.ok()) return InvalidArgument("frame {}: {}", f + 1, status.message());
    for (size_t k = 0; k < evaluators.size(); ++k) {
      SUPERION_RETURN_IF_ERROR(evaluators[k]->EvaluateStructure(frames[f].structure, &rounded));
      Compare(rounded, exact, &errors[k]);
    }
  }
  return errors;
}

Json ToJson(const std::vector<PrecisionError>& errors) {
  Json json = Json::object();
  for (const PrecisionError& e : errors) {
    json[e.instruction_set] = {{"force_rms_mev_per_angstrom", kMilli * e.forces.rmse()},
                               {"force_max_mev_per_angstrom", kMilli * e.largest_force},
                               {"energy_rms_mev_per_atom", kMilli * e.energy.rmse()}};
  }
  return json;
}

}  // namespace superion
