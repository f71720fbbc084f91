#include "workers/agent.h"

#include <algorithm>
#include <filesystem>

namespace superion {
namespace {

bool Away(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsCancelled(status) ||
         absl::IsUnknown(status);
}

bool RefusedForGood(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status) || absl::IsUnimplemented(status);
}

TaskResult Failed(absl::Status status) {
  TaskResult result;
  result.status = std::move(status);
  return result;
}

}  // namespace

struct Agent::Held {
  TaskSpec spec;
  std::string sandbox;
  int cores = 0;  // 0 once the runner has ended
  TaskProgress progress;
  std::shared_ptr<Runner> runner;  // while it runs
  bool stop = false;               // dropped by the daemon, or draining
  bool dropped = false;            // nobody wants its result
  bool gone = false;
  FinishedTask finished;
  std::thread thread;
};

Agent::Agent(Coordinator* coordinator, WorkDirectory directory, AgentOptions options)
    : coordinator_(coordinator), directory_(std::move(directory)), options_(std::move(options)) {}

Agent::~Agent() {
  Drain();
  for (const auto& held : held_) {
    if (held->thread.joinable()) held->thread.join();
  }
}

void Agent::Log(const std::string& line) const {
  if (options_.log) options_.log(line);
}

// Waits for `span`, or less when the agent drains or the task is stopped (false then).
bool Agent::Pause(std::chrono::milliseconds span, const Held* held) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, span, [&] { return draining_ || (held != nullptr && held->stop); });
}

absl::Status Agent::Run() {
  AdoptUnreported();
  directory_.PruneCache(options_.cache_bytes);
  std::thread talk([this] { Talk(); });
  Backoff backoff(options_.seed);
  while (true) {
    CollectGone();
    int free = 0;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] {
        return draining_ || (registered_ && FreeCoresLocked() > 0) ||
               std::any_of(held_.begin(), held_.end(), [](const auto& h) { return h->gone; });
      });
      if (draining_) break;
      free = registered_ ? FreeCoresLocked() : 0;
    }
    if (free <= 0) continue;
    const auto wait = free == options_.identity.cores ? options_.lease_wait : options_.busy_lease_wait;
    absl::StatusOr<std::vector<TaskSpec>> leased = coordinator_->Lease(options_.identity.id, free, wait);
    if (!leased.ok()) {
      if (RefusedForGood(leased.status())) Refused(leased.status());
      Pause(backoff.Next(), nullptr);
      continue;
    }
    backoff.Reset();
    for (TaskSpec& spec : *leased) Launch(std::move(spec));
  }
  talk.join();
  for (const auto& held : held_) {
    if (held->thread.joinable()) held->thread.join();
  }
  held_.clear();
  return refused_;
}

void Agent::Drain() {
  std::vector<std::shared_ptr<Runner>> runners;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const auto& held : held_) {
      held->stop = true;
      if (held->runner) runners.push_back(held->runner);
    }
  }
  changed_.notify_all();
  for (const auto& runner : runners) runner->Terminate(options_.terminate_grace);
}

void Agent::Refused(const absl::Status& status) {
  {
    const std::lock_guard lock(mutex_);
    if (refused_.ok()) refused_ = status;
  }
  Drain();
}

void Agent::Talk() {
  Backoff backoff(options_.seed + 1);
  while (true) {
    bool registered;
    {
      const std::lock_guard lock(mutex_);
      if (draining_ && held_.empty()) return;
      registered = registered_;
    }
    if (registered) {
      HeartbeatOnce();
    } else if (RegisterOnce()) {
      backoff.Reset();
    } else if (!Pause(backoff.Next(), nullptr)) {
      return;
    }
    std::chrono::milliseconds interval{0};
    {
      const std::lock_guard lock(mutex_);
      if (registered_) interval = heartbeat_interval_;
    }
    if (interval.count() > 0 && !Pause(interval, nullptr)) return;
  }
}

