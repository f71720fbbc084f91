// superion label: reference energies and forces for the frames of a file.
#include <set>

#include "cli/exit_code.h"
#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/verb.h"
#include "core/extxyz.h"
#include "core/labeler_spec.h"

namespace superion {
namespace {

struct Options {
  std::string labeler, in, out, failures;
  int threads = 0;
  bool json = false;
};

absl::StatusOr<std::vector<std::string>> SpeciesOfFile(const std::string& path) {
  std::set<std::string> species;
  SUPERION_RETURN_IF_ERROR(ForEachExtxyzFrame(path, [&](const Frame& frame) {
    species.insert(frame.structure.species.begin(), frame.structure.species.end());
    return absl::OkStatus();
  }));
  if (species.empty()) return InvalidArgument("{}: no frame", path);
  return std::vector<std::string>(species.begin(), species.end());
}

absl::StatusOr<Json> Label(const Options& options) {
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--out", options.out));
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--failures", options.failures));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<std::string> species, SpeciesOfFile(options.in));
  TaskSpec spec;
  spec.kind = "label";
  spec.threads = options.threads;
  SUPERION_ASSIGN_OR_RETURN(spec.params["labeler"], ReadLabeler(options.labeler, species));
  SUPERION_ASSIGN_OR_RETURN(const TaskInput frames, UserInput("frames", options.in));
  spec.inputs = {frames};
  SUPERION_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Beside(options.out));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  SUPERION_ASSIGN_OR_RETURN(const std::string labelled, ArtifactPath(result, folder.path(), "labelled"));
  SUPERION_RETURN_IF_ERROR(MoveFile(labelled, options.out));
  if (!options.failures.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const std::string failures, ArtifactPath(result, folder.path(), "failures"));
    SUPERION_RETURN_IF_ERROR(MoveFile(failures, options.failures));
  }
  return result.metrics;
}

}  // namespace

void AddLabel(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("label", "label the frames of an extended XYZ file");
  verb->add_option(
          "--labeler", options->labeler,
          "campaign file (*.toml) with a [labeler] table, JSON file of a labeler, or the JSON itself")
      ->required();
  verb->add_option("--in", options->in, "frames (extended XYZ)")->required();
  verb->add_option("--out", options->out, "labelled frames (extended XYZ)")->required();
  verb->add_option("--failures", options->failures, "where to write why frames failed (JSON lines)");
  verb->add_option("--threads", options->threads, "cores to use (default: all)")
      ->check(Within(limits::kThreads));
  verb->add_flag("--json", options->json, "print the counts as JSON");
  (*verbs)[verb] = [options]() -> int {
    const absl::StatusOr<Json> metrics = Label(*options);
    if (!metrics.ok()) return Complain(metrics.status());
    const int failed = metrics->value("failed", 0);
    if (options->json) {
      PrintJson(*metrics);
    } else {
      std::printf("%d frames labelled, %d failed: %s\n", metrics->value("labelled", 0), failed,
                  options->out.c_str());
      const Json failures = metrics->value("failures_by_class", Json::object());
      for (const auto& [why, count] : failures.items())
        std::printf("  %s: %s frames%s\n", why.c_str(), count.dump().c_str(),
                    options->failures.empty() ? " (--failures FILE says more)" : "");
    }
    return failed == 0 ? kExitOk : kExitNotConverged;
  };
}

}  // namespace superion
