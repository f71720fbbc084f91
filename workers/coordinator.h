// What the node agent needs from the daemon, without the wire. The gRPC implementation is
// coordinator_client.h; tests use a fake.
//
// Status codes that matter to the agent: Unavailable and DeadlineExceeded mean "the daemon is away, try
// again"; Aborted and NotFound on a task mean that it belongs to somebody else by now; Unauthenticated and
// PermissionDenied will not change by trying again. delivery.h has the whole list for results.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "core/task.h"

namespace superion {

struct WorkerIdentity {
  std::string id;  // kept over restarts of the worker
  std::string host;
  int cores = 1;
  std::vector<std::string> roles;  // dft, train, md, analysis; empty: all
};

struct RunningTask {
  std::string task_id;
  int attempt = 0;
  TaskProgress progress;
};

struct FinishedTask {
  std::string task_id;
  int attempt = 0;
  TaskResult result;
};

struct Registration {
  std::chrono::milliseconds heartbeat_interval{5000};
  std::vector<std::string> drop_task_ids;
};

struct HeartbeatAnswer {
  bool must_register = false;
  std::vector<std::string> drop_task_ids;
};

// Safe to call from several threads.
class Coordinator {
 public:
  virtual ~Coordinator() = default;
  // `held`: tasks that still run or whose result waits to be reported.
  virtual absl::StatusOr<Registration> Register(const WorkerIdentity& identity,
                                                const std::vector<RunningTask>& held) = 0;
  // Waits up to `wait` for work; specs carry their task_id and attempt.
  virtual absl::StatusOr<std::vector<TaskSpec>> Lease(const std::string& worker_id, int free_cores,
                                                      std::chrono::milliseconds wait) = 0;
  virtual absl::StatusOr<HeartbeatAnswer> Heartbeat(const std::string& worker_id,
                                                    const std::vector<RunningTask>& held) = 0;
  virtual absl::Status Complete(const FinishedTask& task) = 0;
  // Copies an artifact of the store to `path`.
  virtual absl::Status Fetch(const std::string& sha256, const std::string& path) = 0;
  // Uploads those artifacts that the store does not name as its own (`all`: every one); their paths are
  // relative to `directory`. DataLoss when a file is not what its artifact says; errors name the artifact.
  virtual absl::Status Upload(const std::vector<TaskArtifact>& artifacts, const std::string& directory,
                              bool all) = 0;
};

}  // namespace superion
