#include "server/rpc/campaign_service.h"

#include "server/coordinator/status.h"
#include "server/rpc/unary.h"
#include "server/rpc/watch_reactor.h"

namespace superion {
namespace {

// Looks at the state on the loop's thread and finishes with what `look(state, now_ms)` says.
template <typename Look>
grpc::ServerUnaryReactor* QueryUnary(grpc::CallbackServerContext* context, EventLoop& loop, Look look) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  loop.Query([reactor, look = std::move(look)](const State* state, int64_t now_ms) {
    reactor->Finish(
        ToGrpc(state == nullptr ? absl::UnavailableError("the daemon is stopping") : look(*state, now_ms)));
  });
  return reactor;
}

absl::Status NoCampaign(const std::string& id) { return NotFound("no campaign '{}'", id); }

// Both parts of a report from the store.
absl::Status ReadReport(ArtifactStore& artifacts, const std::string& report_sha256,
                        const std::string& html_sha256, v1::GetReportReply* reply) {
  SUPERION_ASSIGN_OR_RETURN(*reply->mutable_report_json(), artifacts.Read(report_sha256));
  SUPERION_ASSIGN_OR_RETURN(*reply->mutable_report_html(), artifacts.Read(html_sha256));
  return absl::OkStatus();
}

// The report of a campaign that has none: not yet, never, or not any more. The server waits for its calls
// before the loop and its background thread go, so this one is always finished.
void ReportSoFar(EventLoop& loop, const std::string& id, grpc::ServerUnaryReactor* reactor,
                 v1::GetReportReply* reply) {
  loop.ReportSoFar(id, [reactor, reply](const absl::StatusOr<ReportPages>& pages) {
    if (pages.ok()) {
      reply->set_report_json(pages->json);
      reply->set_report_html(pages->html);
    }
    reactor->Finish(ToGrpc(pages.status()));
  });
}

}  // namespace

grpc::ServerUnaryReactor* CampaignService::Submit(grpc::CallbackServerContext* context,
                                                  const v1::SubmitRequest* request, v1::SubmitReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  // Writes one small file on the call's own thread: submissions are rare.
  return PostUnary<Submitted>(context, loop_, AsCommand(SubmitFromProto(*request, artifacts_)),
                              [reply](const Submitted& s) { reply->set_campaign_id(s.campaign_id); });
}

grpc::ServerUnaryReactor* CampaignService::GetStatus(grpc::CallbackServerContext* context,
                                                     const v1::GetStatusRequest* request,
                                                     v1::GetStatusReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return QueryUnary(context, loop_, [id = request->campaign_id(), reply](const State& state, int64_t now_ms) {
    const Campaign* campaign = FindCampaign(state, id);
    if (campaign == nullptr) return NoCampaign(id);
    reply->set_status_json(DumpJson(CampaignStatus(state, *campaign, now_ms)));
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<v1::GetStatusReply>* CampaignService::Watch(grpc::CallbackServerContext* context,
                                                                     const v1::GetStatusRequest* request) {
  auto* reactor = new WatchReactor(loop_);
  const grpc::Status allowed = authenticator_.Check(*context);
  if (allowed.ok()) {
    reactor->Begin(request->campaign_id());
  } else {
    reactor->Finish(allowed);
  }
  return reactor;
}

grpc::ServerUnaryReactor* CampaignService::List(grpc::CallbackServerContext* context,
                                                const v1::ListRequest* request, v1::ListReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return QueryUnary(context, loop_, [reply](const State& state, int64_t now_ms) {
    reply->set_campaigns_json(DumpJson(CampaignList(state, now_ms)));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* CampaignService::Control(grpc::CallbackServerContext* context,
                                                   const v1::ControlRequest* request,
                                                   v1::ControlReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return PostUnary<Controlled>(context, loop_, AsCommand(ControlFromProto(*request)),
                               [reply](const Controlled& c) { reply->set_state(c.state); });
}

grpc::ServerUnaryReactor* CampaignService::GetReport(grpc::CallbackServerContext* context,
                                                     const v1::GetReportRequest* request,
                                                     v1::GetReportReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  loop_.Query([this, reactor, reply, id = request->campaign_id()](const State* state, int64_t) {
    if (state == nullptr) return reactor->Finish(ToGrpc(absl::UnavailableError("the daemon is stopping")));
    const Campaign* campaign = FindCampaign(*state, id);
    if (campaign == nullptr) return reactor->Finish(ToGrpc(NoCampaign(id)));
    const CampaignRow& row = campaign->row;
    if (row.report_sha256.empty()) return ReportSoFar(loop_, id, reactor, reply);
    loop_.background().Post([this, reactor, reply, id, json = row.report_sha256, html = row.html_sha256] {
      const absl::Status read = ReadReport(artifacts_, json, html, reply);
      if (read.ok()) return reactor->Finish(grpc::Status::OK);
      ReportSoFar(loop_, id, reactor, reply);  // the file is gone or broken: made again from the results
    });
  });
  return reactor;
}

grpc::ServerUnaryReactor* CampaignService::ListTasks(grpc::CallbackServerContext* context,
                                                     const v1::ListTasksRequest* request,
                                                     v1::ListTasksReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return QueryUnary(context, loop_, [id = request->campaign_id(), reply](const State& state, int64_t now_ms) {
    const Campaign* campaign = FindCampaign(state, id);
    if (campaign == nullptr) return NoCampaign(id);
    reply->set_tasks_json(DumpJson(TaskList(state, *campaign, now_ms)));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* CampaignService::Ping(grpc::CallbackServerContext* context,
                                                const v1::PingRequest* request, v1::PingReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return QueryUnary(context, loop_, [this, reply](const State& state, int64_t now_ms) {
    int connected = 0;
    for (const auto& [id, worker] : state.workers) connected += IsConnected(state, worker, now_ms);
    reply->set_workers(connected);
    reply->set_version(version_);
    reply->set_data_directory(data_directory_);
    return absl::OkStatus();
  });
}

}  // namespace superion
