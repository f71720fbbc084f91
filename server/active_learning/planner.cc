#include "server/active_learning/planner.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace superion {

const FinishedTask* Planner::Want(PlannedTask task) {
  const FinishedTask* end = Ended(task.key);
  plan.tasks.push_back(std::move(task));
  return end;
}

const FinishedTask* Planner::Ended(const std::string& key) const {
  const auto it = ended.find(key);
  return it == ended.end() ? nullptr : &it->second;
}

void Planner::Waiting(const std::string& stage, int generation, const std::string& message) {
  if (!plan.stage.empty()) return;
  plan.stage = stage;
  plan.generation = generation;
  plan.message = message;
}

int64_t Count(const FinishedTask* task, const std::string& metric) {
  if (!Done(task)) return 0;
  const auto it = task->metrics.find(metric);
  return it != task->metrics.end() && it->is_number() ? it->get<int64_t>() : 0;
}

std::string TemperatureTag(double temperature_k) { return fmt::format("{:g}K", temperature_k); }

std::vector<InputRef> Renamed(std::vector<InputRef> inputs, const std::string& name) {
  for (InputRef& input : inputs) input.name = name;
  return inputs;
}

PlannedTask TrainTask(const Planner& planner, const std::string& key, int epochs,
                      std::vector<InputRef> inputs) {
  const TrainSpec& train = planner.spec.train;
  PlannedTask task;
  task.key = key;
  task.kind = "train";
  task.threads = 0;
  task.params = {{"size", train.size},
                 {"cutoff_angstrom", train.cutoff_angstrom},
                 {"epochs", epochs},
                 {"batch_frames", train.batch_frames},
                 {"validation_fraction", train.validation_fraction},
                 {"stress", planner.spec.labeler.value("stress", false)}};
  if (train.charge_scale > 0) {
    for (const auto& [symbol, charge] : planner.spec.charges)
      task.params["charges"][symbol] = train.charge_scale * charge;
  }
  task.inputs = std::move(inputs);
  return task;
}

Json CalibratedGate(const Planner& planner, const std::string& calibration_key,
                    const std::string& errors_key) {
  constexpr double kLowest = 3.0, kHighest = 10.0, kFractionOfForce = 0.25;
  const FinishedTask* calibration = planner.Ended(calibration_key);
  const FinishedTask* errors = planner.Ended(errors_key);
  if (!Done(calibration) || !Done(errors)) return Json::object();
  const double scale = calibration->metrics.value("scale_ev_per_angstrom", 0.0);
  const double exponent = calibration->metrics.value("exponent", 0.0);
  const double force_rms = errors->metrics.value("force_rms_mev_per_angstrom", 0.0) / 1000.0;
  if (scale <= 0 || exponent <= 0 || force_rms <= 0) return Json::object();
  const double stop = std::pow(kFractionOfForce * force_rms / scale, 1.0 / exponent);
  return {{"stop", std::clamp(stop, kLowest, kHighest)}};
}

Json SupercellLabeler(const CampaignSpec& spec, const Repeats& supercell) {
  Json labeler = spec.labeler;
  if (!labeler.contains("kpoints")) return labeler;
  for (size_t axis = 0; axis < 3; ++axis) {
    const int k = labeler["kpoints"][axis].get<int>();
    labeler["kpoints"][axis] = std::max(1, (k + supercell[axis] - 1) / supercell[axis]);
  }
  return labeler;
}

bool LabelInShards(Planner& planner, const LabelRequest& request, std::vector<InputRef>* labelled) {
  // A label's cost grows at least with the number of atoms: larger cells come in smaller shards.
  const Repeats& cell = request.supercell;
  const int64_t shard = std::max(1, planner.spec.learning.label_shard / (cell[0] * cell[1] * cell[2]));
  const Json labeler = SupercellLabeler(planner.spec, cell);
  bool complete = true;
  for (int64_t first = 0, k = 0; first < request.total; first += shard, ++k) {
    PlannedTask task;
    task.key = fmt::format("{}/label-{}", request.prefix, k);
    task.kind = "label";
    task.stage = request.stage;
    task.generation = request.generation;
    task.params = {{"labeler", labeler}, {"first", first}, {"count", std::min(shard, request.total - first)}};
    task.inputs = {request.frames};
    task.optional = true;
    const std::string key = task.key;
    const FinishedTask* end = planner.Want(std::move(task));
    complete = complete && end;
    if (Count(end, "labelled") > 0) labelled->push_back({"train", "", key, "labelled"});
  }
  if (!complete) {
    planner.Waiting(request.stage, request.generation,
                    fmt::format("labelling {} frames ({})", request.total, request.prefix));
  }
  return complete;
}

}  // namespace superion
