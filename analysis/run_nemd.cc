#include <thread>

#include "analysis/analyze.h"
#include "analysis/reader/format_reader.h"
#include "core/file.h"

namespace superion::analysis {
namespace {

absl::StatusOr<AnalysisOptions> Parse(const TaskSpec& spec) {
  AnalysisOptions options;
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
      } else {
        return InvalidArgument("params.{}: not a parameter of nemd, expected charges, mobile, temperature_k",
                               key);
      }
    } catch (const Json::exception&) {
      return InvalidArgument("params.{}: of another type than expected: {}", key, value.dump());
    }
  }
  if (options.temperature_k < 0.0)
    return InvalidArgument("params.temperature_k: expected a number > 0, found {}", options.temperature_k);
  return options;
}

// Files of other programs do not say in which field they ran.
absl::Status CheckOurs(const IonTrajectory& ions) {
  SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(ions.origin));
  if (format == FileFormat::kTrajectory) return absl::OkStatus();
  return InvalidArgument("nemd: {} is not a trajectory of this program and does not say its field",
                         ions.origin);
}

absl::StatusOr<Json> Document(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(const AnalysisOptions options, Parse(spec));
  std::vector<std::string> paths;
  for (const TaskInput& input : spec.inputs) paths.push_back(input.path);
  if (paths.empty()) return InvalidArgument("nemd: no stream was given");
  SUPERION_ASSIGN_OR_RETURN(AnalysisInput input, ReadInputs(paths, {}));
  for (const auto& ions : input.ions) SUPERION_RETURN_IF_ERROR(CheckOurs(ions));
  if (progress) progress({1, 2, "stages", "read"});
  const auto left_out = input.left_out;
  SUPERION_ASSIGN_OR_RETURN(Json out, AnalyzeNemd(std::move(input), options));
  if (!left_out.empty()) out["left_out"] = left_out;
  return out;
}

}  // namespace

TaskResult WriteDocument(const std::string& name, const absl::StatusOr<Json>& document) {
  TaskResult result;
  const std::string path = name + ".json";
  result.status = document.ok() ? WriteFileAtomically(path, document->dump(1) + "\n") : document.status();
  if (!result.status.ok()) return result;
  result.metrics = *document;
  result.artifacts = {{name, path, "", 0}};
  return result;
}

TaskResult RunNemd(const TaskSpec& spec, const ProgressSink& progress) {
  return WriteDocument("nemd", Document(spec, progress));
}

}  // namespace superion::analysis
