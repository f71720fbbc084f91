#include <cmath>

#include "analysis/analyze.h"
#include "analysis/extrapolation/analysis_point.h"

namespace superion::analysis {
namespace {

constexpr double kRoom = 300.0;

Json Finite(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ModelJson(const TemperatureModel& model) {
  Json out = {{"name", model.name},
              {"parameters", model.parameters},
              {"chi2", model.chi2},
              {"aicc", Finite(model.aicc)},
              {"weight", model.weight},
              {"sigma_300k_s_per_m", model.predicts ? Finite(std::exp(model.ln_sigma)) : Json(nullptr)},
              {"ci95_300k_s_per_m", model.predicts ? LogNormalInterval(model.ln_sigma, model.s)
                                                   : Json::array({nullptr, nullptr})}};
  if (model.t0_k) out["t0_k"] = *model.t0_k;
  if (model.break_k) out["break_k"] = *model.break_k;
  return out;
}

// Room temperature with a curvature term, and averaged over all models.
void AddModels(const ArrheniusFit& fit, Json* out) {
  (*out)["models"] = Json::array();
  for (const auto& model : fit.models) (*out)["models"].push_back(ModelJson(model));
  if (const auto* parabola = fit.Model("parabola")) {
    (*out)["with_curvature_300k"] = {{"sigma_s_per_m", Finite(std::exp(parabola->ln_sigma))},
                                     {"ci95_s_per_m", LogNormalInterval(parabola->ln_sigma, parabola->s)}};
  }
  if (fit.average) {
    (*out)["model_average_300k"] = {
        {"sigma_s_per_m", Finite(std::exp(fit.average->ln_sigma))},
        {"ci95_s_per_m", {Finite(std::exp(fit.average->low)), Finite(std::exp(fit.average->high))}}};
  }
}

// The keys that every fit has, null as long as there is none.
Json EmptyFit() {
  return {{"ea_ev", nullptr},
          {"ea_sd_ev", nullptr},
          {"ea_ln_sigma_ev", nullptr},
          {"ln_a", nullptr},
          {"ln_a_sd", nullptr},
          {"covariance_ln_a_ea_ev", nullptr},
          {"mean_temperature_k", nullptr},
          {"sigma_300k_s_per_m", nullptr},
          {"ci95_300k_s_per_m", {nullptr, nullptr}},
          {"with_curvature_300k", nullptr},
          {"model_average_300k", nullptr},
          {"models", Json::array()},
          {"bootstrap", nullptr},
          {"chi2", nullptr},
          {"dof", nullptr},
          {"birge_factor", nullptr},
          {"flags", Json::array()},
          {"message", ""}};
}

absl::StatusOr<Json> FitJson(const std::vector<ArrheniusPoint>& points, bool converged) {
  Json out = EmptyFit();
  const auto fit = FitArrhenius(points, kRoom);
  if (absl::IsFailedPrecondition(fit.status())) {
    out["flags"] = {"NOT_ENOUGH_POINTS"};
    out["message"] = std::string(fit.status().message());
    return out;
  }
  if (!fit.ok()) return fit.status();
  const double y = fit->LnSigma(kRoom);
  out["ea_ev"] = fit->ea_ev;
  out["ea_sd_ev"] = fit->s_ea_ev;
  out["ea_ln_sigma_ev"] = fit->ea_ln_sigma_ev;
  out["ln_a"] = fit->ln_a;
  out["ln_a_sd"] = fit->s_ln_a;
  out["covariance_ln_a_ea_ev"] = fit->covariance;
  out["mean_temperature_k"] = 1.0 / fit->mean_inverse_k;
  out["sigma_300k_s_per_m"] = Finite(std::exp(y));
  out["ci95_300k_s_per_m"] = LogNormalInterval(y, fit->LnSigmaSd(kRoom));
  out["chi2"] = fit->chi2;
  out["dof"] = fit->dof;
  out["birge_factor"] = fit->birge;
  out["flags"] = fit->flags;
  if (!converged) out["flags"].push_back(kPointsNotConverged);
  AddModels(*fit, &out);
  const BootstrapIntervals draws = BootstrapArrhenius(points, *fit, kRoom);
  out["bootstrap"] = {
      {"draws", draws.draws},
      {"ea_ci95_ev", {draws.ea_low_ev, draws.ea_high_ev}},
      {"ci95_300k_s_per_m", {Finite(std::exp(draws.ln_sigma_low)), Finite(std::exp(draws.ln_sigma_high))}}};
  out["message"] = fmt::format(
      "Ea and A are of sigma T = A exp(-Ea/kT), A in S/m K; the interval uses their covariance; Ea of sigma "
      "= "
      "sigma0 exp(-Ea/kT) would be {:.4f} eV",
      fit->ea_ln_sigma_ev);
  return out;
}

absl::StatusOr<Json> Document(const TaskSpec& spec) {
  if (!spec.params.empty())
    return InvalidArgument("params.{}: arrhenius has no parameters", spec.params.begin().key());
  SUPERION_ASSIGN_OR_RETURN(const auto points, ReadPoints(spec, "analysis"));
  if (points.empty()) return InvalidArgument("arrhenius: no input called analysis was given");
  std::vector<std::string> notes;
  SUPERION_RETURN_IF_ERROR(CheckOneMaterial(points, kAcrossTemperatures, &notes));
  Json shown = Json::array();
  std::vector<ArrheniusPoint> collective, independent;
  std::vector<AnalysisPoint> used, used_ne;
  std::string left_out;
  for (const auto& point : points) {
    if (point.sigma) collective.push_back(*point.sigma), used.push_back(point);
    if (point.sigma_ne) independent.push_back(*point.sigma_ne), used_ne.push_back(point);
    if (!point.sigma) left_out += fmt::format("; {:g} K left out: {}", point.temperature_k, point.left_out);
    shown.push_back(point.shown);
  }
  const std::string open = RemarkOnOpenPoints(used);
  if (!open.empty()) notes.push_back(open);
  SUPERION_ASSIGN_OR_RETURN(Json out, FitJson(collective, open.empty()));
  SUPERION_ASSIGN_OR_RETURN(out["nernst_einstein"],
                            FitJson(independent, RemarkOnOpenPoints(used_ne).empty()));
  out["points"] = shown;
  if (!notes.empty()) out["notes"] = notes;
  if (!left_out.empty()) out["message"] = out["message"].get<std::string>() + left_out;
  return out;
}

}  // namespace

TaskResult RunArrhenius(const TaskSpec& spec, const ProgressSink& progress) {
  TaskResult result = FinishDocument(Document(spec), "arrhenius");
  if (result.status.ok()) progress({1, 1, "stages", "fitted"});
  return result;
}

}  // namespace superion::analysis