bool Agent::RegisterOnce() {
  const std::vector<RunningTask> named = HeldTasks();
  const absl::StatusOr<Registration> answer = coordinator_->Register(options_.identity, named);
  if (!answer.ok()) {
    if (!Away(answer.status())) {
      Log(fmt::format("the daemon does not take this worker: {}", std::string(answer.status().message())));
    }
    if (RefusedForGood(answer.status())) Refused(answer.status());
    return false;
  }
  {
    const std::lock_guard lock(mutex_);
    registered_ = true;
    heartbeat_interval_ = answer->heartbeat_interval;
  }
  changed_.notify_all();
  Drop(answer->drop_task_ids, named);
  Log(fmt::format("registered as {} with {} cores", options_.identity.id, options_.identity.cores));
  return true;
}

void Agent::HeartbeatOnce() {
  const std::vector<RunningTask> named = HeldTasks();
  const absl::StatusOr<HeartbeatAnswer> answer = coordinator_->Heartbeat(options_.identity.id, named);
  if (!answer.ok()) {
    if (RefusedForGood(answer.status())) Refused(answer.status());
    return;  // away: the next heartbeat finds it back, or is told to register
  }
  Drop(answer->drop_task_ids, named);
  if (!answer->must_register) return;
  const std::lock_guard lock(mutex_);
  registered_ = false;
}

// Only attempts that the daemon was told of: a newer one of the same task may have been leased meanwhile.
void Agent::Drop(const std::vector<std::string>& task_ids, const std::vector<RunningTask>& named) {
  const auto meant = [&](const Held& held) {
    return std::find(task_ids.begin(), task_ids.end(), held.spec.task_id) != task_ids.end() &&
           std::any_of(named.begin(), named.end(), [&](const RunningTask& task) {
             return task.task_id == held.spec.task_id && task.attempt == held.spec.attempt;
           });
  };
  std::vector<std::shared_ptr<Runner>> runners;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& held : held_) {
      if (!meant(*held)) continue;
      held->stop = held->dropped = true;
      if (held->runner) runners.push_back(held->runner);
    }
  }
  changed_.notify_all();
  for (const auto& runner : runners) runner->Terminate(options_.terminate_grace);
}

std::vector<RunningTask> Agent::HeldTasks() {
  const std::lock_guard lock(mutex_);
  std::vector<RunningTask> tasks;
  for (const auto& held : held_) {
    if (!held->gone && !held->dropped)
      tasks.push_back({held->spec.task_id, held->spec.attempt, held->progress});
  }
  return tasks;
}

int Agent::FreeCoresLocked() const {
  int used = 0;
  for (const auto& held : held_) used += held->cores;
  return options_.identity.cores - used;
}

void Agent::CollectGone() {
  std::list<std::unique_ptr<Held>> gone;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = held_.begin(); it != held_.end();) {
      const auto next = std::next(it);
      if ((*it)->gone) gone.splice(gone.end(), held_, it);
      it = next;
    }
  }
  for (const auto& held : gone) held->thread.join();
}

void Agent::AdoptUnreported() {
  for (WorkDirectory::Unreported& unreported : directory_.Recover()) {
    auto held = std::make_unique<Held>();
    held->spec.task_id = unreported.task.task_id;
    held->spec.attempt = unreported.task.attempt;
    held->sandbox = unreported.sandbox;
    held->finished = std::move(unreported.task);
    Log(fmt::format("{} was finished before and is reported now", held->spec.task_id));
    Held* const pointer = held.get();
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(held));
    pointer->thread = std::thread([this, pointer] { Report(pointer); });
  }
}

void Agent::Launch(TaskSpec spec) {
  auto held = std::make_unique<Held>();
  if (spec.threads <= 0) spec.threads = options_.identity.cores;
  spec.site = options_.site;
  held->cores = spec.threads;
  held->finished.task_id = spec.task_id;
  held->finished.attempt = spec.attempt;
  held->spec = std::move(spec);
  Held* const pointer = held.get();
  const std::lock_guard lock(mutex_);
  held->stop = draining_;
  held_.push_back(std::move(held));
  pointer->thread = std::thread([this, pointer] { Execute(pointer); });
}

