// Study: Selvaraj, Wang, Wang & Ngo, "Mechanisms and Stability of Li Dynamics in Amorphous Li-Ti-P-S-Based
// Mixed Ionic-Electronic Conductors" (2025).
#include <cmath>

#include "analysis/recipe/recipe.h"
#include "core/units.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kCm2PerS = 1e-4;  // of one Å²/ps

double Value(const Json& estimate) {
  return estimate.is_object() && estimate["value"].is_number() ? estimate["value"].get<double>() : NAN;
}

// Times between which |β - 1| <= 0.05, the longest unbroken stretch.
std::string Window(const std::vector<double>& t, const std::vector<double>& beta) {
  size_t best = 0, best_end = 0, run = 0;
  for (size_t k = 0; k < beta.size(); ++k) {
    run = std::abs(beta[k] - 1.0) <= 0.05 ? run + 1 : 0;
    if (run > best) best = run, best_end = k + 1;
  }
  if (best == 0) return "nowhere";
  return fmt::format("over {:.4g} .. {:.4g} ps", t[best_end - best], t[best_end]);
}

void AddTransport(Findings* f, Json* rows) {
  if (!f->document.contains("van_hove")) return;
  const double volume = f->document["volume_angstrom3"];
  for (const auto& [name, files] : f->document["van_hove"]["species"].items()) {
    const Table* curve = FindTable(*f, "displacement-" + name);
    if (curve == nullptr || curve->values[0].size() < 3) continue;
    const auto t = curve->values[0], msd = curve->values[1];
    const auto beta = LocalExponents(t, msd);
    Table exponents{"recipe-glass-beta-" + name, {"t_ps", "beta"}, {{}, beta}};
    for (size_t k = 0; k < beta.size(); ++k) exponents.values[0].push_back(std::sqrt(t[k] * t[k + 1]));
    rows->push_back(RecipeRow("exponent β of " + name,
                              "0.99 .. 1.1 over 0.2 .. 2.6 ns of runs of 3.0 ns: lags up to 0.87 of the "
                              "run, where hardly any independent window is left",
                              fmt::format("lags up to {:.4g} ps only; |β - 1| ≤ 0.05 {}: {}.csv", t.back(),
                                          Window(t, beta), exponents.name)));
    f->tables.push_back(std::move(exponents));
    const double point = msd.back() / (6.0 * t.back());
    const double slope = DiffusionOfSlope(t, msd, 0.25 * t.back(), t.back());
    rows->push_back(RecipeRow(
        "diffusion constant of " + name,
        fmt::format("eq. 2: MSD(Δt)/(6Δt) = {:.4g} cm²/s at {:.4g} ps: one point, with the cage's offset",
                    kCm2PerS * point, t.back()),
        fmt::format("slope over {:.4g} .. {:.4g} ps: {:.4g} cm²/s", 0.25 * t.back(), t.back(),
                    kCm2PerS * slope)));
    if (!f->document["temperature_k"].is_number()) continue;
    const double scale = units::kConductivity * f->document["composition"][name].get<double>() / volume /
                         f->document["temperature_k"].get<double>();
    rows->push_back(RecipeRow(
        "conductivity",
        fmt::format("eq. 3, Nernst-Einstein with Z = 1: {:.4g} S/m; uncorrelated, and of the ions only",
                    scale * point),
        fmt::format("Nernst-Einstein of the slope {:.4g} S/m; the full σ with interval: superion analyze",
                    scale * slope)));
  }
}

void AddCoordination(Findings* f, Json* rows) {
  if (!f->document.contains("coordination")) return;
  const Json& coordination = f->document["coordination"];
  Table table{"recipe-glass-s-config",
              {"cutoff_angstrom", "s_config_study_kb", "s_config_kb", "s_config_error", "p_above_6"},
              std::vector<std::vector<double>>(5)};
  for (const auto& entry : coordination["cutoffs"]) {
    const auto p = entry["probability"].get<std::vector<double>>();
    double above = 0.0;
    for (size_t n = 7; n < p.size(); ++n) above += p[n];
    const Json& error = entry["s_config_kb"]["error"];
    const double row[] = {entry["cutoff_angstrom"], TruncatedLabelEntropy(p), Value(entry["s_config_kb"]),
                          error.is_number() ? error.get<double>() : NAN, above};
    for (size_t c = 0; c < 5; ++c) table.values[c].push_back(row[c]);
  }
  const auto& v = table.values;
  rows->push_back(RecipeRow(
      "coordination probabilities",
      "eqs. 5-7, called k-nearest neighbours: it is a radius query; n = 0 .. 6, more neighbours dropped",
      fmt::format("{} of {} within each cutoff, every n from 0: {}",
                  coordination["neighbor"].get<std::string>(), coordination["centre"].get<std::string>(),
                  coordination["csv"].get<std::string>())));
  rows->push_back(RecipeRow(
      "S_config(rc)",
      fmt::format("eq. 9, n = 1 .. 6 with 1e-12 for P = 0: {:.4f} kB at {:.3g} Å, {:.4f} kB at {:.3g} Å",
                  v[1].front(), v[0].front(), v[1].back(), v[0].back()),
      fmt::format("n from 0, 0 ln 0 = 0: {:.4f} and {:.4f} kB ({}.csv); the entropy of a label of one ion, "
                  "no Gibbs energy",
                  v[2].front(), v[2].back(), table.name)));
  f->tables.push_back(std::move(table));
}

void AddVibrations(const Findings& f, Json* rows) {
  if (!f.document.contains("vdos")) return;
  for (const auto& [name, s] : f.document["vdos"]["species"].items()) {
    rows->push_back(RecipeRow(
        "S_vib of " + name,
        "eq. 10 with g not normalised: 1 .. 3 m kB, about 1000 times too small; drawn against rc, on which "
        "it cannot depend",
        s.contains("entropy_unusable")
            ? "none: " + s["entropy_unusable"].get<std::string>()
            : fmt::format(
                  "∫g = 3 per atom: harmonic {:.4f} kB per atom, two-phase {:.4f} kB per atom (fluidicity "
                  "{:.3g}); ∫g/3N = "
                  "{:.4f}",
                  Value(s["entropy_harmonic_kb_per_atom"]), Value(s["two_phase"]["entropy_kb_per_atom"]),
                  Value(s["two_phase"]["fluidicity"]), Value(s["integral_over_3n"]))));
  }
}

}  // namespace

void AddGlassRecipe(Findings* findings) {
  Json rows = Json::array();
  AddTransport(findings, &rows);
  AddCoordination(findings, &rows);
  AddVibrations(*findings, &rows);
  rows.push_back(RecipeRow(
      "activation energy",
      "eq. 4 says σ = σ0 exp(-Ea/kT), the fit is of ln(σT): Ea of the two differ by kB/<1/T>, 0.033 eV "
      "for 300-500 K",
      "ln(σT), with covariance and interval: kind arrhenius of the documents of superion analyze"));
  rows.push_back(RecipeRow("stability", "ΔG = H - T S with S the label entropy",
                           "ΔG = ΔH - TΔS between phases; a label entropy is not the S of a Gibbs energy"));
  findings->document["recipe"] = {{"name", "glass"}, {"source", "Selvaraj et al. 2025"}, {"rows", rows}};
}

}  // namespace superion::analysis
