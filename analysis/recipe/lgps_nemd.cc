#include "analysis/recipe/lgps_nemd.h"

#include <algorithm>
#include <cmath>

#include "analysis/recipe/rows.h"
#include "core/units.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kStudyField = 0.01;   // V/Å
constexpr double kSPerCm = 0.01;       // of 1 S/m
constexpr double kLongestBond = 3.2;   // Å, between atoms of the framework
constexpr double kCubicMetre = 1e-30;  // of 1 Å³
constexpr double kElementaryCharge = 1.602176634e-19, kBoltzmannSi = 1.380649e-23;

const Json& PointNearest(const Json& points, double field) {
  size_t best = 0;
  const auto distance = [&](size_t k) {
    return std::abs(points[k]["field_v_per_angstrom"].get<double>() - field);
  };
  for (size_t k = 1; k < points.size(); ++k) best = distance(k) < distance(best) ? k : best;
  return points[best];
}

// How far beyond linear response hops in this field are; x = qEa/2kBT, a the distance of neighbouring sites.
std::string HopText(const DrivenFindings& f, double field) {
  const std::string rule = "hops over a in a field give sinh(x)/x more, x = qEa/2kBT";
  const double a = f.equilibrium.is_object() ? NumberOf(f.equilibrium, "site_distance_angstrom") : NAN;
  double q = 0.0;
  for (const Json& name : f.nemd["mobile"])
    q = std::max(q, std::abs(f.nemd["charges"][name.get<std::string>()].get<double>()));
  const double x = q * field * a / (2.0 * units::kBoltzmann * f.nemd["temperature_k"].get<double>());
  if (!std::isfinite(x) || !(x > 0.0)) return rule;
  return fmt::format("{} = {:.2g} here: {:+.2g} % for a = {:.2f} Å", rule, x,
                     100.0 * (std::sinh(x) / x - 1.0), a);
}

void AddDirection(const DrivenFindings& f, const Json& d, Json* rows) {
  const Json& point = PointNearest(d["points"], kStudyField);
  const double one = point["sigma_s_per_m"], s = point["s_sigma"], sigma = d["sigma_s_per_m"];
  std::string ours = fmt::format("σ0 = {:.4g} S/m ({:.3g} S/cm), 95 % {}, of {} field strength(s): {}", sigma,
                                 kSPerCm * sigma, IntervalText(d["ci95_s_per_m"]), d["points"].size(),
                                 d["linearity"].get<std::string>());
  if (d["nonlinearity"].is_number())
    ours += fmt::format(", σ3 E²/σ0 = {:+.1f} ± {:.1f} % at the largest",
                        100.0 * d["nonlinearity"].get<double>(), 100.0 * d["s_nonlinearity"].get<double>());
  if (d["equilibrium"].is_object())
    ours += fmt::format("; without a field {:.4g} ± {:.2g} S/m, {:.1f} standard deviations away",
                        NumberOf(d["equilibrium"], "sigma_s_per_m"), NumberOf(d["equilibrium"], "s"),
                        std::abs(NumberOf(d["equilibrium"], "z")));
  for (const Json& flag : d["flags"]) ours += "; " + flag.get<std::string>();
  rows->push_back(
      RecipeRow("σ along " + d["label"].get<std::string>() + " in a field",
                fmt::format("σ = J/E at one field of {:.4g} V/Å: {:.4g} ± {:.2g} S/m ({:.3g} S/cm); {}",
                            point["field_v_per_angstrom"].get<double>(), one, s, kSPerCm * one,
                            HopText(f, point["field_v_per_angstrom"])),
                ours, one, sigma, "S/m"));
}

std::string RatioText(const Json& a, const Json& b) {
  const double x = a["sigma_s_per_m"], y = b["sigma_s_per_m"];
  const std::string name = a["label"].get<std::string>() + "/" + b["label"].get<std::string>();
  if (!(x > 0.0) || !(y > 0.0)) return name + " not defined: a σ is not above zero";
  const double s = std::hypot(NumberOf(a, "s_sigma_s_per_m") / x, NumberOf(b, "s_sigma_s_per_m") / y);
  return fmt::format("{} {:.3g}, 95 % {:.3g} .. {:.3g}", name, x / y, x / y * std::exp(-1.96 * s),
                     x / y * std::exp(1.96 * s));
}

