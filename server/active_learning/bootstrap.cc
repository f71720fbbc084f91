// First data: short MD by the labeler itself, and random displacements of the start structure.
#include "server/active_learning/planner.h"

namespace superion {
namespace {

bool PlanPreflight(Planner& planner) {
  PlannedTask task;
  task.key = "preflight";
  task.kind = "preflight";
  task.stage = "prepare";
  task.params = {{"labeler", planner.spec.labeler}, {"species", DistinctSpecies(planner.spec.structure)}};
  const bool complete = planner.Want(std::move(task)) != nullptr;
  if (!complete) planner.Waiting("prepare", 0, "checking programs and pseudopotentials");
  return complete;
}

bool PlanAimd(Planner& planner, std::vector<InputRef>* labelled) {
  const BootstrapSpec& bootstrap = planner.spec.bootstrap;
  bool complete = true;
  for (const double temperature_k : bootstrap.aimd_temperatures_k) {
    PlannedTask task;
    task.key = "bootstrap/aimd-" + TemperatureTag(temperature_k);
    task.kind = "aimd";
    task.stage = "bootstrap";
    task.params = {{"labeler", planner.spec.labeler},
                   {"temperature_k", temperature_k},
                   {"steps", bootstrap.aimd_steps},
                   {"timestep_fs", bootstrap.aimd_timestep_fs},
                   {"sample_every", bootstrap.aimd_sample_every}};
    task.inputs = {planner.StructureInput()};
    task.optional = true;
    const std::string key = task.key;
    const FinishedTask* end = planner.Want(std::move(task));
    complete = complete && end;
    if (Count(end, "frames") > 0) labelled->push_back({"train", "", key, "labelled"});
  }
  return complete;
}

bool PlanPerturbed(Planner& planner, std::vector<InputRef>* labelled) {
  const BootstrapSpec& bootstrap = planner.spec.bootstrap;
  if (bootstrap.perturbed_frames == 0) return true;
  PlannedTask task;
  task.key = "bootstrap/perturb";
  task.kind = "perturb";
  task.stage = "bootstrap";
  task.params = {{"frames", bootstrap.perturbed_frames},
                 {"perturbation_angstrom", bootstrap.perturbation_angstrom},
                 {"strain", bootstrap.strain},
                 {"minimum_distance_angstrom", nullptr}};
  task.inputs = {planner.StructureInput()};
  const FinishedTask* perturbed = planner.Want(std::move(task));
  if (!perturbed) return false;
  LabelRequest request;
  request.prefix = "bootstrap";
  request.stage = "bootstrap";
  request.frames = {"frames", "", "bootstrap/perturb", "frames"};
  request.total = Count(perturbed, "frames");
  return LabelInShards(planner, request, labelled);
}

}  // namespace

bool PlanBootstrap(Planner& planner, std::vector<InputRef>* labelled) {
  if (!PlanPreflight(planner)) return false;
  const bool aimd = PlanAimd(planner, labelled);
  const bool perturbed = PlanPerturbed(planner, labelled);
  if (!aimd || !perturbed) {
    planner.Waiting("bootstrap", 0, "labelling the first data");
    return false;
  }
  if (labelled->empty()) {
    planner.plan.failed = true;
    planner.plan.message = "no bootstrap frame could be labelled: see the failed label and aimd tasks";
    return false;
  }
  return true;
}

}  // namespace superion
