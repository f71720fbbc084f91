// The part of the status document that speaks of science: labels, errors, conductivities and what more they
// would cost.
#include <algorithm>

#include "server/active_learning/stopped_runs.h"

namespace superion {
namespace {

// A few keys of a metrics object, null where absent.
Json Pick(const Json& metrics, std::initializer_list<const char*> keys) {
  Json picked = Json::object();
  for (const char* key : keys) picked[key] = metrics.value(key, Json());
  return picked;
}

Json Generations(const Planner& planner) {
  Json generations = Json::array();
  for (int g = 0; g < planner.spec.learning.max_generations; ++g) {
    const FinishedTask* training = planner.Ended(fmt::format("generation-{}/train", g));
    if (!Done(training)) break;
    const FinishedTask* selection = planner.Ended(fmt::format("generation-{}/select", g));
    const FinishedTask* fresh = planner.Ended(fmt::format("generation-{}/eval", g));
    const auto fraction = CandidateFraction(planner, g);
    generations.push_back({{"generation", g},
                           {"train", training->metrics.value("train", Json())},
                           {"valid", training->metrics.value("valid", Json())},
                           {"supercell", ExploredCell(planner.spec, g)},
                           {"fresh", Done(fresh) ? fresh->metrics : Json()},
                           {"accurate", Count(selection, "accurate")},
                           {"candidate", Count(selection, "candidate")},
                           {"failed", Count(selection, "failed")},
                           {"candidate_fraction", fraction ? Json(*fraction) : Json()}});
  }
  return generations;
}

// Cost of the molecular dynamics at one temperature as measured so far; null before a run has said its speed.
// Cores times time, since every run has one core.
Json CostOf(const Planner& planner, double temperature_k, const Json& analysis) {
  const ProductionSpec& production = planner.spec.production;
  const auto& cell = production.supercell;
  const double atoms = static_cast<double>(planner.spec.structure.size()) * cell[0] * cell[1] * cell[2];
  const std::string prefix = fmt::format("production/{}/seed-", TemperatureTag(temperature_k));
  double steps = 0, core_s = 0;
  for (auto it = planner.ended.lower_bound(prefix); it != planner.ended.end(); ++it) {
    if (it->first.rfind(prefix, 0) != 0) break;
    const Json& metrics = it->second.metrics;
    if (!Done(&it->second) || !metrics.contains("us_per_atom_step") ||
        !metrics["us_per_atom_step"].is_number())
      continue;
    const auto done = static_cast<double>(Count(&it->second, "steps_done"));
    steps += done;
    core_s += done * atoms * metrics["us_per_atom_step"].get<double>() * 1e-6;
  }
  if (steps <= 0) return nullptr;
  const double core_hours_per_ns = core_s / steps * 1e6 / production.timestep_fs / 3600;
  Json cost = {{"us_per_atom_step", core_s / steps / atoms * 1e6},
               {"core_hours_per_ns", core_hours_per_ns},
               {"core_hours_spent", core_s / 3600},
               {"more_ns", nullptr},
               {"core_hours_more", nullptr}};
  const Json needs = analysis.value("needs", Json());
  if (!needs.is_object() || !needs.value("total_time_ps", Json()).is_number() ||
      !analysis.value("total_time_ps", Json()).is_number())
    return cost;
  const double more_ns =
      std::max(0.0, needs["total_time_ps"].get<double>() - analysis["total_time_ps"].get<double>()) * 1e-3;
  cost["more_ns"] = more_ns;
  cost["core_hours_more"] = more_ns * core_hours_per_ns;
  return cost;
}

Json Conductivities(const Planner& planner) {
  Json list = Json::array();
  for (const double temperature_k : planner.spec.production.temperatures_k) {
    const FinishedTask* analysis = LatestAnalysis(planner, temperature_k);
    if (!Done(analysis)) continue;
    Json entry = Pick(analysis->metrics, {"sigma_s_per_m", "ci95_s_per_m", "s_tot", "status", "limited_by",
                                          "needs", "total_time_ps"});
    entry["temperature_k"] = temperature_k;
    entry["cost"] = CostOf(planner, temperature_k, analysis->metrics);
    entry["stopped_runs"] = ToJson(StoppedProduction(planner, temperature_k));
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace

Json Summarize(const CampaignSpec& spec, const FinishedTasks& ended) {
  const Planner planner(spec, {}, ended);
  int64_t labels = 0, failed = 0;
  Json failed_by_class = Json::object();
  for (const auto& [key, task] : ended) {
    if (!Done(&task)) continue;
    if (task.kind == "aimd") labels += Count(&task, "frames");
    if (task.kind != "label") continue;
    labels += Count(&task, "labelled");
    failed += Count(&task, "failed");
    // Named, since items() only points at what it goes through.
    const Json failures = task.metrics.value("failures_by_class", Json::object());
    for (const auto& [name, n] : failures.items()) {
      failed_by_class[name] = failed_by_class.value(name, 0) + n.get<int>();
    }
  }
  const FinishedTask* heldout = planner.Ended("heldout/eval");
  return {{"labels", labels},
          {"failed_labels", failed},
          {"failed_labels_by_class", failed_by_class},
          {"generations", Generations(planner)},
          {"heldout", Done(heldout) ? heldout->metrics : Json()},
          {"notes", NotesOnStoppedRuns(planner)},
          {"conductivity", Conductivities(planner)}};
}

}  // namespace superion
