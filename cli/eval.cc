// superion eval: errors of a model on labelled frames.
#include <filesystem>

#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::string model, parity;
  std::vector<std::string> data;
  int threads = 0;
  bool precision = false, json = false;
};

absl::StatusOr<Json> Evaluate(const Options& options) {
  TaskSpec spec;
  spec.kind = "eval";
  spec.threads = options.threads;
  if (options.precision) spec.params["precision"] = true;
  SUPERION_ASSIGN_OR_RETURN(const TaskInput model, UserInput("model", options.model));
  spec.inputs = {model};
  for (const std::string& file : options.data) {
    SUPERION_ASSIGN_OR_RETURN(TaskInput data, UserInput("data", file));
    spec.inputs.push_back(std::move(data));
  }
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--parity", options.parity));
  const std::string target =
      options.parity.empty() ? (std::filesystem::temp_directory_path() / "eval").string() : options.parity;
  SUPERION_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Beside(target));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  if (!options.parity.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const std::string parity, ArtifactPath(result, folder.path(), "parity"));
    SUPERION_RETURN_IF_ERROR(MoveFile(parity, options.parity));
  }
  return result.metrics;
}

void Describe(const Json& m) {
  std::printf("%-8s %12s %12s\n", "", "MAE", "RMSE");
  std::printf("%-8s %12.4g %12.4g meV/atom\n", "energy", m.value("energy_mae_mev_per_atom", 0.0),
              m.value("energy_rmse_mev_per_atom", 0.0));
  std::printf("%-8s %12.4g %12.4g meV/Å\n", "force", m.value("force_mae_mev_per_angstrom", 0.0),
              m.value("force_rmse_mev_per_angstrom", 0.0));
  const Json per_species = m.value("per_species", Json::object());
  for (const auto& [symbol, errors] : per_species.items()) {
    if (!errors.is_object()) continue;
    std::printf("%-8s %12.4g %12.4g meV/Å\n", ("  " + symbol).c_str(),
                errors.value("force_mae_mev_per_angstrom", 0.0),
                errors.value("force_rmse_mev_per_angstrom", 0.0));
  }
  const Json precision = m.value("single_precision", Json::object());
  for (const auto& [set, e] : precision.items()) {
    std::printf("single precision, %-8s force rms %.2g, largest %.2g meV/Å; energy rms %.2g meV/atom\n",
                (set + ":").c_str(), e.value("force_rms_mev_per_angstrom", 0.0),
                e.value("force_max_mev_per_angstrom", 0.0), e.value("energy_rms_mev_per_atom", 0.0));
  }
  std::printf("%d frames\n", m.value("n_frames", 0));
}

}  // namespace

void AddEval(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("eval", "errors of a model on labelled extended XYZ files");
  verb->add_option("--model", options->model, "model file")->required();
  verb->add_option("--data", options->data, "labelled frames")->required();
  verb->add_option("--parity", options->parity,
                   "where to write reference and prediction of every number (CSV)");
  verb->add_flag("--precision", options->precision,
                 "also how far single precision (molecular dynamics) is from double (these errors)");
  verb->add_option("--threads", options->threads, "cores to use (default: all)")
      ->check(Within(limits::kThreads));
  verb->add_flag("--json", options->json, "print JSON");
  (*verbs)[verb] = [options] { return Answer(Evaluate(*options), options->json, Describe); };
}

}  // namespace superion
