#include "trainer/train_task.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <set>
#include <thread>

#include "core/file.h"
#include "potential/uncertainty.h"
#include "trainer/charges.h"
#include "trainer/radial_choice.h"
#include "trainer/schedule.h"
#include "trainer/warm_start.h"

namespace superion::trainer {
namespace {

constexpr char kModelFile[] = "model.superion";
constexpr char kCurveFile[] = "learning_curve.jsonl";
constexpr char kCheckpointFile[] = "training.checkpoint";

std::atomic<bool> stop_requested{false};

absl::Status CheckRange(const char* key, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidArgument("params.{}: expected a number from {:g} to {:g}, found {:g}", key, low, high, value);
}

absl::Status Number(const Json& params, const char* key, double low, double high, double* value) {
  if (!params.contains(key)) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(*value, GetNumber(params, key, "params"));
  return CheckRange(key, *value, low, high);
}

absl::Status Integer(const Json& params, const char* key, int high, int* value) {
  if (!params.contains(key)) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(const int64_t given, GetInteger(params, key, "params"));
  SUPERION_RETURN_IF_ERROR(CheckRange(key, static_cast<double>(given), 0, high));
  *value = static_cast<int>(given);
  return absl::OkStatus();
}

absl::Status Text(const Json& params, const char* key, const std::set<std::string>& allowed,
                  std::string* value) {
  if (!params.contains(key)) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(*value, GetString(params, key, "params"));
  if (allowed.count(*value) != 0) return absl::OkStatus();
  return InvalidArgument("params.{}: expected one of {}, found \"{}\"", key, fmt::join(allowed, ", "),
                         *value);
}

int ThreadsOf(const TaskSpec& spec) {
  if (spec.threads > 0) return spec.threads;
  return std::max(1u, std::thread::hardware_concurrency());
}

// Training frames that hold a stress label, used or not.
size_t StressFrames(const Dataset& dataset) {
  return std::count_if(dataset.train.begin(), dataset.train.end(),
                       [](const Frame& frame) { return frame.stress.has_value(); });
}

struct Prepared {
  TrainOptions options;
  Dataset dataset;
  std::optional<Model> init;
  std::optional<Electrostatics> electrostatics;
};

absl::StatusOr<Prepared> PrepareTraining(const TaskSpec& spec) {
  SUPERION_ASSIGN_OR_RETURN(const TrainParams params, ParseTrainParams(spec.params));
  const std::vector<std::string> train = InputPaths(spec, "train");
  if (train.empty()) return InvalidArgument("inputs: expected at least one file called train, found none");
  Prepared p;
  SUPERION_ASSIGN_OR_RETURN(p.options.device, ChooseDevice(params.device));
  SUPERION_ASSIGN_OR_RETURN(p.dataset,
                            ReadDataset({train, InputPaths(spec, "valid"), InputPaths(spec, "replay")},
                                        {params.stress, params.validation_fraction}));
  std::vector<std::string> species = p.dataset.species;
  const std::vector<std::string> init = InputPaths(spec, "init");
  if (init.size() > 1) return InvalidArgument("inputs: expected at most one init, found {}", init.size());
  if (!init.empty()) {
    SUPERION_ASSIGN_OR_RETURN(p.init, ReadModel(init[0]));
    species.insert(species.end(), p.init->architecture.species.begin(), p.init->architecture.species.end());
  }
  TrainOptions& o = p.options;
  SUPERION_ASSIGN_OR_RETURN(o.architecture, ArchitectureOfSize(params.size, species, params.cutoff_angstrom));
  if (p.init) {
    SUPERION_ASSIGN_OR_RETURN(o.architecture, ArchitectureOfWarmStart(params.size, std::move(o.architecture),
                                                                      p.init->architecture));
  }
  SUPERION_ASSIGN_OR_RETURN(p.electrostatics, ElectrostaticsOfTraining(params.charges, o.architecture,
                                                                       p.init ? &*p.init : nullptr));
  if (p.electrostatics)
    SUPERION_RETURN_IF_ERROR(SubtractElectrostatics(o.architecture, *p.electrostatics, &p.dataset));
  size_t atoms = 0;
  for (const Frame& frame : p.dataset.train) atoms += frame.structure.size();
  o.batch_frames =
      params.batch_frames > 0 ? params.batch_frames : DefaultBatchFrames(p.dataset.train.size(), atoms);
  o.epochs = params.epochs > 0 ? params.epochs
                               : DefaultEpochs(p.dataset.train.size(), atoms, o.batch_frames, !init.empty());
  o.cycles = DefaultCycles(o.epochs, p.dataset.train.size(), o.batch_frames, !init.empty());
  if (params.learning_rate > 0) o.learning_rate = params.learning_rate;
  o.stress = params.stress;
  o.late.energy = LateEnergyWeight(o.architecture.n_species());
  if (params.stress) o.early.stress = o.late.stress = 1.0;
  o.seed = spec.seed;
  o.threads = ThreadsOf(spec);
  o.max_time_s = params.max_time_s;
  o.memory_gib = params.memory_gib;
  o.target_force_mae = params.target_force_mae_mev_per_angstrom;
  o.target_energy_mae = params.target_energy_mae_mev_per_atom;
  o.curve_path = kCurveFile;
  o.checkpoint_path = kCheckpointFile;
  o.stop = &stop_requested;
  return p;
}

// Force MAE of validation after first cycles; null where one diverged.
Json Pilots(const std::vector<std::pair<const char*, double>>& errors) {
  Json json;
  for (const auto& [name, error] : errors) json[name] = std::isfinite(error) ? Json(error) : Json();
  return json;
}

Json ToJson(const RadialComparison& comparison, bool smoothstep) {
  Json json = {{"chebyshev_argument", smoothstep ? "smoothstep" : "linear"}};
  if (comparison.compared)
    json["pilots"] = Pilots({{"linear", comparison.linear}, {"smoothstep", comparison.smoothstep}});
  return json;
}

// Those of first cycles and those that were being written when a task was killed too.
void RemoveCheckpoints() {
  std::error_code ignored;
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(".", ignored))
    if (entry.path().filename().string().rfind(kCheckpointFile, 0) == 0) left.push_back(entry.path());
  for (const std::filesystem::path& path : left) std::filesystem::remove(path, ignored);
}

absl::StatusOr<TaskResult> TrainTask(const TaskSpec& spec, const ProgressSink& sink) {
  const auto start = std::chrono::steady_clock::now();
  SUPERION_ASSIGN_OR_RETURN(Prepared prepared, PrepareTraining(spec));
  const std::string device = Describe(prepared.options.device);
  const int given_up = prepared.init ? 0 : GivenUpEpochs(prepared.options, prepared.dataset);
  const EpochSink progress = Growing(sink);
  if (progress)
    progress({0, static_cast<double>(prepared.options.epochs + given_up), "epochs", "training on " + device});
  std::fprintf(stderr, "training on %s\n", device.c_str());
  RadialComparison comparison;
  if (!prepared.init) {
    SUPERION_ASSIGN_OR_RETURN(comparison,
                              ChooseRadialFunctions(prepared.dataset, progress, &prepared.options));
  }
  SUPERION_ASSIGN_OR_RETURN(TrainOutcome outcome,
                            Train(prepared.options, prepared.dataset,
                                  prepared.init ? &*prepared.init : nullptr, Behind(given_up, progress)));
  SUPERION_RETURN_IF_ERROR(AddUncertainty(&outcome.model, prepared.dataset.train, prepared.options.threads));
  outcome.model.electrostatics = prepared.electrostatics;
  SUPERION_RETURN_IF_ERROR(WriteModel(kModelFile, outcome.model));
  TaskResult result;
  SUPERION_ASSIGN_OR_RETURN(const std::string hash, Sha256File(kModelFile));
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.metrics = {{"epochs", outcome.epochs},
                    {"train", ToJson(outcome.train)},
                    {"valid", outcome.valid.frames > 0 ? ToJson(outcome.valid) : Json()},
                    {"radial", ToJson(comparison, outcome.model.architecture.smoothstep)},
                    {"decayed", outcome.decayed},
                    {"parameters", ParameterLayout(outcome.model.architecture).size()},
                    {"batch_frames", prepared.options.batch_frames},
                    {"recoveries", outcome.recoveries},
                    {"seconds_per_epoch", outcome.epoch_s},
                    {"cpu_seconds_per_epoch", outcome.epoch_cpu_s},
                    {"kept_frames", outcome.kept_frames},
                    {"device", NameOf(prepared.options.device)},
                    {"device_name", device},
                    {"target_reached", outcome.target_reached},
                    {"stress_frames", StressFrames(prepared.dataset)},
                    {"resumed", comparison.goes_on ? comparison.resumed : outcome.resumed},
                    {"settled", outcome.settled},
                    {"wall_s", wall},
                    {"model_sha256", hash}};
  result.artifacts = {{"model", kModelFile, "", 0}, {"learning_curve", kCurveFile, "", 0}};
  RemoveCheckpoints();
  return result;
}

}  // namespace

