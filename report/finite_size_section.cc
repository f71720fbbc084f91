// Conductivity against the inverse size of the cell.
#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/sections.h"

namespace superion::report {
namespace {

// ln σ = ln σ∞ + c/L with its 95 % band.
void AddFit(const Json& fit, double longest, Plot* plot) {
  const auto infinite = NumberAt(fit, {"ln_sigma_infinite"}), slope = NumberAt(fit, {"slope_angstrom"});
  if (!infinite || !slope || !(longest > 0)) return;
  const auto s = NumberAt(fit, {"ln_sigma_infinite_sd"}), s_slope = NumberAt(fit, {"slope_sd_angstrom"});
  const auto covariance = NumberAt(fit, {"covariance_angstrom"});
  Series line{"ln σ = ln σ∞ + c/L", {}, {}, Mark::kLine, kBlue};
  Band band{"95 % interval", {}, {}, {}, kSky, 0.3};
  for (int k = 0; k <= 40; ++k) {
    const double x = longest * 1.05 * k / 40, y = *infinite + *slope * x;
    line.x.push_back(x);
    line.y.push_back(std::exp(y));
    if (!s || !s_slope || !covariance) continue;
    const double sd = std::sqrt(std::max(0.0, *s * *s + x * x * *s_slope * *s_slope + 2 * x * *covariance));
    band.x.push_back(x);
    band.low.push_back(std::exp(y - 1.96 * sd));
    band.high.push_back(std::exp(y + 1.96 * sd));
  }
  if (!band.x.empty()) plot->bands.push_back(band);
  plot->series.push_back(line);
}

std::string SizeFigure(const Json& fit) {
  Plot plot;
  plot.title = "Conductivity against the inverse edge of the cell";
  plot.x = {"1 / L (1/Å), L the cube root of the volume", false, 0.0, {}, false};
  plot.y = {"conductivity (S/m)", true, {}, {}, false};
  Series points{"cells", {}, {}, Mark::kCircle, kBlack},
      production{"cell of production", {}, {}, Mark::kSquare, kVermillion};
  const auto own = NumberAt(fit, {"production_length_angstrom"});
  double longest = 0;
  const Json& list = At(fit, {"points"});
  if (list.is_array()) {
    for (const Json& point : list) {
      const auto length = NumberAt(point, {"length_angstrom"}), sigma = NumberAt(point, {"sigma_s_per_m"});
      const std::vector<double> ci = NumbersAt(point, {"ci95_s_per_m"});
      if (!length || !(*length > 0) || !sigma) continue;
      Series& s = own && std::abs(*length / *own - 1) < 1e-3 ? production : points;
      s.x.push_back(1 / *length);
      s.y.push_back(*sigma);
      s.low.push_back(ci.size() == 2 ? ci[0] : NAN);
      s.high.push_back(ci.size() == 2 ? ci[1] : NAN);
      longest = std::max(longest, 1 / *length);
    }
  }
  AddFit(fit, longest, &plot);
  for (Series* s : {&points, &production}) {
    if (!s->x.empty()) plot.series.push_back(std::move(*s));
  }
  if (!HasContent(plot)) return Missing("Conductivity against cell size", "no cell has a conductivity");
  return PlotFigure(
      plot, fmt::format("At {} K. The line meets the left axis at an infinite cell. Whiskers: 95 % interval.",
                        ShowPlain(NumberAt(fit, {"temperature_k"}))));
}

std::string SizeTable(const Json& fit) {
  Table table;
  table.header = {"quantity", "value", "95 % interval or sd"};
  table.numeric = {false, true, true};
  table.rows.push_back({"σ of an infinite cell", Show(NumberAt(fit, {"sigma_infinite_s_per_m"}), "S/m"),
                        Escape(ShowInterval(At(fit, {"ci95_infinite_s_per_m"}))) + " S/m"});
  table.rows.push_back({"slope c", Show(NumberAt(fit, {"slope_angstrom"}), "Å"),
                        "± " + Show(NumberAt(fit, {"slope_sd_angstrom"}), "Å", 2)});
  table.rows.push_back({fmt::format("shift of ln σ in the cell of production ({} Å)",
                                    Show(NumberAt(fit, {"production_length_angstrom"}))),
                        Show(NumberAt(fit, {"shift"}), 2), "± " + Show(NumberAt(fit, {"shift_sd"}), 2)});
  const auto chi2 = NumberAt(fit, {"chi2"}), dof = NumberAt(fit, {"dof"});
  table.rows.push_back({"χ² of the fit", Show(chi2), dof ? ShowPlain(dof) + " degree(s) of freedom" : "–"});
  return Render(table);
}

}  // namespace

std::string FiniteSizeSection(const Json& report) {
  const Json& fit = At(report, {"finite_size"});
  if (!fit.is_object()) {
    return Section("size", "Size of the cell",
                   Missing("Dependence on the size of the cell",
                           "only the cell of production was run (sizes of [uncertainty] adds others)"));
  }
  const std::string status = TextAt(fit, {"status"});
  std::string text = Paragraph(Chip(status.empty() ? "NOT_MEASURED" : status, status == "FINITE_SIZE_OK") +
                               " " + Escape(TextAt(fit, {"message"})));
  if (NumberAt(fit, {"shift"})) text += SizeTable(fit);
  return Section("size", "Size of the cell", Grid({SizeFigure(fit), "<div>" + text + "</div>"}));
}

}  // namespace superion::report
