#include "server/coordinator/eta.h"

#include <algorithm>
#include <memory>
#include <set>

namespace superion {
namespace {

// Planning a campaign of so many tasks to its end takes too long for a loop that others wait for.
constexpr size_t kMostTasks = 20'000;
// An outlook serves for a twentieth of the time since submission, within these bounds.
constexpr int64_t kFreshMs = 1'000, kStaleMs = 20'000;
// Below this fraction the pace of a running task says little.
constexpr double kTellingFraction = 0.05;

struct Measured {
  double work = 0, seconds = 0;
  double Pace() const { return seconds / work; }
};

// Labels of one labeler have one price; a larger cell has another k-point grid and is another labeler.
std::string PriceClass(const std::string& kind, const Json& params) {
  return params.contains("labeler") ? kind + DumpJson(params["labeler"]) : kind;
}

PlannedTask Planned(const TaskRow& row) {
  PlannedTask task;
  task.key = row.key, task.kind = row.kind, task.threads = row.threads;
  task.params = ParseJson(row.params_json, row.key).value_or(Json::object());
  for (const TaskInputRow& input : row.inputs) {
    task.inputs.push_back({input.name, input.sha256, input.task_key, input.artifact_name});
  }
  return task;
}

// What finished tasks took, by price class and by kind.
class Prices {
 public:
  Prices(const State& state, const Campaign& campaign) {
    for (const auto& [key, number] : campaign.number_of) {
      const Task& task = state.tasks.at(number);
      const double seconds = task.row.state.wall_s;
      if (task.state != TaskState::kDone || seconds <= 0) continue;
      const PlannedTask planned = Planned(task.row);
      const double work = WorkOf(planned, campaign.ended);
      Add(classes_[PriceClass(planned.kind, planned.params)], work, seconds);
      Add(kinds_[planned.kind], work, seconds);
    }
  }

  // nullopt when nothing like it has been measured and it may be long. What has to be left out or is taken
  // from something cheaper goes into `missing`.
  std::optional<double> Seconds(const ForecastTask& task, std::set<std::string>& missing) const {
    const auto same = classes_.find(PriceClass(task.task.kind, task.task.params));
    if (same != classes_.end()) return same->second.Pace() * task.work;
    const auto kind = kinds_.find(task.task.kind);
    if (kind != kinds_.end()) {
      missing.insert(fmt::format("{} of a larger cell", task.task.kind));
      return kind->second.Pace() * task.work;
    }
    if (RoleOfKind(task.task.kind) != "analysis" && task.task.kind != "preflight") return std::nullopt;
    missing.insert(task.task.kind);
    return 0.0;
  }

 private:
  static void Add(Measured& measured, double work, double seconds) {
    measured.work += work, measured.seconds += seconds;
  }
  std::map<std::string, Measured> classes_, kinds_;
};

// What a task that is on a worker has already behind it.
double StillToDo(const Task& task, double expected_s, int64_t now_ms) {
  const double elapsed_s = std::max(0.0, static_cast<double>(now_ms - task.row.state.leased_ms) / 1000.0);
  const TaskProgress& progress = task.progress;
  const double fraction = progress.total > 0 ? std::clamp(progress.done / progress.total, 0.0, 1.0) : 0.0;
  if (fraction >= kTellingFraction) return elapsed_s * (1 - fraction) / fraction;
  return std::max(0.0, expected_s - elapsed_s);
}

int ConnectedCores(const State& state, int64_t now_ms) {
  int cores = 0;
  for (const auto& [id, worker] : state.workers) {
    if (IsConnected(state, worker, now_ms)) cores += worker.row.cores;
  }
  return cores;
}

// To ask the policy for a whole future can take a tenth of a second of a loop that everybody waits for, and
// tasks may end many times in one: an outlook that is a little old does as well, since what has ended
// meanwhile is known.
bool Serves(const Outlook& outlook, const Campaign& campaign, int64_t now_ms) {
  if (outlook.ended == campaign.ended.size()) return true;
  const int64_t elapsed_ms = now_ms - campaign.row.created_ms;
  return now_ms - outlook.worked_out_ms < std::clamp(elapsed_ms / 20, kFreshMs, kStaleMs);
}

std::shared_ptr<const Outlook> OutlookOf(const State& state, const Campaign& campaign, int64_t now_ms) {
  if (campaign.outlook != nullptr && Serves(*campaign.outlook, campaign, now_ms)) return campaign.outlook;
  auto outlook = std::make_shared<Outlook>();
  outlook->ended = campaign.ended.size();
  outlook->worked_out_ms = now_ms;
  if (campaign.number_of.size() <= kMostTasks) {
    absl::StatusOr<ForecastRounds> rounds =
        ForecastCampaign(state.policy, campaign.spec, campaign.artifacts, campaign.ended);
    const Prices prices(state, campaign);
    outlook->known = rounds.ok();
    for (const auto& round : rounds.ok() ? *rounds : ForecastRounds()) {
      auto& priced = outlook->rounds.emplace_back();
      for (const ForecastTask& task : round) {
        const std::optional<double> seconds = prices.Seconds(task, outlook->missing);
        outlook->known = outlook->known && seconds;
        priced.push_back({task.task.key, task.task.threads, seconds.value_or(0)});
      }
    }
  }
  campaign.outlook = outlook;
  return outlook;
}

// A round takes as long as its longest task, and as its work on all cores.
double SecondsOfRound(const State& state, const Campaign& campaign, const std::vector<PricedTask>& round,
                      int cores, int64_t now_ms) {
  double longest_s = 0, core_seconds = 0;
  for (const PricedTask& task : round) {
    double seconds = task.seconds;
    const auto number = campaign.number_of.find(task.key);
    if (number != campaign.number_of.end()) {
      const Task& known = state.tasks.at(number->second);
      if (IsEnded(known.state)) continue;  // since the outlook was worked out
      if (IsHeld(known.state)) seconds = StillToDo(known, seconds, now_ms);
    }
    longest_s = std::max(longest_s, seconds);
    core_seconds += seconds * (task.threads <= 0 ? cores : std::min(task.threads, cores));
  }
  return std::max(longest_s, core_seconds / cores);
}

}  // namespace

std::optional<Eta> RemainingTime(const State& state, const Campaign& campaign, int64_t now_ms) {
  const int cores = ConnectedCores(state, now_ms);
  if (campaign.state != CampaignState::kRunning || cores <= 0) return std::nullopt;
  const auto outlook = OutlookOf(state, campaign, now_ms);
  if (!outlook->known) return std::nullopt;
  Eta eta;
  for (const auto& round : outlook->rounds) {
    eta.seconds += SecondsOfRound(state, campaign, round, cores, now_ms);
  }
  for (const std::string& what : outlook->missing) {
    eta.note += (eta.note.empty() ? "not measured yet: " : ", ") + what;
  }
  return eta;
}

}  // namespace superion
