// Random operations in random order, in the way of an adversary: whatever happens, the invariants hold after
// every step, attempts only grow, stale reports have no effect, what has ended stays ended, and what a
// restart reads from the store is the same state.
#include "server/coordinator/decide.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "core/file.h"
#include "database/memory_store.h"
#include "server/coordinator/invariants.h"
#include "server/coordinator/restore.h"
#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

// Twelve tasks in three layers, one of them exclusive, two optional; every campaign plans the same.
Policy LayeredPolicy() {
  std::vector<ScriptedTask> script;
  for (int k = 0; k < 6; ++k) script.push_back({Planned(fmt::format("label-{}", k)), {}});
  PlannedTask train = Planned("train", "train", 0);
  for (int k = 0; k < 6; ++k) train.inputs.push_back(From(fmt::format("label-{}", k)));
  script[4].task.optional = script[5].task.optional = true;
  train.inputs.resize(4);
  script.push_back({train, {"label-0", "label-1"}});
  for (int k = 0; k < 5; ++k) {
    PlannedTask md = Planned(fmt::format("md-{}", k), "md");
    md.inputs = {From("train"), {"structure", Sha256("structure"), "", ""}};
    script.push_back({md, {"train"}});
  }
  return Scripted(script);
}

struct Copy {
  std::string task_id;
  int attempt = 0;
  std::string worker;
  std::string key;
};

class Adversary {
 public:
  explicit Adversary(uint32_t seed) : random_(seed) { state_.policy = LayeredPolicy(); }

