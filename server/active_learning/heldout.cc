// Errors of the final model on frames that it has never seen: MD of that model in the labelled cell at every
// production temperature, frames at fixed spacing from a seeded random offset, chosen before they are
// labelled.
#include <algorithm>
#include <cmath>

#include "core/random.h"
#include "server/active_learning/planner.h"

namespace superion {
namespace {

PlannedTask SamplingRun(const Planner& planner, double temperature_k, int frames, const InputRef& model) {
  const HeldoutSpec& heldout = planner.spec.heldout;
  const auto spacing = std::max<int64_t>(
      1, static_cast<int64_t>(std::ceil(heldout.spacing_ps * 1000.0 / heldout.timestep_fs)));
  PlannedTask task;
  task.key = "heldout/md-" + TemperatureTag(temperature_k);
  task.kind = "md";
  task.stage = "heldout";
  const auto offset = 1 + static_cast<int64_t>(DeriveSeed(planner.spec.seed, task.key + "/offset") %
                                               static_cast<uint64_t>(spacing));
  task.params = {{"ensemble", "nvt"},
                 {"temperature_k", temperature_k},
                 {"timestep_fs", heldout.timestep_fs},
                 {"equilibration_steps", spacing},
                 {"steps", offset + spacing * (frames - 1)},
                 {"engine", planner.spec.production.engine},
                 {"snapshot_every", spacing},
                 {"snapshot_start_step", offset},
                 {"snapshot_limit", frames},
                 {"gate", nullptr}};
  task.inputs = {model, planner.StructureInput()};
  return task;
}

}  // namespace

bool PlanHeldout(Planner& planner, const InputRef& model) {
  const auto& temperatures = planner.spec.production.temperatures_k;
  if (planner.spec.heldout.frames == 0 || temperatures.empty()) return true;
  const int frames = (planner.spec.heldout.frames + static_cast<int>(temperatures.size()) - 1) /
                     static_cast<int>(temperatures.size());
  bool complete = true;
  std::vector<InputRef> labelled;
  for (const double temperature_k : temperatures) {
    PlannedTask run = SamplingRun(planner, temperature_k, frames, model);
    const std::string key = run.key;
    const FinishedTask* end = planner.Want(std::move(run));
    complete = complete && end;
    if (!Done(end)) continue;
    LabelRequest request;
    request.prefix = "heldout/" + TemperatureTag(temperature_k);
    request.stage = "heldout";
    request.frames = {"frames", "", key, "snapshots"};
    request.total = Count(end, "snapshots");
    complete = LabelInShards(planner, request, &labelled) && complete;
  }
  if (!complete || labelled.empty()) {
    planner.Waiting("heldout", 0, "labelling held-out frames");
    return complete;
  }
  for (const char* kind : {"eval", "calibrate"}) {
    PlannedTask task;
    task.key = fmt::format("heldout/{}", kind);
    task.kind = kind;
    task.stage = "heldout";
    task.inputs = Renamed(labelled, kind == std::string("eval") ? "data" : "labelled");
    task.inputs.push_back(model);
    task.optional = true;
    complete = planner.Want(std::move(task)) && complete;
  }
  if (!complete) planner.Waiting("heldout", 0, "measuring held-out errors");
  return complete;
}

}  // namespace superion
