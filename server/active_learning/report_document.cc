// The report document (docs/report.md): every number that the campaign has found, with what made it.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "server/active_learning/planner.h"

namespace superion {
namespace {

constexpr size_t kParityPoints = 4000;

class ReportDocument {
 public:
  ReportDocument(const CampaignSpec& spec, const FinishedTasks& ended, const ReadArtifact& read)
      : planner_(spec, {}, ended), read_(read) {}

  Json Build() {
    const Json summary = Summarize(planner_.spec, planner_.ended);
    Json report = {{"schema", 1},
                   {"labels", summary["labels"]},
                   {"heldout", Heldout()},
                   {"conductivity", Conductivity(summary)},
                   {"arrhenius", Metrics("arrhenius")},
                   {"finite_size", Metrics("finite_size")},
                   {"error_budget", Metrics("error_budget")},
                   {"learning", Learning(summary)},
                   {"parity", Parity()},
                   {"calibration", Metrics("heldout/calibrate")},
                   {"summary", Overview(summary)},
                   {"campaign", ToJson(planner_.spec)},
                   {"provenance", Provenance()}};
    if (!unread_.empty()) report["unread_artifacts"] = unread_;
    return report;
  }

 private:
  Json Metrics(const std::string& key) const {
    const FinishedTask* task = planner_.Ended(key);
    return Done(task) ? task->metrics : Json();
  }

  std::string Artifact(const std::string& key, const std::string& name) {
    const FinishedTask* task = planner_.Ended(key);
    if (!Done(task)) return "";
    const auto it = task->artifacts.find(name);
    if (it == task->artifacts.end()) return "";
    absl::StatusOr<std::string> content = read_(it->second.sha256);
    if (content.ok()) return *std::move(content);
    unread_.push_back(fmt::format("{} of {}: {}", name, key, content.status().message()));
    return "";
  }

  Json Heldout() const {
    const Json eval = Metrics("heldout/eval");
    if (eval.is_null()) return nullptr;
    const double mae = eval.value("force_mae_mev_per_angstrom", 0.0);
    const double rms = eval.value("force_rms_mev_per_angstrom", 0.0);
    Json heldout = eval;
    heldout["frames"] = eval.value("n_frames", 0);
    heldout["force_mae_fraction"] = rms > 0 ? Json(mae / rms) : Json();
    return heldout;
  }

  Json Conductivity(const Json& summary) {
    Json list = Json::array();
    for (const double temperature_k : planner_.spec.production.temperatures_k) {
      const FinishedTask* analysis = LatestAnalysis(planner_, temperature_k);
      Json entry = {{"temperature_k", temperature_k},
                    {"sigma_s_per_m", nullptr},
                    {"ci95_s_per_m", {nullptr, nullptr}},
                    {"status", "NOT_MEASURED"},
                    {"gates", Json::array()}};
      if (Done(analysis)) {
        entry.update(analysis->metrics);
        entry["temperature_k"] = temperature_k;
        const auto document = ParseJson(Artifact(analysis->key, "analysis"), "analysis");
        if (document.ok() && document->contains("curves")) entry["curves"] = (*document)["curves"];
        for (const Json& known : summary["conductivity"]) {
          if (known["temperature_k"] != temperature_k) continue;
          entry["cost"] = known["cost"];
          entry["stopped_runs"] = known["stopped_runs"];
        }
      } else if (analysis) {
        entry["message"] = std::string(analysis->status.message());
      }
      list.push_back(std::move(entry));
    }
    return list;
  }

  Json Learning(const Json& summary) {
    Json learning = {{"generations", summary["generations"]}, {"learning_curves", Json::array()}};
    int last = -1;
    std::vector<std::string> trainings;
    for (const Json& generation : summary["generations"]) {
      last = generation["generation"].get<int>();
      trainings.push_back(fmt::format("generation-{}/train", last));
    }
    trainings.push_back("final/train");
    int number = 0;
    for (const std::string& key : trainings) {
      Json curve = LearningCurve(key);
      curve["generation"] = number++;
      curve["key"] = key;
      learning["learning_curves"].push_back(std::move(curve));
    }
    learning["final"] = Metrics("final/train");
    learning["converged"] = last >= 0 && LearningConverged(planner_, last);
    learning["reason"] = learning["converged"].get<bool>()
                             ? "the fraction of unknown frames stayed below its limit over two generations"
                         : planner_.Ended("final/train") == nullptr
                             ? fmt::format("still learning: {} generations so far", last + 1)
                             : fmt::format("the budget of {} generations was used up", last + 1);
    return learning;
  }

