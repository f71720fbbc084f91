// The daemon put together: data folder, store, event loop, gRPC server.
#pragma once

#include <memory>
#include <string>

#include "core/status.h"
#include "database/artifact_store.h"
#include "server/daemon/data_directory.h"
#include "server/event_loop/event_loop.h"
#include "server/rpc/rpc_server.h"

namespace superion {

struct DaemonOptions {
  std::string data_directory;
  std::string listen;      // see ListenAddress
  std::string token_file;  // empty: D/token
  bool insecure_tcp = false;
  std::string version;
  CoordinatorOptions coordinator;
  Policy policy;
  std::function<Json(const CampaignSpec&, const FinishedTasks&, const ReadArtifact&)> build_report;
  std::function<std::string(const Json&)> render_report;
  std::function<void(const EventRow&)> on_event;
  std::function<void(const absl::Status&)> on_error;
};

class Daemon {
 public:
  // Serves when it returns OK; D/endpoint then holds the address for clients. Each error names what is wrong
  // and leaves everything as it was: FailedPrecondition (another daemon, bad permissions, network file
  // system, address), DataLoss (broken database), Unavailable (address in use), ResourceExhausted (full
  // disk).
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(DaemonOptions options);
  ~Daemon();  // answers everybody, closes the database, removes D/endpoint

  const std::string& address() const { return rpc_->address(); }
  const std::string& token() const { return token_; }
  const std::string& data_directory() const { return directory_->path(); }
  EventLoop& loop() { return *loop_; }

 private:
  Daemon() = default;

  std::unique_ptr<DataDirectory> directory_;
  std::string token_;
  std::unique_ptr<ArtifactStore> artifacts_;
  std::unique_ptr<EventLoop> loop_;
  std::unique_ptr<RpcServer> rpc_;
};

}  // namespace superion
