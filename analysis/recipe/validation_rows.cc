// Rows of the recipe validation that need more than one set of runs: spread, reference, larger cell, errors.
#include <cmath>

#include "analysis/recipe/comparison.h"
#include "analysis/recipe/recipe.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

// What differs, by name; the numbers are in the document and in a table.
std::string Names(const Comparison& comparison) {
  std::string out;
  const auto add = [&](bool agrees, const std::string& name) {
    if (!agrees) out += (out.empty() ? ": " : ", ") + name;
  };
  for (const NumberComparison& c : comparison.numbers) add(c.agrees, c.quantity);
  for (const CurveComparison& c : comparison.curves) add(c.agrees, c.quantity);
  return out;
}

Json ComparisonRow(const std::string& title, const std::string& study, const Comparison& comparison) {
  const Json summary = ToJson(comparison);
  const size_t compared = summary["compared"], differ = summary["differ"];
  if (compared == 0)
    return RecipeRow(title, study,
                     "nothing in common: other intervals of frames, or too few frames for errors");
  return RecipeRow(
      title, study,
      fmt::format(
          "{} of {} quantities differ by more than the errors of both allow{}. Chance alone makes {:.1f} "
          "differ. Every one: comparison in the document; curves side by side: difference-*.csv",
          differ, compared, Names(comparison), 0.05 * static_cast<double>(compared)),
      static_cast<double>(compared), static_cast<double>(differ), "quantities");
}

// Densities of states are compared at one resolution only.
std::string SpectraNote(const Findings& here, const Findings& other) {
  const auto resolution = [](const Findings& f) {
    return f.document.contains("vdos") ? NumberOf(f.document["vdos"], "resolution_cm1") : NAN;
  };
  const double a = resolution(here), b = resolution(other);
  if (!std::isfinite(a) || !std::isfinite(b) || std::abs(a - b) <= 1e-6 * a) return "";
  return fmt::format(
      "densities of states not compared: their resolution is {:.3g} and {:.3g} cm⁻¹, by the "
      "lengths of the runs; the band centres are",
      a, b);
}

// Numbers whose spread over runs is known: every seed is one block.
struct SpreadKind {
  const char *section, *group, *key, *quantity, *unit;
};
constexpr SpreadKind kSpread[] = {{"vdos", "species", "band_centre_cm1", "band centre of ", "cm⁻¹"},
                                  {"b_factors", "species", "b_angstrom2", "B factor of ", "Å²"},
                                  {"sites", "species", "rate_per_ion_per_ps", "hop rate of ", "1/ps"},
                                  {"sites", "species", "d_tracer_cm2_per_s", "D of ", "cm²/s"}};

}  // namespace

Json SpreadOverRuns(const Json& document) {
  Json out = Json::array();
  const double runs = document["seeds"];
  if (document["blocks"] != document["seeds"] || runs < 2.0) return out;
  for (const SpreadKind& kind : kSpread) {
    if (!document.contains(kind.section)) continue;
    for (const auto& [name, entry] : document[kind.section][kind.group].items()) {
      if (!entry.contains(kind.key) || !entry[kind.key]["error"].is_number()) continue;
      out.push_back({{"quantity", kind.quantity + name},
                     {"unit", kind.unit},
                     {"mean", entry[kind.key]["value"]},
                     {"sd", entry[kind.key]["error"].get<double>() * std::sqrt(runs)},
                     {"runs", runs}});
    }
  }
  return out;
}

void AddSpreadRows(const Json& document, Json* rows) {
  const double runs = document["seeds"];
  const Json spread = SpreadOverRuns(document);
  if (spread.empty()) {
    rows->push_back(
        RecipeRow("spread over runs", "standard deviation over five runs",
                  fmt::format("{:.0f} run(s): give four or more, each as a source of its own; errors "
                              "here are from stretches of a run",
                              runs)));
    return;
  }
  std::string list;
  for (const Json& s : spread)
    list += fmt::format("{}{} {:.5g} ± {:.2g}{}", list.empty() ? "" : ", ", s["quantity"].get<std::string>(),
                        NumberOf(s, "mean"), NumberOf(s, "sd"),
                        s["unit"] == "" ? "" : " " + s["unit"].get<std::string>());
  rows->push_back(
      RecipeRow(fmt::format("spread over {:.0f} runs", runs), "standard deviation over five runs",
                fmt::format("{}; of curves: the errors in their files times {:.4g}", list, std::sqrt(runs))));
}

void AddForceErrorRows(const Json& evaluation, Json* rows) {
  const Json species =
      evaluation.is_object() ? evaluation.value("per_species", Json::object()) : Json::object();
  if (species.empty()) {
    rows->push_back(
        RecipeRow("force errors per element", "RMSE on snapshots with DFT",
                  "not given: superion eval --model M --data labelled.xyz --json > eval.json, then "
                  "--eval eval.json"));
    return;
  }
  for (const auto& [name, errors] : species.items())
    rows->push_back(RecipeRow(
        "force errors of " + name, "RMSE on snapshots with DFT",
        fmt::format("RMSE {:.4g} meV/Å, MAE {:.4g} meV/Å", NumberOf(errors, "force_rmse_mev_per_angstrom"),
                    NumberOf(errors, "force_mae_mev_per_angstrom")),
        NumberOf(errors, "force_rmse_mev_per_angstrom"), NumberOf(errors, "force_rmse_mev_per_angstrom"),
        "meV/Å"));
}

void AddComparisonRows(const RecipeInputs& inputs, Findings* findings, Json* rows) {
  const auto compare = [&](const Findings* other, const char* label, const std::string& title,
                           const std::string& study) {
    if (other == nullptr) return;
    Comparison comparison = Compare(*findings, *other, label);
    Json& entry = findings->document["comparison"][label];
    entry = ToJson(comparison);
    for (const char* key : {"seeds", "frames", "atoms", "interval_ps", "blocks", "notes"})
      entry[key] = other->document[key];
    if (const std::string note = SpectraNote(*findings, *other); !note.empty()) {
      entry["notes"].push_back(note);
      findings->document["notes"].push_back(fmt::format("{}: {}", label, note));
    }
    rows->push_back(ComparisonRow(title, study, comparison));
    for (Table& table : comparison.tables) findings->tables.push_back(std::move(table));
  };
  compare(inputs.reference, "reference", "against the reference", "MLMD and AIMD compared by eye");
  compare(inputs.larger, "larger-cell", "against the larger cell",
          "a model trained on one cell used in others");
  if (inputs.reference == nullptr)
    rows->push_back(RecipeRow("against a reference", "MLMD and AIMD compared by eye",
                              "not given: --reference TRAJECTORY, such as of ab initio MD"));
  if (inputs.larger == nullptr)
    rows->push_back(RecipeRow("size transfer", "a model trained on one cell used in others",
                              "not given: --larger-cell TRAJECTORY"));
}

}  // namespace superion::analysis
