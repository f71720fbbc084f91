#include "server/event_loop/report_job.h"

namespace superion {
namespace {

absl::StatusOr<ArtifactRow> Stored(ArtifactStore& artifacts, const std::string& content) {
  SUPERION_ASSIGN_OR_RETURN(const StoredArtifact stored, artifacts.Put(content));
  return ArtifactRow{stored.sha256, stored.size_bytes, 0};
}

// `unreadable` becomes the reason when an artifact could not be read.
Json Document(const ReportJob& job, const std::string& state, absl::Status& unreadable) {
  const ReadArtifact read = [&](const std::string& sha256) -> absl::StatusOr<std::string> {
    absl::StatusOr<std::string> content = job.artifacts->Read(sha256);
    if (absl::IsDataLoss(content.status()) || absl::IsNotFound(content.status())) {
      unreadable = content.status();
      job.post(ArtifactLost{sha256, std::string(content.status().message())});
    }
    return content;
  };
  Json report = job.build(job.spec, job.ended, read);
  report["state"] = state;
  return report;
}

absl::Status Build(const ReportJob& job, ReportBuilt& built) {
  absl::Status unreadable;
  const Json report = Document(job, "DONE", unreadable);
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

absl::StatusOr<ReportPages> MakePartialReport(const ReportJob& job) {
  try {
    absl::Status unreadable;
    Json report = Document(job, job.status.value("state", "RUNNING"), unreadable);
    for (const char* key : {"stage", "generation", "message", "tasks", "elapsed_s", "eta_s", "eta_note"}) {
      report["progress"][key] = job.status.value(key, Json());
    }
    return ReportPages{DumpJson(report, 1), job.render(report)};
  } catch (const std::exception& e) {  // JSON of an unexpected type
    return Internal("making the report of campaign {}: {}", job.campaign_id, e.what());
  }
}

}  // namespace superion
