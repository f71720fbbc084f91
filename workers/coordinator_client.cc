#include "workers/coordinator_client.h"

#include <grpcpp/grpcpp.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/file.h"
#include "superion/v1/artifact.grpc.pb.h"
#include "superion/v1/worker.grpc.pb.h"

namespace superion {
namespace {

constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr std::chrono::seconds kCallTimeout(20);
constexpr std::chrono::minutes kTransferTimeout(30);
constexpr int64_t kSlowestBytesPerSecond = int64_t{1} << 20;   // of a connection that is still worth its name
constexpr size_t kMaxReportBytes = (size_t{64} << 20) - 4096;  // of the daemon's 64 MiB for a message

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

void Fill(const RunningTask& task, v1::TaskProgressReport* report) {
  report->set_task_id(task.task_id);
  report->set_attempt(task.attempt);
  report->set_progress_json(DumpJson(ToJson(task.progress)));
}

absl::Status CheckSize(const TaskArtifact& artifact, const std::string& path) {
  std::error_code error;
  const uintmax_t found = std::filesystem::file_size(path, error);
  if (error) return DataLoss("artifact {}: {} is gone", artifact.name, path);
  if (found == static_cast<uintmax_t>(artifact.size_bytes)) return absl::OkStatus();
  return DataLoss("artifact {}: {} has {} bytes, expected the {} of when the task ended", artifact.name, path,
                  found, artifact.size_bytes);
}

absl::Status CheckContent(const TaskArtifact& artifact, const std::string& path) {
  const absl::StatusOr<std::string> found = Sha256File(path);
  if (!found.ok()) return DataLoss("artifact {}: {}", artifact.name, found.status().message());
  if (*found == artifact.sha256) return absl::OkStatus();
  return DataLoss("artifact {}: {} has the hash {}, expected the {} of when the task ended", artifact.name,
                  path, *found, artifact.sha256);
}

template <typename List>
std::vector<std::string> Strings(const List& list) {
  return {list.begin(), list.end()};
}

class CoordinatorClient : public Coordinator {
 public:
  CoordinatorClient(const std::shared_ptr<grpc::Channel>& channel, const std::string& token)
      : authorization_("Bearer " + token),
        workers_(v1::WorkerService::NewStub(channel)),
        artifacts_(v1::ArtifactService::NewStub(channel)) {}

  absl::StatusOr<Registration> Register(const WorkerIdentity& identity,
                                        const std::vector<RunningTask>& held) override {
    v1::RegisterRequest request;
    request.set_worker_id(identity.id);
    request.set_host(identity.host);
    request.set_cores(identity.cores);
    for (const std::string& role : identity.roles) request.add_roles(role);
    for (const RunningTask& task : held) Fill(task, request.add_running());
    v1::RegisterReply reply;
    grpc::ClientContext context;
    Prepare(&context, kCallTimeout);
    SUPERION_RETURN_IF_ERROR(FromGrpc(workers_->Register(&context, request, &reply)));
    Registration registration;
    if (reply.heartbeat_interval_ms() > 0) {
      registration.heartbeat_interval = std::chrono::milliseconds(reply.heartbeat_interval_ms());
    }
    registration.drop_task_ids = Strings(reply.drop_task_ids());
    return registration;
  }

  absl::StatusOr<std::vector<TaskSpec>> Lease(const std::string& worker_id, int free_cores,
                                              std::chrono::milliseconds wait) override {
    v1::LeaseRequest request;
    request.set_worker_id(worker_id);
    request.set_free_cores(free_cores);
    request.set_wait_ms(static_cast<int32_t>(wait.count()));
    v1::LeaseReply reply;
    grpc::ClientContext context;
    Prepare(&context, wait + kCallTimeout);
    SUPERION_RETURN_IF_ERROR(FromGrpc(workers_->Lease(&context, request, &reply)));
    std::vector<TaskSpec> specs;
    for (const v1::TaskAssignment& assignment : reply.assignments()) {
      SUPERION_ASSIGN_OR_RETURN(const Json json,
                                ParseJson(assignment.spec_json(), "assignment " + assignment.task_id()));
      SUPERION_ASSIGN_OR_RETURN(TaskSpec spec, TaskSpecFromJson(json));
      spec.task_id = assignment.task_id();
      spec.attempt = assignment.attempt();
      specs.push_back(std::move(spec));
    }
    return specs;
  }

  absl::StatusOr<HeartbeatAnswer> Heartbeat(const std::string& worker_id,
                                            const std::vector<RunningTask>& held) override {
    v1::HeartbeatRequest request;
    request.set_worker_id(worker_id);
    for (const RunningTask& task : held) Fill(task, request.add_running());
    v1::HeartbeatReply reply;
    grpc::ClientContext context;
    Prepare(&context, kCallTimeout);
    SUPERION_RETURN_IF_ERROR(FromGrpc(workers_->Heartbeat(&context, request, &reply)));
    return HeartbeatAnswer{reply.must_register(), Strings(reply.drop_task_ids())};
  }

