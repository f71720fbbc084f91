#include <cmath>

#include "analysis/analyze.h"
#include "analysis/extrapolation/arrhenius.h"
#include "core/file.h"

namespace superion::analysis {
namespace {

TaskResult Failure(absl::Status status) {
  TaskResult result;
  result.status = std::move(status);
  return result;
}

bool IsNumber(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_number();
}

// One point of the plot from one analysis; `used` says whether it enters the fit.
absl::StatusOr<std::optional<ArrheniusPoint>> PointOf(const Json& document, const std::string& path,
                                                      Json* point) {
  ArrheniusPoint out;
  SUPERION_ASSIGN_OR_RETURN(out.temperature_k, GetNumber(document, "temperature_k", path));
  *point = {{"temperature_k", out.temperature_k},
            {"status", document.value("status", "")},
            {"sigma_s_per_m", document.value("sigma_s_per_m", Json(nullptr))},
            {"ci95_s_per_m", document.value("ci95_s_per_m", Json::array({nullptr, nullptr}))},
            {"sigma_ne_s_per_m", document.value("sigma_ne_s_per_m", Json(nullptr))},
            {"s_tot", document.value("s_tot", Json(nullptr))},
            {"used", true}};
  if (IsNumber(document, "sigma_s_per_m") && IsNumber(document, "s_tot")) {
    out.sigma = document["sigma_s_per_m"].get<double>();
    out.s = document["s_tot"].get<double>();
    return out;
  }
  const Json& interval = (*point)["ci95_s_per_m"];
  if (document.value("status", "") == "NO_HOPS" && interval.is_array() && interval.size() == 2 &&
      interval[1].is_number()) {
    out.sigma = interval[1].get<double>();
    out.upper_bound = true;
    return out;
  }
  (*point)["used"] = false;
  return std::nullopt;
}

absl::StatusOr<Json> Document(const TaskSpec& spec) {
  if (!spec.params.empty())
    return InvalidArgument("params.{}: arrhenius has no parameters", spec.params.begin().key());
  const auto paths = InputPaths(spec, "analysis");
  if (paths.empty()) return InvalidArgument("arrhenius: no input called analysis was given");
  Json points = Json::array();
  std::vector<ArrheniusPoint> data;
  for (const auto& path : paths) {
    SUPERION_ASSIGN_OR_RETURN(const Json document, ReadJson(path));
    Json point;
    SUPERION_ASSIGN_OR_RETURN(const auto datum, PointOf(document, path, &point));
    if (datum) data.push_back(*datum);
    points.push_back(std::move(point));
  }
  Json out = {{"points", points},
              {"ea_ev", nullptr},
              {"ea_sd_ev", nullptr},
              {"ln_a", nullptr},
              {"ln_a_sd", nullptr},
              {"covariance_ln_a_ea_ev", nullptr},
              {"sigma_300k_s_per_m", nullptr},
              {"ci95_300k_s_per_m", {nullptr, nullptr}},
              {"chi2", nullptr},
              {"dof", nullptr},
              {"birge_factor", nullptr},
              {"flags", Json::array()},
              {"message", ""}};
  const auto fit = FitArrhenius(data);
  if (absl::IsFailedPrecondition(fit.status())) {
    out["flags"] = {"NOT_ENOUGH_POINTS"};
    out["message"] = std::string(fit.status().message());
    return out;
  }
  if (!fit.ok()) return fit.status();
  const double y = fit->LnSigma(300.0), s = fit->LnSigmaSd(300.0);
  out["ea_ev"] = fit->ea_ev;
  out["ea_sd_ev"] = fit->s_ea_ev;
  out["ln_a"] = fit->ln_a;
  out["ln_a_sd"] = fit->s_ln_a;
  out["covariance_ln_a_ea_ev"] = fit->covariance;
  out["sigma_300k_s_per_m"] = std::exp(y);
  out["ci95_300k_s_per_m"] = {std::exp(y - 1.96 * s), std::exp(y + 1.96 * s)};
  out["chi2"] = fit->chi2;
  out["dof"] = fit->dof;
  out["birge_factor"] = fit->birge;
  out["flags"] = fit->flags;
  if (fit->averaged_s_300) {
    const double ya = *fit->averaged_ln_sigma_300, sa = *fit->averaged_s_300;
    out["with_curvature_300k"] = {{"sigma_s_per_m", std::exp(ya)},
                                  {"ci95_s_per_m", {std::exp(ya - 1.96 * sa), std::exp(ya + 1.96 * sa)}}};
  }
  out["message"] = "Ea and A are of sigma T = A exp(-Ea/kT), A in S/m K; the interval uses their covariance";
  return out;
}

}  // namespace

TaskResult RunArrhenius(const TaskSpec& spec, const ProgressSink& progress) {
  auto document = Document(spec);
  if (!document.ok()) return Failure(document.status());
  const std::string path = "arrhenius.json";
  if (auto status = WriteFileAtomically(path, document->dump(1) + "\n"); !status.ok()) return Failure(status);
  progress({1, 1, "stages", "fitted"});
  TaskResult result;
  result.metrics = *std::move(document);
  result.artifacts = {{"arrhenius", path, "", 0}};
  return result;
}

}  // namespace superion::analysis
