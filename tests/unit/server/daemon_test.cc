// The whole daemon in this process, with a real store in a folder and real calls over a Unix socket.
#include "server/daemon/daemon.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "core/file.h"
#include "superion/v1/artifact.grpc.pb.h"
#include "superion/v1/campaign.grpc.pb.h"
#include "superion/v1/worker.grpc.pb.h"
#include "tests/unit/database/temporary_directory.h"
#include "tests/unit/server/coordinator_fixture.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::string CampaignJson() {
  auto spec = ReadCampaign(std::string(SUPERION_SOURCE_DIR) + "/tests/data/oracle_li2s.toml");
  EXPECT_TRUE(spec.ok()) << spec.status();
  return spec.ok() ? DumpJson(ToJson(*spec)) : "";
}

// Two tasks, the second reads what the first made and the structure of the campaign.
Policy TwoTasks() {
  return [](const CampaignSpec& spec, const CampaignArtifacts& artifacts, const FinishedTasks& ended) {
    PlannedTask reader = Planned("second", "md");
    reader.inputs = {{"structure", artifacts.structure_sha256, "", ""}, From("first")};
    return Scripted({{Planned("first"), {}}, {reader, {}}})(spec, artifacts, ended);
  };
}

class DaemonTest : public testing::Test {
 protected:
  void Start(Policy policy = TwoTasks(), std::string listen = "") {
    DaemonOptions options;
    options.data_directory = folder_ / "d";
    options.listen = std::move(listen);
    options.version = "test";
    options.policy = std::move(policy);
    options.build_report = [](const CampaignSpec& spec, const FinishedTasks& ended,
                              const ReadArtifact& read) {
      Json report = {{"name", spec.name}};
      for (const auto& [key, end] : ended)
        report[key] = read(end.artifacts.at("out").sha256).value_or("unreadable");
      return report;
    };
    options.render_report = [](const Json& report) { return "<html>" + DumpJson(report) + "</html>"; };
    options.on_error = [this](const absl::Status& error) { errors_.push_back(error); };
    auto daemon = Daemon::Start(std::move(options));
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_ = *std::move(daemon);
    token_ = daemon_->token();
    Connect();
  }
  void Connect() {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(-1);  // a report may be longer than the 4 MiB of the default
    channel_ = grpc::CreateCustomChannel(daemon_->address(), grpc::InsecureChannelCredentials(), arguments);
    campaigns_ = v1::CampaignService::NewStub(channel_);
    workers_ = v1::WorkerService::NewStub(channel_);
    artifacts_ = v1::ArtifactService::NewStub(channel_);
  }
  // Ends as a kill would, as far as the store is concerned: nothing is written at the end of a daemon.
  void Restart(Policy policy = TwoTasks()) {
    daemon_.reset();
    Start(std::move(policy));
  }

  std::unique_ptr<grpc::ClientContext> Context() const {
    auto context = std::make_unique<grpc::ClientContext>();
    context->AddMetadata("authorization", "Bearer " + token_);
    context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return context;
  }

