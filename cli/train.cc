// superion train: a potential from labelled frames.
#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/training_folder.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::vector<std::string> train, valid, replay;
  std::string init, out, curve, charges, size = "S", device = "auto";
  double cutoff = 6.0, validation_fraction = 0.1, max_time_s = 0, learning_rate = 0;
  double memory_gib = 4, target_force_mae = 0, target_energy_mae = 0;
  int epochs = 0, batch_frames = 0, threads = 0;
  uint64_t seed = 1;
  bool stress = false, json = false;
};

absl::StatusOr<TaskSpec> Spec(const Options& o) {
  TaskSpec spec;
  spec.kind = "train";
  spec.seed = o.seed;
  spec.threads = o.threads;
  spec.params = {{"size", o.size},
                 {"cutoff_angstrom", o.cutoff},
                 {"validation_fraction", o.validation_fraction},
                 {"stress", o.stress},
                 {"device", o.device},
                 {"max_time_s", o.max_time_s},
                 {"learning_rate", o.learning_rate},
                 {"memory_gib", o.memory_gib},
                 {"target_force_mae_mev_per_angstrom", o.target_force_mae},
                 {"target_energy_mae_mev_per_atom", o.target_energy_mae}};
  // What is not given is left to the trainer, which knows the size of the data.
  if (o.epochs > 0) spec.params["epochs"] = o.epochs;
  if (!o.charges.empty()) {
    SUPERION_ASSIGN_OR_RETURN(spec.params["charges"], ParseCharges(o.charges));
  }
  if (o.batch_frames > 0) spec.params["batch_frames"] = o.batch_frames;
  const auto add = [&](const char* name, const std::vector<std::string>& files) -> absl::Status {
    for (const std::string& file : files) {
      SUPERION_ASSIGN_OR_RETURN(TaskInput input, UserInput(name, file));
      spec.inputs.push_back(std::move(input));
    }
    return absl::OkStatus();
  };
  SUPERION_RETURN_IF_ERROR(add("train", o.train));
  SUPERION_RETURN_IF_ERROR(add("valid", o.valid));
  SUPERION_RETURN_IF_ERROR(add("replay", o.replay));
  if (!o.init.empty()) SUPERION_RETURN_IF_ERROR(add("init", {o.init}));
  return spec;
}

absl::StatusOr<Json> Train(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(TaskSpec spec, Spec(options));
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--out", options.out));
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--learning-curve", options.curve));
  SUPERION_ASSIGN_OR_RETURN(TrainingFolder folder, TrainingFolder::For(options.out));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  if (!result.status.ok() && !absl::IsInvalidArgument(result.status) && folder.HoldsCheckpoint()) {
    return absl::Status(result.status.code(), fmt::format("{}; the same command goes on from {}",
                                                          result.status.message(), folder.path()));
  }
  SUPERION_RETURN_IF_ERROR(result.status);
  if (!options.curve.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const std::string curve, ArtifactPath(result, folder.path(), "learning_curve"));
    SUPERION_RETURN_IF_ERROR(MoveFile(curve, options.curve));
  }
  SUPERION_ASSIGN_OR_RETURN(const std::string model, ArtifactPath(result, folder.path(), "model"));
  SUPERION_RETURN_IF_ERROR(MoveFile(model, options.out));
  folder.Finish();
  return result.metrics;
}

// Of one species, which has no energy of its own, or of the frames of one source.
void DescribePart(const std::string& name, const Json& errors) {
  std::printf("  %-20s force MAE %.3g meV/Å", name.c_str(), errors.value("force_mae_mev_per_angstrom", 0.0));
  if (errors.contains("energy_mae_mev_per_atom"))
    std::printf(", energy MAE %.3g meV/atom", errors.value("energy_mae_mev_per_atom", 0.0));
  if (errors.contains("frames")) std::printf(", %d frames", errors.value("frames", 0));
  std::printf("\n");
}

