// Where the error of each conductivity comes from, side by side.
#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/row_chart.h"
#include "report/sections.h"

namespace superion::report {
namespace {

struct Source {
  const char* key;
  const char* name;
  const char* color;
};

constexpr Source kSources[] = {{"sampling", "sampling", kBlue},
                               {"potential", "potential", kVermillion},
                               {"finite_size", "cell size", kGreen},
                               {"estimators", "estimators", kPurple},
                               {"extrapolation", "extrapolation", kOrange}};

const Source* SourceOf(const std::string& key) {
  for (const Source& source : kSources) {
    if (key == source.key) return &source;
  }
  return nullptr;
}

std::string NameOf(const Json& budget) {
  return fmt::format("{} K", ShowPlain(NumberAt(budget, {"temperature_k"})));
}

RowChart ChartOf(const Json& budget, const std::string& name) {
  RowChart chart;
  chart.title = "Error budget at " + name;
  chart.x.title = "standard deviation of ln σ";
  chart.width = 470;
  const Json& terms = At(budget, {"terms"});
  if (!terms.is_array()) return chart;
  for (const Json& term : terms) {
    const Source* source = SourceOf(TextAt(term, {"source"}));
    ChartRow row;
    row.label = source ? source->name : TextAt(term, {"source"});
    row.value = NumberAt(term, {"s"});
    const std::vector<double> interval = NumbersAt(term, {"ci95_s"});
    if (interval.size() == 2 && std::isfinite(interval[0]) && std::isfinite(interval[1]))
      row.low = interval[0], row.high = interval[1];
    if (source) row.color = source->color;
    chart.rows.push_back(row);
  }
  if (chart.rows.empty()) return chart;
  ChartRow total;
  total.label = "total";
  total.value = NumberAt(budget, {"total", "s"});
  total.color = "#5a6675";
  total.strong = true;
  chart.rows.push_back(total);
  return chart;
}

std::string CaptionOf(const Json& budget, const std::string& name) {
  std::string caption = fmt::format("<b>{}</b>: σ = {}, {} S/m with everything that was measured.",
                                    Escape(name), Show(NumberAt(budget, {"sigma_s_per_m"}), "S/m"),
                                    Escape(ShowInterval(At(budget, {"total", "ci95_s_per_m"}))));
  const Json& lacks = At(budget, {"total", "lacks"});
  std::string missing;
  if (lacks.is_array()) {
    for (const Json& key : lacks) {
      const Source* source = key.is_string() ? SourceOf(key.get<std::string>()) : nullptr;
      if (source) missing += (missing.empty() ? "" : ", ") + std::string(source->name);
    }
  }
  if (!missing.empty()) caption += " Not in it: " + missing + ".";
  return caption;
}

// What each number rests on, or why there is none.
std::string NotesTable(const std::vector<const Json*>& budgets) {
  Table table;
  table.caption = "What the numbers rest on";
  table.header = {"temperature", "source", "sd of ln σ", "95 % interval of it", "finding"};
  table.numeric = {true, false, true, true, false};
  for (const Json* budget : budgets) {
    const Json& terms = At(*budget, {"terms"});
    if (!terms.is_array()) continue;
    for (const Json& term : terms) {
      const Source* source = SourceOf(TextAt(term, {"source"}));
      const auto s = NumberAt(term, {"s"});
      table.rows.push_back({Escape(NameOf(*budget)), Escape(source ? source->name : TextAt(term, {"source"})),
                            s ? Show(s, 2) : "not measured", Escape(ShowInterval(At(term, {"ci95_s"}), 2)),
                            Escape(TextAt(term, {"message"}))});
    }
  }
  return Details("What each number rests on", Render(table));
}

}  // namespace

std::string BudgetSection(const Json& report) {
  const Json& document = At(report, {"error_budget"});
  std::vector<const Json*> budgets;
  const Json& list = At(document, {"temperatures"});
  if (list.is_array()) {
    for (const Json& budget : list) budgets.push_back(&budget);
  }
  if (const Json& room = At(document, {"extrapolated"}); room.is_object()) budgets.push_back(&room);
  std::vector<std::string> figures;
  for (const Json* budget : budgets) {
    const RowChart chart = ChartOf(*budget, NameOf(*budget));
    if (HasContent(chart)) figures.push_back(ChartFigure(chart, CaptionOf(*budget, NameOf(*budget))));
  }
  if (figures.empty())
    return Section(
        "budget", "Error budget",
        Missing("Error budget", "no temperature has a conductivity that could be used (see its status)"));
  return Section(
      "budget", "Error budget",
      Paragraph("Every source of error of the conductivity as a standard deviation of ln σ; 0.1 is about "
                "10 %. The total is the root of the sum of squares of those that were measured; whiskers "
                "are the 95 % interval of a number that is itself uncertain.") +
          Grid(figures) + NotesTable(budgets));
}

}  // namespace superion::report
