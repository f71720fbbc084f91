// superion eval: errors of a model on labelled frames.
#include <cmath>
#include <filesystem>
#include <limits>

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

// NaN for an error that there is no label for.
double Error(const Json& errors, const std::string& key) {
  return errors.contains(key) && errors[key].is_number() ? errors[key].get<double>()
                                                         : std::numeric_limits<double>::quiet_NaN();
}

// A line of the table, left out where there are no such labels.
void Row(const std::string& name, const Json& errors, const std::string& quantity, const std::string& suffix,
         const char* unit) {
  const double mae = Error(errors, quantity + "_mae_" + suffix),
               rmse = Error(errors, quantity + "_rmse_" + suffix);
  if (std::isfinite(mae)) std::printf("%-8s %12.4g %12.4g %s\n", name.c_str(), mae, rmse, unit);
}

void Describe(const Json& m) {
  std::printf("%-8s %12s %12s\n", "", "MAE", "RMSE");
  Row("energy", m, "energy", "mev_per_atom", "meV/atom");
  Row("force", m, "force", "mev_per_angstrom", "meV/Å");
  const Json per_species = m.value("per_species", Json::object());
  for (const auto& [symbol, errors] : per_species.items())
    Row("  " + symbol, errors, "force", "mev_per_angstrom", "meV/Å");
  Row("stress", m, "stress", "mev_per_angstrom3", "meV/Å³");
  const Json per_source = m.value("per_source", Json::object());
  for (const auto& [name, errors] : per_source.items()) {
    std::printf("%s, %d frames\n", name.c_str(), errors.value("frames", 0));
    Row("  energy", errors, "energy", "mev_per_atom", "meV/atom");
    Row("  force", errors, "force", "mev_per_angstrom", "meV/Å");
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
