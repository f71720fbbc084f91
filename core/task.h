// What passes between the coordinator, the node agent and the runner programs: a spec in, a result out,
// progress on the way. The JSON form is documented in docs/task_contract.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/status.h"

namespace superion {

// A file that a task reads. In a runner's spec `path` is relative to the sandbox; in the coordinator only
// `sha256` is known. Several inputs may share a name (a list, in order).
struct TaskInput {
  std::string name;
  std::string sha256;
  std::string path;
};

struct TaskSpec {
  std::string kind;  // see docs/task_contract.md
  std::string campaign_id;
  std::string task_id;
  std::string key;    // unique within the campaign, e.g. "generation-2/label-3"
  int attempt = 1;    // fencing token
  uint64_t seed = 0;  // from (campaign seed, key), the same in every attempt
  int threads = 1;    // cores wanted; 0: all cores of the worker
  Json params = Json::object();
  std::vector<TaskInput> inputs;
  Json site = Json::object();  // filled in by the node agent from its own site profile
};

struct TaskArtifact {
  std::string name;
  std::string path;    // relative to the sandbox
  std::string sha256;  // filled in by the node agent
  int64_t size_bytes = 0;
};

struct TaskResult {
  absl::Status status;  // ok, or why the task failed; the code decides whether it is tried again
  Json metrics = Json::object();
  std::vector<TaskArtifact> artifacts;
};

struct TaskProgress {
  double done = 0.0;
  double total = 0.0;
  std::string unit;  // "steps", "epochs", "labels"
  std::string message;
};

Json ToJson(const TaskSpec& spec);
Json ToJson(const TaskResult& result);
Json ToJson(const TaskProgress& progress);
absl::StatusOr<TaskSpec> TaskSpecFromJson(const Json& json);
absl::StatusOr<TaskResult> TaskResultFromJson(const Json& json);
absl::StatusOr<TaskProgress> TaskProgressFromJson(const Json& json);

// All inputs called `name`, in order; the first of them, or InvalidArgument when there is none.
std::vector<std::string> InputPaths(const TaskSpec& spec, const std::string& name);
absl::StatusOr<std::string> InputPath(const TaskSpec& spec, const std::string& name);

using ProgressSink = std::function<void(const TaskProgress&)>;
using TaskFunction = std::function<TaskResult(const TaskSpec&, const ProgressSink&)>;

// The main() of every runner program: `PROGRAM --spec spec.json --result result.json`. Reads the spec, calls
// the function of its kind, prints progress as JSON lines on stdout (at most 5 a second), writes the result
// atomically. Exit code 0: success; 1: the result holds a failure; 2: no usable spec or arguments (said on
// stderr).
int RunnerMain(int argc, char** argv, const std::map<std::string, TaskFunction>& kinds);

}  // namespace superion
