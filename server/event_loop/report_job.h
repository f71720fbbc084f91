// Makes the report of a finished campaign and puts it into the artifact store.
#pragma once

#include <functional>
#include <string>

#include "database/artifact_store.h"
#include "server/coordinator/command.h"
#include "server/coordinator/state.h"

namespace superion {

struct ReportJob {
  std::string campaign_id;
  CampaignSpec spec;
  FinishedTasks ended;
  ArtifactStore* artifacts = nullptr;
  std::function<Json(const CampaignSpec&, const FinishedTasks&, const ReadArtifact&)> build;
  std::function<std::string(const Json&)> render;
  std::function<void(Command)> post;
};

// Posts ReportBuilt, after an ArtifactLost for every artifact that could not be read.
void MakeReport(const ReportJob& job);

}  // namespace superion
