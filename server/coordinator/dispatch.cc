#include <algorithm>

#include "server/coordinator/handlers.h"

namespace superion {
namespace {

// So many tasks that do not fit are looked at before the search for work ends.
constexpr size_t kMaxSkipped = 64;

int CoresOf(const Task& task, const Worker& worker) {
  return task.row.threads == 0 ? worker.row.cores : std::min(task.row.threads, worker.row.cores);
}

// The cores that are free by our own account: a lease request may have crossed another one on its way.
int FreeCores(const State& state, const Worker& worker, int claimed) {
  int held = 0;
  for (const int64_t number : worker.tasks) held += CoresOf(state.tasks.at(number), worker);
  return std::min(claimed, worker.row.cores - held);
}

// The first dispatchable task for this worker whose number is greater than `after`; nullptr: none.
Task* NextFor(State& state, const Worker& worker, int64_t after) {
  int64_t best = 0;
  for (const std::string& role : worker.roles) {
    const auto queue = state.dispatchable.find(role);
    if (queue == state.dispatchable.end()) continue;
    const auto next = queue->second.upper_bound(after);
    if (next != queue->second.end() && (best == 0 || *next < best)) best = *next;
  }
  return best == 0 ? nullptr : &state.tasks.at(best);
}

Assignment HandOut(Step& step, Task& task, Worker& worker) {
  TaskStateRow& row = task.row.state;
  ++row.attempt;
  row.worker_id = worker.row.id;
  row.leased_ms = step.now_ms;
  task.lease_ends_ms = step.now_ms + step.state.options.lease_ms;
  task.progress = {};
  task.overtaken = 0;

  TaskSpec spec;
  spec.kind = task.row.kind, spec.campaign_id = task.row.campaign_id, spec.task_id = task.row.id;
  spec.key = task.row.key, spec.attempt = row.attempt, spec.seed = task.row.seed;
  spec.threads = CoresOf(task, worker);
  spec.params = Json::parse(task.row.params_json, nullptr, false);
  Json inputs = Json::array();
  for (const TaskInputRow& input : task.row.inputs) {
    const ResolvedInput found = ResolveInput(step.state, step.CampaignOf(task), input);
    SUPERION_CHECK(found.kind == ResolvedInput::Kind::kKnown);  // that is what ready means
    spec.inputs.push_back({input.name, found.sha256, ""});
    inputs.push_back({input.name, found.sha256});
  }
  step.SetState(task, TaskState::kLeased);
  step.WriteAttempt(task, "leased", DumpJson(inputs));
  step.Event(task.row.campaign_id, task.row.id, "task leased",
             fmt::format("attempt {} to {}", row.attempt, worker.row.id));
  return {std::move(spec)};
}

// Hands out tasks in order of planning. A task that wants more cores than are free is overtaken by later
// ones, but only so often; then the cores are kept free for it.
std::vector<Assignment> Assign(Step& step, Worker& worker, int claimed_cores) {
  std::vector<Assignment> assignments;
  std::vector<Task*> skipped;
  int free = FreeCores(step.state, worker, claimed_cores);
  int64_t after = 0;
  while (free > 0 && skipped.size() < kMaxSkipped) {
    Task* task = NextFor(step.state, worker, after);
    if (task == nullptr) break;
    after = task->row.number;
    if (worker.unclear.contains(after)) continue;
    const int cores = CoresOf(*task, worker);
    if (cores > free) {
      if (task->overtaken >= step.state.options.max_overtaken) break;
      skipped.push_back(task);
      continue;
    }
    for (Task* passed : skipped) ++passed->overtaken;
    free -= cores;
    assignments.push_back(HandOut(step, *task, worker));
  }
  return assignments;
}

bool AnythingToDo(const State& state) {
  return std::any_of(state.dispatchable.begin(), state.dispatchable.end(),
                     [](const auto& queue) { return !queue.second.empty(); });
}

}  // namespace

void Handle(Step& step, const Lease& command) {
  const auto found = step.state.workers.find(command.worker_id);
  if (found == step.state.workers.end() || !found->second.registered) {
    return step.Refuse(command.reply_to, FailedPrecondition("worker '{}' is not registered: register first",
                                                            command.worker_id));
  }
  Worker& worker = found->second;
  worker.seen_ms = std::max(worker.seen_ms, step.now_ms);
  // A worker waits for one lease at a time: the newer request knows better how many cores are free.
  for (const ParkedLease& parked : step.state.parked) {
    if (parked.worker_id == command.worker_id) step.Answer(parked.reply_to, Leased{});
  }
  std::erase_if(step.state.parked, [&](const ParkedLease& p) { return p.worker_id == command.worker_id; });
  step.state.parked.push_back({command.reply_to, command.worker_id, command.free_cores,
                               step.now_ms + std::clamp<int64_t>(command.wait_ms, 0, 60'000)});
}

void Handle(Step& step, const AbandonLease& command) {
  // Answered all the same: whoever carries the reply waits for it.
  std::erase_if(step.state.parked, [&](const ParkedLease& parked) {
    if (parked.reply_to != command.lease_reply_to) return false;
    step.Answer(parked.reply_to, Leased{});
    return true;
  });
}

void Dispatch(Step& step) {
  State& state = step.state;
  std::vector<ParkedLease> still_parked;
  for (ParkedLease& parked : state.parked) {
    Worker& worker = state.workers.at(parked.worker_id);
    std::vector<Assignment> assignments;
    if (AnythingToDo(state)) assignments = Assign(step, worker, parked.free_cores);
    if (!assignments.empty() || parked.until_ms <= step.now_ms) {
      step.Answer(parked.reply_to, Leased{std::move(assignments)});
    } else {
      still_parked.push_back(std::move(parked));
    }
  }
  state.parked = std::move(still_parked);
}

}  // namespace superion