void Describe(const Options& options, const Json& metrics) {
  for (const char* set : {"train", "valid"}) {
    const Json errors = metrics.value(set, Json());
    if (!errors.is_object()) continue;
    std::printf("%-6s force MAE %.3g meV/Å, energy MAE %.3g meV/atom, %d frames\n", set,
                errors.value("force_mae_mev_per_angstrom", 0.0), errors.value("energy_mae_mev_per_atom", 0.0),
                errors.value("frames", 0));
    if (errors.contains("stress_mae_mev_per_angstrom3"))
      std::printf("  stress MAE %.3g meV/Å³\n", errors.value("stress_mae_mev_per_angstrom3", 0.0));
    for (const char* kind : {"per_species", "per_source"}) {
      const Json parts = errors.value(kind, Json::object());
      for (const auto& [name, part] : parts.items()) DescribePart(name, part);
    }
  }
  const int stress_frames = metrics.value("stress_frames", 0);
  if (!options.stress && stress_frames > 0)
    std::printf("the stress labels of %d frames were left out; --stress trains on them (npt needs it)\n",
                stress_frames);
  if (metrics.value("target_reached", false))
    std::printf("the target was reached after %d epochs\n", metrics.value("epochs", 0));
  if (metrics.value("resumed", false)) std::printf("went on from a checkpoint\n");
  std::printf("device %s\nmodel  %s\n", metrics.value("device_name", "cpu").c_str(), options.out.c_str());
}

}  // namespace

void AddTrain(CLI::App* program, VerbTable* verbs) {
  const auto o = std::make_shared<Options>();
  CLI::App* verb = program->add_subcommand("train", "train a potential on labelled extended XYZ files");
  verb->add_option("--train", o->train, "labelled frames")->required();
  verb->add_option("--valid", o->valid,
                   "labelled frames for validation (default: a part of the training frames)");
  verb->add_option("--replay", o->replay,
                   "old frames, of which every epoch draws as many as there are new ones (with --init)");
  verb->add_option("--size", o->size, "S, M or L")
      ->check(CLI::IsMember({"S", "M", "L"}))
      ->capture_default_str();
  verb->add_option("--cutoff-angstrom", o->cutoff, "range of the potential")
      ->check(Within(AtLeast(1, 20)))
      ->capture_default_str();
  verb->add_option("--epochs", o->epochs, "passes over the frames (default: from their number)")
      ->check(Within(AtLeast(1, 1e6)));
  verb->add_option("--batch-frames", o->batch_frames, "frames per step (default: from their size)")
      ->check(Within(AtLeast(1, 100000)));
  verb->add_option("--validation-fraction", o->validation_fraction, "when no --valid is given")
      ->check(Within(AtLeast(0, 0.9)))
      ->capture_default_str();
  verb->add_flag("--stress", o->stress, "train on stress labels too");
  verb->add_option("--learning-rate", o->learning_rate, "0: the default of the size")
      ->check(Within(AtLeast(0, 1)));
  verb->add_option("--seed", o->seed, "of initial weights and batches")
      ->capture_default_str()
      ->check(IsSeed());
  verb->add_option("--max-time-s", o->max_time_s, "end after this time with the best model; 0: no limit")
      ->check(Within(AtLeast(0, 1e9)));
  verb->add_option("--target-force-mae", o->target_force_mae,
                   "end when the validation error of the forces is no larger, meV/Å; 0: no target")
      ->check(Within(AtLeast(0, 1e6)));
  verb->add_option("--target-energy-mae", o->target_energy_mae, "the same for energies, meV/atom")
      ->check(Within(AtLeast(0, 1e6)));
  verb->add_option("--memory-gib", o->memory_gib,
                   "for neighbor pairs and densities; frames beyond it are prepared anew at every step")
      ->check(Within(AtLeast(0, 1e6)))
      ->capture_default_str();
  verb->add_option("--charges", o->charges,
                   "long-range electrostatics of fixed charges, such as Li=0.7,S=-1.4, or a file of lines "
                   "\"Li 0.7\" (compare with eval on other frames whether it helps)");
  verb->add_option("--init", o->init, "model to start from");
  verb->add_option("--device", o->device, "cpu, cuda or auto")
      ->check(CLI::IsMember({"cpu", "cuda", "auto"}))
      ->capture_default_str();
  verb->add_option("--threads", o->threads, "cores to use (default: all)")->check(Within(limits::kThreads));
  verb->add_option("--out", o->out, "model file")->required();
  verb->add_option("--learning-curve", o->curve, "where to write the errors of every epoch (JSON lines)");
  verb->add_flag("--json", o->json, "print the result as JSON");
  (*verbs)[verb] = [o] {
    return Answer(Train(*o), o->json, [&](const Json& metrics) { Describe(*o, metrics); });
  };
}

}  // namespace superion
