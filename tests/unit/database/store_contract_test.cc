// What every Store promises, run for every implementation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "database/memory_store.h"
#include "database/sqlite_store.h"
#include "database/store.h"
#include "tests/unit/database/sample_rows.h"
#include "tests/unit/database/temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

enum class Kind { kMemory, kSqlite };
std::string Name(Kind kind) { return kind == Kind::kMemory ? "Memory" : "Sqlite"; }
void PrintTo(Kind kind, std::ostream* out) { *out << Name(kind); }

class StoreContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::kMemory) {
      store_ = std::make_unique<MemoryStore>();
      return;
    }
    auto opened = SqliteStore::Open(folder_ / "superion.db");
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  TemporaryDirectory folder_;
  std::unique_ptr<Store> store_;
};

TEST_P(StoreContract, StartsEmpty) {
  const auto snapshot = store_->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_TRUE(snapshot->campaigns.empty());
  EXPECT_TRUE(snapshot->tasks.empty());
  EXPECT_TRUE(snapshot->workers.empty());
  EXPECT_TRUE(store_->Commit({}).ok());
}

TEST_P(StoreContract, GivesBackWhatWasCommitted) {
  Transaction submission = SampleSubmission();
  submission.workers = {{"w1", "node7", 8, "dft,md", 77}};
  ASSERT_TRUE(store_->Commit(submission).ok());
  const auto snapshot = store_->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ(snapshot->campaigns.size(), 1u);
  EXPECT_EQ(snapshot->campaigns[0].name, SampleCampaign().name);
  EXPECT_EQ(snapshot->campaigns[0].structure_sha256, SampleCampaign().structure_sha256);
  EXPECT_EQ(snapshot->campaigns[0].report_sha256, "");
  ASSERT_EQ(snapshot->tasks.size(), 2u);
  const TaskRow& task = snapshot->tasks[1];
  EXPECT_EQ(task.id, "t2");
  EXPECT_EQ(task.seed, 0xfedcba9876543210u);
  EXPECT_EQ(task.threads, 2);
  ASSERT_EQ(task.inputs.size(), 2u);
  EXPECT_EQ(task.inputs[0].sha256, SampleArtifact("structure").sha256);
  EXPECT_EQ(task.inputs[1].task_key, "train");
  EXPECT_EQ(task.inputs[1].artifact_name, "model");
  EXPECT_EQ(task.state.state, "waiting");
  ASSERT_EQ(snapshot->workers.size(), 1u);
  EXPECT_EQ(snapshot->workers[0].cores, 8);
}

TEST_P(StoreContract, KeepsTheNewestStateOutputsAndAttempts) {
  ASSERT_TRUE(store_->Commit(SampleSubmission()).ok());
  Transaction leased;
  TaskStateRow state = SampleTask(1).state;
  state.state = "leased", state.attempt = 1, state.worker_id = "w1", state.leased_ms = 5;
  leased.task_states = {state};
  leased.attempts = {{"t1", 1, "w1", "leased", "[]", 5, 0, 0, ""}};
  ASSERT_TRUE(store_->Commit(leased).ok());
  Transaction done;
  state.state = "done", state.reported_attempt = 1, state.wall_s = 1.25,
  state.metrics_json = R"({"labelled":8})";
  state.status_message = "fine";
  done.task_states = {state};
  done.artifacts = {SampleArtifact("labels")};
  done.outputs = {{"t1", {{"labelled", SampleArtifact("labels").sha256, 6}}}};
  done.attempts = {{"t1", 1, "w1", "done", "[]", 5, 9, 0, ""}};
  ASSERT_TRUE(store_->Commit(done).ok());

  const auto snapshot = store_->Load();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  const TaskRow& task = snapshot->tasks.at(0);
  EXPECT_EQ(task.state.state, "done");
  EXPECT_EQ(task.state.attempt, 1);
  EXPECT_EQ(task.state.reported_attempt, 1);
  EXPECT_EQ(task.state.wall_s, 1.25);
  EXPECT_EQ(task.state.metrics_json, R"({"labelled":8})");
  ASSERT_EQ(task.outputs.size(), 1u);
  EXPECT_EQ(task.outputs[0].size_bytes, 6);
  const auto attempts = store_->Attempts("t1");
  ASSERT_TRUE(attempts.ok());
  ASSERT_EQ(attempts->size(), 1u);
  EXPECT_EQ(attempts->at(0).state, "done");
  EXPECT_EQ(attempts->at(0).ended_ms, 9);
}

