#include "cli/folder_campaign.h"

#include <algorithm>
#include <random>

#include "core/file.h"

namespace superion {
namespace {

constexpr size_t kMostDifferences = 3;

struct Entry {
  std::string id, name, state, token;
  bool open() const { return state == "RUNNING" || state == "PAUSED"; }
};

absl::StatusOr<std::vector<Entry>> Entries(Daemon* daemon) {
  SUPERION_ASSIGN_OR_RETURN(const Json list, daemon->List());
  std::vector<Entry> entries;
  for (const Json& c : list) {
    entries.push_back(
        {c.value("campaign_id", ""), c.value("name", ""), c.value("state", ""), c.value("client_token", "")});
  }
  return entries;
}

// "/production/steps" -> "production.steps"
std::string Dotted(const std::string& pointer) {
  std::string text = pointer.substr(std::min<size_t>(1, pointer.size()));
  std::replace(text.begin(), text.end(), '/', '.');
  return text;
}

absl::Status Refuse(Daemon* daemon, const Entry& other, const Json& campaign) {
  std::string differences;
  const absl::StatusOr<CampaignReport> report = daemon->Report(other.id);
  if (report.ok() && report->json.contains("campaign"))
    differences = Differences(report->json["campaign"], campaign);
  return InvalidArgument(
      "the data folder holds another campaign that has not ended: {} ({}, {}){}{}. Give the file as it was "
      "to "
      "continue that one, another --data-dir to keep both, or --again to cancel it and begin with this file",
      other.id, other.name, other.state, differences.empty() ? "" : "; ", differences);
}

}  // namespace

std::string ClientToken(const Json& campaign) { return Sha256(DumpJson(campaign)); }

std::string AnotherToken(const Json& campaign) {
  std::random_device random;
  return fmt::format("{}-{:08x}{:08x}", ClientToken(campaign), random(), random());
}

std::string Differences(const Json& there, const Json& here) {
  const Json before = there.flatten(), now = here.flatten();
  std::vector<std::string> found;
  const auto show = [](const Json& flat, const std::string& key) {
    return flat.contains(key) ? DumpJson(flat[key]).substr(0, 40) : std::string("nothing");
  };
  const auto add = [&](const std::string& pointer) {
    const bool structure = pointer.rfind("/structure", 0) == 0;
    std::string text = structure ? "structure: another one"
                                 : fmt::format("{}: {} there, {} here", Dotted(pointer),
                                               show(before, pointer), show(now, pointer));
    if (std::find(found.begin(), found.end(), text) == found.end()) found.push_back(std::move(text));
  };
  for (const auto& [pointer, value] : now.items()) {
    if (!before.contains(pointer) || before[pointer] != value) add(pointer);
  }
  for (const auto& [pointer, value] : before.items()) {
    if (!now.contains(pointer)) add(pointer);
  }
  std::string text;
  for (size_t k = 0; k < std::min(found.size(), kMostDifferences); ++k)
    text += (k == 0 ? "" : "; ") + found[k];
  if (found.size() > kMostDifferences) text += fmt::format("; and {} more", found.size() - kMostDifferences);
  return text;
}

absl::StatusOr<std::string> CampaignOfFolder(Daemon* daemon, const Json& campaign, bool again) {
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Entry> entries, Entries(daemon));
  const std::string token = ClientToken(campaign);
  std::string mine, cancelled;
  for (const Entry& entry : entries) {
    const bool own = entry.token.rfind(token, 0) == 0;
    if (again) {
      if (entry.open())
        SUPERION_RETURN_IF_ERROR(daemon->Control(entry.id, CampaignControl::kCancel).status());
    } else if (!own) {
      if (entry.open()) return Refuse(daemon, entry, campaign);
    } else {
      (entry.state == "CANCELLED" ? cancelled : mine) = entry.id;
    }
  }
  if (again) return daemon->Submit(campaign, entries.empty() ? token : AnotherToken(campaign));
  if (!mine.empty()) return mine;
  if (cancelled.empty()) return daemon->Submit(campaign, token);
  return InvalidArgument("this campaign was cancelled ({}) and stays so; --again begins it anew", cancelled);
}

}  // namespace superion