  std::string SubmitCampaign() {
    v1::SubmitRequest request;
    request.set_campaign_json(CampaignJson());
    request.set_client_token("client token");
    v1::SubmitReply reply;
    const grpc::Status status = campaigns_->Submit(Context().get(), request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply.campaign_id();
  }
  Json Status(const std::string& id) {
    v1::GetStatusRequest request;
    request.set_campaign_id(id);
    v1::GetStatusReply reply;
    const grpc::Status status = campaigns_->GetStatus(Context().get(), request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return Json::parse(reply.status_json(), nullptr, false);
  }
  Json Report(const std::string& id) {
    v1::GetReportRequest request;
    request.set_campaign_id(id);
    v1::GetReportReply reply;
    const grpc::Status status = campaigns_->GetReport(Context().get(), request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_THAT(reply.report_html(), HasSubstr("<html>"));
    return Json::parse(reply.report_json(), nullptr, false);
  }
  v1::RegisterReply Register(const std::vector<std::pair<std::string, int>>& running = {}) {
    v1::RegisterRequest request;
    request.set_worker_id("w1");
    request.set_cores(2);
    for (const auto& [id, attempt] : running) {
      auto* report = request.add_running();
      report->set_task_id(id);
      report->set_attempt(attempt);
    }
    v1::RegisterReply reply;
    const grpc::Status status = workers_->Register(Context().get(), request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return reply;
  }
  std::vector<TaskSpec> LeaseTasks(int wait_ms = 30000) {
    v1::LeaseRequest request;
    request.set_worker_id("w1");
    request.set_free_cores(2);
    request.set_wait_ms(wait_ms);
    v1::LeaseReply reply;
    const grpc::Status status = workers_->Lease(Context().get(), request, &reply);
    EXPECT_TRUE(status.ok()) << status.error_message();
    std::vector<TaskSpec> specs;
    for (const auto& assignment : reply.assignments()) {
      auto spec = TaskSpecFromJson(*ParseJson(assignment.spec_json(), "spec"));
      EXPECT_TRUE(spec.ok()) << spec.status();
      if (spec.ok()) specs.push_back(*spec);
    }
    return specs;
  }
  grpc::Status PutArtifact(const std::string& content, const std::string& sha256, size_t size) {
    v1::PutReply reply;
    const auto context = Context();
    auto writer = artifacts_->Put(context.get(), &reply);
    v1::PutRequest request;
    request.set_sha256(sha256);
    request.set_size_bytes(static_cast<int64_t>(size));
    writer->Write(request);
    for (size_t at = 0; at < content.size(); at += 1 << 20) {
      v1::PutRequest piece;
      piece.set_chunk(content.substr(at, 1 << 20));
      writer->Write(piece);
    }
    writer->WritesDone();
    return writer->Finish();
  }
  absl::StatusOr<std::string> GetArtifact(const std::string& sha256) {
    v1::GetRequest request;
    request.set_sha256(sha256);
    const auto context = Context();
    auto reader = artifacts_->Get(context.get(), request);
    std::string content;
    for (v1::GetReply piece; reader->Read(&piece);) content += piece.chunk();
    const grpc::Status status = reader->Finish();
    if (!status.ok())
      return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
    return content;
  }
  grpc::Status Complete(const TaskSpec& spec, const std::string& content) {
    TaskResult result;
    result.artifacts = {{"out", "out", Sha256(content), static_cast<int64_t>(content.size())}};
    v1::TaskReport report;
    report.set_task_id(spec.task_id);
    report.set_attempt(spec.attempt);
    report.set_result_json(DumpJson(ToJson(result)));
    v1::CompleteReply reply;
    return workers_->Complete(Context().get(), report, &reply);
  }
  // Puts and completes.
  void Finish(const TaskSpec& spec, const std::string& content) {
    const grpc::Status put = PutArtifact(content, Sha256(content), content.size());
    EXPECT_TRUE(put.ok()) << put.error_message();
    const grpc::Status status = Complete(spec, content);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  // The last status of the stream.
  Json WatchToTheEnd(const std::string& id) {
    v1::GetStatusRequest request;
    request.set_campaign_id(id);
    const auto context = Context();
    auto reader = campaigns_->Watch(context.get(), request);
    Json last;
    for (v1::GetStatusReply reply; reader->Read(&reply);)
      last = Json::parse(reply.status_json(), nullptr, false);
    const grpc::Status status = reader->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return last;
  }

  TemporaryDirectory folder_;
  std::vector<absl::Status> errors_;
  std::unique_ptr<Daemon> daemon_;
  std::string token_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::CampaignService::Stub> campaigns_;
  std::unique_ptr<v1::WorkerService::Stub> workers_;
  std::unique_ptr<v1::ArtifactService::Stub> artifacts_;
};

TEST_F(DaemonTest, ACampaignFromSubmissionToReport) {
  Start();
  const std::string id = SubmitCampaign();
  EXPECT_EQ(SubmitCampaign(), id) << "the same client token is the same campaign";
  auto watched = std::async(std::launch::async, [&] { return WatchToTheEnd(id); });
  const v1::RegisterReply registered = Register();
  EXPECT_EQ(registered.lease_ms(), 30000);
  EXPECT_EQ(registered.heartbeat_interval_ms(), 5000);

  auto tasks = LeaseTasks();
  ASSERT_EQ(tasks.size(), 1u);
  EXPECT_EQ(tasks[0].key, "first");
  v1::HeartbeatRequest beat;
  beat.set_worker_id("w1");
  auto* progress = beat.add_running();
  progress->set_task_id(tasks[0].task_id);
  progress->set_attempt(1);
  progress->set_progress_json(DumpJson(ToJson(TaskProgress{3, 8, "labels", ""})));
  v1::HeartbeatReply beaten;
  EXPECT_TRUE(workers_->Heartbeat(Context().get(), beat, &beaten).ok());
  EXPECT_FALSE(beaten.must_register());
  EXPECT_EQ(Status(id)["running"][0]["progress"]["done"], 3.0);

  EXPECT_EQ(Complete(tasks[0], "labels").error_code(), grpc::StatusCode::FAILED_PRECONDITION)
      << "the artifact is not there yet";
  Finish(tasks[0], "labels");
  EXPECT_TRUE(Complete(tasks[0], "labels").ok()) << "repeated";
  const Json so_far = Report(id);
  EXPECT_EQ(so_far["state"], "RUNNING") << so_far;
  EXPECT_EQ(so_far["first"], "labels");
  EXPECT_EQ(so_far["progress"]["stage"], "work");
  EXPECT_FALSE(so_far.contains("second"));

  tasks = LeaseTasks();
  ASSERT_EQ(tasks.size(), 1u);
  ASSERT_EQ(tasks[0].inputs.size(), 2u);
  const auto structure = GetArtifact(tasks[0].inputs[0].sha256);
  ASSERT_TRUE(structure.ok()) << structure.status();
  EXPECT_THAT(*structure, HasSubstr("Lattice"));
  EXPECT_EQ(*GetArtifact(tasks[0].inputs[1].sha256), "labels");
  Finish(tasks[0], std::string(3'000'000, 't'));

  const Json last = watched.get();
  EXPECT_EQ(last["state"], "DONE") << last;
  const Json report = Report(id);
  EXPECT_EQ(report["first"], "labels");
  EXPECT_EQ(report["state"], "DONE");
  EXPECT_EQ(report["second"], std::string(3'000'000, 't'));
  v1::ListTasksRequest list;
  list.set_campaign_id(id);
  v1::ListTasksReply listed;
  EXPECT_TRUE(campaigns_->ListTasks(Context().get(), list, &listed).ok());
  EXPECT_EQ(Json::parse(listed.tasks_json()).size(), 2u);
  v1::ListReply all;
  EXPECT_TRUE(campaigns_->List(Context().get(), {}, &all).ok());
  EXPECT_EQ(Json::parse(all.campaigns_json())[0]["state"], "DONE");
  EXPECT_EQ(Json::parse(all.campaigns_json())[0]["client_token"], "client token");

  const std::string sha256 = Status(id)["report_sha256"];
  std::ofstream(folder_ / ("d/artifacts/" + sha256.substr(0, 2) + "/" + sha256)) << "not a report";
  EXPECT_EQ(Report(id)["first"], "labels") << "made again from the results";
  EXPECT_EQ(Report(id)["state"], "DONE");
}

TEST_F(DaemonTest, ARestartForgetsNothingAndAdoptsWhatRuns) {
  Start();
  const std::string id = SubmitCampaign();
  Register();
  const auto tasks = LeaseTasks();
  ASSERT_EQ(tasks.size(), 1u);
  Restart();
  v1::HeartbeatRequest beat;
  beat.set_worker_id("w1");
  v1::HeartbeatReply beaten;
  EXPECT_TRUE(workers_->Heartbeat(Context().get(), beat, &beaten).ok());
  EXPECT_TRUE(beaten.must_register());
  EXPECT_TRUE(Register({{tasks[0].task_id, 1}}).drop_task_ids().empty());
  EXPECT_EQ(Status(id)["tasks"]["running"], 1);
  Finish(tasks[0], "labels");
  Restart();
  EXPECT_EQ(Status(id)["tasks"]["done"], 1);
  EXPECT_EQ(SubmitCampaign(), id);
}

TEST_F(DaemonTest, EveryCallWithoutTheRightTokenIsRefused) {
  Start();
  int calls = 0;
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const char* name : {"CampaignService", "WorkerService", "ArtifactService"}) {
    const auto* service = pool->FindServiceByName(std::string("superion.v1.") + name);
    ASSERT_NE(service, nullptr);
    for (int k = 0; k < service->method_count(); ++k) {
      const std::string method = fmt::format("/{}/{}", service->full_name(), service->method(k)->name());
      for (const std::string& header :
           {std::string(), std::string("Bearer "), "Bearer " + token_.substr(1), token_}) {
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
        if (!header.empty()) context.AddMetadata("authorization", header);
        grpc::GenericStub stub(channel_);
        grpc::CompletionQueue queue;
        grpc::Slice empty;
        grpc::ByteBuffer request(&empty, 1), reply;
        auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
        call->StartCall();
        grpc::Status status;
        call->Finish(&reply, &status, &status);
        void* tag = nullptr;
        bool ok = false;
        while (queue.Next(&tag, &ok) && tag != &status) {
        }
        queue.Shutdown();
        while (queue.Next(&tag, &ok)) {
        }
        EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED)
            << method << ": " << status.error_message();
        ++calls;
      }
    }
  }
  EXPECT_GE(calls, 4 * 15);
  EXPECT_TRUE(SubmitCampaign().starts_with("c"));
}

TEST_F(DaemonTest, NonsenseIsRefusedWithAReason) {
  Start();
  const auto submitted = [&](const std::string& json) {
    v1::SubmitRequest request;
    request.set_campaign_json(json);
    request.set_client_token("x");
    v1::SubmitReply reply;
    return campaigns_->Submit(Context().get(), request, &reply);
  };
  EXPECT_EQ(submitted("{").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(submitted("{}").error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::GetStatusRequest request;
  request.set_campaign_id("c77");
  v1::GetStatusReply reply;
  EXPECT_EQ(campaigns_->GetStatus(Context().get(), request, &reply).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(GetArtifact("../superion.db").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetArtifact(std::string(64, 'a')).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(PutArtifact("abc", Sha256("abcd"), 3).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PutArtifact("abc", Sha256("abc"), 4).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PutArtifact("abc", Sha256("abc"), 2).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PutArtifact("abc", "../../etc/passwd", 3).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::ControlRequest control;
  control.set_campaign_id("c1");
  v1::ControlReply controlled;
  EXPECT_EQ(campaigns_->Control(Context().get(), control, &controlled).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(DaemonTest, ACorruptArtifactIsReportedAndMadeAgain) {
  Start();
  const std::string id = SubmitCampaign();
  Register();
  Finish(LeaseTasks().at(0), "labels");
  const auto second = LeaseTasks();
  ASSERT_EQ(second.size(), 1u);
  const std::string sha256 = second[0].inputs[1].sha256;
  std::ofstream(folder_ / ("d/artifacts/" + sha256.substr(0, 2) + "/" + sha256)) << "lapels";
  EXPECT_EQ(GetArtifact(sha256).status().code(), absl::StatusCode::kDataLoss);
  const auto repeated = LeaseTasks();
  ASSERT_EQ(repeated.size(), 1u);
  EXPECT_EQ(repeated[0].key, "first");
  EXPECT_EQ(repeated[0].attempt, 2);
  Finish(repeated[0], "labels");
  EXPECT_EQ(*GetArtifact(sha256), "labels");
  // So is one that vanished while the daemon was away, and the structure.
  daemon_.reset();
  std::filesystem::remove(folder_ / ("d/artifacts/" + sha256.substr(0, 2) + "/" + sha256));
  const std::string structure = second[0].inputs[0].sha256;
  std::filesystem::remove(folder_ / ("d/artifacts/" + structure.substr(0, 2) + "/" + structure));
  Start();
  Register({{second[0].task_id, second[0].attempt}});
  EXPECT_EQ(LeaseTasks().at(0).key, "first");
  EXPECT_TRUE(GetArtifact(structure).ok());
}

TEST_F(DaemonTest, OnlyOneDaemonPerFolder) {
  Start();
  DaemonOptions options;
  options.data_directory = folder_ / "d";
  const auto second = Daemon::Start(std::move(options));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another superiond"));
  EXPECT_TRUE(SubmitCampaign().starts_with("c")) << "the first goes on";
}

TEST_F(DaemonTest, WritesItsEndpointWhileItServes) {
  Start();
  EXPECT_EQ(*ReadFile(folder_ / "d/endpoint"), daemon_->address() + "\n");
  EXPECT_EQ(daemon_->address(), "unix:" + (folder_ / "d/superiond.sock"));
  daemon_.reset();
  EXPECT_FALSE(std::filesystem::exists(folder_ / "d/endpoint"));
  Start(TwoTasks(), "127.0.0.1:0");
  EXPECT_THAT(daemon_->address(), testing::MatchesRegex("127.0.0.1:[1-9][0-9]*"));
  v1::PingReply pong;
  EXPECT_TRUE(campaigns_->Ping(Context().get(), {}, &pong).ok());
  EXPECT_EQ(pong.version(), "test");
  EXPECT_EQ(pong.data_directory(), folder_ / "d");
}

TEST_F(DaemonTest, StoppingAnswersTheOnesWhoWait) {
  Start();
  const std::string id = SubmitCampaign();
  Register();
  Finish(LeaseTasks().at(0), "labels");
  LeaseTasks();
  v1::LeaseRequest request;
  request.set_worker_id("w1");
  request.set_free_cores(1);
  request.set_wait_ms(60000);
  v1::LeaseReply reply;
  const auto context = Context();
  std::promise<grpc::Status> ended;
  workers_->async()->Lease(context.get(), &request, &reply,
                           [&](grpc::Status status) { ended.set_value(status); });
  v1::PingReply pong;
  EXPECT_TRUE(campaigns_->Ping(Context().get(), {}, &pong).ok());
  daemon_.reset();
  EXPECT_EQ(ended.get_future().get().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(DaemonTest, ABrokenDatabaseIsOneClearError) {
  Start();
  SubmitCampaign();
  daemon_.reset();
  std::filesystem::resize_file(folder_ / "d/superion.db", 5000);
  DaemonOptions options;
  options.data_directory = folder_ / "d";
  const auto daemon = Daemon::Start(std::move(options));
  EXPECT_EQ(daemon.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(std::filesystem::file_size(folder_ / "d/superion.db"), 5000u);
}

}  // namespace
}  // namespace superion
