// Study: J. Mater. Chem. A 12, 11344 (2024), doi:10.1039/D4TA00452C.
#include <cmath>

#include "analysis/recipe/recipe.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kCm2PerS = 1e-4;  // of one Å²/ps

std::string Text(const Json& estimate) {
  if (!estimate.is_object() || !estimate["value"].is_number()) return "-";
  const std::string value = fmt::format("{:.6g}", estimate["value"].get<double>());
  return estimate["error"].is_number() ? fmt::format("{} ± {:.2g}", value, estimate["error"].get<double>())
                                       : value;
}

void AddPairs(const Findings& f, Json* rows) {
  if (!f.document.contains("rdf")) return;
  const double volume = f.document["volume_angstrom3"];
  rows->push_back(RecipeRow(
      "pair correlation g(r)",
      fmt::format(
          "eq. 1 lacks V: its curve tends to 1/V = {:.6g} per Å³, not to 1 (multiply it by V = {:.6g} Å³)",
          1.0 / volume, volume),
      "g → 1, N_B - δ_AB partners, exact shells: rdf-A-B.csv"));
}

void AddSpectra(const Findings& f, Json* rows) {
  if (!f.document.contains("vdos")) return;
  rows->push_back(RecipeRow(
      "density of states",
      "eq. 2: (N m/V) F{<v(t).v(0)>}, not normalised: good for band centres, not for entropies; drawn "
      "through a Savitzky-Golay filter of 15 cm⁻¹",
      "∫g dω = 3N (checked: integral_over_3n); the filtered curve for display only: vdos-A.csv"));
  for (const auto& [name, s] : f.document["vdos"]["species"].items()) {
    rows->push_back(
        RecipeRow("band centre of " + name,
                  fmt::format("eq. 3: {} cm⁻¹ over 0 .. {:.6g} cm⁻¹, diffusive part included",
                              Text(s["band_centre_cm1"]), s["band_centre_range_cm1"][1].get<double>()),
                  fmt::format("the same formula: {} cm⁻¹; without the diffusive part {} cm⁻¹; ∫g/3N = {}",
                              Text(s["band_centre_cm1"]), Text(s["band_centre_without_diffusive_cm1"]),
                              Text(s["integral_over_3n"]))));
  }
}

void AddAngles(const Findings& f, Json* rows) {
  if (!f.document.contains("angles")) return;
  for (const auto& [name, kind] : f.document["angles"]["kinds"].items()) {
    const Json& angle = kind["angle_degrees"];
    rows->push_back(RecipeRow("angles in " + name,
                              fmt::format("eq. 4; ideal value quoted as 70.5°: that is one of the two angles "
                                          "of the empty tetrahedron of bcc AgI; "
                                          "mean {}°, sd {}°",
                                          Text(angle["mean"]), Text(angle["sd"])),
                              fmt::format("the same angles, all 12 of each of {} tetrahedra; ideal AX4: 60°, "
                                          "empty bcc tetrahedron: 8 of 54.74°, 4 "
                                          "of 70.53°",
                                          kind["tetrahedra"].get<size_t>())));
    rows->push_back(
        RecipeRow("angular velocity in " + name,
                  "eq. 5 of θ said to be low-passed at 5 cm⁻¹, drawn over ±0.2 °/fs: a 0.15 THz filter would "
                  "leave about 0.01 °/fs",
                  fmt::format("sd unfiltered {} °/fs, low-passed {} °/fs (interval of frames {:.6g} fs)",
                              Text(kind["angular_velocity_unfiltered_degrees_per_fs"]["sd"]),
                              Text(kind["angular_velocity_low_passed_degrees_per_fs"]["sd"]),
                              f.document["angles"]["interval_fs"].get<double>())));
  }
}

void AddMotion(const Findings& f, Json* rows) {
  if (!f.document.contains("van_hove")) return;
  const double volume = f.document["volume_angstrom3"];
  for (const auto& [name, files] : f.document["van_hove"]["species"].items()) {
    const Table* curve = FindTable(f, "displacement-" + name);
    if (curve == nullptr || curve->values[0].empty()) continue;
    const auto &t = curve->values[0], &msd = curve->values[1];
    const double point = msd.back() / (6.0 * t.back());
    const double slope = DiffusionOfSlope(t, msd, 0.25 * t.back(), t.back());
    rows->push_back(RecipeRow(
        "diffusion constant of " + name,
        fmt::format("eq. 7: MSD(tmax)/(6 tmax) = {:.4g} cm²/s at {:.4g} ps: the noisiest point, with the "
                    "cage's offset",
                    kCm2PerS * point, t.back()),
        fmt::format(
            "slope over {:.4g} .. {:.4g} ps: {:.4g} cm²/s; with interval and verdict: superion analyze",
            0.25 * t.back(), t.back(), kCm2PerS * slope)));
    const double density = (f.document["composition"][name].get<double>() - 1.0) / volume;
    rows->push_back(
        RecipeRow("distinct van Hove function of " + name,
                  fmt::format("eq. 8 lacks 1/ρ: tends to (N-1)/V = {:.6g} per Å³", density),
                  "G_d/ρ → 1, minimum image of both times: " + files["csv_distinct"].get<std::string>()));
    rows->push_back(
        RecipeRow("self van Hove function of " + name, "eq. 9",
                  "the same, exact shells, ∫4πr² G_s dr = 1: " + files["csv_self"].get<std::string>()));
  }
}

void AddRest(const Findings& f, Json* rows) {
  if (f.document.contains("bond_angle")) {
    for (const auto& [name, kind] : f.document["bond_angle"]["kinds"].items())
      rows->push_back(
          RecipeRow("ρ(r, φ) around " + name,
                    "φ called a bond angle for LGPS and a dihedral angle for Na3SbS4; raw probability",
                    "bond angle A-X-ion; raw, and reduced by r² sin φ (1 = evenly spread): " +
                        kind["csv"].get<std::string>()));
  }
  AddSpreadRows(f.document, rows);
  rows->push_back(RecipeRow("conductivity", "not given, although concerted motion is claimed",
                            "full σ, σ_NE and Haven ratio: superion analyze"));
}

}  // namespace

void AddValidationRecipe(const RecipeInputs& inputs, Findings* findings) {
  Json rows = Json::array();
  AddPairs(*findings, &rows);
  AddSpectra(*findings, &rows);
  AddAngles(*findings, &rows);
  AddMotion(*findings, &rows);
  AddRest(*findings, &rows);
  AddForceErrorRows(inputs.evaluation, &rows);
  AddComparisonRows(inputs, findings, &rows);
  findings->document["spread"] = SpreadOverRuns(findings->document);
  findings->document["recipe"] = {
      {"name", "validation"}, {"source", "doi:10.1039/D4TA00452C"}, {"rows", rows}};
}

}  // namespace superion::analysis
