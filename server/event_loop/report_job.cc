#include "server/event_loop/report_job.h"

namespace superion {
namespace {

absl::StatusOr<ArtifactRow> Stored(ArtifactStore& artifacts, const std::string& content) {
  SUPERION_ASSIGN_OR_RETURN(const StoredArtifact stored, artifacts.Put(content));
  return ArtifactRow{stored.sha256, stored.size_bytes, 0};
}

absl::Status Build(const ReportJob& job, ReportBuilt& built) {
  absl::Status unreadable;
  const ReadArtifact read = [&](const std::string& sha256) -> absl::StatusOr<std::string> {
    absl::StatusOr<std::string> content = job.artifacts->Read(sha256);
    if (absl::IsDataLoss(content.status()) || absl::IsNotFound(content.status())) {
      unreadable = content.status();
      job.post(ArtifactLost{sha256, std::string(content.status().message())});
    }
    return content;
  };
  const Json report = job.build(job.spec, job.ended, read);
  SUPERION_RETURN_IF_ERROR(unreadable);
  SUPERION_ASSIGN_OR_RETURN(built.report, Stored(*job.artifacts, DumpJson(report, 1)));
  SUPERION_ASSIGN_OR_RETURN(built.html, Stored(*job.artifacts, job.render(report)));
  return absl::OkStatus();
}

}  // namespace

void MakeReport(const ReportJob& job) {
  ReportBuilt built;
  built.campaign_id = job.campaign_id;
  try {
    built.status = Build(job, built);
  } catch (const std::exception& e) {  // JSON of an unexpected type
    built.status = Internal("making the report of campaign {}: {}", job.campaign_id, e.what());
  }
  job.post(std::move(built));
}

}  // namespace superion