  Json LearningCurve(const std::string& key) {
    Json curve = {
        {"epochs", Json::array()}, {"valid_force_rmse", Json::array()}, {"train_force_rmse", Json::array()}};
    const std::string lines = Artifact(key, "learning_curve");
    for (const auto line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
      const auto record = ParseJson(std::string(line), key);
      if (!record.ok() || !record->contains("epoch")) continue;
      curve["epochs"].push_back((*record)["epoch"]);
      for (const char* set : {"valid", "train"}) {
        const Json errors = record->value(set, Json::object());
        curve[std::string(set) + "_force_rmse"].push_back(
            errors.is_object() ? errors.value("force_rmse_mev_per_angstrom", Json()) : Json());
      }
    }
    return curve;
  }

  // parity.csv of superion-learn: quantity, frame, atom, species, component, reference, predicted; force rows
  // thinned evenly to a number of points that a page can show.
  Json Parity() {
    Json parity = {{"forces", Json::array()}, {"energies", Json::array()}};
    const std::string csv = Artifact("heldout/eval", "parity");
    const std::vector<std::string> rows = absl::StrSplit(csv, '\n', absl::SkipEmpty());
    const size_t stride = std::max<size_t>(1, rows.size() / kParityPoints);
    for (size_t k = 0; k < rows.size(); ++k) {
      const std::vector<std::string> cells = absl::StrSplit(rows[k], ',');
      double reference = 0, model = 0;
      if (cells.size() != 7 || !absl::SimpleAtod(cells[5], &reference) || !absl::SimpleAtod(cells[6], &model))
        continue;
      if (cells[0] == "energy_ev_per_atom") parity["energies"].push_back({reference, model});
      if (cells[0] == "force_ev_per_angstrom" && k % stride == 0)
        parity["forces"].push_back({reference, model});
    }
    return parity;
  }

  Json Overview(const Json& summary) const {
    double cpu_s = 0, wall_s = 0;
    Json by_stage = Json::object();
    for (const auto& [key, task] : planner_.ended) {
      cpu_s += task.cpu_s;
      wall_s += task.wall_s;
      by_stage[task.stage] = by_stage.value(task.stage, 0.0) + task.wall_s;
    }
    Json needs = Json::array();
    for (const Json& entry : summary["conductivity"]) {
      if (entry["needs"].is_object() && entry["status"] != "CONVERGED") {
        needs.push_back({{"temperature_k", entry["temperature_k"]},
                         {"needs", entry["needs"]},
                         {"limited_by", entry["limited_by"]},
                         {"cost", entry["cost"]}});
      }
    }
    return {{"campaign", planner_.spec.name},
            {"formula", Formula()},
            {"atoms", planner_.spec.structure.size()},
            {"labels", summary["labels"]},
            {"failed_labels", summary["failed_labels"]},
            {"failed_labels_by_class", summary["failed_labels_by_class"]},
            {"tasks", planner_.ended.size()},
            {"task_wall_s", wall_s},
            {"task_cpu_s", cpu_s},
            {"node_hours", wall_s / 3600.0},
            {"wall_s_by_stage", by_stage},
            {"needs", needs},
            {"notes", summary["notes"]}};
  }

  std::string Formula() const {
    std::string formula;
    const auto& species = planner_.spec.structure.species;
    for (const std::string& symbol : DistinctSpecies(planner_.spec.structure)) {
      formula += fmt::format("{}{}", symbol, std::count(species.begin(), species.end(), symbol));
    }
    return formula;
  }

  Json Provenance() const {
    Json artifacts = Json::array();
    for (const auto& [key, task] : planner_.ended) {
      for (const auto& [name, artifact] : task.artifacts) {
        artifacts.push_back(
            {{"task", key}, {"artifact", name}, {"sha256", artifact.sha256}, {"bytes", artifact.size_bytes}});
      }
    }
    const FinishedTask* model = planner_.Ended("final/train");
    Json provenance = {
        {"seed", planner_.spec.seed}, {"preflight", Metrics("preflight")}, {"artifacts", artifacts}};
    if (Done(model) && model->artifacts.count("model"))
      provenance["model_sha256"] = model->artifacts.at("model").sha256;
    // Runs of production that were repeated, and all after them, are of these.
    Json repaired = Json::array();
    for (const auto& [key, task] : planner_.ended) {
      if (task.kind != "train" || task.stage != "production" || !task.artifacts.count("model")) continue;
      repaired.push_back({{"task", key}, {"sha256", task.artifacts.at("model").sha256}});
    }
    if (!repaired.empty()) provenance["repaired_models"] = repaired;
    return provenance;
  }

  Planner planner_;
  const ReadArtifact& read_;
  Json unread_ = Json::array();
};

}  // namespace

Json BuildReport(const CampaignSpec& spec, const FinishedTasks& tasks_by_key,
                 const ReadArtifact& read_artifact) {
  return ReportDocument(spec, tasks_by_key, read_artifact).Build();
}

}  // namespace superion
