#include "potential/learn_tasks.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "absl/strings/str_join.h"
#include "core/extxyz.h"
#include "core/file.h"
#include "core/random.h"
#include "core/structure_reader.h"
#include "potential/frame_source.h"
#include "potential/model_benchmark.h"
#include "potential/model_error.h"
#include "potential/perturbation.h"
#include "potential/precision.h"
#include "potential/selection.h"

namespace superion {
namespace {

using TaskBody = absl::Status (*)(const TaskSpec&, const ProgressSink&, TaskResult*);

int Threads(const TaskSpec& spec) {
  return spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

absl::Status CheckParameters(const TaskSpec& spec, const std::set<std::string>& known) {
  if (!spec.params.is_object()) return InvalidArgument("params: expected an object");
  for (const auto& [key, value] : spec.params.items()) {
    if (known.count(key) == 0) {
      return InvalidArgument("params.{}: not a parameter of {}; it takes {}", key, spec.kind,
                             known.empty() ? "none" : absl::StrJoin(known, ", "));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int> Integer(const TaskSpec& spec, const std::string& key, int64_t low, int64_t high,
                            std::optional<int> fallback = std::nullopt) {
  if (fallback.has_value() && !spec.params.contains(key)) return *fallback;
  SUPERION_ASSIGN_OR_RETURN(const int64_t value, GetInteger(spec.params, key, "params"));
  if (value < low || value > high) {
    return InvalidArgument("params.{}: expected {} to {}, found {}", key, low, high, value);
  }
  return static_cast<int>(value);
}

absl::StatusOr<double> Number(const TaskSpec& spec, const std::string& key, double fallback) {
  if (!spec.params.contains(key)) return fallback;
  return GetNumber(spec.params, key, "params");
}

absl::StatusOr<bool> Flag(const TaskSpec& spec, const std::string& key) {
  if (!spec.params.contains(key)) return false;
  const Json& value = spec.params[key];
  if (value.is_boolean()) return value.get<bool>();
  return InvalidArgument("params.{}: expected true or false, found {}", key, DumpJson(value));
}

// With `named`, a frame knows the file it is from.
absl::StatusOr<std::vector<Frame>> InputFrames(const TaskSpec& spec, const std::string& name, bool required,
                                               bool named = false) {
  const std::vector<std::string> paths = InputPaths(spec, name);
  if (paths.empty() && required)
    return InvalidArgument("input {}: expected at least one file, found none", name);
  std::vector<Frame> frames;
  for (const std::string& path : paths) {
    SUPERION_ASSIGN_OR_RETURN(std::vector<Frame> more, ReadExtxyz(path));
    for (size_t k = 0; named && k < more.size(); ++k)
      more[k].info.emplace(kFileKey, std::filesystem::path(path).filename());
    std::move(more.begin(), more.end(), std::back_inserter(frames));
  }
  return frames;
}

absl::StatusOr<Model> InputModel(const TaskSpec& spec) {
  SUPERION_ASSIGN_OR_RETURN(const std::string path, InputPath(spec, "model"));
  return ReadModel(path);
}

TaskArtifact Artifact(const std::string& name, const std::string& path) {
  TaskArtifact artifact;
  artifact.name = name, artifact.path = path;
  return artifact;
}

absl::Status RunPerturb(const TaskSpec& spec, const ProgressSink& progress, TaskResult* result) {
  SUPERION_RETURN_IF_ERROR(
      CheckParameters(spec, {"frames", "perturbation_angstrom", "strain", "minimum_distance_angstrom"}));
  PerturbationOptions options;
  SUPERION_ASSIGN_OR_RETURN(options.frames, Integer(spec, "frames", 0, 1000000));
  SUPERION_ASSIGN_OR_RETURN(options.strain, Number(spec, "strain", 0.0));
  const Json amplitudes = spec.params.value("perturbation_angstrom", Json());
  if (!amplitudes.is_array())
    return InvalidArgument("params.perturbation_angstrom: expected a list of numbers");
  for (const Json& a : amplitudes) {
    if (!a.is_number())
      return InvalidArgument("params.perturbation_angstrom: expected numbers, found {}", DumpJson(a));
    options.amplitude_angstrom.push_back(a.get<double>());
  }
  if (!spec.params.value("minimum_distance_angstrom", Json()).is_null()) {
    SUPERION_ASSIGN_OR_RETURN(options.minimum_distance_angstrom,
                              GetNumber(spec.params, "minimum_distance_angstrom", "params"));
  }
  SUPERION_ASSIGN_OR_RETURN(const std::string path, InputPath(spec, "structure"));
  SUPERION_ASSIGN_OR_RETURN(const Structure structure, ReadStructure(path));
  Random random(spec.seed);
  int redrawn = 0;
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Frame> frames, Perturb(structure, options, &random, &redrawn));
  SUPERION_RETURN_IF_ERROR(WriteExtxyz("frames.xyz", frames));
  result->metrics["frames"] = frames.size();
  result->metrics["redrawn"] = redrawn;
  result->artifacts.push_back(Artifact("frames", "frames.xyz"));
  progress({static_cast<double>(frames.size()), static_cast<double>(frames.size()), "frames", "perturbed"});
  return absl::OkStatus();
}

absl::Status RunEval(const TaskSpec& spec, const ProgressSink&, TaskResult* result) {
  SUPERION_RETURN_IF_ERROR(CheckParameters(spec, {"precision"}));
  SUPERION_ASSIGN_OR_RETURN(const bool precision, Flag(spec, "precision"));
  SUPERION_ASSIGN_OR_RETURN(const Model model, InputModel(spec));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Frame> frames, InputFrames(spec, "data", true, /*named=*/true));
  SUPERION_ASSIGN_OR_RETURN(const ModelErrors errors, EvaluateErrors(model, frames, Threads(spec)));
  result->metrics = ToJson(errors);
  if (precision) {
    SUPERION_ASSIGN_OR_RETURN(const std::vector<PrecisionError> rounding, MeasurePrecision(model, frames));
    result->metrics["single_precision"] = ToJson(rounding);
  }
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically("evaluation.json", DumpJson(result->metrics, 1) + "\n"));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically("parity.csv", ParityCsv(errors, frames)));
  result->artifacts = {Artifact("evaluation", "evaluation.json"), Artifact("parity", "parity.csv")};
  return absl::OkStatus();
}

absl::Status RunSelect(const TaskSpec& spec, const ProgressSink&, TaskResult* result) {
  SUPERION_RETURN_IF_ERROR(CheckParameters(spec, {"budget", "lower", "upper"}));
  SelectionOptions options;
  SUPERION_ASSIGN_OR_RETURN(options.budget, Integer(spec, "budget", 0, 1000000));
  SUPERION_ASSIGN_OR_RETURN(options.lower, Number(spec, "lower", 1.0));
  SUPERION_ASSIGN_OR_RETURN(options.upper, Number(spec, "upper", 3.0));
  options.seed = spec.seed, options.threads = Threads(spec);
  SUPERION_ASSIGN_OR_RETURN(const Model model, InputModel(spec));
  SUPERION_ASSIGN_OR_RETURN(std::vector<Frame> candidates, InputFrames(spec, "candidates", true));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Frame> training, InputFrames(spec, "train", false));
  SUPERION_ASSIGN_OR_RETURN(const Selection selection, SelectFrames(model, candidates, training, options));
  std::vector<Frame> frames;
  for (const int f : selection.frames) {
    Frame& frame = frames.emplace_back(std::move(candidates[f]));
    frame.info["selection_grade"] = fmt::format("{:.4f}", selection.grade[f]);
    // Energies and forces of exploration are the model's own: they must not be taken for labels.
    frame.energy.reset(), frame.forces.clear(), frame.stress.reset();
  }
  SUPERION_RETURN_IF_ERROR(WriteExtxyz("frames.xyz", frames));
  result->metrics = {{"selected", frames.size()},
                     {"accurate", selection.accurate},
                     {"candidate", selection.candidate},
                     {"failed", selection.failed},
                     {"absurd", selection.absurd},
                     {"selected_candidates", selection.selected_candidates},
                     {"selected_failed", selection.selected_failed},
                     {"selected_random", selection.selected_random}};
  result->artifacts.push_back(Artifact("frames", "frames.xyz"));
  return absl::OkStatus();
}

absl::Status RunCalibrate(const TaskSpec& spec, const ProgressSink&, TaskResult* result) {
  SUPERION_RETURN_IF_ERROR(CheckParameters(spec, {}));
  SUPERION_ASSIGN_OR_RETURN(const Model model, InputModel(spec));
  if (model.tensors.count("grade_inverse") == 0) {
    return FailedPrecondition("calibration needs a model with uncertainty data (tensor grade_inverse)");
  }
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Frame> frames, InputFrames(spec, "labelled", true));
  SUPERION_ASSIGN_OR_RETURN(const ModelErrors errors, EvaluateErrors(model, frames, Threads(spec)));
  SUPERION_ASSIGN_OR_RETURN(const Calibration calibration, Calibrate(errors.graded));
  result->metrics = ToJson(calibration);
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically("calibration.json", DumpJson(result->metrics, 1) + "\n"));
  result->artifacts.push_back(Artifact("calibration", "calibration.json"));
  return absl::OkStatus();
}

