// Rows of one small campaign, for tests of stores.
#pragma once

#include <string>

#include "core/file.h"
#include "database/rows.h"

namespace superion {

inline ArtifactRow SampleArtifact(const std::string& content) {
  return {Sha256(content), static_cast<int64_t>(content.size()), 0};
}

inline CampaignRow SampleCampaign(const std::string& id = "c1") {
  CampaignRow row;
  row.id = id;
  row.name = "a name with 'quotes' and \xc3\xa4";
  row.client_token = "token of " + id;
  row.spec_json = R"({"schema": 1})";
  row.structure_sha256 = SampleArtifact("structure").sha256;
  row.state = "RUNNING";
  row.stage = "bootstrap";
  row.created_ms = 1000;
  return row;
}

inline TaskRow SampleTask(int number, const std::string& campaign_id = "c1") {
  TaskRow row;
  row.number = number;
  row.id = "t" + std::to_string(number);
  row.campaign_id = campaign_id;
  row.key = "generation-0/label-" + std::to_string(number);
  row.kind = "label";
  row.stage = "label";
  row.threads = 2;
  row.seed = 0xfedcba9876543210u;
  row.params_json = R"({"budget":3})";
  row.created_ms = 1001;
  row.inputs = {{"frames", SampleArtifact("structure").sha256, "", ""}, {"model", "", "train", "model"}};
  row.state.id = row.id;
  row.state.state = "waiting";
  return row;
}

inline Transaction SampleSubmission() {
  Transaction t;
  t.artifacts = {SampleArtifact("structure")};
  t.campaigns = {SampleCampaign()};
  t.new_tasks = {SampleTask(1), SampleTask(2)};
  t.events = {{1000, "c1", "", "campaign submitted", ""}};
  return t;
}

}  // namespace superion
