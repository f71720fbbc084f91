#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/sections.h"

namespace superion::report {
namespace {

// Errors of `train` and `valid` of every generation, in order.
std::string GenerationFigure(const Json& generations) {
  Plot plot;
  plot.title = "Force error by generation";
  plot.x.title = "generation";
  plot.x.whole = true;
  plot.y = {"force RMSE (meV/Å)", true, {}, {}, false};
  Series train{"training", {}, {}, Mark::kSquare, kOrange, "4 3", 1.6, true, true};
  Series valid{"validation", {}, {}, Mark::kCircle, kBlue, "", 2.0, false, true};
  for (const Json& g : generations) {
    const auto number = NumberAt(g, {"generation"});
    for (auto* s : {&train, &valid}) {
      const char* set = s == &train ? "train" : "valid";
      s->x.push_back(number.value_or(NAN));
      s->y.push_back(NumberAt(g, {set, "force_rmse_mev_per_angstrom"}).value_or(NAN));
    }
  }
  plot.series = {train, valid};
  if (!HasContent(plot)) return Missing("Error by generation", "no training reported errors");
  return PlotFigure(plot,
                    "Error after the training of each generation. It may rise when exploration reaches "
                    "harder configurations.");
}

std::string FractionFigure(const Json& generations) {
  Plot plot;
  plot.title = "Verdicts on explored configurations by generation";
  plot.x.title = "generation";
  plot.x.whole = true;
  plot.y = {"share of configurations (%)", false, 0.0, 100.0, false};
  Series shares[3] = {{"accurate", {}, {}, Mark::kCircle, kGreen, "", 2, false, true},
                      {"candidate", {}, {}, Mark::kDiamond, kOrange, "6 3", 2, true, true},
                      {"failed", {}, {}, Mark::kTriangle, kVermillion, "2 3", 2, false, true}};
  for (const Json& g : generations) {
    double counts[3], total = 0;
    for (int k = 0; k < 3; ++k) {
      counts[k] = NumberAt(g, {k == 0 ? "accurate" : k == 1 ? "candidate" : "failed"}).value_or(0);
      total += counts[k];
    }
    for (int k = 0; k < 3; ++k) {
      shares[k].x.push_back(NumberAt(g, {"generation"}).value_or(NAN));
      shares[k].y.push_back(total > 0 ? 100 * counts[k] / total : NAN);
    }
  }
  plot.series.assign(shares, shares + 3);
  if (!HasContent(plot)) return Missing("Exploration", "no generation was explored and graded");
  return PlotFigure(plot,
                    "What the model knows (accurate), should learn (candidate) or leaves its ground on "
                    "(failed), graded during exploration.");
}

std::string EpochFigure(const Json& curves) {
  Plot plot;
  plot.title = "Validation error over the epochs of each training";
  plot.x.title = "epoch";
  plot.x.whole = true;
  plot.y = {"force RMSE, validation (meV/Å)", true, {}, {}, false};
  static constexpr const char* kDashes[] = {"", "7 4", "2 3", "9 3 2 3"};
  size_t k = 0;
  if (curves.is_array()) {
    for (const Json& curve : curves) {
      std::string label = TextAt(curve, {"key"});
      if (label.empty()) label = "generation " + ShowPlain(NumberAt(curve, {"generation"}));
      if (const size_t slash = label.find("/train"); slash != std::string::npos) label.resize(slash);
      for (char& c : label) c = c == '-' ? ' ' : c;
      plot.series.push_back({label, NumbersAt(curve, {"epochs"}), NumbersAt(curve, {"valid_force_rmse"}),
                             Mark::kLine, CycleColor(k), kDashes[k % 4], 1.8});
      if (!HasContent(
              {.title = "", .x = {}, .y = {}, .spans = {}, .bands = {}, .series = {plot.series.back()}})) {
        plot.series.pop_back();
      }
      ++k;
    }
  }
  if (!HasContent(plot)) return Missing("Training curves", "no training left any");
  return PlotFigure(plot, "Each generation starts from the model of the one before.");
}

std::string StageTable(const Json& stages) {
  if (!stages.is_object() || stages.empty()) return "";
  double total = 0;
  for (const auto& [name, s] : stages.items()) total += s.is_number() ? s.get<double>() : 0;
  Table table;
  table.caption = "Working time by stage";
  table.header = {"stage", "time", "share"};
  table.numeric = {false, true, true};
  for (const auto& [name, s] : stages.items()) {
    if (!s.is_number()) continue;
    table.rows.push_back({Escape(name), Escape(ShowDuration(s.get<double>())),
                          total > 0 ? Show(100 * s.get<double>() / total, 2) + " %" : "–"});
  }
  return Render(table);
}

// "1×2×2" of a generation's supercell.
std::string ExploredCell(const Json& generation) {
  const Json& cell = At(generation, {"supercell"});
  if (!cell.is_array() || cell.size() != 3) return "–";
  return fmt::format("{}×{}×{}", cell[0].dump(), cell[1].dump(), cell[2].dump());
}

std::string GenerationTable(const Json& generations) {
  bool labels = false;
  for (const Json& g : generations) labels = labels || NumberAt(g, {"labels"}).has_value();
  Table table;
  table.caption = "Generations";
  table.header = {"generation",
                  "force RMSE, training<br>(meV/Å)",
                  "force RMSE, validation<br>(meV/Å)",
                  "energy MAE, validation<br>(meV/atom)",
                  "explored cell",
                  "force MAE, fresh labels<br>(meV/Å)",
                  "accurate",
                  "candidate",
                  "failed",
                  "candidate share"};
  if (labels) table.header.push_back("labels");
  table.numeric.assign(table.header.size(), true);
  for (const Json& g : generations) {
    const auto fraction = NumberAt(g, {"candidate_fraction"});
    table.rows.push_back(
        {ShowPlain(NumberAt(g, {"generation"})), Show(NumberAt(g, {"train", "force_rmse_mev_per_angstrom"})),
         Show(NumberAt(g, {"valid", "force_rmse_mev_per_angstrom"})),
         Show(NumberAt(g, {"valid", "energy_mae_mev_per_atom"})), ExploredCell(g),
         Show(NumberAt(g, {"fresh", "force_mae_mev_per_angstrom"})), ShowPlain(NumberAt(g, {"accurate"})),
         ShowPlain(NumberAt(g, {"candidate"})), ShowPlain(NumberAt(g, {"failed"})),
         fraction ? Show(100 * *fraction, 2) + " %" : "–"});
    if (labels) table.rows.back().push_back(ShowPlain(NumberAt(g, {"labels"})));
  }
  return Render(table);
}

}  // namespace

std::string LearningSection(const Json& report) {
  const Json& learning = At(report, {"learning"});
  const Json& generations = At(learning, {"generations"});
  std::string html;
  if (!generations.is_array() || generations.empty()) {
    html = Missing("Active learning", "no generation was trained");
  } else {
    const Json& converged = At(learning, {"converged"});
    const bool good = converged.is_boolean() && converged.get<bool>();
    const std::string reason = TextAt(learning, {"reason"});
    html = Paragraph(Chip(good ? "converged" : "not converged", good) + " " + Escape(reason));
    html += Grid({GenerationFigure(generations), FractionFigure(generations)}) + GenerationTable(generations);
  }
  html += Grid({EpochFigure(At(learning, {"learning_curves"})),
                StageTable(At(report, {"summary", "wall_s_by_stage"}))});
  return Section("learning", "Active learning", html);
}

}  // namespace superion::report
