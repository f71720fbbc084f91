// The stream of statuses of one campaign to one client. A client that reads slowly gets the newest status,
// not all.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "server/event_loop/event_loop.h"
#include "superion/v1/campaign.pb.h"

namespace superion {

class WatchReactor : public grpc::ServerWriteReactor<v1::GetStatusReply> {
 public:
  explicit WatchReactor(EventLoop& loop) : loop_(loop), link_(std::make_shared<Link>()) {
    link_->reactor = this;
  }

  void Begin(const std::string& campaign_id);
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  // Shared with the loop's callback, which may outlive the reactor.
  struct Link {
    std::mutex mutex;
    WatchReactor* reactor = nullptr;
    std::optional<std::string> waiting;  // the newest status that is not on its way
    bool writing = false;
    bool last = false;
    bool finished = false;
    absl::Status end;
    uint64_t watch = 0;
  };
  void Take(const absl::StatusOr<std::string>& status_json, bool last);
  void WriteOrFinish();  // with the mutex held

  EventLoop& loop_;
  std::shared_ptr<Link> link_;
  v1::GetStatusReply message_;
};

}  // namespace superion
