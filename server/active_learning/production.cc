// Long MD of the final model over temperatures and velocity seeds, extended by segments until the
// conductivity is within its target; runs that the gate stopped are repeated with a model that has learned
// from the event.
#include <algorithm>

#include "server/active_learning/planner.h"

namespace superion {
namespace {

struct Segment {
  double temperature_k;
  int seed;
  int index;
};

std::string SegmentKey(const Segment& segment, int repair) {
  std::string key = fmt::format("production/{}/seed-{}/segment-{}", TemperatureTag(segment.temperature_k),
                                segment.seed, segment.index);
  return repair == 0 ? key : fmt::format("{}/repair-{}", key, repair);
}

bool Stopped(const FinishedTask* run) {
  if (!Done(run)) return true;
  const auto it = run->metrics.find("stopped");
  return it != run->metrics.end() && !it->is_null();
}

std::string RepairPrefix(int round, int repair) {
  return fmt::format("production/round-{}/repair-{}", round, repair);
}

// Model of a round of segments after `repair` repairs; `model` is the one with which the round began.
InputRef ModelOfRepair(const InputRef& model, int round, int repair) {
  if (repair == 0) return model;
  return {"model", "", RepairPrefix(round, repair) + "/train", "model"};
}

// Key of the run of a segment that counts: the first one that was not stopped, else the last that was tried.
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

// Production meets what the last generation explored: its calibration says where to stop.
Json ProductionGate(const Planner& planner) {
  int last = 0;
  while (planner.Ended(fmt::format("generation-{}/calibrate", last + 1))) ++last;
  const std::string prefix = fmt::format("generation-{}", last);
  return CalibratedGate(planner, prefix + "/calibrate", prefix + "/eval");
}

PlannedTask SegmentTask(const Planner& planner, const Segment& segment, int repair, const InputRef& model) {
  const ProductionSpec& production = planner.spec.production;
  PlannedTask task;
  task.key = SegmentKey(segment, repair);
  task.kind = "md";
  task.stage = "production";
  task.optional = true;
  task.params = {{"ensemble", "nvt"},
                 {"temperature_k", segment.temperature_k},
                 {"timestep_fs", production.timestep_fs},
                 {"equilibration_steps", segment.index == 0 ? production.equilibration_steps : 0},
                 {"steps", production.steps},
                 {"supercell", production.supercell},
                 {"engine", production.engine},
                 {"stream_every", production.stream_every},
                 {"frame_every", production.frame_every},
                 {"snapshot_every", 0},
                 {"gate", ProductionGate(planner)}};
  task.inputs = {ModelOfRepair(model, segment.index, repair), planner.StructureInput()};
  if (segment.index > 0) {
    const Segment previous{segment.temperature_k, segment.seed, segment.index - 1};
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
  PlannedTask training;
  training.key = prefix + "/train";
  training.kind = "train";
  training.stage = "production";
  training.threads = 0;
  training.params = {{"size", planner.spec.train.size},
                     {"cutoff_angstrom", planner.spec.train.cutoff_angstrom},
                     {"epochs", planner.spec.train.epochs_final},
                     {"batch_frames", planner.spec.train.batch_frames},
                     {"validation_fraction", planner.spec.train.validation_fraction},
                     {"stress", planner.spec.labeler.value("stress", false)}};
  training.inputs = *labelled;
  training.inputs.push_back(ModelOfRepair(model, round, repair - 1));
  training.inputs.back().name = "init";
  return planner.Want(std::move(training)) != nullptr;
}

// All runs of one round: the same segment index of every seed of every temperature that goes on. A seed that
// was stopped for good has ended.
std::vector<Segment> Round(const Planner& planner, int index, const std::vector<double>& temperatures) {
  std::vector<Segment> round;
  for (const double temperature_k : temperatures) {
    for (int seed = 0; seed < planner.spec.production.seeds; ++seed) {
      if (index > 0 && Stopped(planner.Ended(AcceptedKey(planner, {temperature_k, seed, index - 1}))))
        continue;
      round.push_back({temperature_k, seed, index});
    }
  }
  return round;
}

// Runs a round, repairing where the gate stopped it. True when every run of it has its accepted end;
// `labelled` and `model` are then those with which the next round begins.
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
      const FinishedTask* run = planner.Ended(AcceptedKey(planner, segment));
      const FinishedTask* earlier = planner.Ended(SegmentKey(segment, repair - 1));
      if (!earlier || !Stopped(earlier)) continue;
      if (run == nullptr) continue;
      affected.push_back(segment);
      if (Count(earlier, "snapshots") > 0) stopped.push_back(earlier->key);
    }
    if (affected.empty()) return true;
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

const FinishedTask* PlanAnalysis(Planner& planner, double temperature_k, int segments) {
  PlannedTask task;
  task.key = fmt::format("production/{}/analysis-{}", TemperatureTag(temperature_k), segments);
  task.kind = "analyze";
  task.stage = "analyse";
  // A temperature at which nothing can be analysed is a result of its own; the others are not to suffer.
  task.optional = true;
  Json groups = Json::array();
  std::vector<InputRef> trajectories;
  int next = 0;
  for (int seed = 0; seed < planner.spec.production.seeds; ++seed) {
    Json group = Json::array();
    for (int s = 0; s < segments; ++s) {
      const std::string key = AcceptedKey(planner, {temperature_k, seed, s});
      if (!Done(planner.Ended(key))) break;
      task.inputs.push_back({"stream", "", key, "stream"});
      trajectories.push_back({"trajectory", "", key, "trajectory"});
      group.push_back(next++);
    }
    if (!group.empty()) groups.push_back(group);
  }
  task.inputs.insert(task.inputs.end(), trajectories.begin(), trajectories.end());
  task.params = {{"charges", planner.spec.charges},
                 {"mobile", planner.spec.mobile},
                 {"temperature_k", temperature_k},
                 {"target_s_tot", planner.spec.target_s_tot},
                 {"budget_exhausted", segments >= planner.spec.production.max_segments},
                 {"groups", groups}};
  const FinishedTask* end = planner.Want(std::move(task));
  if (!end) planner.Waiting("analyse", 0, "analysing " + TemperatureTag(temperature_k));
  return end;
}

bool GoesOn(const FinishedTask* analysis) {
  if (!Done(analysis)) return false;
  const std::string status = analysis->metrics.value("status", "");
  return status != "CONVERGED" && status != "FRAMEWORK_UNSTABLE";
}

bool PlanArrhenius(Planner& planner) {
  PlannedTask task;
  task.key = "arrhenius";
  task.kind = "arrhenius";
  task.stage = "analyse";
  task.optional = true;
  for (const double temperature_k : planner.spec.production.temperatures_k) {
    const FinishedTask* analysis = LatestAnalysis(planner, temperature_k);
    if (Done(analysis)) task.inputs.push_back({"analysis", "", analysis->key, "analysis"});
  }
  if (task.inputs.size() < 2) return true;
  const bool complete = planner.Want(std::move(task)) != nullptr;
  if (!complete) planner.Waiting("analyse", 0, "fitting the temperature dependence");
  return complete;
}

}  // namespace

const FinishedTask* LatestAnalysis(const Planner& planner, double temperature_k) {
  const FinishedTask* latest = nullptr;
  for (int segments = 1; segments <= planner.spec.production.max_segments; ++segments) {
    const FinishedTask* end =
        planner.Ended(fmt::format("production/{}/analysis-{}", TemperatureTag(temperature_k), segments));
    if (end) latest = end;
  }
  return latest;
}

bool PlanProduction(Planner& planner, std::vector<InputRef> labelled, InputRef model) {
  std::vector<double> going = planner.spec.production.temperatures_k;
  for (int index = 0; index < planner.spec.production.max_segments; ++index) {
    const std::vector<Segment> round = Round(planner, index, going);
    if (round.empty()) break;
    if (!PlanRound(planner, round, &labelled, &model)) return false;
    std::vector<double> next;
    bool analysed = true;
    for (const double temperature_k : going) {
      const auto runs = [&](const Segment& segment) { return segment.temperature_k == temperature_k; };
      if (std::none_of(round.begin(), round.end(), runs)) continue;
      const FinishedTask* analysis = PlanAnalysis(planner, temperature_k, index + 1);
      analysed = analysed && analysis;
      if (GoesOn(analysis)) next.push_back(temperature_k);
    }
    if (!analysed) return false;
    going = next;
  }
  return PlanArrhenius(planner);
}

}  // namespace superion