void AddAnisotropy(const DrivenFindings& f, Json* rows) {
  std::string study = "fastest along c, from single values", ours;
  if (f.nemd.is_object()) {
    const Json& list = f.nemd["directions"];
    for (size_t a = 0; a < list.size(); ++a) {
      for (size_t b = a + 1; b < list.size(); ++b)
        ours += (ours.empty() ? "in fields " : ", ") + RatioText(list[a], list[b]);
    }
  }
  if (f.equilibrium.is_object() && f.equilibrium["tensor"].is_object()) {
    const Json& tensor = f.equilibrium["tensor"];
    std::string axes;
    for (const auto& [axis, value] : tensor["along_cell_vectors"].items())
      axes += fmt::format("{}{} {:.4g} ± {:.2g}", axes.empty() ? "" : ", ", axis,
                          NumberOf(value, "sigma_s_per_m"), NumberOf(value, "sd_s_per_m"));
    ours += fmt::format("{}full tensor without a field: {} S/m", ours.empty() ? "" : "; ", axes);
    if (tensor["sphericity"].is_object())
      ours += fmt::format(", isotropic with p = {:.2g}", NumberOf(tensor["sphericity"], "p"));
    if (tensor["anisotropy"].is_object())
      ours += fmt::format(", largest/smallest {:.3g}, 95 % {}", NumberOf(tensor["anisotropy"], "ratio"),
                          IntervalText(tensor["anisotropy"]["ci95"]));
  }
  if (ours.empty()) ours = "not measured: needs fields along two axes, or runs without a field";
  rows->push_back(RecipeRow("anisotropy", study, ours));
}

// The printed formula, 3 V kB T/t sum q² <dr²>, as it stands.
void AddNernstEinstein(const Json& e, Json* rows) {
  const double ne = NumberOf(e, "sigma_ne_s_per_m");
  const Json msd = e["curves"].value("msd", Json::object());
  double printed = 0.0, right = 0.0, t = 0.0;
  const double volume = e["volume_angstrom3"], temperature = e["temperature_k"];
  const Json composition = e.value("composition", Json::object());
  for (const auto& [name, n] : composition.items()) {
    if (!msd.contains(name) || msd[name]["t_ps"].empty()) continue;
    const auto& mobile = e["mobile"];
    if (std::find(mobile.begin(), mobile.end(), name) == mobile.end()) continue;
    const double q = e["charges"][name], r2 = msd[name]["msd_angstrom2"].back();
    t = msd[name]["t_ps"].back();
    const double sum = q * q * n.get<double>() * r2;  // e² Å²
    printed += 3.0 * volume * kCubicMetre * kBoltzmannSi * temperature / (t * 1e-12) * kElementaryCharge *
               kElementaryCharge * sum * 1e-20;
    right += units::kConductivity * sum / (6.0 * volume * temperature * t);
  }
  std::string study = "σ = (3VkBT/t) Σq²<Δr²> is no conductivity (C² m⁵ J s⁻¹)";
  if (t > 0.0)
    study += fmt::format(": {:.3g} at {:.4g} ps; with 1/(6VkBT t) it is {:.4g} S/m", printed, t, right);
  rows->push_back(RecipeRow("Nernst-Einstein conductivity", study,
                            std::isfinite(ne) ? fmt::format("(1/6VkBT) d/dt Σq²<Δr²> = {:.4g} S/m, 95 % {}",
                                                            ne, IntervalText(e["sigma_ne_ci95_s_per_m"]))
                                              : "not stated: " + e.value("tracer_note", ""),
                            right, ne, "S/m"));
  const double haven = NumberOf(e, "haven_ratio");
  rows->push_back(
      RecipeRow("D against σ",
                "D = 2.1e-6 cm²/s and σ = 9.8e-3 S/cm at 300 K contradict each other: that D means "
                "0.27 S/cm, 28 times as much",
                std::isfinite(haven) ? fmt::format("σ without a field {}; Haven ratio {:.3g}, 95 % {}",
                                                   SigmaText(e), haven, IntervalText(e["haven_ratio_ci95"]))
                                     : "σ without a field " + SigmaText(e) + "; no Haven ratio"));
}

// Drift of the mobile ions in the field, Å/ps: J V over their charge.
double Drift(const Json& nemd, const Json& composition, const Json& point) {
  double charge = 0.0;
  for (const Json& name : nemd["mobile"]) {
    const std::string species = name.get<std::string>();
    if (composition.contains(species))
      charge += composition[species].get<double>() * nemd["charges"][species].get<double>();
  }
  return charge == 0.0 ? NAN
                       : point["current_e_per_angstrom2_ps"].get<double>() *
                             nemd["volume_angstrom3"].get<double>() / charge;
}

void AddDiffusion(const DrivenFindings& f, Json* rows) {
  if (!f.nemd.is_object()) return;
  const Json composition = f.nemd.value("composition", Json::object());
  for (const Json& d : f.nemd["d_tracer_cm2_per_s"]) {
    if (!d["value"].is_number() || !d["direction"].is_string()) continue;
    const double field = d["field_v_per_angstrom"], value = d["value"];
    std::string study = "D = (1/6) d<Δr²>/dt of runs in the field; nothing is said of their drift";
    for (const Json& line : f.nemd["directions"]) {
      if (line["label"] != d["direction"]) continue;
      const Json& point = PointNearest(line["points"], field);
      const double t = point["time_ps"].get<double>() / std::max(1.0, point["runs"].get<double>());
      const double v = Drift(f.nemd, composition, point);
      if (std::isfinite(v))
        study += fmt::format(": v²t/3 would add {:.2g} cm²/s at {:.4g} ps", 1e-4 * v * v * t / 3.0, t);
    }
    rows->push_back(
        RecipeRow(fmt::format("D of {} at {:.4g} V/Å along {}", d["species"].get<std::string>(), field,
                              d["direction"].get<std::string>()),
                  study,
                  fmt::format("{:.3g} cm²/s, the drift of every species removed (s of ln D {:.2g})", value,
                              NumberOf(d, "s_ln"))));
  }
}

