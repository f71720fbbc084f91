#include "server/rpc/watch_reactor.h"

#include "server/rpc/conversion.h"

namespace superion {

void WatchReactor::Begin(const std::string& campaign_id) {
  const std::shared_ptr<Link> link = link_;
  const uint64_t watch =
      loop_.Watch(campaign_id, [link](const absl::StatusOr<std::string>& status_json, bool last) {
        const std::lock_guard lock(link->mutex);
        if (link->reactor != nullptr) link->reactor->Take(status_json, last);
      });
  const std::lock_guard lock(link->mutex);
  link->watch = watch;
}

void WatchReactor::Take(const absl::StatusOr<std::string>& status_json, bool last) {
  if (link_->finished) return;
  if (status_json.ok()) {
    link_->waiting = *status_json;
  } else {
    link_->end = status_json.status();
  }
  link_->last |= last;
  WriteOrFinish();
}

void WatchReactor::WriteOrFinish() {
  if (link_->writing || link_->finished) return;
  if (link_->waiting) {
    message_.set_status_json(*std::exchange(link_->waiting, std::nullopt));
    link_->writing = true;
    StartWrite(&message_);
  } else if (link_->last) {
    link_->finished = true;
    Finish(ToGrpc(link_->end));
  }
}

void WatchReactor::OnWriteDone(bool ok) {
  const std::lock_guard lock(link_->mutex);
  link_->writing = false;
  if (!ok) {
    link_->waiting.reset();
    link_->last = true;
  }
  WriteOrFinish();
}

void WatchReactor::OnCancel() {
  const std::lock_guard lock(link_->mutex);
  link_->waiting.reset();
  link_->last = true;
  link_->end = absl::CancelledError("the client went away");
  WriteOrFinish();
}

void WatchReactor::OnDone() {
  const std::shared_ptr<Link> link = link_;
  uint64_t watch = 0;
  {
    const std::lock_guard lock(link->mutex);
    link->reactor = nullptr;
    watch = link->watch;
  }
  if (watch != 0) loop_.Unwatch(watch);
  delete this;
}

}  // namespace superion
