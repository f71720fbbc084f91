#include <cmath>
#include <map>

#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/sections.h"

namespace superion::report {
namespace {

// Points of one verdict: converged, stated but not converged, upper bound.
struct Groups {
  Series converged, open, bound, target;
};

Groups MakeGroups(const Json& list, double target) {
  Groups g;
  g.converged.label = "converged";
  g.converged.mark = Mark::kCircle;
  g.converged.color = kGreen;
  g.open.label = "not converged";
  g.open.mark = Mark::kDiamond;
  g.open.color = kVermillion;
  g.open.hollow = true;
  g.bound.label = "upper bound";
  g.bound.mark = Mark::kDown;
  g.bound.color = kGrey;
  g.target.label = fmt::format("target ±{} % (95 %)", Show(100 * (std::exp(1.96 * target) - 1), 2));
  g.target.color = "#A9D3EC";
  g.target.width = 9;
  for (const Json& entry : list) {
    const auto t = NumberAt(entry, {"temperature_k"}), sigma = NumberAt(entry, {"sigma_s_per_m"});
    const std::vector<double> ci = NumbersAt(entry, {"ci95_s_per_m"});
    if (!t) continue;
    if (sigma) {
      Series& s = TextAt(entry, {"status"}) == "CONVERGED" ? g.converged : g.open;
      s.x.push_back(*t);
      s.y.push_back(*sigma);
      s.low.push_back(ci.size() == 2 ? ci[0] : NAN);
      s.high.push_back(ci.size() == 2 ? ci[1] : NAN);
      for (const double y :
           {*sigma * std::exp(-1.96 * target), *sigma * std::exp(1.96 * target), double(NAN)}) {
        g.target.x.push_back(*t);
        g.target.y.push_back(y);
      }
    } else if (ci.size() == 2 && std::isfinite(ci[1])) {
      g.bound.x.push_back(*t);
      g.bound.y.push_back(ci[1]);
    }
  }
  return g;
}

std::string SigmaFigure(const Json& list, double target) {
  Plot plot;
  plot.title = "Conductivity against temperature with 95 % intervals";
  plot.x.title = "temperature (K)";
  plot.y = {"conductivity (S/m)", true, {}, {}, false};
  Groups g = MakeGroups(list, target);
  for (Series* s : {&g.target, &g.converged, &g.open, &g.bound}) {
    if (!s->x.empty()) plot.series.push_back(std::move(*s));
  }
  if (!HasContent(plot))
    return Missing("Conductivity against temperature", "no temperature has a value or a bound");
  return PlotFigure(
      plot,
      "Collective conductivity. Whiskers: 95 % interval. Blue bars: the interval that the target precision "
      "would leave; whiskers within their bar meet it.");
}

std::string PrecisionFigure(const Json& list, double target) {
  Plot plot;
  plot.title = "Precision reached against total time";
  plot.x = {"simulated time, all seeds (ps)", true, {}, {}, false};
  plot.y = {"standard deviation of ln σ", true, {}, {}, false};
  size_t k = 0;
  double low = INFINITY, high = 0;
  for (const Json& entry : list) {
    const auto time = NumberAt(entry, {"total_time_ps"}), s = NumberAt(entry, {"s_tot"});
    const auto needed = NumberAt(entry, {"needs", "total_time_ps"});
    const std::string color = CycleColor(k++);
    if (!time || !s || *time <= 0) continue;
    Series now{fmt::format("{} K", Show(NumberAt(entry, {"temperature_k"}), 4)),
               {*time},
               {*s},
               Mark::kCircle,
               color};
    low = std::min(low, *time), high = std::max(high, *time);
    if (needed && *needed > *time) {  // where the plan expects to arrive
      Series plan{"",  {*time, *needed}, {*s, std::min(*s, target)}, Mark::kCircle, color, "3 3", 1.4, true,
                  true};
      plot.series.push_back(plan);
      high = std::max(high, *needed);
    }
    plot.series.push_back(now);
  }
  if (!HasContent(plot)) return Missing("Precision", "no temperature has a conductivity with an error");
  plot.series.push_back(
      {"target", {low / 1.5, high * 1.5}, {target, target}, Mark::kLine, kBlack, "6 4", 1.4});
  return PlotFigure(
      plot, "Where each temperature stands (filled) and what the plan expects for the target (hollow).");
}

std::string IntervalCell(const Json& entry, const char* value, const char* interval) {
  const auto number = NumberAt(entry, {value});
  if (!number) return "–";
  return Show(number) + "<br><span class=\"soft\">" + Escape(ShowInterval(At(entry, {interval}))) + "</span>";
}

std::string DiffusivityCell(const Json& entry) {
  const Json& all = At(entry, {"d_tracer_cm2_per_s"});
  if (!all.is_object() || all.empty()) return "–";
  std::string html;
  for (const auto& [species, d] : all.items()) {
    html += (html.empty() ? "" : "<br>") + Escape(species) + " " + Show(NumberAt(d, {"value"})) +
            " <span class=\"soft\">" + Escape(ShowInterval(At(d, {"ci95"}))) + "</span>";
  }
  return html;
}

std::string SummaryTable(const Json& list) {
  Table table;
  table.header = {"T (K)",
                  "status",
                  "σ (S/m)<br>95 % interval",
                  "σ (mS/cm)",
                  "sd of ln σ",
                  "relaxations<br>seen up to (ps)",
                  "D tracer (cm²/s)",
                  "σ of independent ions (S/m)",
                  "Haven ratio",
                  "time (ps)",
                  "seeds"};
  table.numeric = {true, false, true, true, true, true, false, true, true, true, true};
  for (const Json& entry : list) {
    const auto sigma = NumberAt(entry, {"sigma_s_per_m"});
    const std::string status = TextAt(entry, {"status"});
    const std::string bound = Escape(ShowInterval(At(entry, {"ci95_s_per_m"})));
    table.rows.push_back(
        {Show(NumberAt(entry, {"temperature_k"}), 4),
         Chip(status.empty() ? "NOT_MEASURED" : status, status == "CONVERGED", StatusMeaning(status)),
         sigma ? Show(sigma) + "<br><span class=\"soft\">" + bound + "</span>" : bound,
         sigma ? Show(10 * *sigma) : "–", Show(NumberAt(entry, {"s_tot"}), 2),
         sigma ? Show(NumberAt(entry, {"slow_relaxation", "resolved_up_to_ps"}), 2) : "–",
         DiffusivityCell(entry), IntervalCell(entry, "sigma_ne_s_per_m", "sigma_ne_ci95_s_per_m"),
         IntervalCell(entry, "haven_ratio", "haven_ratio_ci95"),
         ShowPlain(NumberAt(entry, {"total_time_ps"})), ShowPlain(NumberAt(entry, {"n_seeds"}))});
  }
  return Render(table) +
         Paragraph(
             "The interval of σ speaks for relaxations that are faster than what is given as seen: a slower "
             "one could change σ by a factor of two unnoticed.",
             "soft");
}

}  // namespace

std::string StatusMeaning(const std::string& status) {
  static const std::map<std::string, std::string> kMeanings{
      {"CONVERGED", "Every gate is passed: the value and its interval can be used."},
      {"RUNNING", "The value is sound so far but not yet as precise or as long as asked for."},
      {"NOT_DIFFUSIVE",
       "The charge displacement has not reached the diffusive regime: no conductivity can be read off."},
      {"NO_HOPS",
       "The charge of the cell did not move beyond vibrations and jumps to and fro: only an upper bound can "
       "be given."},
      {"DRIFTING", "The run is not in equilibrium: its energy, volume or temperature still drifts."},
      {"FRAMEWORK_UNSTABLE", "The framework ions diffuse as well: the crystal melts or changes."},
      {"SEEDS_DISAGREE", "Independent runs differ by more than chance allows."},
      {"ESTIMATORS_DISAGREE", "Independent estimators differ by more than their errors allow."},
      {"BUDGET_EXHAUSTED", "The budget of the campaign ended before the target was met."},
      {"NOT_MEASURED", "No analysis was finished at this temperature."}};
  const auto it = kMeanings.find(status);
  return it == kMeanings.end() ? "" : it->second;
}

std::string ConductivitySection(const Json& report) {
  const Json& list = At(report, {"conductivity"});
  if (!list.is_array() || list.empty()) {
    return Section("conductivity", "Ionic conductivity",
                   Missing("Conductivity", "the campaign ended before a production run was analysed"));
  }
  const double target = TargetOf(report);
  std::string html = Grid({SigmaFigure(list, target), PrecisionFigure(list, target)}) + SummaryTable(list);
  for (const Json& entry : list) html += TemperatureSection(entry);
  return Section("conductivity", "Ionic conductivity", html);
}

}  // namespace superion::report
