// Follows a campaign with live progress until it ends.
#pragma once

#include <functional>
#include <string>

#include "cli/daemon.h"
#include "cli/interrupt.h"

namespace superion {

struct WatchOptions {
  std::string campaign_id;
  std::chrono::milliseconds interval{500};
  // Called before every look; an error ends the watch. May be empty.
  std::function<absl::Status()> between;
  // How long a daemon may be away in one piece.
  std::chrono::seconds patience{60};
};

// The last status, of a campaign that has ended; Cancelled when the user interrupts; Unavailable when the
// daemon stays away. `daemon` is asked for every time, because a daemon that was started again is another
// connection.
absl::StatusOr<Json> WatchCampaign(const std::function<Daemon*()>& daemon, const WatchOptions& options,
                                   Interrupt* interrupt);

}  // namespace superion