absl::Status RunBench(const TaskSpec& spec, const ProgressSink&, TaskResult* result) {
  SUPERION_RETURN_IF_ERROR(CheckParameters(spec, {"threads", "steps", "instruction_set"}));
  BenchmarkOptions options;
  SUPERION_ASSIGN_OR_RETURN(options.threads, Integer(spec, "threads", 1, 1024, 1));
  SUPERION_ASSIGN_OR_RETURN(options.steps, Integer(spec, "steps", 1, 100000000, 200));
  if (spec.params.contains("instruction_set")) {
    SUPERION_ASSIGN_OR_RETURN(options.instruction_set, GetString(spec.params, "instruction_set", "params"));
  }
  SUPERION_ASSIGN_OR_RETURN(const Model model, InputModel(spec));
  SUPERION_ASSIGN_OR_RETURN(const std::string path, InputPath(spec, "structure"));
  SUPERION_ASSIGN_OR_RETURN(const Structure structure, ReadStructure(path));
  SUPERION_ASSIGN_OR_RETURN(result->metrics, BenchmarkModel(model, structure, options));
  return absl::OkStatus();
}

TaskFunction Task(TaskBody body) {
  return [body](const TaskSpec& spec, const ProgressSink& progress) {
    TaskResult result;
    result.status = body(spec, progress, &result);
    return result;
  };
}

}  // namespace

std::map<std::string, TaskFunction> LearnTasks() {
  return {{"perturb", Task(RunPerturb)},
          {"eval", Task(RunEval)},
          {"select", Task(RunSelect)},
          {"calibrate", Task(RunCalibrate)},
          {"bench", Task(RunBench)}};
}

}  // namespace superion
