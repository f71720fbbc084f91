// Makes the report of a campaign: of a finished one into the artifact store, of any other for one reader.
#pragma once

#include <functional>
#include <string>

#include "database/artifact_store.h"
#include "server/coordinator/command.h"
#include "server/coordinator/state.h"

namespace superion {

struct ReportJob {
  std::string campaign_id;
  Json status;  // the campaign's (docs/status.md), from which the report says how far it is
  CampaignSpec spec;
  FinishedTasks ended;
  ArtifactStore* artifacts = nullptr;
  std::function<Json(const CampaignSpec&, const FinishedTasks&, const ReadArtifact&)> build;
  std::function<std::string(const Json&)> render;
  std::function<void(Command)> post;
};

// Posts ReportBuilt, after an ArtifactLost for every artifact that could not be read.
void MakeReport(const ReportJob& job);

struct ReportPages {
  std::string json, html;
};
// The report of what there is so far; nothing is stored. What cannot be read is left out and said.
absl::StatusOr<ReportPages> MakePartialReport(const ReportJob& job);

}  // namespace superion
