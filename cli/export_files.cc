#include "cli/export_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cli/report_files.h"
#include "core/file.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

std::string Cell(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || it->is_null()) return "";
  return it->is_string() ? it->get<std::string>() : it->dump();
}

// Names come from the daemon, but they must not lead out of the folder all the same.
std::string PlainPath(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](unsigned char c) { return !std::isalnum(c) && c != '-' && c != '_' && c != '/' && c != '.'; }, '_');
  for (size_t at; (at = text.find("..")) != std::string::npos;) text.replace(at, 2, "_");
  return text.substr(std::min(text.find_first_not_of('/'), text.size()));
}

struct ArtifactRow {
  std::string key, kind, name, sha256;
};

std::vector<ArtifactRow> FinishedArtifacts(const Json& tasks) {
  std::vector<ArtifactRow> rows;
  for (const Json& task : tasks.is_array() ? tasks : Json::array()) {
    if (!task.is_object() || task.value("state", "") != "done") continue;
    const Json artifacts = task.value("artifacts", Json::array());
    for (const Json& artifact : artifacts) {
      rows.push_back({task.value("key", ""), task.value("kind", ""), artifact.value("name", ""),
                      artifact.value("sha256", "")});
    }
  }
  return rows;
}

absl::Status Append(Daemon* daemon, const ArtifactRow& row, const std::string& folder,
                    const std::string& file) {
  const std::string part = folder + "/." + row.sha256;
  SUPERION_RETURN_IF_ERROR(daemon->Fetch(row.sha256, part));
  absl::StatusOr<std::string> content = ReadFile(part);
  std::error_code ignored;
  fs::remove(part, ignored);
  SUPERION_RETURN_IF_ERROR(content.status());
  std::ofstream out(file, std::ios::binary | std::ios::app);
  out << *content;
  out.flush();
  if (!out) return ResourceExhausted("cannot write {}", file);
  return absl::OkStatus();
}

}  // namespace

std::string ConductivityCsv(const Json& conductivity) {
  std::string csv =
      "temperature_k,sigma_s_per_m,ci95_low_s_per_m,ci95_high_s_per_m,s_tot,status,haven_ratio,sigma_ne_s_"
      "per_m\n";
  for (const Json& point : conductivity.is_array() ? conductivity : Json::array()) {
    Json flat = point;
    const Json ci = point.value("ci95_s_per_m", Json());
    flat["low"] = ci.is_array() && ci.size() == 2 ? ci[0] : Json();
    flat["high"] = ci.is_array() && ci.size() == 2 ? ci[1] : Json();
    csv += fmt::format("{},{},{},{},{},{},{},{}\n", Cell(flat, "temperature_k"), Cell(flat, "sigma_s_per_m"),
                       Cell(flat, "low"), Cell(flat, "high"), Cell(flat, "s_tot"), Cell(flat, "status"),
                       Cell(flat, "haven_ratio"), Cell(flat, "sigma_ne_s_per_m"));
  }
  return csv;
}

absl::StatusOr<std::vector<std::string>> ExportCampaign(Daemon* daemon, const std::string& campaign_id,
                                                        const std::string& folder, bool everything) {
  std::vector<std::string> written = {"tasks.json"};
  // Labels and models are worth having also where no report can be made.
  const absl::StatusOr<CampaignReport> report = WriteReportFiles(daemon, campaign_id, folder);
  if (!report.ok() && !absl::IsInternal(report.status())) return report.status();
  SUPERION_ASSIGN_OR_RETURN(const Json tasks, daemon->Tasks(campaign_id));
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(folder + "/tasks.json", DumpJson(tasks, 2) + "\n"));
  if (report.ok()) {
    written.insert(written.end(), {"report.json", "report.html", "conductivity.csv"});
    SUPERION_RETURN_IF_ERROR(WriteFileAtomically(
        folder + "/conductivity.csv", ConductivityCsv(report->json.value("conductivity", Json()))));
  }
  fs::remove(folder + "/labels.xyz", ignored);
  std::string model;
  for (const ArtifactRow& row : FinishedArtifacts(tasks)) {
    if (row.name == "labelled") SUPERION_RETURN_IF_ERROR(Append(daemon, row, folder, folder + "/labels.xyz"));
    if (row.name == "model") model = row.sha256;
    if (!everything) continue;
    const std::string target = folder + "/artifacts/" + PlainPath(row.key) + "/" + PlainPath(row.name);
    fs::create_directories(fs::path(target).parent_path(), ignored);
    SUPERION_RETURN_IF_ERROR(daemon->Fetch(row.sha256, target));
    written.push_back(target.substr(folder.size() + 1));
  }
  if (fs::exists(folder + "/labels.xyz", ignored)) written.push_back("labels.xyz");
  if (!model.empty()) {
    SUPERION_RETURN_IF_ERROR(daemon->Fetch(model, folder + "/model.superion"));
    written.push_back("model.superion");
  }
  return written;
}

}  // namespace superion
