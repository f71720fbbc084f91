#include "server/rpc/worker_service.h"

#include <atomic>
#include <memory>

#include "server/rpc/unary.h"

namespace superion {

grpc::ServerUnaryReactor* WorkerService::Register(grpc::CallbackServerContext* context,
                                                  const v1::RegisterRequest* request,
                                                  v1::RegisterReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return PostUnary<Registered>(context, loop_, AsCommand(RegisterFromProto(*request, artifacts_)),
                               [reply, options = options_](const Registered& registered) {
                                 reply->set_heartbeat_interval_ms(static_cast<int32_t>(options.heartbeat_ms));
                                 reply->set_lease_ms(static_cast<int32_t>(options.lease_ms));
                                 for (const std::string& id : registered.drop_task_ids)
                                   reply->add_drop_task_ids(id);
                               });
}

namespace {

// A waiting call whose client may go away: then the coordinator must not hand tasks to nobody.
class LeaseReactor : public grpc::ServerUnaryReactor {
 public:
  LeaseReactor(EventLoop& loop, v1::LeaseReply* reply) : loop_(loop), reply_(reply) {}

  void Begin(superion::Lease command) {
    // The reply may come before Post has returned: two owners, this call and the callback.
    self_ = std::make_shared<std::atomic<uint64_t>>(0);
    const std::shared_ptr<std::atomic<uint64_t>> number = self_;
    *number = loop_.Post(Command(std::move(command)), [this](const Reply& reply) {
      if (const auto* leased = std::get_if<Leased>(&reply.body)) *reply_ = ToProto(*leased);
      Finish(ToGrpc(reply.status));
    });
  }
  void OnCancel() override { loop_.Post(AbandonLease{*self_}); }
  void OnDone() override { delete this; }

 private:
  EventLoop& loop_;
  v1::LeaseReply* reply_;
  std::shared_ptr<std::atomic<uint64_t>> self_;
};

}  // namespace

grpc::ServerUnaryReactor* WorkerService::Lease(grpc::CallbackServerContext* context,
                                               const v1::LeaseRequest* request, v1::LeaseReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  auto* reactor = new LeaseReactor(loop_, reply);
  reactor->Begin({0, request->worker_id(), request->free_cores(), request->wait_ms()});
  return reactor;
}

grpc::ServerUnaryReactor* WorkerService::Heartbeat(grpc::CallbackServerContext* context,
                                                   const v1::HeartbeatRequest* request,
                                                   v1::HeartbeatReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  return PostUnary<HeartbeatSeen>(context, loop_, AsCommand(HeartbeatFromProto(*request)),
                                  [reply](const HeartbeatSeen& seen) {
                                    reply->set_must_register(seen.must_register);
                                    for (const std::string& id : seen.drop_task_ids)
                                      reply->add_drop_task_ids(id);
                                  });
}

grpc::ServerUnaryReactor* WorkerService::Complete(grpc::CallbackServerContext* context,
                                                  const v1::TaskReport* request, v1::CompleteReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return FinishNow(context, allowed);
  absl::StatusOr<Report> report = ReportFromProto(*request, artifacts_);
  if (!report.ok()) return FinishNow(context, ToGrpc(report.status()));
  return PostUnary<Completed>(context, loop_, Command(superion::Complete{0, *std::move(report)}),
                              [](const Completed&) {});
}

}  // namespace superion
