// What sampling cannot tell: other potentials trained on the same labels, other sizes of the cell, and the
// budget that puts every source of error side by side.
#include <algorithm>
#include <cmath>

#include "server/active_learning/planner.h"

namespace superion {
namespace {

constexpr char kStage[] = "uncertainty";

// Steps per seed: as set, else as long as the mean seed of production at this temperature, since the
// precision of σ depends on time alone.
int64_t StepsPerSeed(const Planner& planner, double temperature_k) {
  const ProductionSpec& production = planner.spec.production;
  if (planner.spec.uncertainty.steps > 0) return planner.spec.uncertainty.steps;
  const FinishedTask* analysis = LatestAnalysis(planner, temperature_k);
  const Json total = Done(analysis) ? analysis->metrics.value("total_time_ps", Json()) : Json();
  const Json seeds = Done(analysis) ? analysis->metrics.value("n_seeds", Json()) : Json();
  if (!total.is_number() || !seeds.is_number() || seeds.get<double>() < 1) return production.steps;
  const double steps = total.get<double>() / seeds.get<double>() * 1e3 / production.timestep_fs;
  return std::max<int64_t>(production.stream_every, std::llround(steps));
}

// One conductivity: seeds of MD and their analysis, under keys below `prefix`.
struct Measurement {
  std::string prefix;
  double temperature_k;
  Repeats supercell;
  InputRef model;
};

const FinishedTask* PlanMeasurement(Planner& planner, const Measurement& wanted) {
  PlannedTask analysis;
  analysis.key = wanted.prefix + "/analysis";
  analysis.kind = "analyze";
  analysis.stage = kStage;
  analysis.optional = true;
  bool complete = true;
  std::vector<InputRef> trajectories;
  for (int seed = 0; seed < planner.spec.uncertainty.seeds; ++seed) {
    PlannedTask run;
    run.key = fmt::format("{}/seed-{}", wanted.prefix, seed);
    run.kind = "md";
    run.stage = kStage;
    run.optional = true;
    run.params = RecordedMdParams(planner, wanted.temperature_k, wanted.supercell);
    run.params["equilibration_steps"] = planner.spec.production.equilibration_steps;
    run.params["steps"] = StepsPerSeed(planner, wanted.temperature_k);
    run.inputs = {wanted.model, planner.StructureInput()};
    const std::string key = run.key;
    const FinishedTask* end = planner.Want(std::move(run));
    complete = complete && end;
    if (!Done(end)) continue;
    analysis.inputs.push_back({"stream", "", key, "stream"});
    trajectories.push_back({"trajectory", "", key, "trajectory"});
  }
  if (!complete || analysis.inputs.empty()) return nullptr;
  analysis.inputs.insert(analysis.inputs.end(), trajectories.begin(), trajectories.end());
  analysis.params = AnalysisParams(planner, wanted.temperature_k);
  return planner.Want(std::move(analysis));
}

// Whether nothing below the prefix is left to wait for: analysed, or every run failed.
bool Settled(const Planner& planner, const std::string& prefix) {
  if (planner.Ended(prefix + "/analysis")) return true;
  for (int seed = 0; seed < planner.spec.uncertainty.seeds; ++seed) {
    const FinishedTask* run = planner.Ended(fmt::format("{}/seed-{}", prefix, seed));
    if (!run || Done(run)) return false;
  }
  return true;
}

// From random weights, on the same labels as the final model: what differs is what training left open.
bool PlanMember(Planner& planner, const std::string& prefix, const std::vector<InputRef>& labelled) {
  const TrainSpec& train = planner.spec.train;
  PlannedTask training =
      TrainTask(planner, prefix + "/train", std::max(train.epochs_first, train.epochs_final), labelled);
  training.stage = kStage;
  training.optional = true;
  return planner.Want(std::move(training)) != nullptr;
}

// Analyses of all members that have one; `members` says whose they are.
bool PlanCommittee(Planner& planner, const std::vector<InputRef>& labelled, std::vector<InputRef>* analyses,
                   Json* members) {
  bool complete = true;
  for (int member = 1; member <= planner.spec.uncertainty.committee; ++member) {
    const std::string prefix = fmt::format("uncertainty/member-{}", member);
    if (!PlanMember(planner, prefix, labelled)) {
      complete = false;
      continue;
    }
    if (!Done(planner.Ended(prefix + "/train"))) continue;
    for (const double temperature_k : planner.spec.uncertainty.temperatures_k) {
      const std::string own = fmt::format("{}/{}", prefix, TemperatureTag(temperature_k));
      const FinishedTask* analysis = PlanMeasurement(
          planner,
          {own, temperature_k, planner.spec.production.supercell, {"model", "", prefix + "/train", "model"}});
      complete = Settled(planner, own) && complete;
      if (!Done(analysis)) continue;
      analyses->push_back({"committee", "", analysis->key, "analysis"});
      members->push_back(member);
    }
  }
  if (!complete) planner.Waiting(kStage, 0, "a committee of potentials");
  return complete;
}

// The cell of production is one of the sizes.
bool PlanSizes(Planner& planner, const InputRef& model) {
  if (planner.spec.uncertainty.sizes.empty()) return true;
  const auto& hottest = planner.spec.production.temperatures_k;
  const double temperature_k = *std::max_element(hottest.begin(), hottest.end());
  const FinishedTask* production = LatestAnalysis(planner, temperature_k);
  if (!Done(production)) return true;
  PlannedTask fit;
  fit.key = "finite_size";
  fit.kind = "finite_size";
  fit.stage = kStage;
  fit.optional = true;
  fit.inputs = {{"analysis", "", production->key, "analysis"}};
  if (const Json volume = production->metrics.value("volume_angstrom3", Json()); volume.is_number())
    fit.params["production_volume_angstrom3"] = volume;
  bool complete = true;
  for (const Repeats& cell : planner.spec.uncertainty.sizes) {
    const std::string prefix = fmt::format("uncertainty/size-{}x{}x{}", cell[0], cell[1], cell[2]);
    const FinishedTask* analysis = PlanMeasurement(planner, {prefix, temperature_k, cell, model});
    complete = Settled(planner, prefix) && complete;
    if (Done(analysis)) fit.inputs.push_back({"analysis", "", analysis->key, "analysis"});
  }
  complete = complete && planner.Want(std::move(fit));
  if (!complete) planner.Waiting(kStage, 0, "molecular dynamics in other cell sizes");
  return complete;
}

}  // namespace

bool PlanUncertainty(Planner& planner, const std::vector<InputRef>& labelled, const InputRef& model) {
  PlannedTask budget;
  budget.key = "error_budget";
  budget.kind = "error_budget";
  budget.stage = "analyse";
  budget.optional = true;
  for (const double temperature_k : planner.spec.production.temperatures_k) {
    const FinishedTask* analysis = LatestAnalysis(planner, temperature_k);
    if (Done(analysis)) budget.inputs.push_back({"analysis", "", analysis->key, "analysis"});
  }
  if (budget.inputs.empty()) return true;
  std::vector<InputRef> committee;
  Json members = Json::array();
  const bool spread = PlanCommittee(planner, labelled, &committee, &members);
  const bool sizes = PlanSizes(planner, model);
  if (!spread || !sizes) return false;
  budget.inputs.insert(budget.inputs.end(), committee.begin(), committee.end());
  budget.params = {{"members", members}};
  if (Done(planner.Ended("finite_size")))
    budget.inputs.push_back({"finite_size", "", "finite_size", "finite_size"});
  const bool complete = planner.Want(std::move(budget)) != nullptr;
  if (!complete) planner.Waiting("analyse", 0, "summing up the errors");
  return complete;
}

}  // namespace superion
