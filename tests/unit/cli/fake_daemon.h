// A daemon in memory for tests of the client.
#pragma once

#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "cli/daemon.h"
#include "core/file.h"

namespace superion {

class FakeDaemon : public Daemon {
 public:
  std::deque<absl::StatusOr<Json>> statuses;  // the last one stays
  Json campaigns = Json::array(), tasks = Json::array();
  CampaignReport report;
  absl::Status report_status;
  std::map<std::string, std::string> store;
  std::vector<std::string> submitted;
  std::vector<std::pair<std::string, CampaignControl>> controlled;

  std::string Put(const std::string& content) {
    store[Sha256(content)] = content;
    return Sha256(content);
  }
  absl::StatusOr<std::string> Submit(const Json&, const std::string& client_token) override {
    submitted.push_back(client_token);
    return client_token;
  }
  absl::StatusOr<Json> Status(const std::string&) override {
    absl::StatusOr<Json> status = statuses.front();
    if (statuses.size() > 1) statuses.pop_front();
    return status;
  }
  absl::StatusOr<Json> List() override { return campaigns; }
  absl::StatusOr<Json> Tasks(const std::string&) override { return tasks; }
  absl::StatusOr<std::string> Control(const std::string& id, CampaignControl action) override {
    controlled.push_back({id, action});
    return "PAUSED";
  }
  absl::StatusOr<CampaignReport> Report(const std::string&) override {
    if (!report_status.ok()) return report_status;
    return report;
  }
  absl::StatusOr<DaemonState> Ping() override { return DaemonState{}; }
  absl::Status Fetch(const std::string& sha256, const std::string& path) override {
    if (store.count(sha256) == 0) return absl::NotFoundError("no artifact");
    return WriteFileAtomically(path, store[sha256]);
  }
};

}  // namespace superion
