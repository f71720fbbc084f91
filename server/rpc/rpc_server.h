// The gRPC server with its three services.
#pragma once

#include <grpcpp/server.h>

#include <memory>
#include <string>

#include "core/status.h"
#include "server/rpc/artifact_service.h"
#include "server/rpc/authentication.h"
#include "server/rpc/campaign_service.h"
#include "server/rpc/worker_service.h"

namespace superion {

struct RpcServerOptions {
  std::string address;  // "unix:/path" or "host:port"; port 0: any free one
  std::string token;
  std::string version;
  std::string data_directory;
  CoordinatorOptions coordinator;
  int max_message_bytes = 64 << 20;
  int64_t max_artifact_bytes = int64_t{1} << 38;
};

class RpcServer {
 public:
  // Unavailable when the address cannot be bound. The loop and the store outlive the server.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(EventLoop& loop, ArtifactStore& artifacts,
                                                          const RpcServerOptions& options);
  ~RpcServer();  // Stop()

  // The address that a client on this machine can use, with the port that was chosen.
  const std::string& address() const { return address_; }

  // Refuses new calls, ends the loop, which answers what waits, and gives running transfers a moment to end.
  void Stop();

 private:
  RpcServer(EventLoop& loop, ArtifactStore& artifacts, const RpcServerOptions& options);

  EventLoop& loop_;
  Authenticator authenticator_;
  CampaignService campaigns_;
  WorkerService workers_;
  ArtifactService artifacts_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace superion
