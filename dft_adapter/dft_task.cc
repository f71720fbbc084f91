#include "dft_adapter/dft_task.h"

#include <filesystem>

#include "core/extxyz.h"
#include "core/file.h"
#include "dft_adapter/aimd.h"
#include "dft_adapter/label_task.h"
#include "dft_adapter/qe_labeler.h"
#include "fmt/ranges.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScratch = "scratch";
constexpr const char* kLabelled = "labelled.xyz";
constexpr const char* kFailures = "failures.jsonl";

// Removes the scratch folder at the end of the task, whatever happens.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    fs::remove_all(kScratch, error);
    fs::create_directories(kScratch, error);
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(kScratch, error);
  }
};

absl::Status CheckKeys(const Json& params, const std::vector<std::string>& known) {
  for (const auto& [key, value] : params.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return InvalidArgument("params.{}: unknown parameter; expected one of {}", key, fmt::join(known, ", "));
    }
  }
  if (!params.contains("labeler")) return InvalidArgument("params.labeler is missing");
  return absl::OkStatus();
}

absl::StatusOr<LabelerOptions> Options(const TaskSpec& spec) {
  LabelerOptions options;
  options.work_directory = kScratch;
  if (spec.site.empty()) {
    SUPERION_ASSIGN_OR_RETURN(options.site, LoadSiteProfile());
  } else {
    SUPERION_ASSIGN_OR_RETURN(options.site, SiteProfileFromJson(spec.site));
  }
  return options;
}

absl::StatusOr<double> PositiveNumber(const Json& params, const std::string& key) {
  SUPERION_ASSIGN_OR_RETURN(const double value, GetNumber(params, key, "params"));
  if (!(value > 0) || !std::isfinite(value))
    return InvalidArgument("params.{}: expected a number > 0, found {}", key, value);
  return value;
}

