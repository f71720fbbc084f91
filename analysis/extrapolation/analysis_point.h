// What the fits over several analyses need of each: one point out of a document of the kind `analyze`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/extrapolation/arrhenius.h"
#include "analysis/extrapolation/same_material.h"
#include "core/json.h"
#include "core/task.h"

namespace superion::analysis {

struct AnalysisPoint {
  double temperature_k = 0.0;
  double volume_angstrom3 = 0.0;  // 0: not said
  std::string status;
  std::string left_out;                         // why it may not enter a fit; "" when it may
  std::optional<ArrheniusPoint> sigma;          // value or bound, when it may enter a fit
  std::optional<ArrheniusPoint> sigma_ne;       // Nernst-Einstein; s such that ±1.96 s is its interval
  std::map<std::string, ArrheniusPoint> other;  // cross-check estimators by name
  Material material;
  Json shown;  // the entry of `points` in documents
};

// InvalidArgument names `origin` when there is no temperature, when the status is none that analyze gives, or
// when the document is of another kind. Values of a state that is not the one asked for (FRAMEWORK_UNSTABLE,
// SEEDS_DISAGREE, DRIFTING) or of no diffusion (NOT_DIFFUSIVE) are shown but left out.
absl::StatusOr<AnalysisPoint> ReadPoint(const Json& document, const std::string& origin);

// All inputs called `name`, in order.
absl::StatusOr<std::vector<AnalysisPoint>> ReadPoints(const TaskSpec& spec, const std::string& name);

// CheckOneMaterial of all points.
absl::Status CheckOneMaterial(const std::vector<AnalysisPoint>& points, const DensityRule& density,
                              std::vector<std::string>* notes);

// In `flags` of a fit one of whose points is not CONVERGED.
inline constexpr char kPointsNotConverged[] = "POINTS_NOT_CONVERGED";

// Which of the points that a fit used are not CONVERGED, with status and temperature; "" when all are.
std::string RemarkOnOpenPoints(const std::vector<AnalysisPoint>& used);

// σ exp(±1.96 s), JSON null where it is no number.
Json LogNormalInterval(double ln_sigma, double s);

// Writes the document as `name`.json and hands it back as metrics and artifact.
TaskResult FinishDocument(absl::StatusOr<Json> document, const std::string& name);

}  // namespace superion::analysis
