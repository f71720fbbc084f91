#include <thread>

#include "analysis/analyze.h"
#include "analysis/reader/format_reader.h"
#include "analysis/recipe/lgps_nemd.h"
#include "core/file.h"

namespace superion::analysis {
namespace {

struct Parameters {
  AnalysisOptions options;
  InputOptions input;  // of trajectories without a field, which other programs may have written
};

absl::StatusOr<Parameters> Parse(const TaskSpec& spec) {
  Parameters out;
  AnalysisOptions& options = out.options;
  options.threads =
      spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (const auto& [key, value] : spec.params.items()) {
    try {
      if (key == "charges") {
        value.get_to(options.charges);
      } else if (key == "mobile") {
        value.get_to(options.mobile);
      } else if (key == "temperature_k") {
        value.get_to(options.temperature_k);
      } else if (key == "recipe") {
        value.get_to(options.recipe);
      } else if (key == "timestep_fs") {
        value.get_to(out.input.timestep_fs);
      } else if (key == "types") {
        value.get_to(out.input.types);
      } else if (key == "species") {
        value.get_to(out.input.species);
      } else if (key == "wrapped") {
        value.get_to(out.input.wrapped);
      } else if (key == "memory_mib") {
        value.get_to(out.input.memory_mib);
      } else {
        return InvalidArgument(
            "params.{}: not a parameter of nemd, expected charges, mobile, temperature_k, recipe, "
            "timestep_fs, "
            "types, species, wrapped, memory_mib",
            key);
      }
    } catch (const Json::exception&) {
      return InvalidArgument("params.{}: of another type than expected: {}", key, value.dump());
    }
  }
  if (options.temperature_k < 0.0)
    return InvalidArgument("params.temperature_k: expected a number > 0, found {}", options.temperature_k);
  if (!options.recipe.empty() && options.recipe != "lgps-nemd")
    return InvalidArgument("params.recipe: expected \"lgps-nemd\", found \"{}\"", options.recipe);
  return out;
}

// Files of other programs do not say in which field they ran.
absl::Status CheckOurs(const IonTrajectory& ions) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(ions.origin));
  if (format == FileFormat::kTrajectory) return absl::OkStatus();
  return InvalidArgument("nemd: {} is not a trajectory of this program and does not say its field",
                         ions.origin);
}

absl::StatusOr<Findings> Measure(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(const Parameters p, Parse(spec));
  std::vector<std::string> paths;
  for (const TaskInput& input : spec.inputs) {
    if (input.name != "neb") paths.push_back(input.path);
  }
  if (paths.empty()) return InvalidArgument("nemd: no stream was given");
  SUPERION_ASSIGN_OR_RETURN(AnalysisInput input, ReadInputs(paths, p.input));
  if (progress) progress({1, 2, "stages", "read"});
  const auto left_out = input.left_out;
  Findings out;
  if (p.options.recipe.empty()) {
    for (const auto& ions : input.ions) SUPERION_RETURN_IF_ERROR(CheckOurs(ions));
    SUPERION_ASSIGN_OR_RETURN(out.document, AnalyzeNemd(std::move(input), p.options));
  } else {
    SUPERION_ASSIGN_OR_RETURN(out,
                              MeasureLgps(std::move(input), p.options, p.input, InputPaths(spec, "neb")));
  }
  if (!left_out.empty()) out.document["left_out"] = left_out;
  return out;
}

}  // namespace

TaskResult WriteDocument(const std::string& name, const absl::StatusOr<Json>& document) {
  TaskResult result;
  const std::string path = name + ".json";
  // What the runs cannot answer, they were given for: too short, too few frames, no field.
  if (absl::IsFailedPrecondition(document.status())) {
    result.status = absl::InvalidArgumentError(document.status().message());
    return result;
  }
  result.status = document.ok() ? WriteFileAtomically(path, document->dump(1) + "\n") : document.status();
  if (!result.status.ok()) return result;
  result.metrics = *document;
  result.artifacts = {{name, path, "", 0}};
  return result;
}

TaskResult RunNemd(const TaskSpec& spec, const ProgressSink& progress) {
  auto findings = Measure(spec, progress);
  if (!findings.ok()) return WriteDocument("nemd", findings.status());
  TaskResult result = WriteDocument("nemd", std::move(findings->document));
  if (result.status.ok()) result.status = WriteCurves(*findings, &result);
  return result;
}

}  // namespace superion::analysis
