// What a campaign does next, as a pure function of what has ended so far: no I/O, no clock, no thread, no
// random source but the seed in the spec. The coordinator calls PlanCampaign after submission, after every
// end of a task and when it loads a campaign, and inserts the planned tasks whose key is new. A crash between
// two calls is therefore harmless: the same ended tasks give the same plan.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/campaign.h"
#include "core/json.h"
#include "core/status.h"

namespace superion {

// One input of a planned task: either an artifact whose hash is known (the campaign's own inputs), or an
// artifact of another task of the campaign. Several inputs may share a name; their order is kept. A task that
// names a producer which has not ended yet waits for it.
struct InputRef {
  std::string name;           // name of the input in docs/task_contract.md
  std::string sha256;         // set: this very artifact, and the two fields below are empty
  std::string task_key;       // else: the task that makes it,
  std::string artifact_name;  // and the name of the artifact in its result
};

struct PlannedTask {
  std::string key;   // unique within the campaign and never reused: "generation-2/label-3"
  std::string kind;  // docs/task_contract.md
  std::string stage;
  int generation = 0;
  int threads = 1;  // 0: all cores of the worker, alone on it
  Json params = Json::object();
  std::vector<InputRef> inputs;
  // A failed or quarantined optional task is handed to the policy like a finished one; any other ends the
  // campaign as FAILED with the reason of the task.
  bool optional = false;
};

enum class FinishedState { kDone, kFailed, kQuarantined };

struct FinishedArtifact {
  std::string sha256;
  int64_t size_bytes = 0;
};

// A task that has ended; waiting, ready and running ones are not shown to the policy.
struct FinishedTask {
  std::string key;
  std::string kind;
  std::string stage;
  int generation = 0;
  FinishedState state = FinishedState::kDone;
  absl::Status status;  // why it failed; ok when done
  Json metrics = Json::object();
  std::map<std::string, FinishedArtifact> artifacts;  // by name
  double cpu_s = 0.0;                                 // metrics.cpu_s when the runner gives it
  double wall_s = 0.0;                                // lease to report of the attempt that counted
};

// Inputs of the campaign that lie in the artifact store before the first task.
struct CampaignArtifacts {
  std::string structure_sha256;  // extended XYZ of CampaignSpec.structure
};

struct Plan {
  std::vector<PlannedTask>
      tasks;              // in order of preference; may repeat keys planned before, which changes nothing
  bool finished = false;  // nothing more to do: the coordinator builds the report
  bool failed = false;    // given up, for the reason in `message`
  std::string message;    // the one thing the campaign is waiting for, or why it ended
  std::string stage;
  int generation = 0;
  // Merged into the status document (docs/status.md): labels, failed_labels, heldout, conductivity, ...
  Json summary = Json::object();
};

using FinishedTasks = std::map<std::string, FinishedTask>;  // by key

using Policy = std::function<Plan(const CampaignSpec&, const CampaignArtifacts&, const FinishedTasks&)>;

Plan PlanCampaign(const CampaignSpec& spec, const CampaignArtifacts& artifacts,
                  const FinishedTasks& tasks_by_key);

// Whole content of an artifact; NotFound or DataLoss. An artifact found broken makes the coordinator repeat
// the task that made it and ask for the report again.
using ReadArtifact = std::function<absl::StatusOr<std::string>(const std::string& sha256)>;

// The report document (docs/report.md). Runs outside the event loop, after Plan.finished.
Json BuildReport(const CampaignSpec& spec, const FinishedTasks& tasks_by_key,
                 const ReadArtifact& read_artifact);

}  // namespace superion