TEST_P(StoreContract, CountsReferencesToArtifacts) {
  Transaction t = SampleSubmission();
  const ArtifactRow labels = SampleArtifact("labels");
  t.artifacts.push_back(labels);
  t.artifacts.push_back(labels);  // twice is once
  t.outputs = {{"t1", {{"a", labels.sha256, 6}, {"b", labels.sha256, 6}}}, {"t2", {{"a", labels.sha256, 6}}}};
  ASSERT_TRUE(store_->Commit(t).ok());
  const auto refs = [&](const std::string& sha256) {
    const auto artifacts = store_->Artifacts();
    for (const ArtifactRow& row : *artifacts) {
      if (row.sha256 == sha256) return row.refs;
    }
    return int64_t{-1};
  };
  EXPECT_EQ(refs(labels.sha256), 3);
  EXPECT_EQ(refs(SampleArtifact("structure").sha256), 1);
  Transaction forget;
  forget.outputs = {{"t1", {}}};
  CampaignRow campaign = SampleCampaign();
  campaign.report_sha256 = labels.sha256;
  forget.campaigns = {campaign, campaign};
  ASSERT_TRUE(store_->Commit(forget).ok());
  EXPECT_EQ(refs(labels.sha256), 2);
}

TEST_P(StoreContract, RefusesContradictionsAsAWhole) {
  ASSERT_TRUE(store_->Commit(SampleSubmission()).ok());
  const auto refused = [&](const std::function<void(Transaction&)>& spoil) {
    Transaction t;
    CampaignRow changed = SampleCampaign();
    changed.state = "DONE";
    t.campaigns = {changed};
    spoil(t);
    const absl::Status status = store_->Commit(t);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_EQ(store_->Load()->campaigns.at(0).state, "RUNNING") << "a part of a refused transaction was kept";
  };
  refused([](Transaction& t) { t.new_tasks = {SampleTask(3, "no such campaign")}; });
  refused([](Transaction& t) { t.new_tasks = {SampleTask(1)}; });
  refused([](Transaction& t) {
    TaskRow task = SampleTask(3);
    task.key = SampleTask(1).key;
    t.new_tasks = {task};
  });
  refused([](Transaction& t) { t.task_states = {SampleTask(9).state}; });
  refused([](Transaction& t) { t.outputs = {{"t1", {{"a", std::string(64, 'a'), 6}}}}; });
  refused([](Transaction& t) { t.attempts = {{"t9", 1, "w1", "leased", "[]", 5, 0, 0, ""}}; });
  refused([](Transaction& t) {
    CampaignRow other = SampleCampaign("c2");
    other.client_token = SampleCampaign().client_token;
    t.campaigns.push_back(other);
  });
}

TEST_P(StoreContract, KeepsTheAuditTrailInOrder) {
  ASSERT_TRUE(store_->Commit(SampleSubmission()).ok());
  Transaction t;
  t.events = {
      {5, "c1", "t1", "task leased", "to w1"}, {4, "c2", "", "other", ""}, {3, "c1", "t1", "task done", ""}};
  ASSERT_TRUE(store_->Commit(t).ok());
  const auto events = store_->Events("c1");
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 3u);
  EXPECT_EQ(events->at(1).kind, "task leased");
  EXPECT_EQ(events->at(1).detail, "to w1");
  EXPECT_EQ(events->at(2).kind, "task done");
  EXPECT_EQ(store_->Events("")->size(), 4u);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, testing::Values(Kind::kMemory, Kind::kSqlite),
                         [](const auto& info) { return Name(info.param); });

}  // namespace
}  // namespace superion
