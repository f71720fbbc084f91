#include "analysis/extrapolation/analysis_point.h"

#include <cmath>

#include "core/file.h"

namespace superion::analysis {
namespace {

std::optional<double> Positive(const Json& document, const char* key) {
  const auto found = document.find(key);
  if (found == document.end() || !found->is_number() || !(found->get<double>() > 0.0)) return std::nullopt;
  return found->get<double>();
}

// Both ends of an interval.
std::optional<std::pair<double, double>> Ends(const Json& interval) {
  if (!interval.is_array() || interval.size() != 2 || !interval[0].is_number() || !interval[1].is_number())
    return std::nullopt;
  const auto low = interval[0].get<double>(), high = interval[1].get<double>();
  if (!(low > 0.0) || !(high > low)) return std::nullopt;
  return std::pair(low, high);
}

// Statuses whose number belongs to another state than the one asked for.
std::string ReasonOf(const std::string& status) {
  if (status == "FRAMEWORK_UNSTABLE") return "the framework melts or changes: not the same phase";
  if (status == "SEEDS_DISAGREE") return "its seeds disagree: their mean belongs to no state";
  if (status == "DRIFTING") return "it is not in equilibrium";
  if (status == "NOT_DIFFUSIVE") return "its charges do not diffuse on the time scale of the runs";
  return "";
}

constexpr const char* kStatuses[] = {
    "CONVERGED",           "RUNNING",     "BUDGET_EXHAUSTED", "NO_HOPS",
    "NOT_DIFFUSIVE",       "DRIFTING",    "SEEDS_DISAGREE",   "FRAMEWORK_UNSTABLE",
    "ESTIMATORS_DISAGREE", "NOT_MEASURED"};

absl::StatusOr<std::string> StatusOf(const Json& document, const std::string& origin) {
  const Json& status = document.at("status");
  for (const char* known : kStatuses) {
    if (status == known) return known;
  }
  return InvalidArgument("{}: status: expected one of {}, found {}", origin, fmt::join(kStatuses, ", "),
                         status.dump());
}

// Documents of other kinds hold a temperature too.
absl::Status CheckKind(const Json& document, const std::string& origin) {
  if (!document.is_object()) return InvalidArgument("{}: expected a document of analyze, an object", origin);
  if (document.contains("sigma_s_per_m") && document.contains("status")) return absl::OkStatus();
  const char* kind = "another kind";
  for (const auto& [key, name] : {std::pair{"frames_per_seed", "structure"},
                                  {"directions", "nemd"},
                                  {"lambda_per_ps", "divergence"},
                                  {"ea_ev", "arrhenius"},
                                  {"sigma_infinite_s_per_m", "finite_size"}}) {
    if (document.contains(key)) kind = name;
  }
  return InvalidArgument(
      "{}: expected a document of a conductivity (`superion analyze --out`, with sigma_s_per_m and status), "
      "found one of {}",
      origin, kind);
}

void ReadEstimators(const Json& document, AnalysisPoint* point) {
  const Json estimators = document.value("estimators", Json::object());
  if (!estimators.is_object()) return;
  for (const char* name : {"cepstral", "gls_helfand", "increments"}) {
    const Json entry = estimators.value(name, Json::object());
    if (!entry.is_object()) continue;
    const auto sigma = Positive(entry, "sigma_s_per_m"), s = Positive(entry, "s");
    if (sigma && s) point->other[name] = {point->temperature_k, *sigma, *s, false};
  }
}

}  // namespace

absl::StatusOr<AnalysisPoint> ReadPoint(const Json& document, const std::string& origin) {
  AnalysisPoint point;
  SUPERION_RETURN_IF_ERROR(CheckKind(document, origin));
  SUPERION_ASSIGN_OR_RETURN(point.temperature_k, GetNumber(document, "temperature_k", origin));
  point.volume_angstrom3 = Positive(document, "volume_angstrom3").value_or(0.0);
  point.material = MaterialOf(document, origin);
  SUPERION_ASSIGN_OR_RETURN(point.status, StatusOf(document, origin));
  const Json interval = document.value("ci95_s_per_m", Json::array({nullptr, nullptr}));
  const auto sigma = Positive(document, "sigma_s_per_m"), s = Positive(document, "s_tot");
  if (sigma && s) {
    point.sigma = ArrheniusPoint{point.temperature_k, *sigma, *s, false};
  } else if (point.status == "NO_HOPS" && interval.is_array() && interval.size() == 2 &&
             interval[1].is_number() && interval[1].get<double>() > 0.0) {
    point.sigma = ArrheniusPoint{point.temperature_k, interval[1].get<double>(), 0.0, true};
  } else {
    point.left_out = "no value is stated";
  }
  const auto sigma_ne = Positive(document, "sigma_ne_s_per_m");
  const auto ends = Ends(document.value("sigma_ne_ci95_s_per_m", Json()));
  if (sigma_ne && ends) {
    point.sigma_ne =
        ArrheniusPoint{point.temperature_k, *sigma_ne, std::log(ends->second / ends->first) / 3.92, false};
  }
  ReadEstimators(document, &point);
  if (const std::string reason = ReasonOf(point.status); !reason.empty()) {
    point.left_out = reason;
    point.sigma.reset();
    point.sigma_ne.reset();
  }
  point.shown = {{"temperature_k", point.temperature_k},
                 {"status", point.status},
                 {"sigma_s_per_m", document.value("sigma_s_per_m", Json())},
                 {"ci95_s_per_m", interval},
                 {"sigma_ne_s_per_m", document.value("sigma_ne_s_per_m", Json())},
                 {"s_tot", document.value("s_tot", Json())},
                 {"used", point.sigma.has_value()},
                 {"left_out", point.left_out}};
  return point;
}

absl::StatusOr<std::vector<AnalysisPoint>> ReadPoints(const TaskSpec& spec, const std::string& name) {
  std::vector<AnalysisPoint> points;
  for (const auto& path : InputPaths(spec, name)) {
    SUPERION_ASSIGN_OR_RETURN(const Json document, ReadJson(path));
    SUPERION_ASSIGN_OR_RETURN(AnalysisPoint point, ReadPoint(document, path));
    points.push_back(std::move(point));
  }
  return points;
}

absl::Status CheckOneMaterial(const std::vector<AnalysisPoint>& points, const DensityRule& density,
                              std::vector<std::string>* notes) {
  std::vector<Material> materials;
  for (const auto& point : points) materials.push_back(point.material);
  return CheckOneMaterial(materials, density, notes);
}

std::string RemarkOnOpenPoints(const std::vector<AnalysisPoint>& used) {
  std::string open;
  for (const auto& point : used) {
    if (point.status == "CONVERGED") continue;
    open += fmt::format("{}{} is {} at {:g} K", open.empty() ? "" : "; ", point.material.origin, point.status,
                        point.temperature_k);
  }
  return open.empty() ? "" : "points that are not converged are used: " + open;
}

Json LogNormalInterval(double ln_sigma, double s) {
  Json interval = Json::array();
  for (const double end : {std::exp(ln_sigma - 1.96 * s), std::exp(ln_sigma + 1.96 * s)})
    interval.push_back(std::isfinite(end) ? Json(end) : Json(nullptr));
  return interval;
}

TaskResult FinishDocument(absl::StatusOr<Json> document, const std::string& name) {
  TaskResult result;
  result.status = document.status();
  if (!document.ok()) return result;
  const std::string path = name + ".json";
  result.status = WriteFileAtomically(path, DumpJson(*document, 1) + "\n");
  if (!result.status.ok()) return result;
  result.metrics = *std::move(document);
  result.artifacts = {{name, path, "", 0}};
  return result;
}

}  // namespace superion::analysis
