// The part of the status document that speaks of science: labels, errors, conductivities.
#include "server/active_learning/planner.h"

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

Json Conductivities(const Planner& planner) {
  Json list = Json::array();
  for (const double temperature_k : planner.spec.production.temperatures_k) {
    const FinishedTask* analysis = LatestAnalysis(planner, temperature_k);
    if (!Done(analysis)) continue;
    Json entry = Pick(analysis->metrics, {"sigma_s_per_m", "ci95_s_per_m", "s_tot", "status", "limited_by",
                                          "needs", "total_time_ps"});
    entry["temperature_k"] = temperature_k;
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
          {"conductivity", Conductivities(planner)}};
}

}  // namespace superion
