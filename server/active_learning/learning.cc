// The loop train -> explore -> select -> label, generation after generation, and the last training on
// everything.
#include <algorithm>

#include "server/active_learning/planner.h"

namespace superion {
namespace {

std::string Prefix(int generation) { return fmt::format("generation-{}", generation); }

const FinishedTask* PlanTraining(Planner& planner, int generation, const std::vector<InputRef>& labelled) {
  std::vector<InputRef> inputs = labelled;
  if (generation > 0) inputs.push_back({"init", "", Prefix(generation - 1) + "/train", "model"});
  const TrainSpec& train = planner.spec.train;
  PlannedTask task = TrainTask(planner, Prefix(generation) + "/train",
                               generation == 0 ? train.epochs_first : train.epochs_next, std::move(inputs));
  task.stage = "train";
  task.generation = generation;
  const FinishedTask* end = planner.Want(std::move(task));
  if (!end) planner.Waiting("train", generation, fmt::format("training generation {}", generation));
  return end;
}

bool PlanExploration(Planner& planner, int generation, std::vector<InputRef>* candidates) {
  const ExploreSpec& explore = planner.spec.explore;
  const Json gate =
      CalibratedGate(planner, Prefix(generation - 1) + "/calibrate", Prefix(generation - 1) + "/eval");
  bool complete = true;
  for (const double temperature_k : explore.temperatures_k) {
    for (int s = 0; s < explore.seeds; ++s) {
      PlannedTask task;
      task.key = fmt::format("{}/explore-{}-{}", Prefix(generation), TemperatureTag(temperature_k), s);
      task.kind = "md";
      task.stage = "explore";
      task.generation = generation;
      task.params = {{"ensemble", "nvt"},
                     {"temperature_k", temperature_k},
                     {"timestep_fs", explore.timestep_fs},
                     {"equilibration_steps", explore.equilibration_steps},
                     {"steps", explore.steps},
                     {"supercell", ExploredCell(planner.spec, generation)},
                     {"engine", planner.spec.production.engine},
                     {"snapshot_every", explore.sample_every},
                     {"gate", gate}};
      task.inputs = {{"model", "", Prefix(generation) + "/train", "model"}, planner.StructureInput()};
      task.optional = true;
      const std::string key = task.key;
      const FinishedTask* end = planner.Want(std::move(task));
      complete = complete && end;
      if (Done(end) && end->artifacts.count("snapshots")) {
        candidates->push_back({"candidates", "", key, "snapshots"});
      }
    }
  }
  if (!complete)
    planner.Waiting("explore", generation, fmt::format("exploring with generation {}", generation));
  return complete;
}

const FinishedTask* PlanSelection(Planner& planner, int generation, std::vector<InputRef> candidates,
                                  const std::vector<InputRef>& labelled) {
  PlannedTask task;
  task.key = Prefix(generation) + "/select";
  task.kind = "select";
  task.stage = "select";
  task.generation = generation;
  task.params = {{"budget", planner.spec.learning.labels_per_generation}};
  task.inputs = {{"model", "", Prefix(generation) + "/train", "model"}};
  task.inputs.insert(task.inputs.end(), candidates.begin(), candidates.end());
  task.inputs.insert(task.inputs.end(), labelled.begin(), labelled.end());
  const FinishedTask* end = planner.Want(std::move(task));
  if (!end) planner.Waiting("select", generation, "selecting frames to label");
  return end;
}

// Labels of frames that this generation's model has graded but not seen: how good its grades are.
// The next generation's gate follows from it, so it is waited for.
bool PlanCalibration(Planner& planner, int generation, const std::vector<InputRef>& fresh) {
  if (fresh.empty()) return true;
  bool complete = true;
  for (const char* kind : {"calibrate", "eval"}) {
    PlannedTask task;
    task.key = fmt::format("{}/{}", Prefix(generation), kind);
    task.kind = kind;
    task.stage = "select";
    task.generation = generation;
    task.optional = true;
    task.inputs = Renamed(fresh, kind == std::string("eval") ? "data" : "labelled");
    task.inputs.push_back({"model", "", Prefix(generation) + "/train", "model"});
    complete = planner.Want(std::move(task)) && complete;
  }
  if (!complete) planner.Waiting("select", generation, "calibrating the uncertainty grade on fresh labels");
  return complete;
}

// One turn of the loop; true when it has ended and its labels are in.
bool PlanGeneration(Planner& planner, int generation, std::vector<InputRef>* labelled) {
  if (!PlanTraining(planner, generation, *labelled)) return false;
  std::vector<InputRef> candidates;
  if (!PlanExploration(planner, generation, &candidates)) return false;
  if (candidates.empty()) {
    planner.plan.failed = true;
    planner.plan.message = fmt::format("every exploration of generation {} failed", generation);
    return false;
  }
  const FinishedTask* selection = PlanSelection(planner, generation, candidates, *labelled);
  if (!selection) return false;
  LabelRequest request;
  request.prefix = Prefix(generation);
  request.stage = "label";
  request.generation = generation;
  request.frames = {"frames", "", Prefix(generation) + "/select", "frames"};
  request.total = Count(selection, "selected");
  request.supercell = ExploredCell(planner.spec, generation);
  std::vector<InputRef> fresh;
  const bool complete =
      LabelInShards(planner, request, &fresh) && PlanCalibration(planner, generation, fresh);
  labelled->insert(labelled->end(), fresh.begin(), fresh.end());
  return complete;
}

}  // namespace

const Repeats& ExploredCell(const CampaignSpec& spec, int generation) {
  const auto& cells = spec.explore.supercells;
  return cells[std::min<size_t>(generation, cells.size() - 1)];
}

std::optional<double> CandidateFraction(const Planner& planner, int generation) {
  const FinishedTask* selection = planner.Ended(Prefix(generation) + "/select");
  if (!Done(selection)) return std::nullopt;
  const double unknown = Count(selection, "candidate") + Count(selection, "failed");
  const double all = unknown + Count(selection, "accurate");
  return all > 0 ? unknown / all : 1.0;
}

bool LearningConverged(const Planner& planner, int generation) {
  const LearningSpec& learning = planner.spec.learning;
  // Both generations must have explored the last, largest cell.
  const int first = std::max<int>(1, planner.spec.explore.supercells.size());
  if (generation + 1 < learning.min_generations || generation < first) return false;
  for (const int g : {generation - 1, generation}) {
    const auto fraction = CandidateFraction(planner, g);
    if (!fraction || *fraction > learning.converged_candidate_fraction) return false;
  }
  if (learning.max_force_rmse_mev_per_angstrom <= 0) return true;
  const FinishedTask* training = planner.Ended(Prefix(generation) + "/train");
  if (!Done(training)) return false;
  const Json valid = training->metrics.value("valid", Json::object());
  return valid.value("force_rmse_mev_per_angstrom", 1e300) <= learning.max_force_rmse_mev_per_angstrom;
}

bool PlanLearning(Planner& planner, std::vector<InputRef>* labelled, InputRef* model) {
  int last = 0;
  for (int g = 0; g < planner.spec.learning.max_generations; ++g) {
    if (!PlanGeneration(planner, g, labelled)) return false;
    last = g;
    if (LearningConverged(planner, g)) break;
  }
  std::vector<InputRef> inputs = *labelled;
  inputs.push_back({"init", "", Prefix(last) + "/train", "model"});
  PlannedTask task = TrainTask(planner, "final/train", planner.spec.train.epochs_final, std::move(inputs));
  task.stage = "train";
  task.generation = last + 1;
  *model = {"model", "", task.key, "model"};
  const bool complete = planner.Want(std::move(task)) != nullptr;
  if (!complete) planner.Waiting("train", last + 1, "training the final model");
  return complete;
}

}  // namespace superion
