// The kind `finite_size`: one temperature, three or more cells.
#include <algorithm>
#include <cmath>
#include <set>

#include "analysis/analyze.h"
#include "analysis/extrapolation/analysis_point.h"
#include "analysis/extrapolation/finite_size.h"

namespace superion::analysis {
namespace {

constexpr double kGpaPerEvPerAngstrom3 = 160.2176634;

struct Parameters {
  double production_volume = 0.0;  // Å³; 0: the largest
  double viscosity_pa_s = 0.0;     // 0: no Yeh-Hummer correction
  double lambda_gpa = 0.0, mu_gpa = 0.0;
};

absl::StatusOr<Parameters> Parse(const Json& params) {
  Parameters p;
  const std::map<std::string, double*> known = {{"production_volume_angstrom3", &p.production_volume},
                                                {"viscosity_pa_s", &p.viscosity_pa_s},
                                                {"lambda_gpa", &p.lambda_gpa},
                                                {"mu_gpa", &p.mu_gpa}};
  for (const auto& [key, value] : params.items()) {
    const auto found = known.find(key);
    if (found == known.end()) return InvalidArgument("params.{}: not a parameter of finite_size", key);
    const bool may_be_negative = key == "lambda_gpa";
    if (!value.is_number() || (!may_be_negative && !(value.get<double>() > 0.0)))
      return InvalidArgument("params.{}: expected a number > 0, found {}", key, value.dump());
    *found->second = value.get<double>();
  }
  if (params.contains("lambda_gpa") != params.contains("mu_gpa"))
    return InvalidArgument("params.lambda_gpa and params.mu_gpa: both Lamé constants are needed, or none");
  if (p.mu_gpa > 0.0 && !(p.lambda_gpa + 2.0 * p.mu_gpa > 0.0))
    return InvalidArgument("params.lambda_gpa: lambda + 2 mu must be above zero, found {}",
                           p.lambda_gpa + 2.0 * p.mu_gpa);
  return p;
}

absl::Status CheckPoints(const std::vector<AnalysisPoint>& points) {
  if (points.empty()) return InvalidArgument("finite_size: no input called analysis was given");
  for (const auto& point : points) {
    if (!(point.volume_angstrom3 > 0.0))
      return InvalidArgument("finite_size: the analysis at {} K does not say its volume",
                             point.temperature_k);
    if (std::abs(point.temperature_k / points.front().temperature_k - 1.0) > 1e-3)
      return InvalidArgument("finite_size: expected one temperature, found {} K and {} K",
                             points.front().temperature_k, point.temperature_k);
  }
  return absl::OkStatus();
}

double LengthOf(const AnalysisPoint& point) { return std::cbrt(point.volume_angstrom3); }

// Liquids: what hydrodynamics predicts, for Nernst-Einstein as for every D.
void AddLiquid(const Parameters& p, const std::vector<AnalysisPoint>& points, Json* out) {
  if (p.viscosity_pa_s <= 0.0) return;
  Json list = Json::array();
  for (const auto& point : points) {
    const double shift = YehHummerShift(point.temperature_k, p.viscosity_pa_s, LengthOf(point));
    list.push_back({{"length_angstrom", LengthOf(point)}, {"d_shift_cm2_per_s", 1e-4 * shift}});
  }
  (*out)["yeh_hummer"] = {{"viscosity_pa_s", p.viscosity_pa_s}, {"sizes", list}};
}

void AddFramework(const Parameters& p, const std::vector<AnalysisPoint>& points, Json* out) {
  if (p.mu_gpa <= 0.0) return;
  const double lambda = p.lambda_gpa / kGpaPerEvPerAngstrom3, mu = p.mu_gpa / kGpaPerEvPerAngstrom3;
  Json list = Json::array();
  for (const auto& point : points) {
    const double u2 = ElasticDisplacementShift(point.temperature_k, lambda, mu, LengthOf(point));
    list.push_back({{"length_angstrom", LengthOf(point)},
                    {"u2_missing_angstrom2", u2},
                    {"b_factor_missing_angstrom2", 8.0 * M_PI * M_PI * u2 / 3.0}});
  }
  (*out)["framework"] = {{"lambda_gpa", p.lambda_gpa}, {"mu_gpa", p.mu_gpa}, {"sizes", list}};
}

const char* Meaning(const std::string& status) {
  if (status == "FINITE_SIZE_OK")
    return "the size of the production cell matters less than the error of sigma";
  if (status == "FINITE_SIZE_EFFECT")
    return "sigma of the production cell differs from that of a large one by more than its error";
  return "the sizes do not tell a shift of the size of the error: longer runs or more different cells";
}

void AddFit(const SizeFit& fit, double production_length, double s_production, Json* out) {
  const SizeVerdict verdict = JudgeSize(fit, production_length, s_production);
  (*out)["status"] = verdict.status;
  (*out)["message"] = Meaning(verdict.status);
  (*out)["slope_angstrom"] = fit.slope;
  (*out)["slope_sd_angstrom"] = fit.s_slope;
  (*out)["significance"] = std::abs(fit.slope) / fit.s_slope;
  (*out)["ln_sigma_infinite"] = fit.infinite;
  (*out)["ln_sigma_infinite_sd"] = fit.s_infinite;
  (*out)["covariance_angstrom"] = fit.covariance;
  (*out)["sigma_infinite_s_per_m"] = std::exp(fit.infinite);
  (*out)["ci95_infinite_s_per_m"] = LogNormalInterval(fit.infinite, fit.s_infinite);
  (*out)["shift"] = verdict.shift;
  (*out)["shift_sd"] = verdict.s_shift;
  (*out)["chi2"] = fit.chi2;
  (*out)["dof"] = fit.dof;
  (*out)["birge_factor"] = fit.birge;
}

absl::StatusOr<Json> Document(const TaskSpec& spec) {
  SUPERION_ASSIGN_OR_RETURN(const Parameters p, Parse(spec.params));
  SUPERION_ASSIGN_OR_RETURN(const auto points, ReadPoints(spec, "analysis"));
  SUPERION_RETURN_IF_ERROR(CheckPoints(points));
  std::vector<std::string> notes;
  SUPERION_RETURN_IF_ERROR(CheckOneMaterial(points, kAcrossSizes, &notes));
  double volume = p.production_volume, s_production = 0.0, closest = 1e300;
  if (volume <= 0.0) {
    for (const auto& point : points) volume = std::max(volume, point.volume_angstrom3);
  }
  std::vector<SizePoint> sizes;
  std::vector<AnalysisPoint> fitted;
  Json shown = Json::array();
  for (const auto& point : points) {
    Json entry = point.shown;
    entry["length_angstrom"] = LengthOf(point);
    const bool used = point.sigma && !point.sigma->upper_bound;
    entry["used"] = used;
    if (point.sigma && point.sigma->upper_bound) entry["left_out"] = "only a bound is known";
    shown.push_back(std::move(entry));
    if (!used) continue;
    fitted.push_back(point);
    sizes.push_back({LengthOf(point), std::log(point.sigma->sigma), point.sigma->s});
    const double away = std::abs(std::log(point.volume_angstrom3 / volume));
    if (away < closest) closest = away, s_production = point.sigma->s;
  }
  Json out = {{"temperature_k", points.front().temperature_k},
              {"points", shown},
              {"production_length_angstrom", std::cbrt(volume)},
              {"status", "NOT_ENOUGH_SIZES"},
              {"flags", Json::array()}};
  for (const char* key :
       {"slope_angstrom", "slope_sd_angstrom", "significance", "ln_sigma_infinite", "ln_sigma_infinite_sd",
        "covariance_angstrom", "sigma_infinite_s_per_m", "shift", "shift_sd", "chi2", "dof", "birge_factor"})
    out[key] = nullptr;
  out["ci95_infinite_s_per_m"] = {nullptr, nullptr};
  if (const std::string open = RemarkOnOpenPoints(fitted); !open.empty()) {
    out["flags"].push_back(kPointsNotConverged);
    notes.push_back(open);
  }
  if (!notes.empty()) out["notes"] = notes;
  AddLiquid(p, points, &out);
  AddFramework(p, points, &out);
  const auto fit = FitInverseLength(sizes);
  if (absl::IsFailedPrecondition(fit.status())) {
    out["message"] = std::string(fit.status().message());
    return out;
  }
  if (!fit.ok()) return fit.status();
  AddFit(*fit, std::cbrt(volume), s_production, &out);
  return out;
}

}  // namespace

TaskResult RunFiniteSize(const TaskSpec& spec, const ProgressSink& progress) {
  TaskResult result = FinishDocument(Document(spec), "finite_size");
  if (result.status.ok()) progress({1, 1, "stages", "fitted"});
  return result;
}

}  // namespace superion::analysis