absl::StatusOr<int> PositiveInteger(const Json& params, const std::string& key) {
  SUPERION_ASSIGN_OR_RETURN(const int64_t value, GetInteger(params, key, "params"));
  if (value < 1 || value > 1'000'000'000)
    return InvalidArgument("params.{}: expected an integer > 0, found {}", key, value);
  return static_cast<int>(value);
}

TaskResult Finish(absl::StatusOr<TaskResult> result) {
  if (result.ok()) return *std::move(result);
  TaskResult failed;
  failed.status = result.status();
  return failed;
}

// ---- preflight

absl::Status CheckSpeciesCovered(const Json& labeler, const Json& params) {
  if (!params.contains("species")) return absl::OkStatus();
  const Json& known = labeler.contains("pseudopotentials") ? labeler["pseudopotentials"]
                      : labeler.contains("species")        ? labeler["species"]
                                                           : labeler["coulomb"]["species"];
  for (const Json& species : params["species"]) {
    const bool covered = known.is_object() ? known.contains(species.get<std::string>())
                                           : std::find(known.begin(), known.end(), species) != known.end();
    if (!covered) return InvalidArgument("params.labeler does not cover {}", species.get<std::string>());
  }
  return absl::OkStatus();
}

absl::StatusOr<TaskResult> Preflight(const TaskSpec& spec) {
  SUPERION_RETURN_IF_ERROR(CheckKeys(spec.params, {"labeler", "species"}));
  SUPERION_ASSIGN_OR_RETURN(const LabelerOptions options, Options(spec));
  SUPERION_ASSIGN_OR_RETURN(const auto labeler, MakeLabeler(spec.params["labeler"], options));
  SUPERION_RETURN_IF_ERROR(CheckSpeciesCovered(spec.params["labeler"], spec.params));
  TaskResult result;
  result.metrics["label_hash"] = labeler->LabelHash();
  result.metrics["program_version"] = nullptr;
  result.metrics["pseudopotentials"] = Json::object();
  result.metrics["electrons"] = Json::object();
  if (const auto* qe = dynamic_cast<const QeLabeler*>(labeler.get())) {
    SUPERION_ASSIGN_OR_RETURN(const std::string version, QeVersion(options));
    result.metrics["program_version"] = "pw.x " + version;
    result.metrics["pseudopotentials"] = ToJson(qe->pseudopotentials());
    for (const auto& [species, p] : qe->pseudopotentials()) {
      result.metrics["electrons"][species] = p.valence > 0 ? Json(p.valence) : Json();
    }
  }
  return result;
}

// ---- aimd

absl::StatusOr<AimdOptions> AimdParams(const TaskSpec& spec) {
  SUPERION_RETURN_IF_ERROR(
      CheckKeys(spec.params, {"labeler", "temperature_k", "steps", "timestep_fs", "sample_every"}));
  AimdOptions options;
  SUPERION_ASSIGN_OR_RETURN(options.temperature_k, PositiveNumber(spec.params, "temperature_k"));
  SUPERION_ASSIGN_OR_RETURN(options.timestep_fs, PositiveNumber(spec.params, "timestep_fs"));
  SUPERION_ASSIGN_OR_RETURN(options.steps, PositiveInteger(spec.params, "steps"));
  SUPERION_ASSIGN_OR_RETURN(options.sample_every, PositiveInteger(spec.params, "sample_every"));
  options.seed = spec.seed;
  return options;
}

absl::StatusOr<TaskResult> Aimd(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(const AimdOptions aimd, AimdParams(spec));
  SUPERION_ASSIGN_OR_RETURN(const std::string path, InputPath(spec, "structure"));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Frame> frames_in, ReadExtxyz(path));
  if (frames_in.empty()) return InvalidArgument("{}: expected a structure, found no frame", path);
  const Structure& start = frames_in[0].structure;
  SUPERION_ASSIGN_OR_RETURN(const LabelerOptions options, Options(spec));
  SUPERION_ASSIGN_OR_RETURN(const auto labeler, MakeLabeler(spec.params["labeler"], options));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(kLabelled, ""));
  const std::string hash = labeler->LabelHash();
  int frames = 0;
  const auto on_frame = [&](Frame frame) {
    frame.info["frame_id"] = FrameId(frame);
    frame.info["label_hash"] = hash;
    frame.info["temperature_k"] = fmt::format("{}", aimd.temperature_k);
    ++frames;
    return AppendText(kLabelled, FormatExtxyz(frame));
  };
  const auto on_step = [&](int step) {
    progress({double(step), double(aimd.steps), "steps",
              fmt::format("{} of {} steps, {} frames", step, aimd.steps, frames)});
  };
  SUPERION_ASSIGN_OR_RETURN(const AimdResult run, RunAimd(start, aimd, labeler.get(), on_frame, on_step));
  if (run.frames == 0) {
    const LabelFailure why = run.stopped.value_or(LabelFailure{"no frame", "fewer steps than sample_every"});
    return FailedPrecondition("aimd at {} K gave no frame in {} draws of the velocities: {}: {}",
                              aimd.temperature_k, run.redrawn + 1, why.failure_class, why.message);
  }
  TaskResult result;
  result.metrics = {
      {"frames", run.frames},
      {"steps_done", run.steps_done},
      {"redrawn", run.redrawn},
      {"cpu_s", run.cpu_s},
      {"mean_temperature_k", run.mean_temperature_k},
      {"label_sources", run.sources},
      {"label_hash", hash},
      {"stopped", run.stopped ? Json{{"class", run.stopped->failure_class}, {"message", run.stopped->message}}
                              : Json()}};
  result.artifacts = {{"labelled", kLabelled, "", 0}};
  return result;
}

// ---- label

absl::StatusOr<TaskResult> Label(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_RETURN_IF_ERROR(CheckKeys(spec.params, {"labeler", "first", "count"}));
  LabelTaskOptions label;
  label.frames = InputPaths(spec, "frames");
  if (label.frames.empty()) return InvalidArgument("the task has no input \"frames\"");
  label.labelled = kLabelled;
  label.failures = kFailures;
  for (const auto& [key, value] : {std::pair{"first", &label.first}, {"count", &label.count}}) {
    if (!spec.params.contains(key)) continue;
    SUPERION_ASSIGN_OR_RETURN(*value, GetInteger(spec.params, key, "params"));
    if (*value < 0) return InvalidArgument("params.{}: expected an integer >= 0, found {}", key, *value);
  }
  SUPERION_ASSIGN_OR_RETURN(const LabelerOptions options, Options(spec));
  SUPERION_ASSIGN_OR_RETURN(const auto labeler, MakeLabeler(spec.params["labeler"], options));
  TaskResult result;
  SUPERION_ASSIGN_OR_RETURN(result.metrics, LabelFrames(label, labeler.get(), progress));
  result.artifacts = {{"labelled", kLabelled, "", 0}, {"failures", kFailures, "", 0}};
  return result;
}

}  // namespace

TaskResult RunPreflight(const TaskSpec& spec, const ProgressSink&) {
  const Scratch scratch;
  return Finish(Preflight(spec));
}

TaskResult RunAimdTask(const TaskSpec& spec, const ProgressSink& progress) {
  const Scratch scratch;
  return Finish(Aimd(spec, progress));
}

TaskResult RunLabelTask(const TaskSpec& spec, const ProgressSink& progress) {
  const Scratch scratch;
  return Finish(Label(spec, progress));
}

}  // namespace superion
