// What node agents call.
#pragma once

#include "server/event_loop/event_loop.h"
#include "server/rpc/authentication.h"
#include "superion/v1/worker.grpc.pb.h"

namespace superion {

class WorkerService : public v1::WorkerService::CallbackService {
 public:
  WorkerService(EventLoop& loop, ArtifactStore& artifacts, const Authenticator& authenticator,
                const CoordinatorOptions& options)
      : loop_(loop), artifacts_(artifacts), authenticator_(authenticator), options_(options) {}

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context, const v1::RegisterRequest* request,
                                     v1::RegisterReply* reply) override;
  grpc::ServerUnaryReactor* Lease(grpc::CallbackServerContext* context, const v1::LeaseRequest* request,
                                  v1::LeaseReply* reply) override;
  grpc::ServerUnaryReactor* Heartbeat(grpc::CallbackServerContext* context,
                                      const v1::HeartbeatRequest* request,
                                      v1::HeartbeatReply* reply) override;
  grpc::ServerUnaryReactor* Complete(grpc::CallbackServerContext* context, const v1::TaskReport* request,
                                     v1::CompleteReply* reply) override;

 private:
  EventLoop& loop_;
  ArtifactStore& artifacts_;
  const Authenticator& authenticator_;
  const CoordinatorOptions options_;
};

}  // namespace superion
