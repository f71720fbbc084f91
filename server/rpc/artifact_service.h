// Files to and from workers and clients. Each call has a thread of its own, as it reads and writes files; the
// event loop has no part in it but to learn of broken ones.
#pragma once

#include "server/event_loop/event_loop.h"
#include "server/rpc/authentication.h"
#include "superion/v1/artifact.grpc.pb.h"

namespace superion {

class ArtifactService : public v1::ArtifactService::Service {
 public:
  // `max_bytes`: the size from which on an artifact is refused.
  ArtifactService(EventLoop& loop, ArtifactStore& artifacts, const Authenticator& authenticator,
                  int64_t max_bytes)
      : loop_(loop), artifacts_(artifacts), authenticator_(authenticator), max_bytes_(max_bytes) {}

  grpc::Status Put(grpc::ServerContext* context, grpc::ServerReader<v1::PutRequest>* reader,
                   v1::PutReply* reply) override;
  grpc::Status Get(grpc::ServerContext* context, const v1::GetRequest* request,
                   grpc::ServerWriter<v1::GetReply>* writer) override;
  grpc::Status Have(grpc::ServerContext* context, const v1::HaveRequest* request,
                    v1::HaveReply* reply) override;

 private:
  absl::Status Receive(grpc::ServerReader<v1::PutRequest>* reader);

  EventLoop& loop_;
  ArtifactStore& artifacts_;
  const Authenticator& authenticator_;
  const int64_t max_bytes_;
};

}  // namespace superion
