// What the client asks of the daemon, without the wire; the gRPC implementation is daemon_client.h.
#pragma once

#include <string>

#include "core/json.h"

namespace superion {

struct CampaignReport {
  Json json;
  std::string html;
};

struct DaemonState {
  std::string version, data_directory;
  int workers = 0;
};

enum class CampaignControl { kPause, kResume, kCancel };

// Unavailable when no daemon answers; Unauthenticated for a wrong token; NotFound for an unknown campaign.
class Daemon {
 public:
  virtual ~Daemon() = default;
  // The same `client_token` submitted twice is the same campaign. Returns its id.
  virtual absl::StatusOr<std::string> Submit(const Json& campaign, const std::string& client_token) = 0;
  virtual absl::StatusOr<Json> Status(const std::string& campaign_id) = 0;  // docs/status.md
  virtual absl::StatusOr<Json> List() = 0;
  virtual absl::StatusOr<Json> Tasks(const std::string& campaign_id) = 0;
  virtual absl::StatusOr<std::string> Control(const std::string& campaign_id, CampaignControl action) = 0;
  virtual absl::StatusOr<CampaignReport> Report(const std::string& campaign_id) = 0;
  virtual absl::StatusOr<DaemonState> Ping() = 0;
  // Copies an artifact of the store to `path`.
  virtual absl::Status Fetch(const std::string& sha256, const std::string& path) = 0;
};

}  // namespace superion
