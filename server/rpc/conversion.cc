#include "server/rpc/conversion.h"

#include "core/extxyz.h"

namespace superion {
namespace {

constexpr size_t kMaxMessageBytes = 4096;

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  std::string message(status.message());
  if (message.size() > kMaxMessageBytes) message = message.substr(0, kMaxMessageBytes) + " ...";
  return {static_cast<grpc::StatusCode>(status.raw_code()), message};
}

absl::StatusOr<Report> ReportFromProto(const v1::TaskReport& report, const ArtifactStore& artifacts) {
  const std::string where = fmt::format("result of task '{}'", report.task_id());
  SUPERION_ASSIGN_OR_RETURN(const Json json, ParseJson(report.result_json(), where));
  SUPERION_ASSIGN_OR_RETURN(TaskResult result, TaskResultFromJson(json));
  Report converted{report.task_id(), report.attempt(), std::move(result), ""};
  for (const TaskArtifact& artifact : converted.result.artifacts) {
    if (!IsSha256(artifact.sha256)) {
      return InvalidArgument("{}: the artifact '{}' has no SHA-256 but '{}'", where, artifact.name,
                             artifact.sha256);
    }
    if (converted.missing_artifact.empty() && !artifacts.Has(artifact.sha256, artifact.size_bytes)) {
      converted.missing_artifact =
          fmt::format("'{}' ({}, {} bytes)", artifact.name, artifact.sha256, artifact.size_bytes);
    }
  }
  return converted;
}

absl::StatusOr<RunningTask> RunningFromProto(const v1::TaskProgressReport& progress) {
  RunningTask running{progress.task_id(), progress.attempt(), {}};
  if (progress.progress_json().empty()) return running;
  SUPERION_ASSIGN_OR_RETURN(
      const Json json,
      ParseJson(progress.progress_json(), fmt::format("progress of task '{}'", progress.task_id())));
  SUPERION_ASSIGN_OR_RETURN(running.progress, TaskProgressFromJson(json));
  return running;
}

absl::StatusOr<Register> RegisterFromProto(const v1::RegisterRequest& request,
                                           const ArtifactStore& artifacts) {
  Register command;
  command.worker_id = request.worker_id(), command.host = request.host(), command.cores = request.cores();
  command.roles.assign(request.roles().begin(), request.roles().end());
  for (const v1::TaskReport& report : request.unreported()) {
    SUPERION_ASSIGN_OR_RETURN(Report converted, ReportFromProto(report, artifacts));
    command.unreported.push_back(std::move(converted));
  }
  for (const v1::TaskProgressReport& progress : request.running()) {
    SUPERION_ASSIGN_OR_RETURN(RunningTask running, RunningFromProto(progress));
    command.running.push_back(std::move(running));
  }
  return command;
}

absl::StatusOr<Heartbeat> HeartbeatFromProto(const v1::HeartbeatRequest& request) {
  Heartbeat command;
  command.worker_id = request.worker_id();
  for (const v1::TaskProgressReport& progress : request.running()) {
    SUPERION_ASSIGN_OR_RETURN(RunningTask running, RunningFromProto(progress));
    command.running.push_back(std::move(running));
  }
  return command;
}

absl::StatusOr<Control> ControlFromProto(const v1::ControlRequest& request) {
  Control command;
  command.campaign_id = request.campaign_id();
  switch (request.action()) {
    case v1::PAUSE:
      command.action = ControlAction::kPause;
      return command;
    case v1::RESUME:
      command.action = ControlAction::kResume;
      return command;
    case v1::CANCEL:
      command.action = ControlAction::kCancel;
      return command;
    default:
      return InvalidArgument("control: expected PAUSE, RESUME or CANCEL, found {}", int{request.action()});
  }
}

absl::StatusOr<Submit> SubmitFromProto(const v1::SubmitRequest& request, ArtifactStore& artifacts) {
  Submit command;
  command.client_token = request.client_token();
  SUPERION_ASSIGN_OR_RETURN(const Json json, ParseJson(request.campaign_json(), "campaign"));
  SUPERION_ASSIGN_OR_RETURN(command.spec, CampaignFromJson(json));
  command.spec_json = DumpJson(json);
  Frame frame;
  frame.structure = command.spec.structure;
  SUPERION_ASSIGN_OR_RETURN(const StoredArtifact stored, artifacts.Put(FormatExtxyz(frame)));
  command.structure_sha256 = stored.sha256;
  command.structure_bytes = stored.size_bytes;
  return command;
}

v1::LeaseReply ToProto(const Leased& leased) {
  v1::LeaseReply reply;
  for (const Assignment& assignment : leased.assignments) {
    v1::TaskAssignment& out = *reply.add_assignments();
    out.set_task_id(assignment.spec.task_id);
    out.set_attempt(assignment.spec.attempt);
    out.set_spec_json(DumpJson(ToJson(assignment.spec)));
  }
  return reply;
}

}  // namespace superion
