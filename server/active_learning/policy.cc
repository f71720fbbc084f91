#include "server/active_learning/policy.h"

#include "server/active_learning/planner.h"

namespace superion {

Plan PlanCampaign(const CampaignSpec& spec, const CampaignArtifacts& artifacts,
                  const FinishedTasks& tasks_by_key) {
  Planner planner(spec, artifacts, tasks_by_key);
  std::vector<InputRef> labelled;
  InputRef model;
  if (PlanBootstrap(planner, &labelled) && PlanLearning(planner, &labelled, &model)) {
    const bool heldout = PlanHeldout(planner, model);
    const bool production = PlanProduction(planner, &labelled, &model);
    const bool uncertainty = production && PlanUncertainty(planner, labelled, model);
    planner.plan.finished = heldout && uncertainty;
  }
  if (planner.plan.finished) {
    planner.plan.stage = "report";
    planner.plan.message = "all tasks have ended";
  }
  planner.plan.summary = Summarize(spec, tasks_by_key);
  return std::move(planner.plan);
}

}  // namespace superion
