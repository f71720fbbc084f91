// superion bench model: speed of a model.
#include <filesystem>

#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::string model, structure, instruction_set;
  int threads = 1, steps = 200;
  bool json = false;
};

absl::StatusOr<Json> Measure(const Options& options) {
  TaskSpec spec;
  spec.kind = "bench";
  spec.threads = options.threads;
  spec.params = {{"threads", options.threads}, {"steps", options.steps}};
  if (!options.instruction_set.empty()) spec.params["instruction_set"] = options.instruction_set;
  SUPERION_ASSIGN_OR_RETURN(TaskInput model, UserInput("model", options.model));
  SUPERION_ASSIGN_OR_RETURN(TaskInput structure, UserInput("structure", options.structure));
  spec.inputs = {std::move(model), std::move(structure)};
  SUPERION_ASSIGN_OR_RETURN(
      const ScratchFolder folder,
      ScratchFolder::Beside((std::filesystem::temp_directory_path() / "bench").string()));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  return result.metrics;
}

void Describe(const Json& m) {
  std::printf("%.4g µs per atom and step: %s, %d threads, %d atoms, %.3g neighbors each\n",
              m.value("us_per_atom_step", 0.0), m.value("instruction_set", "").c_str(), m.value("threads", 1),
              m.value("atoms", 0), m.value("neighbors_per_atom", 0.0));
  std::printf("  %-24s %10.4g\n", "lowest of all steps", m.value("us_per_atom_step_lowest", 0.0));
  const Json parts = m.value("parts_us_per_atom", Json::object());
  for (const auto& [part, time] : parts.items()) {
    if (time.is_number()) std::printf("  %-24s %10.4g\n", part.c_str(), time.get<double>());
  }
}

}  // namespace

void AddBench(CLI::App* program, VerbTable* verbs) {
  const auto options = std::make_shared<Options>();
  CLI::App* bench = program->add_subcommand("bench", "speed of a model on this machine (bench model)");
  bench->require_subcommand(1);
  CLI::App* model = bench->add_subcommand("model", "time of an evaluation of a model, and where it goes");
  model->add_option("--model", options->model, "model file")->required();
  model->add_option("--structure", options->structure, "structure to evaluate")->required();
  model->add_option("--threads", options->threads, "cores to use")
      ->check(Within(limits::kThreads))
      ->capture_default_str();
  model->add_option("--steps", options->steps, "evaluations, of which the median counts")
      ->check(Within(AtLeast(1, 1e8)))
      ->capture_default_str();
  model
      ->add_option("--instruction-set", options->instruction_set,
                   "avx512, avx2 or generic (default: the widest that this machine has)")
      ->check(CLI::IsMember({"avx512", "avx2", "generic"}));
  model->add_flag("--json", options->json, "print JSON");
  (*verbs)[model] = [options] { return Answer(Measure(*options), options->json, Describe); };
}

}  // namespace superion