void AddStructure(const Json& s, const std::vector<std::string>& mobile, Json* rows) {
  const auto is_mobile = [&](const std::string& name) {
    return std::find(mobile.begin(), mobile.end(), name) != mobile.end();
  };
  for (const auto& [name, pair] : s["rdf"]["pairs"].items()) {
    const std::string a = name.substr(0, name.find('-')), b = name.substr(name.find('-') + 1);
    const double peak = NumberOf(pair, "first_peak_angstrom");
    if (a == b || is_mobile(a) || is_mobile(b) || !(peak <= kLongestBond)) continue;
    const Json& n = pair["coordination_to_first_minimum"];
    rows->push_back(
        RecipeRow("framework bond " + name, "RDF \"to monitor the PS4 framework\"; no coordination given",
                  fmt::format("{:.3f} Å, {:.3f} ± {:.3f} {} around each {}: {}", peak, NumberOf(n, "value"),
                              NumberOf(n, "error"), b, a, pair["csv"].get<std::string>())));
  }
  if (!s.contains("van_hove")) return;
  for (const auto& [name, files] : s["van_hove"]["species"].items())
    rows->push_back(RecipeRow(
        "van Hove functions of " + name, "\"to detect hopping events\"",
        "normalised to 1 (∫4πr²G_s dr, G_d/ρ): " + files["csv_self"].get<std::string>() + ", " +
            files["csv_distinct"].get<std::string>() + "; rates and jump lengths: --observables sites"));
}

void AddBarrier(const std::string& name, const Json& neb, Json* rows) {
  std::string ours = fmt::format("{:.3f} eV forward, {:.3f} eV backward", NumberOf(neb, "barrier_forward_ev"),
                                 NumberOf(neb, "barrier_backward_ev"));
  const Json saddle = neb.value("saddle", Json());
  if (saddle.is_object() && saddle.contains("imaginary_modes") && saddle["imaginary_modes"].is_number())
    ours +=
        fmt::format(", {} imaginary mode(s) at the saddle{}", saddle["imaginary_modes"].get<int>(),
                    saddle["imaginary_modes"] == 1 ? "" : ": not one of first order, no barrier of a hop");
  if (!neb.value("converged", false)) ours += "; not converged";
  if (!neb.value("inner_minima", Json::array()).empty()) ours += "; minima on the way: more than one hop";
  rows->push_back(RecipeRow("barrier of " + name, "one number per axis (0.19 eV along c, 0.32 eV along a)",
                            ours + "; of one hop at rest: Ea of MD holds correlation and anharmonicity too",
                            NAN, NumberOf(neb, "barrier_forward_ev"), "eV"));
}

Json Missing(const DrivenFindings& f) {
  Json out = Json::array();
  if (!f.nemd.is_object() || f.nemd["directions"].empty())
    out.push_back("J/E: runs in a field (superion md --field-v-per-angstrom, ±E along each axis)");
  if (!f.equilibrium.is_object())
    out.push_back("Nernst-Einstein, tensor and Haven ratio: runs without a field (superion md)");
  if (!f.structure.is_object())
    out.push_back("RDF and van Hove functions: trajectories (superion md --frame-every)");
  if (f.paths.empty()) out.push_back("barriers: paths (superion neb; then --neb DIR/neb.json)");
  return out;
}

}  // namespace

Json LgpsRecipe(const DrivenFindings& f) {
  Json rows = Json::array();
  if (f.nemd.is_object()) {
    for (const Json& d : f.nemd["directions"]) AddDirection(f, d, &rows);
  }
  AddAnisotropy(f, &rows);
  if (f.equilibrium.is_object()) AddNernstEinstein(f.equilibrium, &rows);
  AddDiffusion(f, &rows);
  if (f.structure.is_object())
    AddStructure(f.structure, f.structure["mobile"].get<std::vector<std::string>>(), &rows);
  for (const auto& [name, neb] : f.paths) AddBarrier(name, neb, &rows);
  rows.push_back(RecipeRow("force errors", "MAE 0.03 eV/Å, no split by element",
                           "superion eval, per species and with calibration"));
  return {{"name", "lgps-nemd"}, {"source", "Singh & Singh"}, {"rows", rows}, {"missing", Missing(f)}};
}

}  // namespace superion::analysis
