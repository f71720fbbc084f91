// Study: Holzwarth & Lynch, "Computationally Simulating Reproducible Estimates of Ionic Conductivity in
// Electrolyte Materials" (2025). Its P and J are densities, Ω the volume; p = Ω P here.
#include <algorithm>
#include <cmath>

#include "analysis/recipe/rows.h"
#include "analysis/recipe/transport_recipe.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kRounding = 1e-6;   // e Å
constexpr double kSmallBias = 0.01;  // of σ: where the study's ratio may be read

// σ = scale <|dp|²>/(2 d t) at the lags of the charge displacement.
struct Curve {
  std::vector<double> t_ps, sigma;
};

Curve FullRatio(const CollectiveResult& c) {
  Curve out;
  const auto msd = c.curve.sums.Mean();
  for (size_t l = 0; l < msd.size(); ++l) {
    out.t_ps.push_back(c.curve.lag_ps(l));
    out.sigma.push_back(c.scale * msd[l] / (2.0 * c.dimension * out.t_ps.back()));
  }
  return out;
}

// The curve at the largest of its times that is at most t.
double At(const std::vector<double>& t_ps, const std::vector<double>& values, double t) {
  size_t best = 0;
  while (best + 1 < t_ps.size() && t_ps[best + 1] <= t * (1.0 + 1e-9)) ++best;
  return values.empty() ? NAN : values[best];
}

void AddIntegral(const Json& document, Json* rows) {
  const Json curves = document.value("curves", Json::object());
  if (!curves.contains("green_kubo")) return;
  const Json& gk = curves["green_kubo"];
  if (gk["t_ps"].empty()) return;
  const double value = gk["sigma_s_per_m"].back(), sd = gk["sd_s_per_m"].back(), t = gk["t_ps"].back();
  rows->push_back(RecipeRow(
      "σ from the current's autocorrelation",
      fmt::format(
          "σ = (Ω/3kBT) ∫<J(t)·J(0)>dt: the running integral is {:.4g} ± {:.2g} S/m at {:.4g} ps; its "
          "noise grows as √t and no rule says where to stop",
          value, sd, t),
      "the same information without a cut-off, Whittle-Lepski fit of the spectrum at f → 0: " +
          SigmaText(document),
      value, NumberOf(document, "sigma_s_per_m"), "S/m"));
}

void AddRatio(const TransportInput& input, const Json& document, const Curve& full, Json* rows) {
  const CollectiveResult& c = *input.collective;
  const double t = full.t_ps.back(), value = full.sigma.back();
  std::string slope = "no slope: not resolved";
  if (c.helfand)
    slope =
        fmt::format("slope by generalised least squares {:.4g} ± {:.2g} S/m; primary {}", c.helfand_sigma(),
                    std::abs(c.helfand_sigma()) * c.helfand->relative_sd, SigmaText(document));
  rows->push_back(RecipeRow(
      "full conductivity σ",
      fmt::format(
          "σ = (Ω/6kBT) <|P(t)-P(0)|²>/t = {:.4g} S/m at t = {:.4g} ps, where its own noise is {:.0f} %",
          value, t, 100.0 * std::sqrt(4.0 * t / (3.0 * c.dimension * c.total_time_ps))),
      slope, value, NumberOf(document, "sigma_s_per_m"), "S/m"));
  if (!c.helfand || !(c.helfand->slope > 0.0)) return;
  const double offset = c.helfand->intercept / c.helfand->slope;  // ps
  rows->push_back(RecipeRow(
      "bias of the ratio at finite t",
      fmt::format("lim t → ∞ of <|P(t)-P(0)|²>/t, read at a finite t: {:.4g} S/m at {:.4g} ps", value, t),
      fmt::format(
          "<|dp|²> = slope t + c: the ratio is off by c/(slope t) = {:+.2g} % there (cages +, inertia "
          "-), and by less than {:.0f} % only beyond {:.4g} ps; the slope has no such term",
          100.0 * offset / t, 100.0 * kSmallBias, std::abs(offset) / kSmallBias),
      value, c.helfand_sigma(), "S/m"));
}

