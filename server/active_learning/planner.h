// What the stages of a campaign share: the tasks that have ended, and the plan under construction. A stage
// asks for a task with Want() and reads its outcome once it has ended.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/active_learning/policy.h"

namespace superion {

class Planner {
 public:
  Planner(const CampaignSpec& spec, const CampaignArtifacts& artifacts, const FinishedTasks& ended)
      : spec(spec), artifacts(artifacts), ended(ended) {}

  const CampaignSpec& spec;
  const CampaignArtifacts& artifacts;
  const FinishedTasks& ended;
  Plan plan;

  // Adds the task to the plan. Returns its end, or nullptr while it has not ended.
  const FinishedTask* Want(PlannedTask task);

  // The task under this key if it has ended.
  const FinishedTask* Ended(const std::string& key) const;

  // Stage and message of the plan are those of the first stage that still waits.
  void Waiting(const std::string& stage, int generation, const std::string& message);

  InputRef StructureInput() const { return {"structure", artifacts.structure_sha256, "", ""}; }
};

inline bool Done(const FinishedTask* task) { return task && task->state == FinishedState::kDone; }

// Integer metric of a task, 0 when the task did not succeed or has no such metric.
int64_t Count(const FinishedTask* task, const std::string& metric);

// Temperature as it appears in keys: "1250K".
std::string TemperatureTag(double temperature_k);

// Labels `total` frames of the input `frames` in shards under the keys `prefix`/label-0, …; appends the
// labelled artifacts of shards that succeeded to `labelled` as inputs called "train". True when all shards
// have ended.
struct LabelRequest {
  std::string prefix;
  std::string stage;
  int generation = 0;
  InputRef frames;
  int64_t total = 0;
  Repeats supercell{1, 1, 1};  // of the frames, against the campaign's structure
};
bool LabelInShards(Planner& planner, const LabelRequest& request, std::vector<InputRef>* labelled);

// The labeler for a supercell: a k-point grid that folds to the one of the campaign's cell, so that both
// speak of the same potential energy surface.
Json SupercellLabeler(const CampaignSpec& spec, const Repeats& supercell);

// The same inputs under another name ("train" -> "data").
std::vector<InputRef> Renamed(std::vector<InputRef> inputs, const std::string& name);

// A training on all cores of a worker, from random weights; a model to start from is one more input ("init").
PlannedTask TrainTask(const Planner& planner, const std::string& key, int epochs,
                      std::vector<InputRef> inputs);

// Gate of an MD run, with the grade at which it stops. The default is 3; once fresh labels have shown what a
// grade means (kind calibrate: standard deviation of a force = scale * grade^exponent), it is the grade whose
// expected force error is a quarter of the rms force, at least 3 and at most 10, so that a potential which is
// still accurate goes on.
Json CalibratedGate(const Planner& planner, const std::string& calibration_key,
                    const std::string& errors_key);

// Stages, in the order of the campaign. Each returns true when it is complete.
bool PlanBootstrap(Planner& planner, std::vector<InputRef>* labelled);
// `model` becomes the reference to the final model.
bool PlanLearning(Planner& planner, std::vector<InputRef>* labelled, InputRef* model);
bool PlanHeldout(Planner& planner, const InputRef& model);
// `labelled` and `model` become those after the repairs of production.
bool PlanProduction(Planner& planner, std::vector<InputRef>* labelled, InputRef* model);
// Committee of potentials, other cell sizes, and the budget of all errors.
bool PlanUncertainty(Planner& planner, const std::vector<InputRef>& labelled, const InputRef& model);

// Whether generation `g` and the one before it show that the model knows what it meets.
bool LearningConverged(const Planner& planner, int generation);
// The cell in which a generation explores.
const Repeats& ExploredCell(const CampaignSpec& spec, int generation);
// (candidate + failed) / all graded snapshots of a generation; nullopt before selection has ended.
std::optional<double> CandidateFraction(const Planner& planner, int generation);

// Gate of a run that meets what the last generations explored: the newest calibration says where to stop.
Json ProductionGate(const Planner& planner);
// Parameters of MD whose stream and trajectory an analysis reads, but for the numbers of steps.
Json RecordedMdParams(const Planner& planner, double temperature_k, const Repeats& supercell);
// Parameters of `analyze` that every analysis of a campaign at this temperature shares.
Json AnalysisParams(const Planner& planner, double temperature_k);

// One entry per production temperature: the analysis that counts, or nullptr.
const FinishedTask* LatestAnalysis(const Planner& planner, double temperature_k);

// What the status document shows (docs/status.md).
Json Summarize(const CampaignSpec& spec, const FinishedTasks& ended);

}  // namespace superion