  absl::Status Complete(const FinishedTask& task) override {
    v1::TaskReport request;
    request.set_task_id(task.task_id);
    request.set_attempt(task.attempt);
    request.set_result_json(DumpJson(ToJson(task.result)));
    // gRPC itself would call it ResourceExhausted, as if the daemon's disk were full.
    if (request.result_json().size() > kMaxReportBytes) {
      return InvalidArgument("the result of task {} has {} bytes, expected at most {}", task.task_id,
                             request.result_json().size(), kMaxReportBytes);
    }
    v1::CompleteReply reply;
    grpc::ClientContext context;
    Prepare(&context, kCallTimeout);
    return FromGrpc(workers_->Complete(&context, request, &reply));
  }

  absl::Status Fetch(const std::string& sha256, const std::string& path) override {
    v1::GetRequest request;
    request.set_sha256(sha256);
    grpc::ClientContext context;
    Prepare(&context, kTransferTimeout);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    const auto reader = artifacts_->Get(&context, request);
    v1::GetReply reply;
    while (file && reader->Read(&reply)) file << reply.chunk();
    file.flush();
    if (!file) {
      context.TryCancel();
      while (reader->Read(&reply)) {
      }
      reader->Finish();
      return ResourceExhausted("cannot write {}: disk full?", path);
    }
    return FromGrpc(reader->Finish());
  }

  absl::Status Upload(const std::vector<TaskArtifact>& artifacts, const std::string& directory,
                      bool all) override {
    std::set<std::string> held;
    if (!all) {
      SUPERION_ASSIGN_OR_RETURN(held, Held(artifacts));
    }
    for (const TaskArtifact& artifact : artifacts) {
      if (!held.insert(artifact.sha256).second) continue;
      SUPERION_RETURN_IF_ERROR(Put(artifact, directory + "/" + artifact.path));
    }
    return absl::OkStatus();
  }

 private:
  void Prepare(grpc::ClientContext* context, std::chrono::milliseconds timeout) const {
    context->AddMetadata("authorization", authorization_);
    context->set_deadline(std::chrono::system_clock::now() + timeout);
  }

  // Which of the artifacts the store names as its own.
  absl::StatusOr<std::set<std::string>> Held(const std::vector<TaskArtifact>& artifacts) {
    v1::HaveRequest request;
    for (const TaskArtifact& artifact : artifacts) request.add_sha256(artifact.sha256);
    v1::HaveReply reply;
    grpc::ClientContext context;
    Prepare(&context, kCallTimeout);
    SUPERION_RETURN_IF_ERROR(FromGrpc(artifacts_->Have(&context, request, &reply)));
    return std::set<std::string>(reply.sha256().begin(), reply.sha256().end());
  }

  absl::Status Put(const TaskArtifact& artifact, const std::string& path) {
    SUPERION_RETURN_IF_ERROR(CheckSize(artifact, path));
    grpc::ClientContext context;
    Prepare(&context, kTransferTimeout + std::chrono::seconds(artifact.size_bytes / kSlowestBytesPerSecond));
    absl::Status status = Send(artifact, path, &context);
    if (status.ok()) return status;
    // What the store calls another content may have become so on our own disk.
    if (absl::IsInvalidArgument(status)) SUPERION_RETURN_IF_ERROR(CheckContent(artifact, path));
    return absl::Status(status.code(),
                        fmt::format("artifact {} ({}, {} bytes): {}", artifact.name, artifact.path,
                                    artifact.size_bytes, std::string(status.message())));
  }

  absl::Status Send(const TaskArtifact& artifact, const std::string& path, grpc::ClientContext* context) {
    std::ifstream file(path, std::ios::binary);
    v1::PutReply reply;
    const auto writer = artifacts_->Put(context, &reply);
    v1::PutRequest request;
    request.set_sha256(artifact.sha256);
    request.set_size_bytes(artifact.size_bytes);
    bool open = writer->Write(request);
    std::string buffer(kChunkBytes, '\0');
    while (open && file) {
      file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
      if (file.gcount() == 0) break;
      v1::PutRequest part;
      part.set_chunk(buffer.data(), static_cast<size_t>(file.gcount()));
      open = writer->Write(part);
    }
    writer->WritesDone();
    return FromGrpc(writer->Finish());
  }

  const std::string authorization_;
  const std::unique_ptr<v1::WorkerService::Stub> workers_;
  const std::unique_ptr<v1::ArtifactService::Stub> artifacts_;
};

}  // namespace

std::unique_ptr<Coordinator> ConnectCoordinator(const CoordinatorAddress& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel =
      grpc::CreateCustomChannel(address.server, grpc::InsecureChannelCredentials(), arguments);
  return std::make_unique<CoordinatorClient>(channel, address.token);
}

absl::StatusOr<std::string> ReadTokenFile(const std::string& path) {
  struct stat state {};
  if (::stat(path.c_str(), &state) != 0) return NotFound("no token file {}", path);
  if ((state.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return FailedPrecondition(
        "the token file {} may be used by others than its owner (mode {:o}); run chmod 600 on it", path,
        state.st_mode & 0777u);
  }
  SUPERION_ASSIGN_OR_RETURN(std::string token, ReadFile(path));
  while (!token.empty() && std::isspace(static_cast<unsigned char>(token.back()))) token.pop_back();
  if (token.empty()) return InvalidArgument("the token file {} is empty", path);
  return token;
}

}  // namespace superion
