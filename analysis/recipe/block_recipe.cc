// Study: Lynch, "A Study of Advancements in Ionic Conductivity Methods and Machine Learned Interatomic
// Potentials" (2025), with the block method of Gigli et al., Chem. Mater. 36, 1482 (2024).
#include <algorithm>
#include <cmath>

#include "analysis/recipe/rows.h"
#include "analysis/recipe/transport_recipe.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

std::string MethodText(const Json& method) {
  const double sigma = NumberOf(method, "sigma_s_per_m");
  if (!std::isfinite(sigma)) return "- (" + method.value("message", "") + ")";
  const double s = NumberOf(method, "s");
  return std::isfinite(s) ? fmt::format("{:.4g} S/m ± {:.2g} %", sigma, 100.0 * s)
                          : fmt::format("{:.4g} S/m", sigma);
}

// Value of a curve between its times; NaN outside.
double Between(const std::vector<double>& t_ps, const std::vector<double>& values, double t) {
  for (size_t k = 0; k + 1 < t_ps.size(); ++k) {
    if (t < t_ps[k] || t > t_ps[k + 1]) continue;
    const double share = (t - t_ps[k]) / (t_ps[k + 1] - t_ps[k]);
    return (1.0 - share) * values[k] + share * values[k + 1];
  }
  return NAN;
}

struct Lengths {
  const TransportInput& input;
  const Json& document;
  const TracerRatio& tracer;
};

void AddLength(const Lengths& l, const Json& entry, Json* rows) {
  const double t = entry["block_ps"], scale = l.input.collective->scale;
  size_t blocks = 0;
  const double end = BlockEndRatio(*l.input.dipoles, scale, t, &blocks);
  const double dof = static_cast<double>(blocks * (*l.input.dipoles)[0].dimension());
  const double efficiency = NumberOf(entry["block"], "efficiency");
  rows->push_back(RecipeRow(
      fmt::format("σ, blocks of {:.4g} ps", t),
      fmt::format(
          "from the start of each of {} blocks: slope {}; read at the block's end {:.4g} S/m ± {:.0f} % "
          "({:.0f} degrees of freedom)",
          blocks, MethodText(entry["block"]), end, 100.0 * std::sqrt(2.0 / dof), dof),
      fmt::format("all origins inside the blocks {}; Whittle-Lepski {}{}",
                  MethodText(entry["windowed_block"]), SigmaText(l.document),
                  efficiency > 0.0 ? fmt::format("; the block method uses {:.2g} % of that information",
                                                 100.0 * efficiency)
                                   : std::string()),
      NumberOf(entry["block"], "sigma_s_per_m"), NumberOf(l.document, "sigma_s_per_m"), "S/m"));
  rows->push_back(
      RecipeRow(fmt::format("simple method up to {:.4g} ps", t),
                fmt::format("all origins of whole runs, called not statistically consistent: {}",
                            MethodText(entry["simple"])),
                "consistent, but its points are correlated and unequally sharp" +
                    (l.input.collective->helfand
                         ? fmt::format(": generalised least squares, which uses that, {:.4g} S/m ± {:.2g} %",
                                       l.input.collective->helfand_sigma(),
                                       100.0 * l.input.collective->helfand->relative_sd)
                         : std::string()),
                NumberOf(entry["simple"], "sigma_s_per_m"),
                l.input.collective->helfand ? l.input.collective->helfand_sigma() : NAN, "S/m"));
  const auto& tracer = l.tracer.charge_frame.empty() ? l.tracer.mass_frame : l.tracer.charge_frame;
  const double at_end = Between(l.tracer.t_ps, tracer, t);
  if (!std::isfinite(at_end)) return;
  const double haven = NumberOf(l.document, "haven_ratio");
  rows->push_back(RecipeRow(
      fmt::format("full and tracer σ at {:.4g} ps", t),
      fmt::format("full {:.4g} S/m, tracer {:.4g} S/m: \"full mostly larger, as expected\"", end, at_end),
      std::isfinite(haven)
          ? fmt::format("σ_tr/σ = {:.3g}, 95 % {}: the full one is larger only where this is "
                        "below 1",
                        haven, IntervalText(l.document["haven_ratio_ci95"]))
          : std::string("no Haven ratio is stated"),
      at_end / end, haven, ""));
}

