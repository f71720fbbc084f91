#include "potential/model_error.h"

#include <cmath>

#include "potential/evaluator.h"
#include "potential/frame_source.h"
#include "potential/parallel.h"

namespace superion {
namespace {

constexpr double kMilli = 1e3;

absl::Status Predict(const std::vector<Frame>& frames, const Model& model, int threads,
                     std::vector<FramePrediction>* predictions) {
  EvaluatorOptions options;
  options.double_precision = true;
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  for (int member = 0; member < std::max(1, threads); ++member) {
    SUPERION_ASSIGN_OR_RETURN(std::unique_ptr<Evaluator> evaluator, Evaluator::Create(model, options));
    evaluators.push_back(std::move(evaluator));
  }
  predictions->resize(frames.size());
  std::vector<absl::Status> statuses(frames.size());
  ParallelChunks(static_cast<int>(frames.size()), static_cast<int>(evaluators.size()),
                 [&](int f, int member) {
                   Evaluation result;
                   statuses[f] = evaluators[member]->EvaluateStructure(frames[f].structure, &result);
                   if (!statuses[f].ok()) return;
                   FramePrediction& prediction = (*predictions)[f];
                   prediction.energy = result.energy;
                   prediction.forces = std::move(result.forces);
                   prediction.grades = std::move(result.grades);
                   const double volume = frames[f].structure.Volume();
                   for (int a = 0; a < 3; ++a)
                     for (int b = 0; b < 3; ++b)
                       prediction.stress[a][b] = volume > 0.0 ? -result.virial[a][b] / volume : 0.0;
                 });
  for (size_t f = 0; f < frames.size(); ++f) {
    if (!statuses[f].ok()) return InvalidArgument("frame {}: {}", f + 1, std::string(statuses[f].message()));
  }
  return absl::OkStatus();
}

void AddForces(const Frame& frame, const FramePrediction& prediction, int index, ModelErrors::Source* source,
               ModelErrors* errors) {
  for (size_t i = 0; i < frame.forces.size(); ++i) {
    const Vec3 difference = prediction.forces[i] - frame.forces[i];
    for (int a = 0; a < 3; ++a) {
      errors->forces.Add(difference[a]);
      source->forces.Add(difference[a]);
      errors->force_labels.Add(frame.forces[i][a]);
      errors->species_forces[frame.structure.species[i]].Add(difference[a]);
    }
    if (prediction.grades.empty()) continue;
    errors->graded.grade.push_back(prediction.grades[i]);
    errors->graded.error.push_back(Norm(difference));
    errors->graded.frame.push_back(index);
  }
}

}  // namespace

void Deviation::Add(double difference) {
  ++n;
  sum_absolute += std::abs(difference);
  sum_square += difference * difference;
}

double Deviation::rmse() const { return n == 0 ? 0.0 : std::sqrt(sum_square / static_cast<double>(n)); }

absl::StatusOr<ModelErrors> EvaluateErrors(const Model& model, const std::vector<Frame>& frames,
                                           int threads) {
  ModelErrors errors;
  SUPERION_RETURN_IF_ERROR(Predict(frames, model, threads, &errors.predictions));
  errors.n_frames = frames.size();
  for (size_t f = 0; f < frames.size(); ++f) {
    const Frame& frame = frames[f];
    const FramePrediction& prediction = errors.predictions[f];
    const size_t n = frame.structure.size();
    if (!frame.forces.empty() && frame.forces.size() != n) {
      return InvalidArgument("frame {}: expected {} forces, found {}", f + 1, n, frame.forces.size());
    }
    errors.n_atoms += n;
    ModelErrors::Source& source = errors.sources[SourceOf(frame)];
    ++source.n_frames;
    if (frame.energy.has_value() && n > 0) {
      errors.energy.Add((prediction.energy - *frame.energy) / n);
      source.energy.Add((prediction.energy - *frame.energy) / n);
    }
    AddForces(frame, prediction, static_cast<int>(f), &source, &errors);
    if (!frame.stress.has_value()) continue;
    for (int a = 0; a < 3; ++a)
      for (int b = a; b < 3; ++b) errors.stress.Add(prediction.stress[a][b] - (*frame.stress)[a][b]);
  }
  if (errors.energy.n == 0 && errors.forces.n == 0) {
    return InvalidArgument("none of the {} frames holds an energy or forces to compare with", frames.size());
  }
  return errors;
}

Json ToJson(const ModelErrors& e) {
  Json json{{"n_frames", e.n_frames}, {"n_atoms", e.n_atoms}};
  const auto put = [](const Deviation& d, const std::string& quantity, const std::string& unit, Json* to) {
    (*to)[quantity + "_mae_" + unit] = d.n == 0 ? Json() : Json(kMilli * d.mae());
    (*to)[quantity + "_rmse_" + unit] = d.n == 0 ? Json() : Json(kMilli * d.rmse());
  };
  put(e.energy, "energy", "mev_per_atom", &json);
  put(e.forces, "force", "mev_per_angstrom", &json);
  put(e.stress, "stress", "mev_per_angstrom3", &json);
  if (e.sources.size() > 1) {
    for (const auto& [name, source] : e.sources) {
      Json& part = json["per_source"][name];
      part["frames"] = source.n_frames;
      put(source.energy, "energy", "mev_per_atom", &part);
      put(source.forces, "force", "mev_per_angstrom", &part);
    }
  }
  json["force_rms_mev_per_angstrom"] = e.forces.n == 0 ? Json() : Json(kMilli * e.force_labels.rmse());
  json["per_species"] = Json::object();
  for (const auto& [species, d] : e.species_forces) {
    json["per_species"][species] = {{"force_mae_mev_per_angstrom", kMilli * d.mae()},
                                    {"force_rmse_mev_per_angstrom", kMilli * d.rmse()},
                                    {"n_atoms", d.n / 3}};
  }
  const absl::StatusOr<Calibration> calibration = Calibrate(e.graded);
  if (calibration.ok()) {
    json["calibration"] = {{"auroc_worst5", calibration->auroc_worst5},
                           {"coverage90", calibration->coverage90}};
  }
  return json;
}

std::string ParityCsv(const ModelErrors& errors, const std::vector<Frame>& frames) {
  constexpr const char* kAxis[3] = {"x", "y", "z"};
  std::string csv = "quantity,frame,atom,species,component,reference,predicted\n";
  const auto out = std::back_inserter(csv);
  for (size_t f = 0; f < frames.size(); ++f) {
    const Frame& frame = frames[f];
    const FramePrediction& p = errors.predictions[f];
    if (frame.energy.has_value()) {
      const double n = static_cast<double>(frame.structure.size());
      fmt::format_to(out, "energy_ev_per_atom,{},,,,{:.9g},{:.9g}\n", f + 1, *frame.energy / n, p.energy / n);
    }
    for (size_t i = 0; i < frame.forces.size(); ++i)
      for (int a = 0; a < 3; ++a) {
        fmt::format_to(out, "force_ev_per_angstrom,{},{},{},{},{:.7g},{:.7g}\n", f + 1, i + 1,
                       frame.structure.species[i], kAxis[a], frame.forces[i][a], p.forces[i][a]);
      }
    if (!frame.stress.has_value()) continue;
    for (int a = 0; a < 3; ++a)
      for (int b = a; b < 3; ++b) {
        fmt::format_to(out, "stress_ev_per_angstrom3,{},,,{}{},{:.7g},{:.7g}\n", f + 1, kAxis[a], kAxis[b],
                       (*frame.stress)[a][b], p.stress[a][b]);
      }
  }
  return csv;
}

}  // namespace superion