  void Run(int steps) {
    for (int k = 0; k < steps; ++k) {
      now_ += Below(4) == 0 ? Below(40'000) : Below(300);
      OneStep();
      if (testing::Test::HasFailure()) {
        ADD_FAILURE() << "in step " << k;
        return;
      }
    }
  }
  // Nothing bad happens any more: everything must come to its end.
  void RunToTheEnd() {
    for (int k = 0; k < 3000 && OpenCampaigns() > 0; ++k) {
      now_ += 3000;
      Apply(Register{0, "good", "node", 3, {}, {}, {}});
      const Decision decision = Apply(Lease{1, "good", 3, 0});
      for (const Reply& reply : decision.replies) {
        const auto* leased = std::get_if<Leased>(&reply.body);
        if (leased == nullptr) continue;
        for (const Assignment& a : leased->assignments) {
          Apply(Complete{2, SuccessOf({a.spec.task_id, a.spec.attempt, "good", a.spec.key})});
        }
      }
      for (const auto& [id, campaign] : state_.campaigns) {
        if (campaign.state == CampaignState::kPaused) {
          Apply(Control{0, id, ControlAction::kResume});
          break;
        }
      }
      Apply(Tick{});
    }
    EXPECT_EQ(OpenCampaigns(), 0);
  }

 private:
  int Below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  std::string AnyWorker() { return fmt::format("w{}", Below(4)); }
  std::string AnyCampaign() { return fmt::format("c{}", 1 + Below(5)); }
  int OpenCampaigns() const {
    int open = 0;
    for (const auto& [id, campaign] : state_.campaigns) open += IsOpen(campaign.state);
    return open;
  }

  static Report SuccessOf(const Copy& copy) {
    Report report{copy.task_id, copy.attempt, {}, ""};
    report.result.artifacts = {{"out", "out", Sha256(copy.key), 5}};
    return report;
  }

  Report AnyReport(const Copy& copy) {
    Report report = SuccessOf(copy);
    const int kind = Below(20);
    if (kind == 0) report.result.status = Unavailable("try again");
    if (kind == 1) report.result.status = absl::CancelledError("worker stops");
    if (kind == 2) report.missing_artifact = "not there";
    if (kind == 3 && Below(10) == 0) report.result.status = InvalidArgument("wrong");
    if (!report.result.status.ok()) report.result.artifacts.clear();
    return report;
  }

  std::vector<RunningTask> SomeCopiesOf(const std::string& worker, int keep_of_ten) {
    std::vector<RunningTask> running;
    for (const Copy& copy : copies_) {
      if (copy.worker == worker && Below(10) < keep_of_ten)
        running.push_back({copy.task_id, copy.attempt, {}});
    }
    return running;
  }

  void OneStep() {
    switch (Below(14)) {
      case 0:
        return (void)Apply(Submit{1, fmt::format("token {}", Below(5)), {}, kSpec, Sha256("structure"), 9});
      case 1:
        return (void)Apply(
            Control{1, AnyCampaign(), static_cast<ControlAction>(Below(30) == 0 ? 2 : Below(2))});
      case 2: {
        const std::string worker = AnyWorker();
        std::vector<Report> unreported;
        if (!copies_.empty() && Below(3) == 0)
          unreported.push_back(AnyReport(copies_[Below(copies_.size())]));
        return (void)Apply(
            Register{1, worker, "node", 1 + Below(3), {}, unreported, SomeCopiesOf(worker, 7)});
      }
      case 3:
      case 4:
      case 5:
        return (void)Apply(
            Lease{static_cast<uint64_t>(100 + Below(50)), AnyWorker(), 1 + Below(3), Below(2) * 5000});
      case 6:
      case 7: {
        const std::string worker = AnyWorker();
        return (void)Apply(Heartbeat{1, worker, SomeCopiesOf(worker, 9)});
      }
      case 8:
      case 9:
      case 10: {
        if (copies_.empty()) return;
        const Copy copy =
            copies_[Below(static_cast<int>(copies_.size()))];  // old ones are reported again and again
        return (void)Apply(Complete{1, AnyReport(copy)});
      }
      case 11:
        return (void)Apply(Below(5) == 0 ? Command(Slept{}) : Command(Tick{}));
      case 12:
        return (void)(Below(4) == 0 ? Restart()
                                    : (void)Apply(AbandonLease{static_cast<uint64_t>(100 + Below(50))}));
      case 13:
        return (void)Apply(
            ArtifactLost{Sha256(Below(2) ? "train" : fmt::format("label-{}", Below(6))), "rotten"});
    }
  }

  Decision Apply(const Command& command) {
    struct Before {
      TaskState state;
      int attempt, reported;
    };
    std::map<int64_t, Before> before;
    for (const auto& [number, task] : state_.tasks) {
      before[number] = {task.state, task.row.state.attempt, task.row.state.reported_attempt};
    }
    std::map<std::string, CampaignState> campaigns_before;
    for (const auto& [id, campaign] : state_.campaigns) campaigns_before[id] = campaign.state;

    Decision decision = Decide(state_, command, now_);
    EXPECT_TRUE(CheckInvariants(state_).ok()) << CheckInvariants(state_);
    const absl::Status committed = store_.Commit(decision.rows);
    EXPECT_TRUE(committed.ok()) << committed;
    const auto* control = std::get_if<Control>(&command);
    const auto resumed = [&](const std::string& id) {
      return control && control->action == ControlAction::kResume && control->campaign_id == id &&
             campaigns_before.at(id) == CampaignState::kFailed;
    };
    for (const auto& [id, state] : campaigns_before) {
      if (!IsOpen(state) && !resumed(id)) {
        EXPECT_EQ(state_.campaigns.at(id).state, state) << id;
      }
    }
    for (const auto& [number, task] : before) {
      const Task& after = state_.tasks.at(number);
      EXPECT_GE(after.row.state.attempt, task.attempt);
      EXPECT_LE(after.row.state.attempt, task.attempt + 1);
      EXPECT_GE(after.row.state.reported_attempt, task.reported);
      if (task.state == TaskState::kCancelled && !resumed(after.row.campaign_id)) {
        EXPECT_EQ(after.state, TaskState::kCancelled);
      }
    }
    if (const auto* complete = std::get_if<Complete>(&command)) CheckStale(*complete, before, decision);
    for (const Reply& reply : decision.replies) TakeCopies(reply);
    for (const std::string& id : decision.report_wanted) wanted_.push_back(id);
    if (!wanted_.empty() && Below(2) == 0) {
      const std::string id = wanted_.back();
      wanted_.pop_back();
      Apply(ReportBuilt{id, absl::OkStatus(), {Sha256("r"), 1, 0}, {Sha256("h"), 1, 0}});
    }
    return decision;
  }

  template <typename Before>
  void CheckStale(const Complete& complete, const Before& before, const Decision& decision) {
    const Task* task = FindTask(state_, complete.report.task_id);
    ASSERT_NE(task, nullptr);
    const auto& was = before.at(task->row.number);
    if (complete.report.attempt == was.attempt && was.reported < was.attempt) return;
    EXPECT_EQ(task->state, was.state) << "a stale or repeated report changed the task";
    EXPECT_TRUE(decision.rows.outputs.empty());
  }

  void TakeCopies(const Reply& reply) {
    const auto* leased = std::get_if<Leased>(&reply.body);
    if (leased == nullptr || Below(10) == 0) return;  // some replies never arrive
    for (const Assignment& a : leased->assignments) {
      copies_.push_back({a.spec.task_id, a.spec.attempt, TaskWorker(a.spec.task_id), a.spec.key});
    }
  }
  std::string TaskWorker(const std::string& id) { return FindTask(state_, id)->row.state.worker_id; }

  void Restart() {
    auto restored = Restore(*store_.Load(), state_.options, LayeredPolicy(), now_);
    ASSERT_TRUE(restored.ok()) << restored.status();
    ASSERT_EQ(restored->tasks.size(), state_.tasks.size());
    for (const auto& [number, task] : state_.tasks) {
      const Task& read = restored->tasks.at(number);
      EXPECT_EQ(Name(read.state), Name(task.state)) << task.row.id;
      EXPECT_EQ(read.row.state.attempt, task.row.state.attempt);
      EXPECT_EQ(read.row.state.reported_attempt, task.row.state.reported_attempt);
      EXPECT_EQ(read.row.outputs.size(), task.row.outputs.size());
    }
    state_ = *std::move(restored);
    EXPECT_TRUE(CheckInvariants(state_).ok()) << CheckInvariants(state_);
    wanted_.clear();
    Apply(Start{});
  }

  static const std::string kSpec;
  std::mt19937 random_;
  State state_;
  MemoryStore store_;
  int64_t now_ = 1'000'000;
  std::vector<Copy> copies_;
  std::vector<std::string> wanted_;
};

std::string SpecJson() {
  auto spec = ReadCampaign(std::string(SUPERION_SOURCE_DIR) + "/tests/data/oracle_li2s.toml");
  return spec.ok() ? DumpJson(ToJson(*spec)) : spec.status().ToString();
}
const std::string Adversary::kSpec = SpecJson();

class DecideProperty : public testing::TestWithParam<uint32_t> {};

TEST_P(DecideProperty, HoldsUnderRandomOperations) {
  Adversary adversary(GetParam());
  adversary.Run(1500);
  if (!HasFailure()) adversary.RunToTheEnd();
}

INSTANTIATE_TEST_SUITE_P(Seeds, DecideProperty, testing::Range(1u, 9u));

}  // namespace
}  // namespace superion