// σ of every run at the block's end, and how far they scatter.
Json SeedsJson(const TransportInput& input, double t, double* mean, double* sd) {
  Json out = Json::array();
  std::vector<double> values;
  for (const DipoleSeries& seed : *input.dipoles) {
    size_t blocks = 0;
    const double value = BlockEndRatio({seed}, input.collective->scale, t, &blocks);
    out.push_back(blocks > 0 ? Json(value) : Json(nullptr));
    if (blocks > 0) values.push_back(value);
  }
  const auto n = static_cast<double>(values.size());
  *mean = *sd = 0.0;
  for (double v : values) *mean += v / n;
  for (double v : values) *sd += (v - *mean) * (v - *mean) / (n - 1.0);
  *sd = std::sqrt(*sd);
  return out;
}

void AddSeeds(const TransportInput& input, const Json& document, double t, Json* rows) {
  if (input.dipoles->size() < 2) {
    rows->push_back(
        RecipeRow("spread over seeds", "four velocity seeds",
                  "one run was given: nothing can be said of the spread (gate G5 asks for four)"));
    return;
  }
  double mean = 0.0, sd = 0.0;
  const Json seeds = SeedsJson(input, t, &mean, &sd);
  size_t blocks = 0;
  BlockEndRatio({(*input.dipoles)[0]}, input.collective->scale, t, &blocks);
  const double dof = static_cast<double>(std::max<size_t>(1, blocks) * (*input.dipoles)[0].dimension());
  std::string list;
  for (const Json& v : seeds)
    list += (list.empty() ? "" : ", ") + (v.is_number() ? fmt::format("{:.4g}", v.get<double>()) : "-");
  std::string gate = "the seeds could not be compared";
  for (const Json& g : document.value("gates", Json::array())) {
    if (g["id"] == "G6")
      gate = fmt::format("gate G6 {}: {}", g["passed"].get<bool>() ? "passed" : "not passed",
                         g["message"].get<std::string>());
  }
  Json row = RecipeRow(fmt::format("spread over {} seeds at {:.4g} ps", seeds.size(), t),
                       fmt::format("{} S/m: {:.0f} % of their mean", list, 100.0 * sd / mean),
                       fmt::format("chance alone gives {:.0f} %; {}", 100.0 * std::sqrt(2.0 / dof), gate),
                       sd / mean, std::sqrt(2.0 / dof), "");
  row["seeds_s_per_m"] = seeds;
  rows->push_back(row);
}

void AddScan(const Json& section, Json* rows) {
  const Json scan = section.value("scan", Json());
  if (!scan.is_object()) return;
  rows->push_back(RecipeRow(
      "length of the blocks", "85, 170 and 340 ps, by eye",
      fmt::format("error of the mean over {:.4g} .. {:.4g} ps: {}", scan["block_ps"].front().get<double>(),
                  scan["block_ps"].back().get<double>(),
                  scan["plateau"].get<bool>()
                      ? fmt::format("no longer grows from {:.4g} ps on (20 τ_c = {:.4g} ps)",
                                    NumberOf(scan, "chosen_block_ps"), scan["block_ps"].front().get<double>())
                      : std::string("no plateau: the runs are too short to tell"))));
}

}  // namespace

Json BlockRecipe(const TransportInput& input, const Json& document) {
  Json rows = Json::array();
  const TracerRatio tracer = TracerRatioCurve(input);
  const Json section = BlockMethodJson(input);
  for (const Json& entry : section["lengths"]) AddLength({input, document, tracer}, entry, &rows);
  if (section["lengths"].empty()) {
    rows.push_back(
        RecipeRow("σ, blocks of 85, 170, 340 ps",
                  fmt::format("none fits twice into runs of {:.4g} ps", input.collective->shortest_ps),
                  SigmaText(document) + "; other lengths: --block-ps"));
  } else {
    double longest = 0.0;
    for (const Json& entry : section["lengths"]) longest = std::max(longest, entry["block_ps"].get<double>());
    AddSeeds(input, document, longest, &rows);
  }
  AddScan(section, &rows);
  rows.push_back(RecipeRow("reproducibility", "two runs drift apart (Lyapunov): average over seeds",
                           "λ and the time for which positions can be foretold: superion analyze "
                           "--divergence; statistics of runs are compared, never their positions"));
  return {{"name", "block-method"},
          {"source", "Lynch 2025; doi:10.1021/acs.chemmater.3c02726"},
          {"rows", rows},
          {"curves", {{"lengths", section["lengths"]}}}};
}

}  // namespace superion::analysis
