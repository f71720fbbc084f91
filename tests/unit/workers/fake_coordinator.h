// A daemon in memory: tasks are handed out once, results are kept, and it can be switched off.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>

#include "core/file.h"
#include "workers/coordinator.h"

namespace superion {

class FakeCoordinator : public Coordinator {
 public:
  std::string Put(const std::string& content) {
    const std::lock_guard lock(mutex_);
    const std::string hash = Sha256(content);
    store_[hash] = content;
    return hash;
  }
  void Corrupt(const std::string& hash) {
    const std::lock_guard lock(mutex_);
    store_[hash] += "x";
  }
  void Enqueue(TaskSpec spec) {
    Change([&] { queue_.push_back(std::move(spec)); });
  }
  void SetAway(bool away) {
    Change([&] { away_ = away; });
  }
  void SetAnswer(const std::string& task_id, absl::Status status) {
    Change([&] { answers_[task_id] = status; });
  }
  // To uploads of all tasks, from now on.
  void SetUploadAnswer(absl::Status status) {
    Change([&] { upload_answer_ = status; });
  }
  void Forget() {
    Change([&] { known_ = false; });
  }
  void DropTask(const std::string& task_id) {
    Change([&] { drop_.push_back(task_id); });
  }

  // Waits until a result of the task came (accepted or not).
  FinishedTask WaitForResult(const std::string& task_id) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return results_.count(task_id) > 0; });
    return results_[task_id];
  }
  void WaitForHeld(const std::string& task_id, bool held) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return (held_.count(task_id) > 0) == held; });
  }
  void WaitForProgress(const std::string& task_id, double done) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.count(task_id) > 0 && held_[task_id].progress.done >= done; });
  }
  void WaitForMessage(const std::string& task_id, const std::string& part) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
      const auto found = held_.find(task_id);
      return found != held_.end() && found->second.progress.message.find(part) != std::string::npos;
    });
  }
  void WaitForRefusedCalls(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return refused_calls_ >= n; });
  }
  int registrations() {
    const std::lock_guard lock(mutex_);
    return registrations_;
  }
  int results_of(const std::string& task_id) {
    const std::lock_guard lock(mutex_);
    return result_counts_[task_id];
  }
  std::string Stored(const std::string& hash) {
    const std::lock_guard lock(mutex_);
    return store_[hash];
  }

  absl::StatusOr<Registration> Register(const WorkerIdentity& identity,
                                        const std::vector<RunningTask>& held) override {
    const std::lock_guard lock(mutex_);
    if (IsAway()) return absl::UnavailableError("away");
    if (refuse_) return absl::UnauthenticatedError("no such token");
    known_ = true;
    ++registrations_;
    Note(held);
    Registration registration;
    registration.heartbeat_interval = std::chrono::milliseconds(1);
    registration.drop_task_ids = drop_;
    return registration;
  }
  absl::StatusOr<std::vector<TaskSpec>> Lease(const std::string&, int free_cores,
                                              std::chrono::milliseconds wait) override {
    std::unique_lock lock(mutex_);
    if (IsAway()) return absl::UnavailableError("away");
    changed_.wait_for(lock, std::min(wait, std::chrono::milliseconds(5)), [&] { return !queue_.empty(); });
    std::vector<TaskSpec> specs;
    while (!queue_.empty() && queue_.front().threads <= free_cores) {
      free_cores -= queue_.front().threads;
      specs.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return specs;
  }
  absl::StatusOr<HeartbeatAnswer> Heartbeat(const std::string&,
                                            const std::vector<RunningTask>& held) override {
    const std::lock_guard lock(mutex_);
    if (IsAway()) return absl::UnavailableError("away");
    Note(held);
    return HeartbeatAnswer{!known_, drop_};
  }
  absl::Status Complete(const FinishedTask& task) override {
    const std::lock_guard lock(mutex_);
    if (IsAway()) return absl::UnavailableError("away");
    for (const TaskArtifact& artifact : task.result.artifacts) {
      if (store_.count(artifact.sha256) == 0) return absl::FailedPreconditionError("artifact missing");
    }
    results_[task.task_id] = task;
    ++result_counts_[task.task_id];
    changed_.notify_all();
    const auto answer = answers_.find(task.task_id);
    return answer == answers_.end() ? absl::OkStatus() : answer->second;
  }
  absl::Status Fetch(const std::string& sha256, const std::string& path) override {
    const std::lock_guard lock(mutex_);
    ++fetches_;
    if (store_.count(sha256) == 0) return absl::NotFoundError("no artifact " + sha256);
    return WriteFileAtomically(path, store_[sha256]);
  }
  absl::Status Upload(const std::vector<TaskArtifact>& artifacts, const std::string& directory,
                      bool) override {
    const std::lock_guard lock(mutex_);
    if (IsAway()) return absl::UnavailableError("away");
    if (!upload_answer_.ok()) {
      ++refused_calls_;
      changed_.notify_all();
      return upload_answer_;
    }
    for (const TaskArtifact& artifact : artifacts) {
      SUPERION_ASSIGN_OR_RETURN(store_[artifact.sha256], ReadFile(directory + "/" + artifact.path));
    }
    return absl::OkStatus();
  }
  void Refuse() {
    Change([&] { refuse_ = true; });
  }
  int refused_calls() {
    const std::lock_guard lock(mutex_);
    return refused_calls_;
  }
  int fetches() {
    const std::lock_guard lock(mutex_);
    return fetches_;
  }

 private:
  template <typename F>
  void Change(F change) {
    {
      const std::lock_guard lock(mutex_);
      change();
    }
    changed_.notify_all();
  }
  bool IsAway() {
    if (!away_) return false;
    ++refused_calls_;
    changed_.notify_all();
    return true;
  }
  void Note(const std::vector<RunningTask>& held) {
    held_.clear();
    for (const RunningTask& task : held) held_[task.task_id] = task;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<TaskSpec> queue_;
  std::map<std::string, std::string> store_;
  std::map<std::string, FinishedTask> results_;
  std::map<std::string, int> result_counts_;
  std::map<std::string, absl::Status> answers_;
  std::map<std::string, RunningTask> held_;
  std::vector<std::string> drop_;
  absl::Status upload_answer_;
  bool away_ = false, known_ = false, refuse_ = false;
  int registrations_ = 0, refused_calls_ = 0, fetches_ = 0;
};

}  // namespace superion
