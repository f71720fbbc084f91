// Finds the daemon that a command means: --server and --token-file, or --data-dir, or SUPERION_SERVER with
// SUPERION_TOKEN_FILE, or SUPERION_DATA_DIR.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/daemon.h"

namespace superion {

struct ConnectionOptions {
  std::string server, token_file, data_directory;
};

void AddConnectionOptions(CLI::App* verb, ConnectionOptions* options);

// Address and token; InvalidArgument says what to give when nothing leads to a daemon, Unavailable when the
// data folder has none running.
struct Endpoint {
  std::string server, token;
};
absl::StatusOr<Endpoint> FindEndpoint(const ConnectionOptions& options);

absl::StatusOr<std::unique_ptr<Daemon>> Connect(const ConnectionOptions& options);

// The campaign that is meant by an id or a name; an empty word means the only campaign there is.
absl::StatusOr<std::string> FindCampaign(Daemon* daemon, const std::string& word);

// What every verb about one campaign can be told.
struct CampaignOptions {
  ConnectionOptions connection;
  std::string campaign;
  bool json = false;
};
void AddCampaignOptions(CLI::App* verb, CampaignOptions* options, const std::string& what_json_prints);

struct MeantCampaign {
  std::unique_ptr<Daemon> daemon;
  std::string id;
};
absl::StatusOr<MeantCampaign> ConnectToCampaign(const CampaignOptions& options);

}  // namespace superion
