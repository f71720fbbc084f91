// The one thread that owns the state of the coordinator and the database connection: takes commands from a
// queue, decides, commits one transaction for all that were waiting, and only then answers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/status.h"
#include "database/artifact_store.h"
#include "database/store.h"
#include "server/coordinator/command.h"
#include "server/coordinator/state.h"
#include "server/event_loop/background.h"
#include "server/event_loop/report_job.h"

namespace superion {

using ReplyCallback = std::function<void(const Reply&)>;
// `status_json` of a campaign, or why there is none; `last`: nothing comes after it.
using WatchCallback = std::function<void(const absl::StatusOr<std::string>& status_json, bool last)>;

struct EventLoopOptions {
  std::unique_ptr<Store> store;
  ArtifactStore* artifacts = nullptr;  // outlives the loop
  Policy policy;
  // Makes the report document; and the page from it.
  std::function<Json(const CampaignSpec&, const FinishedTasks&, const ReadArtifact&)> build_report;
  std::function<std::string(const Json&)> render_report;
  CoordinatorOptions coordinator;
  // Told of every event after it is durable; may be empty. Called by the loop's thread.
  std::function<void(const EventRow&)> on_event;
  // Told when something cannot be saved, once for each reason, and with OK when it can be again.
  std::function<void(const absl::Status&)> on_error;
  // The least time between two messages to one who watches.
  int64_t watch_interval_ms = 100;
};

class EventLoop {
 public:
  // Reads the state from the store, looks whether every artifact is still there, and starts the thread.
  static absl::StatusOr<std::unique_ptr<EventLoop>> Start(EventLoopOptions options);
  ~EventLoop();  // Stop()

  // All of these are thread-safe. Callbacks run on the loop's thread and must not block.

  // Returns the number under which the reply comes; `callback` is called exactly once, with Unavailable when
  // the daemon stops first.
  uint64_t Post(Command command, ReplyCallback callback);
  // Without waiting for a reply.
  void Post(Command command);
  // Sees the state as of the last commit; `state` is nullptr when the daemon stops.
  void Query(std::function<void(const State* state, int64_t now_ms)> look);
  // Status now and after every change. Returns a number for Unwatch.
  uint64_t Watch(const std::string& campaign_id, WatchCallback callback);
  void Unwatch(uint64_t watch);
  // The report of what a campaign has found so far; `done` is called exactly once, from another thread.
  void ReportSoFar(const std::string& campaign_id,
                   std::function<void(const absl::StatusOr<ReportPages>&)> done);
  // For work that reads files.
  Background& background() { return background_; }

  // Answers everything that waits with Unavailable and ends the thread; later calls are answered so at once.
  void Stop();

 private:
  struct Item;
  struct Watcher {
    std::string campaign_id;
    WatchCallback callback;
  };
  using Callbacks = std::map<uint64_t, ReplyCallback>;

  explicit EventLoop(EventLoopOptions options);
  absl::Status Load();
  void CheckArtifacts();
  void Enqueue(Item item);
  void Run();
  bool WaitForWork(std::vector<Item>* items);
  void Process(std::vector<Item> items);
  void Apply(const Command& command);
  void RestoreStructure(const ArtifactLost& lost);
  void CommitAndAnswer();
  void AnswerAll(const absl::Status& why);
  void StartReport(const std::string& campaign_id);
  ReportJob JobOf(const Campaign& campaign);
  void NotifyWatchers();
  void SendStatus(uint64_t watch);
  int64_t Now() const;

  EventLoopOptions options_;
  const int64_t wall_start_ms_;
  const int64_t steady_start_ms_;

  std::mutex mutex_;  // guards the next four
  std::condition_variable wake_;
  std::vector<Item> queue_;
  bool stopped_ = false;
  std::atomic<uint64_t> next_number_{1};

  // Only the loop's thread touches these.
  State state_;
  Decision batch_;
  Callbacks callbacks_;
  std::map<uint64_t, Watcher> watchers_;
  std::set<std::string> changed_;
  int64_t last_notified_ms_ = 0;
  int64_t last_round_ms_ = 0;
  int64_t pause_until_ms_ = 0;  // after a commit that failed

  Background background_;
  std::thread thread_;
};

}  // namespace superion
