#include "server/active_learning/production_round.h"

namespace superion {
namespace {

std::string SegmentKey(const Segment& segment, int repair) {
  return RepairKey(fmt::format("production/{}/seed-{}/segment-{}", TemperatureTag(segment.temperature_k),
                               segment.seed, segment.index),
                   repair);
}

std::string RepairPrefix(int round, int repair) {
  return fmt::format("production/round-{}/repair-{}", round, repair);
}

// Model of a round of segments after `repair` repairs; `model` is the one with which the round began.
InputRef ModelOfRepair(const InputRef& model, int round, int repair) {
  if (repair == 0) return model;
  return {"model", "", RepairPrefix(round, repair) + "/train", "model"};
}

PlannedTask SegmentTask(const Planner& planner, const Segment& segment, int repair, const InputRef& model) {
  const ProductionSpec& production = planner.spec.production;
  PlannedTask task;
  task.key = SegmentKey(segment, repair);
  task.kind = "md";
  task.stage = "production";
  task.optional = true;
  task.params = RecordedMdParams(planner, segment.temperature_k, production.supercell);
  task.params["equilibration_steps"] = segment.previous < 0 ? production.equilibration_steps : 0;
  task.params["steps"] = static_cast<int64_t>(production.steps) * segment.length;
  task.inputs = {ModelOfRepair(model, segment.index, repair), planner.StructureInput()};
  if (segment.previous >= 0) {
    const Segment previous{segment.temperature_k, segment.seed, segment.previous};
    task.inputs.push_back({"restart", "", AcceptedKey(planner, previous), "restart"});
  }
  return task;
}

// Labels frames around the events of stopped runs, adds them to `labelled`, and trains on everything. True
// when the model is there.
bool PlanRepairedModel(Planner& planner, int round, int repair, const std::vector<std::string>& stopped_keys,
                       std::vector<InputRef>* labelled, const InputRef& model) {
  const std::string prefix = RepairPrefix(round, repair);
  PlannedTask selection;
  selection.key = prefix + "/select";
  selection.kind = "select";
  selection.stage = "production";
  selection.params = {{"budget", planner.spec.production.event_labels}};
  selection.inputs = {ModelOfRepair(model, round, repair - 1)};
  for (const std::string& key : stopped_keys)
    selection.inputs.push_back({"candidates", "", key, "snapshots"});
  selection.inputs.insert(selection.inputs.end(), labelled->begin(), labelled->end());
  const FinishedTask* selected = planner.Want(std::move(selection));
  if (!selected) return false;
  LabelRequest request;
  request.prefix = prefix;
  request.stage = "production";
  request.frames = {"frames", "", prefix + "/select", "frames"};
  request.total = Count(selected, "selected");
  request.supercell = planner.spec.production.supercell;
  if (!LabelInShards(planner, request, labelled)) return false;
  PlannedTask training = TrainTask(planner, prefix + "/train", planner.spec.train.epochs_final, *labelled);
  training.stage = "production";
  training.inputs.push_back(ModelOfRepair(model, round, repair - 1));
  training.inputs.back().name = "init";
  return planner.Want(std::move(training)) != nullptr;
}

}  // namespace

std::string RepairKey(const std::string& key, int repair) {
  return repair == 0 ? key : fmt::format("{}/repair-{}", key, repair);
}

bool Stopped(const FinishedTask* run) {
  if (!Done(run)) return true;
  const auto it = run->metrics.find("stopped");
  return it != run->metrics.end() && !it->is_null();
}

std::string AcceptedKey(const Planner& planner, const Segment& segment) {
  std::string accepted = SegmentKey(segment, 0);
  for (int repair = 0; repair <= planner.spec.production.max_repairs; ++repair) {
    const FinishedTask* run = planner.Ended(SegmentKey(segment, repair));
    if (!run) break;
    accepted = run->key;
    if (!Stopped(run)) break;
  }
  return accepted;
}

Json ProductionGate(const Planner& planner) {
  // A generation whose model knew everything asked for no label, and has no calibration of its own.
  for (int g = planner.spec.learning.max_generations - 1; g >= 0; --g) {
    const std::string prefix = fmt::format("generation-{}", g);
    if (Done(planner.Ended(prefix + "/calibrate")) && Done(planner.Ended(prefix + "/eval")))
      return CalibratedGate(planner, prefix + "/calibrate", prefix + "/eval");
  }
  return Json::object();
}

Json RecordedMdParams(const Planner& planner, double temperature_k, const Repeats& supercell) {
  const ProductionSpec& production = planner.spec.production;
  return {{"ensemble", "nvt"},
          {"temperature_k", temperature_k},
          {"timestep_fs", production.timestep_fs},
          {"supercell", supercell},
          {"engine", production.engine},
          {"stream_every", production.stream_every},
          {"frame_every", production.frame_every},
          {"snapshot_every", 0},
          {"gate", ProductionGate(planner)}};
}

bool PlanRound(Planner& planner, const std::vector<Segment>& round, std::vector<InputRef>* labelled,
               InputRef* model) {
  const InputRef begun_with = *model;
  const int index = round.front().index;
  bool complete = true;
  for (const Segment& segment : round) {
    complete = planner.Want(SegmentTask(planner, segment, 0, *model)) && complete;
  }
  if (!complete) {
    planner.Waiting("production", 0, "production molecular dynamics");
    return false;
  }
  for (int repair = 1; repair <= planner.spec.production.max_repairs; ++repair) {
    std::vector<std::string> stopped;
    std::vector<Segment> affected;
    for (const Segment& segment : round) {
      const FinishedTask* earlier = planner.Ended(SegmentKey(segment, repair - 1));
      if (!earlier || !Stopped(earlier)) continue;
      affected.push_back(segment);
      if (Count(earlier, "snapshots") > 0) stopped.push_back(earlier->key);
    }
    // Without a frame of any event there is nothing to learn from: the same runs would be stopped again.
    if (stopped.empty()) return true;
    bool repaired = PlanRepairedModel(planner, index, repair, stopped, labelled, begun_with);
    if (repaired) {
      for (const Segment& segment : affected) {
        repaired = planner.Want(SegmentTask(planner, segment, repair, begun_with)) && repaired;
      }
    }
    if (!repaired) {
      planner.Waiting("production", 0, "learning from frames at which the gate stopped production");
      return false;
    }
    *model = ModelOfRepair(begun_with, index, repair);
  }
  return true;
}

}  // namespace superion
