#include "server/event_loop/event_loop.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <utility>

#include "core/extxyz.h"
#include "server/coordinator/decide.h"
#include "server/coordinator/restore.h"
#include "server/coordinator/status.h"

namespace superion {
namespace {

// Commands that share one transaction; more would make the first of them wait too long.
constexpr size_t kMaxBatch = 1000;
constexpr int64_t kMaxWaitMs = 1000;

int64_t Milliseconds(auto duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

absl::Status Stopping() {
  return absl::UnavailableError("the daemon is stopping: try again when it is back");
}

}  // namespace

// Exactly one of command, look, watch, unwatch.
struct EventLoop::Item {
  std::optional<Command> command;
  uint64_t number = 0;
  ReplyCallback callback;
  std::function<void(const State*, int64_t)> look;
  std::optional<Watcher> watch;
};

EventLoop::EventLoop(EventLoopOptions options)
    : options_(std::move(options)),
      wall_start_ms_(Milliseconds(std::chrono::system_clock::now().time_since_epoch())),
      steady_start_ms_(Milliseconds(std::chrono::steady_clock::now().time_since_epoch())) {}

// Never goes back, whatever is done to the clock of the machine.
int64_t EventLoop::Now() const {
  return wall_start_ms_ + Milliseconds(std::chrono::steady_clock::now().time_since_epoch()) -
         steady_start_ms_;
}

absl::StatusOr<std::unique_ptr<EventLoop>> EventLoop::Start(EventLoopOptions options) {
  std::unique_ptr<EventLoop> loop(new EventLoop(std::move(options)));
  SUPERION_RETURN_IF_ERROR(loop->Load());
  loop->CheckArtifacts();
  loop->thread_ = std::thread([raw = loop.get()] { raw->Run(); });
  return loop;
}

EventLoop::~EventLoop() { Stop(); }

absl::Status EventLoop::Load() {
  SUPERION_ASSIGN_OR_RETURN(const Snapshot snapshot, options_.store->Load());
  SUPERION_ASSIGN_OR_RETURN(state_, Restore(snapshot, options_.coordinator, options_.policy, Now()));
  last_round_ms_ = Now();
  Post(superion::Start{});
  return absl::OkStatus();
}

void EventLoop::CheckArtifacts() {
  for (const auto& [id, campaign] : state_.campaigns) {
    if (!IsOpen(campaign.state)) continue;
    const std::string& structure = campaign.artifacts.structure_sha256;
    if (!structure.empty() && !options_.artifacts->Has(structure)) Post(ArtifactLost{structure, "missing"});
    for (const auto& [key, end] : campaign.ended) {
      for (const auto& [name, artifact] : end.artifacts) {
        if (options_.artifacts->Has(artifact.sha256, artifact.size_bytes)) continue;
        Post(ArtifactLost{artifact.sha256, "missing or of another size at the start of the daemon"});
      }
    }
  }
}

uint64_t EventLoop::Post(Command command, ReplyCallback callback) {
  const uint64_t number = next_number_++;
  std::visit(
      [number](auto& one) {
        if constexpr (requires { one.reply_to; }) one.reply_to = number;
      },
      command);
  Item item;
  item.command = std::move(command);
  item.number = number;
  item.callback = std::move(callback);
  Enqueue(std::move(item));
  return number;
}

void EventLoop::Post(Command command) {
  Item item;
  item.command = std::move(command);
  Enqueue(std::move(item));
}

void EventLoop::Query(std::function<void(const State*, int64_t)> look) {
  Item item;
  item.look = std::move(look);
  Enqueue(std::move(item));
}

uint64_t EventLoop::Watch(const std::string& campaign_id, WatchCallback callback) {
  Item item;
  item.number = next_number_++;
  item.watch = Watcher{campaign_id, std::move(callback)};
  const uint64_t number = item.number;
  Enqueue(std::move(item));
  return number;
}

void EventLoop::Unwatch(uint64_t watch) {
  Item item;
  item.number = watch;
  Enqueue(std::move(item));
}

void EventLoop::Enqueue(Item item) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      queue_.push_back(std::move(item));
      wake_.notify_one();
      return;
    }
  }
  if (item.callback) item.callback({item.number, Stopping(), {}});
  if (item.look) item.look(nullptr, 0);
  if (item.watch) item.watch->callback(Stopping(), true);
}