absl::StatusOr<TrainParams> ParseTrainParams(const Json& params) {
  static const std::set<std::string> known = {"size",
                                              "cutoff_angstrom",
                                              "epochs",
                                              "batch_frames",
                                              "validation_fraction",
                                              "stress",
                                              "device",
                                              "max_time_s",
                                              "learning_rate",
                                              "charges",
                                              "memory_gib",
                                              "target_force_mae_mev_per_angstrom",
                                              "target_energy_mae_mev_per_atom"};
  for (const auto& [key, value] : params.items())
    if (known.count(key) == 0)
      return InvalidArgument("params.{}: unknown parameter; known are {}", key, fmt::join(known, ", "));
  TrainParams p;
  SUPERION_RETURN_IF_ERROR(Text(params, "size", {"S", "M", "L"}, &p.size));
  SUPERION_RETURN_IF_ERROR(Text(params, "device", {"auto", "cpu", "cuda", "cpu_tensors"}, &p.device));
  SUPERION_RETURN_IF_ERROR(Number(params, "cutoff_angstrom", 1.0, 20.0, &p.cutoff_angstrom));
  SUPERION_RETURN_IF_ERROR(Number(params, "validation_fraction", 0.0, 0.9, &p.validation_fraction));
  SUPERION_RETURN_IF_ERROR(Number(params, "max_time_s", 0.0, 1e9, &p.max_time_s));
  SUPERION_RETURN_IF_ERROR(Number(params, "learning_rate", 0.0, 1.0, &p.learning_rate));
  SUPERION_RETURN_IF_ERROR(Number(params, "memory_gib", 0.0, 1e6, &p.memory_gib));
  SUPERION_RETURN_IF_ERROR(
      Number(params, "target_force_mae_mev_per_angstrom", 0.0, 1e6, &p.target_force_mae_mev_per_angstrom));
  SUPERION_RETURN_IF_ERROR(
      Number(params, "target_energy_mae_mev_per_atom", 0.0, 1e6, &p.target_energy_mae_mev_per_atom));
  SUPERION_RETURN_IF_ERROR(Integer(params, "epochs", 1000000, &p.epochs));
  SUPERION_RETURN_IF_ERROR(Integer(params, "batch_frames", 100000, &p.batch_frames));
  if (params.contains("charges")) p.charges = params["charges"];
  if (params.contains("stress")) {
    if (!params["stress"].is_boolean())
      return InvalidArgument("params.stress: expected true or false, found {}", DumpJson(params["stress"]));
    p.stress = params["stress"];
  }
  return p;
}

void StopOnTermination() {
  std::signal(SIGTERM, [](int) {
    stop_requested.store(true);
    std::signal(SIGTERM, SIG_DFL);
  });
}

TaskResult RunTrain(const TaskSpec& spec, const ProgressSink& progress) {
  absl::StatusOr<TaskResult> result = TrainTask(spec, progress);
  if (result.ok()) return *std::move(result);
  TaskResult failed;
  failed.status = result.status();
  return failed;
}

}  // namespace superion::trainer
