#include "cli/connection.h"

#include <cstdlib>

#include "cli/daemon_client.h"
#include "core/file.h"

namespace superion {
namespace {

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::StatusOr<std::string> ReadLine(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  text.erase(std::min(text.find_first_of("\r\n"), text.size()));
  return text;
}

absl::StatusOr<Endpoint> OfDataDirectory(const std::string& directory) {
  const absl::StatusOr<std::string> server = ReadLine(directory + "/endpoint");
  if (!server.ok())
    return Unavailable("no daemon serves the folder {} (it has no file `endpoint`)", directory);
  SUPERION_ASSIGN_OR_RETURN(const std::string token, ReadLine(directory + "/token"));
  return Endpoint{*server, token};
}

}  // namespace

void AddConnectionOptions(CLI::App* verb, ConnectionOptions* options) {
  verb->add_option("--server", options->server,
                   "address of the daemon: HOST:PORT or unix:PATH (or $SUPERION_SERVER)");
  verb->add_option("--token-file", options->token_file, "file with its token (or $SUPERION_TOKEN_FILE)");
  verb->add_option("--data-dir", options->data_directory,
                   "data folder of a daemon on this machine (or $SUPERION_DATA_DIR)");
}

absl::StatusOr<Endpoint> FindEndpoint(const ConnectionOptions& options) {
  const bool by_option = !options.server.empty() || !options.data_directory.empty();
  const std::string server = by_option ? options.server : FromEnvironment("SUPERION_SERVER");
  const std::string directory = by_option ? options.data_directory : FromEnvironment("SUPERION_DATA_DIR");
  std::string token_file =
      options.token_file.empty() ? FromEnvironment("SUPERION_TOKEN_FILE") : options.token_file;
  if (server.empty() && directory.empty()) {
    return InvalidArgument(
        "which daemon? give --data-dir DIR, or --server ADDRESS with --token-file FILE, or set "
        "SUPERION_DATA_DIR or SUPERION_SERVER");
  }
  if (server.empty()) return OfDataDirectory(directory);
  if (token_file.empty() && !directory.empty()) token_file = directory + "/token";
  if (token_file.empty()) return InvalidArgument("--server needs --token-file FILE (or SUPERION_TOKEN_FILE)");
  SUPERION_ASSIGN_OR_RETURN(const std::string token, ReadLine(token_file));
  return Endpoint{server, token};
}

absl::StatusOr<std::unique_ptr<Daemon>> Connect(const ConnectionOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const Endpoint endpoint, FindEndpoint(options));
  return ConnectDaemon(endpoint.server, endpoint.token);
}

absl::StatusOr<std::string> FindCampaign(Daemon* daemon, const std::string& word) {
  SUPERION_ASSIGN_OR_RETURN(const Json campaigns, daemon->List());
  std::vector<std::string> found;
  std::string all, meant;
  for (const Json& campaign : campaigns) {
    const std::string id = campaign.value("campaign_id", ""), name = campaign.value("name", "");
    if (id == word) return id;
    const std::string state = campaign.value("state", "");
    const std::string entry = fmt::format("{} ({}{}{})", id, name, state.empty() ? "" : ", ", state);
    all += (all.empty() ? "" : ", ") + entry;
    if (!word.empty() && name != word) continue;
    meant += (meant.empty() ? "" : ", ") + entry;
    found.push_back(id);
  }
  if (found.size() > 1) return InvalidArgument("which campaign? name one by its id: {}", meant);
  if (found.size() == 1) return found[0];
  if (word.empty()) return NotFound("the daemon has no campaign yet");
  return NotFound("no campaign \"{}\"; there are {}", word, all.empty() ? "none" : all);
}

void AddCampaignOptions(CLI::App* verb, CampaignOptions* options, const std::string& what_json_prints) {
  verb->add_option("campaign", options->campaign, "id or name (default: the only one)");
  AddConnectionOptions(verb, &options->connection);
  verb->add_flag("--json", options->json, what_json_prints);
}

absl::StatusOr<MeantCampaign> ConnectToCampaign(const CampaignOptions& options) {
  MeantCampaign meant;
  SUPERION_ASSIGN_OR_RETURN(meant.daemon, Connect(options.connection));
  SUPERION_ASSIGN_OR_RETURN(meant.id, FindCampaign(meant.daemon.get(), options.campaign));
  return meant;
}

}  // namespace superion