void EventLoop::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ && !thread_.joinable()) return;
    stopped_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void EventLoop::Run() {
  std::vector<Item> items;
  while (WaitForWork(&items)) Process(std::exchange(items, {}));
  // What was queued before the stop is still done; what waits for something that will not come is told so.
  Process(std::exchange(items, {}));
  AnswerAll(Stopping());
  for (auto& [number, watcher] : watchers_) watcher.callback(Stopping(), true);
  watchers_.clear();
}

// False when the loop is to end; `items` are then the last ones.
bool EventLoop::WaitForWork(std::vector<Item>* items) {
  const int64_t wake_ms = NextWake(state_);
  // Looking at the clock every second tells a silent night from one in which the machine slept.
  int64_t wait_ms = wake_ms > 0 ? std::clamp<int64_t>(wake_ms - Now(), 0, kMaxWaitMs) : kMaxWaitMs;
  if (!changed_.empty() && !watchers_.empty()) wait_ms = std::min(wait_ms, options_.watch_interval_ms);
  std::unique_lock lock(mutex_);
  // A full disk does not become empty by asking it without rest.
  wake_.wait_for(lock, std::chrono::milliseconds(std::max<int64_t>(0, pause_until_ms_ - Now())),
                 [this] { return stopped_; });
  wake_.wait_for(lock, std::chrono::milliseconds(wait_ms), [this] { return stopped_ || !queue_.empty(); });
  if (queue_.size() <= kMaxBatch || stopped_) {
    items->swap(queue_);
  } else {
    const auto end = queue_.begin() + kMaxBatch;
    items->assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  return !stopped_;
}

void EventLoop::Process(std::vector<Item> items) {
  const int64_t now = Now();
  if (now - last_round_ms_ > options_.coordinator.lease_ms / 2) Apply(Slept{});
  last_round_ms_ = now;
  for (Item& item : items) {
    if (!item.command) continue;
    if (item.callback) callbacks_[item.number] = std::move(item.callback);
    if (const auto* lost = std::get_if<ArtifactLost>(&*item.command)) RestoreStructure(*lost);
    Apply(*item.command);
  }
  const int64_t wake = NextWake(state_);
  if (wake > 0 && wake <= Now()) Apply(Tick{});
  CommitAndAnswer();
  for (Item& item : items) {
    if (item.command) continue;
    if (item.look) {
      item.look(&state_, Now());
    } else if (item.watch) {
      watchers_[item.number] = *std::move(item.watch);
      SendStatus(item.number);
    } else {
      watchers_.erase(item.number);
    }
  }
  NotifyWatchers();
}

void EventLoop::Apply(const Command& command) {
  Decision decision = Decide(state_, command, Now());
  batch_.rows.Append(std::move(decision.rows));
  std::move(decision.replies.begin(), decision.replies.end(), std::back_inserter(batch_.replies));
  batch_.changed.merge(decision.changed);
  batch_.report_wanted.insert(batch_.report_wanted.end(), decision.report_wanted.begin(),
                              decision.report_wanted.end());
}

// The structure of a campaign is in its spec as well: it is written again instead of asked for.
void EventLoop::RestoreStructure(const ArtifactLost& lost) {
  for (const auto& [id, campaign] : state_.campaigns) {
    if (campaign.artifacts.structure_sha256 != lost.sha256 || options_.artifacts->Has(lost.sha256)) continue;
    Frame frame;
    frame.structure = campaign.spec.structure;
    const absl::StatusOr<StoredArtifact> stored = options_.artifacts->Put(FormatExtxyz(frame));
    if (!stored.ok() && options_.on_error) options_.on_error(stored.status());
  }
}

void EventLoop::CommitAndAnswer() {
  Decision batch = std::exchange(batch_, {});
  const absl::Status committed = options_.store->Commit(batch.rows);
  if (!committed.ok()) {
    // Nothing of this round has happened: forget it, tell everybody, and go on from what is durable.
    const std::string trouble = fmt::format("waiting: nothing can be saved: {}", committed.message());
    if (options_.on_error && trouble != state_.trouble) options_.on_error(committed);
    AnswerAll(committed);
    pause_until_ms_ = Now() + 500;
    const absl::Status loaded = Load();
    if (!loaded.ok() && options_.on_error) options_.on_error(loaded);
    SUPERION_CHECK(loaded.ok());
    state_.trouble = trouble;
    for (const auto& [id, campaign] : state_.campaigns) changed_.insert(id);
    return;
  }
  if (!batch.rows.empty() && !state_.trouble.empty()) {
    if (options_.on_error) options_.on_error(absl::OkStatus());
    state_.trouble.clear();
    for (const auto& [id, campaign] : state_.campaigns) changed_.insert(id);
  }
  if (options_.on_event) {
    for (const EventRow& event : batch.rows.events) options_.on_event(event);
  }
  for (const Reply& reply : batch.replies) {
    const auto callback = callbacks_.extract(reply.to);
    if (!callback.empty()) callback.mapped()(reply);
  }
  for (const std::string& id : batch.report_wanted) StartReport(id);
  changed_.merge(batch.changed);
}

void EventLoop::AnswerAll(const absl::Status& why) {
  Callbacks callbacks = std::exchange(callbacks_, {});
  for (auto& [number, callback] : callbacks) callback({number, why, {}});
}

void EventLoop::ReportSoFar(const std::string& campaign_id,
                            std::function<void(const absl::StatusOr<ReportPages>&)> done) {
  Query([this, campaign_id, done = std::move(done)](const State* state, int64_t) {
    if (state == nullptr) return done(Stopping());
    const Campaign* campaign = FindCampaign(*state, campaign_id);
    if (campaign == nullptr) return done(NotFound("no campaign '{}'", campaign_id));
    background_.Post([job = JobOf(*campaign), done] { done(MakePartialReport(job)); });
  });
}

void EventLoop::StartReport(const std::string& campaign_id) {
  ReportJob job = JobOf(state_.campaigns.at(campaign_id));
  background_.Post([job = std::move(job)] { MakeReport(job); });
}

ReportJob EventLoop::JobOf(const Campaign& campaign) {
  ReportJob job;
  job.campaign_id = campaign.row.id;
  job.status = CampaignStatus(state_, campaign, Now());
  job.spec = campaign.spec;
  job.ended = campaign.ended;
  job.artifacts = options_.artifacts;
  job.build = options_.build_report;
  job.render = options_.render_report;
  job.post = [this](Command command) { Post(std::move(command)); };
  return job;
}

void EventLoop::NotifyWatchers() {
  if (changed_.empty()) return;
  if (Now() - last_notified_ms_ < options_.watch_interval_ms && !watchers_.empty()) return;
  last_notified_ms_ = Now();
  const std::set<std::string> changed = std::exchange(changed_, {});
  std::vector<uint64_t> concerned;
  for (const auto& [number, watcher] : watchers_) {
    if (changed.contains(watcher.campaign_id)) concerned.push_back(number);
  }
  for (const uint64_t number : concerned) SendStatus(number);
}

void EventLoop::SendStatus(uint64_t watch) {
  const Watcher& watcher = watchers_.at(watch);
  const Campaign* campaign = FindCampaign(std::as_const(state_), watcher.campaign_id);
  if (campaign == nullptr) {
    watcher.callback(NotFound("no campaign '{}'", watcher.campaign_id), true);
    watchers_.erase(watch);
    return;
  }
  const bool last = !IsOpen(campaign->state);
  watcher.callback(DumpJson(CampaignStatus(state_, *campaign, Now())), last);
  if (last) watchers_.erase(watch);
}

}  // namespace superion