void Agent::Execute(Held* held) {
  const std::string name = held->spec.campaign_id + " " + held->spec.key;  // two campaigns share keys
  Log(fmt::format("{} ({}, attempt {}) starts", name, held->spec.kind, held->spec.attempt));
  held->finished.result = RunTask(held);
  bool stopped;
  {
    const std::lock_guard lock(mutex_);
    held->runner.reset();
    held->cores = 0;
    stopped = held->stop;
  }
  changed_.notify_all();
  // A runner that was ended on purpose may have said anything; one that was done in time keeps its result.
  if (stopped && !held->finished.result.status.ok()) {
    held->finished.result = Failed(absl::CancelledError("the worker was stopped and gives the task back"));
  }
  if (!held->sandbox.empty() && !absl::IsCancelled(held->finished.result.status)) {
    const absl::Status kept = directory_.KeepOutcome(held->sandbox, &held->finished);
    if (!kept.ok()) held->finished.result = Failed(kept);
  }
  Log(fmt::format("{} {}", name,
                  held->finished.result.status.ok() ? "is done" : held->finished.result.status.ToString()));
  Report(held);
}

absl::Status Agent::StageInputs(Held* held) {
  Backoff backoff(options_.seed + 2);
  while (true) {
    absl::Status status = directory_.Stage(coordinator_, held->sandbox, &held->spec);
    if (!Away(status)) return status;
    if (!Pause(backoff.Next(), held)) return status;
  }
}

TaskResult Agent::RunTask(Held* held) {
  absl::StatusOr<std::string> sandbox = directory_.CreateSandbox(held->spec);
  if (!sandbox.ok()) return Failed(sandbox.status());
  held->sandbox = *sandbox;
  if (const absl::Status staged = StageInputs(held); !staged.ok()) return Failed(staged);
  Runner::Options options;
  options.directory = held->sandbox;
  options.program_directory = options_.program_directory;
  options.on_progress = [this, held](const TaskProgress& progress) {
    const std::lock_guard lock(mutex_);
    held->progress = progress;
  };
  absl::StatusOr<std::unique_ptr<Runner>> started = Runner::Start(held->spec, std::move(options));
  if (!started.ok()) return Failed(started.status());
  RememberProcess(held->sandbox, (*started)->pid());
  const std::shared_ptr<Runner> runner = *std::move(started);
  bool stop;
  {
    const std::lock_guard lock(mutex_);
    held->runner = runner;
    stop = held->stop;
  }
  if (stop) runner->Terminate(options_.terminate_grace);
  return runner->Wait();
}

// Says in the log and in the progress of the task why its result is not yet with the daemon.
void Agent::NoteRefusal(Held* held, const absl::Status& status) {
  const std::string why =
      fmt::format("the daemon does not take the result: {}", std::string(status.message()));
  {
    const std::lock_guard lock(mutex_);
    if (held->progress.message == why) return;
    held->progress.message = why;
  }
  Log(fmt::format("{}: {}", held->spec.task_id, why));
}

// False when the result did not get through: then it stays on disk for the next start.
bool Agent::Deliver(Held* held) {
  Delivery delivery(coordinator_, held->sandbox, &held->finished, options_.delivery);
  Backoff away(options_.seed + 3);
  // Each try may send the same gigabytes.
  Backoff refused(options_.seed + 4, std::chrono::milliseconds(100), options_.longest_refusal_wait);
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      if (held->dropped) return true;
    }
    const Answer answer = delivery.Try();
    if (!delivery.status().ok() && answer != Answer::kAway) NoteRefusal(held, delivery.status());
    if (answer == Answer::kWorkerRefused) Refused(delivery.status());
    if (answer == Answer::kSettled) return true;
    if (answer != Answer::kAway && answer != Answer::kRefused) return false;
    if (!Pause(answer == Answer::kAway ? away.Next() : refused.Next(), held)) return false;
  }
}

void Agent::Report(Held* held) {
  const bool given_back = absl::IsCancelled(held->finished.result.status);
  const bool settled = Deliver(held);
  if (!held->sandbox.empty() && (settled || given_back || held->dropped))
    directory_.RemoveSandbox(held->sandbox);
  directory_.PruneCache(options_.cache_bytes);
  {
    const std::lock_guard lock(mutex_);
    held->gone = true;
  }
  changed_.notify_all();
}

}  // namespace superion
