#include "cli/watch_loop.h"

#include "cli/progress_bar.h"
#include "cli/status_text.h"

namespace superion {

absl::StatusOr<Json> WatchCampaign(const std::function<Daemon*()>& daemon, const WatchOptions& options,
                                   Interrupt* interrupt) {
  LiveBlock block;
  auto last_seen = std::chrono::steady_clock::now();
  while (true) {
    if (options.between) SUPERION_RETURN_IF_ERROR(options.between());
    const absl::StatusOr<Json> status = daemon()->Status(options.campaign_id);
    const auto now = std::chrono::steady_clock::now();
    if (status.ok()) {
      last_seen = now;
      block.Show(StatusLines(*status, 8), StatusLine(*status), StatusKey(*status));
      if (HasEnded(*status)) return *status;
    } else if (!absl::IsUnavailable(status.status()) && !absl::IsDeadlineExceeded(status.status())) {
      return status.status();
    } else if (now - last_seen > options.patience) {
      return status.status();
    }
    if (interrupt->WaitFor(options.interval)) return absl::CancelledError("interrupted");
  }
}

}  // namespace superion
