#include "server/daemon/daemon.h"

#include <unistd.h>

#include <utility>

#include "core/file.h"
#include "database/sqlite_store.h"
#include "server/daemon/listen_address.h"

namespace superion {

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::Start(DaemonOptions options) {
  std::unique_ptr<Daemon> daemon(new Daemon());
  SUPERION_ASSIGN_OR_RETURN(daemon->directory_, DataDirectory::Open(options.data_directory));
  const DataDirectory& directory = *daemon->directory_;
  SUPERION_ASSIGN_OR_RETURN(const std::string address,
                            ListenAddress(options.listen, directory.path(), options.insecure_tcp));
  SUPERION_ASSIGN_OR_RETURN(daemon->token_, directory.Token(options.token_file));
  EventLoopOptions loop;
  SUPERION_ASSIGN_OR_RETURN(loop.store, SqliteStore::Open(directory / "superion.db"));
  SUPERION_ASSIGN_OR_RETURN(daemon->artifacts_, ArtifactStore::Open(directory / "artifacts"));
  loop.artifacts = daemon->artifacts_.get();
  loop.policy = std::move(options.policy);
  loop.build_report = std::move(options.build_report);
  loop.render_report = std::move(options.render_report);
  loop.coordinator = options.coordinator;
  loop.on_event = std::move(options.on_event);
  loop.on_error = std::move(options.on_error);
  SUPERION_ASSIGN_OR_RETURN(daemon->loop_, EventLoop::Start(std::move(loop)));

  // A socket left by a daemon that was killed; the lock says that nobody listens on it any more.
  if (address == "unix:" + directory.path() + "/superiond.sock") unlink(address.c_str() + 5);
  RpcServerOptions rpc;
  rpc.address = address, rpc.token = daemon->token_, rpc.version = options.version;
  rpc.data_directory = directory.path(), rpc.coordinator = options.coordinator;
  SUPERION_ASSIGN_OR_RETURN(daemon->rpc_, RpcServer::Start(*daemon->loop_, *daemon->artifacts_, rpc));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(directory / "endpoint", daemon->rpc_->address() + "\n"));
  return daemon;
}

Daemon::~Daemon() {
  if (rpc_ != nullptr) {
    unlink((*directory_ / "endpoint").c_str());
    rpc_->Stop();
  }
}

}  // namespace superion
