#include "workers/coordinator_client.h"

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "core/file.h"
#include "superion/v1/artifact.grpc.pb.h"
#include "superion/v1/worker.grpc.pb.h"

namespace superion {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

grpc::Status Check(grpc::ServerContext* context) {
  const auto& metadata = context->client_metadata();
  const auto entry = metadata.find("authorization");
  if (entry != metadata.end() && entry->second == "Bearer secret") return grpc::Status::OK;
  return grpc::Status(grpc::StatusCode::UNAUTHENTICATED, "no token");
}

class WorkerEdge : public v1::WorkerService::Service {
 public:
  grpc::Status Register(grpc::ServerContext* context, const v1::RegisterRequest* request,
                        v1::RegisterReply* reply) override {
    registered = *request;
    reply->set_heartbeat_interval_ms(1234);
    reply->add_drop_task_ids("old");
    return Check(context);
  }
  grpc::Status Lease(grpc::ServerContext* context, const v1::LeaseRequest* request,
                     v1::LeaseReply* reply) override {
    TaskSpec spec;
    spec.kind = "label";
    spec.seed = 18446744073709551615u;
    v1::TaskAssignment* assignment = reply->add_assignments();
    assignment->set_task_id("t1");
    assignment->set_attempt(3);
    assignment->set_spec_json(DumpJson(ToJson(spec)));
    return Check(context);
  }
  grpc::Status Heartbeat(grpc::ServerContext* context, const v1::HeartbeatRequest* request,
                         v1::HeartbeatReply* reply) override {
    reply->set_must_register(true);
    return Check(context);
  }
  grpc::Status Complete(grpc::ServerContext*, const v1::TaskReport* request, v1::CompleteReply*) override {
    report = *request;
    return grpc::Status(grpc::StatusCode::ABORTED, "another attempt");
  }
  v1::RegisterRequest registered;
  v1::TaskReport report;
};

class ArtifactEdge : public v1::ArtifactService::Service {
 public:
  grpc::Status Put(grpc::ServerContext*, grpc::ServerReader<v1::PutRequest>* reader, v1::PutReply*) override {
    v1::PutRequest part;
    std::string hash, content;
    while (reader->Read(&part)) {
      if (hash.empty()) hash = part.sha256();
      content += part.chunk();
    }
    ++puts;
    if (!answer.ok()) return answer;
    store[hash] = content;
    return grpc::Status::OK;
  }
  grpc::Status Get(grpc::ServerContext*, const v1::GetRequest* request,
                   grpc::ServerWriter<v1::GetReply>* writer) override {
    const auto entry = store.find(request->sha256());
    if (entry == store.end()) return grpc::Status(grpc::StatusCode::NOT_FOUND, "no such artifact");
    for (const char c : entry->second) {
      v1::GetReply reply;
      reply.set_chunk(&c, 1);
      if (entry->second.size() < 100) writer->Write(reply);
    }
    return grpc::Status::OK;
  }
  grpc::Status Have(grpc::ServerContext*, const v1::HaveRequest* request, v1::HaveReply* reply) override {
    for (const std::string& hash : request->sha256()) {
      if (store.count(hash) > 0) reply->add_sha256(hash);
    }
    return grpc::Status::OK;
  }
  std::map<std::string, std::string> store;
  grpc::Status answer;  // to Put
  int puts = 0;
};

class CoordinatorClientTest : public ::testing::Test {
 protected:
  CoordinatorClientTest() {
    std::string pattern = ::testing::TempDir() + "/cc_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + root_ + "/s", grpc::InsecureServerCredentials());
    builder.RegisterService(&workers_);
    builder.RegisterService(&artifacts_);
    server_ = builder.BuildAndStart();
    client_ = ConnectCoordinator({"unix:" + root_ + "/s", "secret"});
  }
  ~CoordinatorClientTest() override {
    client_.reset();
    server_->Shutdown();
    fs::remove_all(root_);
  }
  std::string root_;
  WorkerEdge workers_;
  ArtifactEdge artifacts_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Coordinator> client_;
};

TEST_F(CoordinatorClientTest, RegistrationNamesWhatIsHeld) {
  const absl::StatusOr<Registration> registration =
      client_->Register({"w1", "here", 4, {"dft", "md"}}, {{"t7", 2, {1, 2, "steps", ""}}});
  ASSERT_TRUE(registration.ok()) << registration.status();
  EXPECT_EQ(registration->heartbeat_interval.count(), 1234);
  EXPECT_EQ(registration->drop_task_ids, std::vector<std::string>{"old"});
  EXPECT_EQ(workers_.registered.cores(), 4);
  EXPECT_EQ(workers_.registered.roles_size(), 2);
  ASSERT_EQ(workers_.registered.running_size(), 1);
  EXPECT_EQ(workers_.registered.running(0).attempt(), 2);
}

TEST_F(CoordinatorClientTest, AssignmentsCarryIdAndAttempt) {
  const absl::StatusOr<std::vector<TaskSpec>> specs = client_->Lease("w1", 1, std::chrono::milliseconds(1));
  ASSERT_TRUE(specs.ok()) << specs.status();
  ASSERT_EQ(specs->size(), 1u);
  EXPECT_EQ((*specs)[0].task_id, "t1");
  EXPECT_EQ((*specs)[0].attempt, 3);
  EXPECT_EQ((*specs)[0].seed, 18446744073709551615u);
}

TEST_F(CoordinatorClientTest, CodesOfTheDaemonComeThrough) {
  EXPECT_TRUE(client_->Heartbeat("w1", {})->must_register);
  FinishedTask task{"t1", 3, {}};
  EXPECT_TRUE(absl::IsAborted(client_->Complete(task)));
  EXPECT_EQ(workers_.report.attempt(), 3);
  const auto stranger = ConnectCoordinator({"unix:" + root_ + "/s", "guess"});
  EXPECT_TRUE(absl::IsUnauthenticated(stranger->Heartbeat("w1", {}).status()));
  const auto nobody = ConnectCoordinator({"unix:" + root_ + "/nobody", "secret"});
  EXPECT_TRUE(absl::IsUnavailable(nobody->Heartbeat("w1", {}).status()));
}

TEST_F(CoordinatorClientTest, ArtifactsGoUpOnceAndComeBack) {
  const std::string large(3 << 20, 'x');
  std::ofstream(root_ + "/a") << "small";
  std::ofstream(root_ + "/b") << large;
  const std::vector<TaskArtifact> artifacts = {{"a", "a", Sha256("small"), 5},
                                               {"b", "b", Sha256(large), int64_t{3} << 20}};
  ASSERT_TRUE(client_->Upload(artifacts, root_, false).ok());
  ASSERT_TRUE(client_->Upload(artifacts, root_, false).ok());
  EXPECT_EQ(artifacts_.puts, 2);
  EXPECT_EQ(artifacts_.store[Sha256(large)], large);
  ASSERT_TRUE(client_->Fetch(Sha256("small"), root_ + "/back").ok());
  EXPECT_EQ(*ReadFile(root_ + "/back"), "small");
  EXPECT_TRUE(absl::IsNotFound(client_->Fetch(Sha256("nothing"), root_ + "/none")));
  EXPECT_TRUE(absl::IsDataLoss(client_->Upload({{"c", "c", Sha256("c"), 1}}, root_, false)));
}

TEST_F(CoordinatorClientTest, ABrokenFileOfTheStoreIsPutAgainWhenAskedTo) {
  std::ofstream(root_ + "/a") << "whole";
  artifacts_.store[Sha256("whole")] = "wh";
  const std::vector<TaskArtifact> artifacts = {{"a", "a", Sha256("whole"), 5}};
  ASSERT_TRUE(client_->Upload(artifacts, root_, false).ok());
  EXPECT_EQ(artifacts_.store[Sha256("whole")], "wh");
  ASSERT_TRUE(client_->Upload(artifacts, root_, true).ok());
  EXPECT_EQ(artifacts_.store[Sha256("whole")], "whole");
}

TEST_F(CoordinatorClientTest, RefusedUploadsNameTheArtifactAndKeepTheCode) {
  std::ofstream(root_ + "/a") << "whole";
  artifacts_.answer = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "3 bytes free, expected 5");
  const absl::Status full = client_->Upload({{"model", "a", Sha256("whole"), 5}}, root_, false);
  EXPECT_TRUE(absl::IsResourceExhausted(full)) << full;
  EXPECT_THAT(std::string(full.message()),
              testing::AllOf(HasSubstr("artifact model"), HasSubstr("3 bytes free, expected 5")));
  artifacts_.answer = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "another hash");
  EXPECT_TRUE(absl::IsInvalidArgument(client_->Upload({{"model", "a", Sha256("whole"), 5}}, root_, false)));
}

