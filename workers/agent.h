// The node agent: leases tasks, runs each as a child process in a sandbox, reports what came of it.
//
// Threads: one that talks to the daemon about life (register, heartbeat), one that leases (the caller of
// Run), and one per task. A daemon that is away stops nothing but the leasing: runners go on, results wait on
// disk. A task passes
//   staging -> running -> reporting -> gone
// and is held (named in every heartbeat) until it is gone.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "core/runner.h"
#include "workers/backoff.h"
#include "workers/coordinator.h"
#include "workers/delivery.h"
#include "workers/work_directory.h"

namespace superion {

struct AgentOptions {
  WorkerIdentity identity;
  std::string program_directory;                    // where the runner programs lie
  Json site = Json::object();                       // handed to every runner
  std::chrono::milliseconds lease_wait{1000};       // when all cores are free
  std::chrono::milliseconds busy_lease_wait{200};   // when some are busy: their end changes what fits
  std::chrono::milliseconds terminate_grace{5000};  // between SIGTERM and SIGKILL of a runner
  uint64_t cache_bytes = uint64_t{4} << 30;
  DeliveryLimits delivery;
  std::chrono::milliseconds longest_refusal_wait{60000};  // between two tries to deliver a refused result
  uint64_t seed = 1;                                      // of the back-off
  std::function<void(const std::string&)> log;            // one line each; may be empty
};

class Agent {
 public:
  Agent(Coordinator* coordinator, WorkDirectory directory, AgentOptions options);
  ~Agent();

  // Works until Drain(), or until the daemon refuses this worker for good (that status).
  absl::Status Run();
  // From any thread (not from a signal handler): runners are ended, their tasks given back as Cancelled,
  // finished results reported once more; what cannot be reported stays on disk for the next start.
  void Drain();

 private:
  struct Held;
  void Talk();
  bool RegisterOnce();
  void HeartbeatOnce();
  void Refused(const absl::Status& status);
  void Drop(const std::vector<std::string>& task_ids, const std::vector<RunningTask>& named);
  std::vector<RunningTask> HeldTasks();
  void AdoptUnreported();
  void Launch(TaskSpec spec);
  void Execute(Held* held);
  TaskResult RunTask(Held* held);
  absl::Status StageInputs(Held* held);
  void Report(Held* held);
  bool Deliver(Held* held);
  void NoteRefusal(Held* held, const absl::Status& status);
  void CollectGone();
  int FreeCoresLocked() const;
  bool Pause(std::chrono::milliseconds span, const Held* held);
  void Log(const std::string& line) const;

  Coordinator* const coordinator_;
  WorkDirectory directory_;
  const AgentOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::unique_ptr<Held>> held_;
  bool draining_ = false;
  bool registered_ = false;
  std::chrono::milliseconds heartbeat_interval_{1000};
  absl::Status refused_;
};

}  // namespace superion
