// superion neb: the minimum-energy path of a hop with a model.
#include <cstdio>
#include <filesystem>

#include "cli/exit_code.h"
#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::string model, initial, final, out;
  int images = 7, max_steps = 1000, threads = 0;
  double spring = 5.0, force_tolerance = 0.03;
  bool json = false;
};

absl::StatusOr<Json> Run(const Options& o) {
  TaskSpec spec;
  spec.kind = "neb";
  spec.threads = o.threads;
  spec.params = {{"images", o.images},
                 {"max_steps", o.max_steps},
                 {"spring_ev_per_angstrom2", o.spring},
                 {"force_tolerance_ev_per_angstrom", o.force_tolerance}};
  SUPERION_ASSIGN_OR_RETURN(TaskInput model, UserInput("model", o.model));
  SUPERION_ASSIGN_OR_RETURN(TaskInput initial, UserInput("initial", o.initial));
  SUPERION_ASSIGN_OR_RETURN(TaskInput final, UserInput("final", o.final));
  spec.inputs = {std::move(model), std::move(initial), std::move(final)};
  std::error_code error;
  std::filesystem::create_directories(o.out, error);
  if (error) return InvalidArgument("cannot create the folder {}: {}", o.out, error.message());
  const TaskResult result = RunStandAlone(std::move(spec), std::filesystem::absolute(o.out).string());
  SUPERION_RETURN_IF_ERROR(result.status);
  return result.metrics;
}

void Describe(const Options& o, const Json& m) {
  std::printf("barrier %.3f eV forward, %.3f eV backward; ends differ by %.3f eV; path of %.2f Å in %s\n",
              m.value("barrier_forward_ev", 0.0), m.value("barrier_backward_ev", 0.0),
              m.value("energy_difference_ev", 0.0), m.value("path_length_angstrom", 0.0), o.out.c_str());
  const Json saddle = m.value("saddle", Json());
  if (!saddle.is_object()) {
    std::printf("no image lies above both its neighbours: there is no saddle between the ends\n");
  } else if (saddle.contains("imaginary_modes") && saddle["imaginary_modes"].is_number()) {
    std::printf("saddle: largest force %.2g eV/Å, %d imaginary mode(s)%s\n",
                saddle.value("max_force_ev_per_angstrom", 0.0), saddle["imaginary_modes"].get<int>(),
                saddle["imaginary_modes"] == 1 ? "" : ": not a saddle of first order");
  }
  const size_t inner = m.value("inner_minima", Json::array()).size();
  if (inner > 0) std::printf("%zu minima on the way: take each hop on its own\n", inner);
  if (!m.value("converged", false)) {
    std::printf("not converged: the largest force is still %.2g eV/Å\n",
                m.value("max_force_ev_per_angstrom", 0.0));
  }
}

}  // namespace

void AddNeb(CLI::App* program, VerbTable* verbs) {
  const auto o = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("neb", "barrier of a hop between two structures with a model");
  verb->add_option("--model", o->model, "model file")->required();
  verb->add_option("--initial", o->initial, "structure before the hop")->required();
  verb->add_option("--final", o->final, "structure after it: the same cell, the same atoms in the same order")
      ->required();
  verb->add_option("--images", o->images, "between the ends")
      ->check(Within(AtLeast(1, 1000)))
      ->capture_default_str();
  verb->add_option("--spring", o->spring, "eV/Å²")->check(Within(Positive(1e6)))->capture_default_str();
  verb->add_option("--force-tolerance", o->force_tolerance, "eV/Å")
      ->check(Within(Positive(100)))
      ->capture_default_str();
  verb->add_option("--max-steps", o->max_steps, "of the band")
      ->check(Within(AtLeast(1, 1e6)))
      ->capture_default_str();
  verb->add_option("--threads", o->threads, "cores to use (default: all)")->check(Within(limits::kThreads));
  verb->add_option("--out", o->out, "folder for band.xyz, profile.csv, neb.json")->required();
  verb->add_flag("--json", o->json, "print the result as JSON");
  (*verbs)[verb] = [o]() -> int {
    const absl::StatusOr<Json> metrics = Run(*o);
    if (!metrics.ok()) return Complain(metrics.status());
    if (o->json) {
      PrintJson(*metrics);
    } else {
      Describe(*o, *metrics);
    }
    return metrics->value("converged", false) ? kExitOk : kExitNotConverged;
  };
}

}  // namespace superion