TEST_F(CoordinatorClientTest, AFileThatChangedSinceTheTaskEndedIsDataLoss) {
  std::ofstream(root_ + "/a") << "later";
  artifacts_.answer = grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "another hash");
  const absl::Status other = client_->Upload({{"model", "a", Sha256("first"), 5}}, root_, false);
  EXPECT_TRUE(absl::IsDataLoss(other)) << other;
  EXPECT_THAT(std::string(other.message()),
              testing::AllOf(HasSubstr(Sha256("later")), HasSubstr(Sha256("first"))));
  const absl::Status shorter = client_->Upload({{"model", "a", Sha256("first"), 8}}, root_, false);
  EXPECT_TRUE(absl::IsDataLoss(shorter)) << shorter;
  EXPECT_THAT(std::string(shorter.message()), HasSubstr("5 bytes, expected the 8"));
}

TEST_F(CoordinatorClientTest, AResultLargerThanAMessageIsSaidToBeSo) {
  FinishedTask task{"t1", 3, {}};
  task.result.metrics["text"] = std::string(size_t{64} << 20, 'x');
  const absl::Status status = client_->Complete(task);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("expected at most"));
}

TEST_F(CoordinatorClientTest, TokenFilesMustBePrivate) {
  const std::string path = root_ + "/token";
  std::ofstream(path) << "secret\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadTokenFile(path).status()));
  ::chmod(path.c_str(), 0600);
  EXPECT_EQ(*ReadTokenFile(path), "secret");
  EXPECT_TRUE(absl::IsNotFound(ReadTokenFile(root_ + "/none").status()));
}

}  // namespace
}  // namespace superion
