#include "cli/daemon_client.h"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>

#include "core/file.h"
#include "superion/v1/artifact.grpc.pb.h"
#include "superion/v1/campaign.grpc.pb.h"

namespace superion {
namespace {

constexpr std::chrono::seconds kCallTimeout(30);
constexpr std::chrono::minutes kTransferTimeout(30);

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

class DaemonClient : public Daemon {
 public:
  DaemonClient(const std::shared_ptr<grpc::Channel>& channel, std::string server, const std::string& token)
      : server_(std::move(server)),
        authorization_("Bearer " + token),
        campaigns_(v1::CampaignService::NewStub(channel)),
        artifacts_(v1::ArtifactService::NewStub(channel)) {}

  absl::StatusOr<std::string> Submit(const Json& campaign, const std::string& client_token) override {
    v1::SubmitRequest request;
    request.set_campaign_json(DumpJson(campaign));
    request.set_client_token(client_token);
    v1::SubmitReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::Submit, request, &reply));
    return reply.campaign_id();
  }

  absl::StatusOr<Json> Status(const std::string& campaign_id) override {
    v1::GetStatusRequest request;
    request.set_campaign_id(campaign_id);
    v1::GetStatusReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::GetStatus, request, &reply));
    return ParseJson(reply.status_json(), "status of the daemon");
  }

  absl::StatusOr<Json> List() override {
    v1::ListReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::List, v1::ListRequest(), &reply));
    return ParseJson(reply.campaigns_json(), "list of the daemon");
  }

  absl::StatusOr<Json> Tasks(const std::string& campaign_id) override {
    v1::ListTasksRequest request;
    request.set_campaign_id(campaign_id);
    v1::ListTasksReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::ListTasks, request, &reply));
    return ParseJson(reply.tasks_json(), "tasks of the daemon");
  }

  absl::StatusOr<std::string> Control(const std::string& campaign_id, CampaignControl action) override {
    v1::ControlRequest request;
    request.set_campaign_id(campaign_id);
    request.set_action(action == CampaignControl::kPause    ? v1::PAUSE
                       : action == CampaignControl::kResume ? v1::RESUME
                                                            : v1::CANCEL);
    v1::ControlReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::Control, request, &reply));
    return reply.state();
  }

  absl::StatusOr<CampaignReport> Report(const std::string& campaign_id) override {
    v1::GetReportRequest request;
    request.set_campaign_id(campaign_id);
    v1::GetReportReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::GetReport, request, &reply));
    CampaignReport report;
    SUPERION_ASSIGN_OR_RETURN(report.json, ParseJson(reply.report_json(), "report of the daemon"));
    report.html = reply.report_html();
    return report;
  }

  absl::StatusOr<DaemonState> Ping() override {
    v1::PingReply reply;
    SUPERION_RETURN_IF_ERROR(Call(&v1::CampaignService::Stub::Ping, v1::PingRequest(), &reply));
    return DaemonState{reply.version(), reply.data_directory(), reply.workers()};
  }

  absl::Status Fetch(const std::string& sha256, const std::string& path) override {
    v1::GetRequest request;
    request.set_sha256(sha256);
    grpc::ClientContext context;
    Prepare(&context, kTransferTimeout);
    const auto reader = artifacts_->Get(&context, request);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    v1::GetReply reply;
    while (reader->Read(&reply)) file << reply.chunk();
    file.flush();
    SUPERION_RETURN_IF_ERROR(Name(FromGrpc(reader->Finish())));
    if (!file) return ResourceExhausted("cannot write {}", path);
    SUPERION_ASSIGN_OR_RETURN(const std::string found, Sha256File(path));
    if (found != sha256) return DataLoss("artifact {}: what was fetched has the hash {}", sha256, found);
    return absl::OkStatus();
  }

 private:
  void Prepare(grpc::ClientContext* context, std::chrono::milliseconds timeout) const {
    context->AddMetadata("authorization", authorization_);
    context->set_deadline(std::chrono::system_clock::now() + timeout);
  }

  // "no daemon" is worth saying with its address; what the daemon itself says is passed on.
  absl::Status Name(const absl::Status& status) const {
    if (!absl::IsUnavailable(status)) return status;
    return Unavailable("no daemon answers at {}: {}", server_, std::string(status.message()));
  }

  template <typename Request, typename Reply>
  absl::Status Call(grpc::Status (v1::CampaignService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                      Reply*),
                    const Request& request, Reply* reply) {
    grpc::ClientContext context;
    Prepare(&context, kCallTimeout);
    return Name(FromGrpc((campaigns_.get()->*method)(&context, request, reply)));
  }

  const std::string server_, authorization_;
  const std::unique_ptr<v1::CampaignService::Stub> campaigns_;
  const std::unique_ptr<v1::ArtifactService::Stub> artifacts_;
};

}  // namespace

std::unique_ptr<Daemon> ConnectDaemon(const std::string& server, const std::string& token) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(256 << 20);  // reports hold every curve
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel = grpc::CreateCustomChannel(server, grpc::InsecureChannelCredentials(), arguments);
  return std::make_unique<DaemonClient>(channel, server, token);
}

}  // namespace superion
