#include <algorithm>
#include <set>

#include "server/coordinator/handlers.h"
#include "server/coordinator/progress.h"
#include "server/coordinator/retry.h"

namespace superion {
namespace {

bool InputsKnown(const Step& step, const Task& task) {
  const Campaign& campaign = step.state.campaigns.at(task.row.campaign_id);
  return std::all_of(task.row.inputs.begin(), task.row.inputs.end(), [&](const TaskInputRow& input) {
    return ResolveInput(step.state, campaign, input).kind == ResolvedInput::Kind::kKnown;
  });
}

// Back among the tasks that wait for a worker, or given up.
void TryAgain(Step& step, Task& task, const absl::Status& why, int faults, bool give_up) {
  if (give_up) {
    EndWithoutSuccess(step, task, TaskState::kQuarantined, why);
    return;
  }
  TaskStateRow& row = task.row.state;
  step.SetNotBefore(task, faults == 0 ? 0 : step.now_ms + BackoffMs(task.row.seed, row.attempt, faults));
  row.status_code = static_cast<int>(why.code());
  row.status_message = std::string(why.message());
  if (task.state != TaskState::kReady) {
    if (task.state != TaskState::kWaiting) step.SetState(task, TaskState::kReady);
    Settle(step, task);
  }
}

// The attempt ended without a report.
void Lose(Step& step, Task& task, const std::string& reason) {
  step.WriteAttempt(task, "lost");
  step.Event(task.row.campaign_id, task.row.id, "task lost", reason);
  TaskStateRow& row = task.row.state;
  ++row.infrastructure_faults;
  // The first losses say nothing about the task: it goes on at once.
  TryAgain(step, task, absl::UnavailableError(reason), std::max(0, row.infrastructure_faults - 3),
           row.infrastructure_faults >= kMaxInfrastructureFaults);
}

void Succeed(Step& step, Task& task, const TaskResult& result) {
  TaskStateRow& row = task.row.state;
  task.row.outputs.clear();
  for (const TaskArtifact& artifact : result.artifacts) {
    task.row.outputs.push_back({artifact.name, artifact.sha256, artifact.size_bytes});
    step.decision.rows.artifacts.push_back({artifact.sha256, artifact.size_bytes, 0});
  }
  step.decision.rows.outputs.push_back({task.row.id, task.row.outputs});
  row.status_code = 0;
  row.status_message.clear();
  step.WriteAttempt(task, "done");
  step.SetState(task, TaskState::kDone);
  step.Event(task.row.campaign_id, task.row.id, "task done", fmt::format("attempt {}", row.attempt));
  SettleReaders(step, task);
}

void Fail(Step& step, Task& task, const absl::Status& why) {
  TaskStateRow& row = task.row.state;
  row.status_code = static_cast<int>(why.code());
  row.status_message = std::string(why.message());
  step.WriteAttempt(task, "failed");
  step.Event(task.row.campaign_id, task.row.id, "attempt failed",
             fmt::format("attempt {}: {}", row.attempt, why.ToString()));
  // A task that could not read an input which was found broken meanwhile is not to blame.
  const Fault fault = InputsKnown(step, task) ? ClassifyFault(why) : Fault::kInfrastructure;
  switch (fault) {
    case Fault::kPermanent:
      return EndWithoutSuccess(step, task, TaskState::kFailed, why);
    case Fault::kTask:
      ++row.task_faults;
      return TryAgain(step, task, why, row.task_faults, row.task_faults >= MostTaskFaults(why));
    case Fault::kInfrastructure:
      ++row.infrastructure_faults;
      return TryAgain(step, task, why, 0, row.infrastructure_faults >= kMaxInfrastructureFaults);
  }
}

absl::Status CheckArtifacts(const Report& report) {
  if (!report.missing_artifact.empty()) {
    return FailedPrecondition("task {}: its artifact {} is not in the store: put it there before the report",
                              report.task_id, report.missing_artifact);
  }
  std::set<std::string> names;
  for (const TaskArtifact& artifact : report.result.artifacts) {
    if (!names.insert(artifact.name).second) {
      return InvalidArgument("task {}: two artifacts are called '{}'", report.task_id, artifact.name);
    }
  }
  return absl::OkStatus();
}

// OK when the report took effect now or earlier.
absl::Status Accept(Step& step, const Report& report) {
  Task* task = FindTask(step.state, report.task_id);
  if (task == nullptr) return NotFound("no task '{}'", report.task_id);
  TaskStateRow& row = task->row.state;
  if (report.attempt != row.attempt) {
    return absl::AbortedError(fmt::format("task {}: the report is of attempt {}, the newest is {}",
                                          report.task_id, report.attempt, row.attempt));
  }
  if (row.reported_attempt == report.attempt) return absl::OkStatus();
  if (!IsOpen(task->state)) {
    return absl::AbortedError(
        fmt::format("task {} is {}: the report comes too late", report.task_id, Name(task->state)));
  }
  if (report.result.status.ok()) SUPERION_RETURN_IF_ERROR(CheckArtifacts(report));
  row.reported_attempt = report.attempt;
  row.metrics_json = DumpJson(report.result.metrics);
  row.wall_s = static_cast<double>(step.now_ms - row.leased_ms) / 1000.0;
  const auto cpu = report.result.metrics.find("cpu_s");
  if (cpu != report.result.metrics.end() && cpu->is_number()) row.cpu_s = cpu->get<double>();
  step.Touch(*task);
  if (report.result.status.ok()) {
    Succeed(step, *task, report.result);
  } else {
    Fail(step, *task, report.result.status);
  }
  Replan(step, step.CampaignOf(*task));
  return absl::OkStatus();
}

// The worker says that it runs this attempt; false when it must end it.
bool Adopt(Step& step, Worker& worker, const RunningTask& running) {
  Task* task = FindTask(step.state, running.task_id);
  if (task == nullptr || running.attempt != task->row.state.attempt ||
      task->row.state.worker_id != worker.row.id) {
    return false;
  }
  // Its report crossed this message.
  if (task->row.state.reported_attempt == running.attempt) return true;
  if (!IsOpen(task->state)) return false;
  const int64_t lease_ends = step.now_ms + step.state.options.lease_ms;
  if (IsHeld(task->state)) {
    step.ExtendLease(*task, lease_ends);
  } else {
    task->lease_ends_ms = lease_ends;
    step.Event(task->row.campaign_id, task->row.id, "task adopted",
               fmt::format("attempt {}", running.attempt));
  }
  if (task->state != TaskState::kRunning) step.SetState(*task, TaskState::kRunning);
  task->progress = running.progress;
  worker.unclear.erase(task->row.number);
  step.Changed(task->row.campaign_id);
  return true;
}

void WriteWorker(Step& step, Worker& worker) {
  worker.row.seen_ms = step.now_ms;
  step.decision.rows.workers.push_back(worker.row);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

absl::Status CheckRegistration(const Register& command) {
  if (command.worker_id.empty()) return InvalidArgument("register: the id of the worker is empty");
  if (command.cores <= 0) {
    return InvalidArgument("register: worker '{}' has {} cores, expected at least 1", command.worker_id,
                           command.cores);
  }
  for (const std::string& role : command.roles) {
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end()) {
      return InvalidArgument("register: worker '{}' has the role '{}', expected dft, train, md or analysis",
                             command.worker_id, role);
    }
  }
  return absl::OkStatus();
}

}  // namespace

void Handle(Step& step, const Register& command) {
  const absl::Status sound = CheckRegistration(command);
  if (!sound.ok()) return step.Refuse(command.reply_to, sound);
  Worker& worker = step.state.workers[command.worker_id];
  worker.row.id = command.worker_id, worker.row.host = command.host, worker.row.cores = command.cores;
  worker.row.roles = Joined(command.roles);
  worker.roles.assign(kRoles.begin(), kRoles.end());
  if (!command.roles.empty()) worker.roles = command.roles;
  worker.registered = true;
  worker.seen_ms = step.now_ms;
  worker.unclear.clear();
  WriteWorker(step, worker);

  Registered reply;
  std::set<std::string> named, concerned;
  for (const Report& report : command.unreported) {
    named.insert(report.task_id);
    // A report that cannot be taken yet (its artifacts are still to come) keeps its lease.
    const absl::Status taken = Accept(step, report);
    if (taken.ok() || absl::IsAborted(taken) || absl::IsNotFound(taken)) continue;
    Adopt(step, worker, {report.task_id, report.attempt, {}});
  }
  for (const RunningTask& running : command.running) {
    named.insert(running.task_id);
    if (!Adopt(step, worker, running)) reply.drop_task_ids.push_back(running.task_id);
  }
  const std::set<int64_t> held = worker.tasks;
  for (const int64_t number : held) {
    Task& task = step.state.tasks.at(number);
    if (named.contains(task.row.id) || !IsHeld(task.state)) continue;
    Lose(step, task, "its worker came back without it");
    concerned.insert(task.row.campaign_id);
  }
  for (const std::string& id : concerned) Replan(step, step.state.campaigns.at(id));
  step.Answer(command.reply_to, std::move(reply));
}

void Handle(Step& step, const Heartbeat& command) {
  const auto found = step.state.workers.find(command.worker_id);
  if (found == step.state.workers.end() || !found->second.registered) {
    return step.Answer(command.reply_to, HeartbeatSeen{true, {}});
  }
  Worker& worker = found->second;
  worker.seen_ms = step.now_ms;
  HeartbeatSeen reply;
  std::set<int64_t> named;
  for (const RunningTask& running : command.running) {
    if (!Adopt(step, worker, running)) reply.drop_task_ids.push_back(running.task_id);
    const Task* task = FindTask(step.state, running.task_id);
    if (task != nullptr) named.insert(task->row.number);
  }
  std::erase_if(worker.unclear, [&](int64_t number) { return !named.contains(number); });
  step.Answer(command.reply_to, std::move(reply));
}

void Handle(Step& step, const Complete& command) {
  const absl::Status status = Accept(step, command.report);
  if (status.ok()) {
    step.Answer(command.reply_to, Completed{});
  } else {
    step.Refuse(command.reply_to, status);
  }
}

void Handle(Step& step, const Tick& command) {
  std::set<std::string> concerned;
  while (!step.state.leases.empty() && step.state.leases.begin()->first <= step.now_ms) {
    const int64_t number = step.state.leases.begin()->second;
    Task& task = step.state.tasks.at(number);
    const std::string worker_id = task.row.state.worker_id;
    Lose(step, task, fmt::format("worker {} was silent for longer than its lease", worker_id));
    step.state.workers.at(worker_id).unclear.insert(number);
    concerned.insert(task.row.campaign_id);
  }
  for (auto& [id, campaign] : step.state.campaigns) {
    if (campaign.report_again_ms > 0 && campaign.report_again_ms <= step.now_ms) {
      campaign.report_again_ms = 0;
      campaign.report_asked = false;
      concerned.insert(id);
    }
  }
  for (const std::string& id : concerned) Replan(step, step.state.campaigns.at(id));
}

void Handle(Step& step, const Slept& command) {
  std::vector<int64_t> held;
  for (const auto& [end, number] : step.state.leases) held.push_back(number);
  for (const int64_t number : held) {
    step.ExtendLease(step.state.tasks.at(number), step.now_ms + step.state.options.lease_ms);
  }
  for (auto& [id, worker] : step.state.workers) worker.seen_ms = step.now_ms;
}

}  // namespace superion