void AddTracer(const TransportInput& input, const Json& document, const Curve& full,
               const TracerRatio& tracer, Json* rows) {
  if (tracer.t_ps.empty()) {
    rows->push_back(RecipeRow("tracer conductivity σ_tr", "(q_D²/6ΩkBT) <MSD(t)>/t",
                              "not measured: needs trajectories of the ions (superion md --frame-every)"));
    return;
  }
  const bool charged = !tracer.charge_frame.empty();
  const auto& curve = charged ? tracer.charge_frame : tracer.mass_frame;
  const double t = tracer.t_ps.back(), value = curve.back(), ne = NumberOf(document, "sigma_ne_s_per_m");
  rows->push_back(RecipeRow(
      "tracer conductivity σ_tr",
      fmt::format(
          "σ_tr = (q_D²/6ΩkBT) <MSD(t)>/t = {:.4g} S/m at {:.4g} ps, ions relative to the framework's "
          "centre of {}",
          value, t, charged ? "charge" : "mass (it has no charge)"),
      std::isfinite(ne)
          ? fmt::format("Nernst-Einstein with the slope of the MSD, centre of mass: {:.4g} S/m, 95 % {}", ne,
                        IntervalText(document["sigma_ne_ci95_s_per_m"]))
          : "not defined: " + document.value("tracer_note", ""),
      value, ne, "S/m"));
  const double common = std::min(t, full.t_ps.back());
  const double ratio = At(tracer.t_ps, curve, common) / At(full.t_ps, full.sigma, common);
  const double haven = NumberOf(document, "haven_ratio");
  rows->push_back(RecipeRow(
      "full against tracer: Haven ratio σ_tr/σ",
      fmt::format("the two ratios at {:.4g} ps: σ_tr/σ = {:.3g}, without an error", common, ratio),
      std::isfinite(haven)
          ? fmt::format("{:.3g}, 95 % {}{}", haven, IntervalText(document["haven_ratio_ci95"]),
                        haven < 1.0 ? "; the full σ is the larger: further from an experiment that σ_tr "
                                      "exceeds already"
                                    : "")
          : std::string("not stated: σ or σ_tr is not"),
      ratio, haven, ""));
}

// σ of one pair of species in the frame, counted as in the sum; NaN where it is not there.
double MobileOnly(const Json& document, const char* frame, const std::vector<std::string>& mobile) {
  const Json partial = document.value("partial_conductivities", Json());
  if (!partial.is_object() || !partial.contains("frames") || !partial["frames"].contains(frame)) return NAN;
  const auto is_mobile = [&](const Json& name) {
    return std::find(mobile.begin(), mobile.end(), name.get<std::string>()) != mobile.end();
  };
  double sum = 0.0;
  for (const Json& pair : partial["frames"][frame]) {
    if (!is_mobile(pair["a"]) || !is_mobile(pair["b"]) || !pair["sigma_s_per_m"].is_object()) continue;
    sum += (pair["a"] == pair["b"] ? 1.0 : 2.0) * NumberOf(pair["sigma_s_per_m"], "value");
  }
  return sum;
}

void AddFrame(const TransportInput& input, const Json& document, Json* rows) {
  if (input.sums == nullptr) return;
  const double identity = ChargeFrameIdentity(input);
  const double lab = MobileOnly(document, "barycentric", input.mobile);
  const double charge = MobileOnly(document, "framework_centre_of_charge", input.mobile);
  std::string study = "mobile ions relative to the framework's centre of charge r_F";
  if (std::isfinite(charge)) study += fmt::format(": {:.4g} S/m", charge);
  std::string ours = "the framework has no charge: only the full dipole will do";
  if (identity < kRounding) {
    ours = "to rounding the full dipole of the neutral cell; σ itself needs no frame";
  } else if (std::isfinite(identity)) {
    ours = fmt::format("{:.2g} e Å away from the full dipole: the cell is not neutral", identity);
  }
  if (std::isfinite(lab))
    ours += fmt::format("; the mobile ions alone in the laboratory frame would give {:.4g} S/m", lab);
  rows->push_back(RecipeRow("frame of reference", study, ours));
}

Json CurvesJson(const Curve& full, const TracerRatio& tracer) {
  return {{"ratio_full", {{"t_ps", full.t_ps}, {"sigma_s_per_m", full.sigma}}},
          {"ratio_tracer",
           {{"t_ps", tracer.t_ps},
            {"centre_of_mass_s_per_m", tracer.mass_frame},
            {"centre_of_charge_s_per_m", tracer.charge_frame}}}};
}

}  // namespace

Json GreenKuboRecipe(const TransportInput& input, const Json& document) {
  Json rows = Json::array();
  const Curve full = FullRatio(*input.collective);
  const TracerRatio tracer = TracerRatioCurve(input);
  AddIntegral(document, &rows);
  if (!full.t_ps.empty()) {
    AddRatio(input, document, full, &rows);
    AddTracer(input, document, full, tracer, &rows);
  }
  AddFrame(input, document, &rows);
  rows.push_back(RecipeRow("extrapolation", "runs at high T extrapolated to that of the experiment",
                           "ln(σT) over several T with covariance and interval: superion arrhenius"));
  return {{"name", "green-kubo"},
          {"source", "Holzwarth & Lynch 2025"},
          {"rows", rows},
          {"curves", CurvesJson(full, tracer)}};
}

absl::Status CheckTransportRecipe(const std::string& name) {
  if (name == "green-kubo" || name == "block-method") return absl::OkStatus();
  return InvalidArgument("params.recipe: expected \"green-kubo\" or \"block-method\", found \"{}\"", name);
}

Json TransportRecipe(const std::string& name, const TransportInput& input, const Json& document) {
  return name == "block-method" ? BlockRecipe(input, document) : GreenKuboRecipe(input, document);
}

}  // namespace superion::analysis
