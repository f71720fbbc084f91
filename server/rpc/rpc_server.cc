#include "server/rpc/rpc_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <thread>

namespace superion {

RpcServer::RpcServer(EventLoop& loop, ArtifactStore& artifacts, const RpcServerOptions& options)
    : loop_(loop),
      authenticator_(options.token),
      campaigns_(loop, artifacts, authenticator_, options.version, options.data_directory),
      workers_(loop, artifacts, authenticator_, options.coordinator),
      artifacts_(loop, artifacts, authenticator_, options.max_artifact_bytes),
      address_(options.address) {}

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(EventLoop& loop, ArtifactStore& artifacts,
                                                            const RpcServerOptions& options) {
  std::unique_ptr<RpcServer> rpc(new RpcServer(loop, artifacts, options));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &port);
  // Two daemons on one port would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Workers keep a connection open over hours; they may ask whether it still stands.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.SetMaxReceiveMessageSize(options.max_message_bytes);
  builder.SetMaxSendMessageSize(options.max_message_bytes);
  builder.RegisterService(&rpc->campaigns_);
  builder.RegisterService(&rpc->workers_);
  builder.RegisterService(&rpc->artifacts_);
  rpc->server_ = builder.BuildAndStart();
  const bool is_unix = options.address.rfind("unix:", 0) == 0;
  if (rpc->server_ == nullptr || (!is_unix && port == 0)) {
    return Unavailable("cannot listen on {}: the address is not of this machine, not allowed, or in use",
                       options.address);
  }
  if (!is_unix)
    rpc->address_ = options.address.substr(0, options.address.rfind(':')) + fmt::format(":{}", port);
  return rpc;
}

RpcServer::~RpcServer() { Stop(); }

void RpcServer::Stop() {
  if (server_ == nullptr) return;
  // Shutdown waits for calls that only the loop can answer: both have to end together.
  std::thread shutdown(
      [this] { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(5)); });
  loop_.Stop();
  shutdown.join();
  server_->Wait();
  server_.reset();
}

}  // namespace superion
