#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/sections.h"
#include "report/svg_plot.h"

namespace superion::report {
namespace {

struct Points {
  Series used, bound, left_out;
  double lowest_k = INFINITY, highest_k = 0;
};

Points ReadPoints(const Json& list) {
  Points p;
  p.used.label = "conductivity";
  p.used.mark = Mark::kCircle;
  p.bound.label = "upper bound";
  p.bound.mark = Mark::kDown;
  p.bound.color = kGrey;
  p.left_out.label = "not used";
  p.left_out.mark = Mark::kSquare;
  p.left_out.color = kGrey;
  p.left_out.hollow = true;
  if (!list.is_array()) return p;
  for (const Json& point : list) {
    const auto t = NumberAt(point, {"temperature_k"}), sigma = NumberAt(point, {"sigma_s_per_m"});
    const std::vector<double> ci = NumbersAt(point, {"ci95_s_per_m"});
    if (!t || *t <= 0) continue;
    const Json& used = At(point, {"used"});
    if (sigma) {
      Series& s = used.is_boolean() && !used.get<bool>() ? p.left_out : p.used;
      s.x.push_back(1000 / *t);
      s.y.push_back(*sigma * *t);
      s.low.push_back(ci.size() == 2 ? ci[0] * *t : NAN);
      s.high.push_back(ci.size() == 2 ? ci[1] * *t : NAN);
    } else if (ci.size() == 2 && std::isfinite(ci[1])) {
      p.bound.x.push_back(1000 / *t);
      p.bound.y.push_back(ci[1] * *t);
    } else {
      continue;
    }
    p.lowest_k = std::min(p.lowest_k, *t);
    p.highest_k = std::max(p.highest_k, *t);
  }
  return p;
}

// The fitted line and its 95 % band from the covariance of ln A and Ea.
void AddFit(const Json& fit, double low_k, double high_k, Plot* plot) {
  const auto ea = NumberAt(fit, {"ea_ev"}), ln_a = NumberAt(fit, {"ln_a"});
  if (!ea || !ln_a) return;
  const auto s_ea = NumberAt(fit, {"ea_sd_ev"}), s_a = NumberAt(fit, {"ln_a_sd"});
  const auto covariance = NumberAt(fit, {"covariance_ln_a_ea_ev"});
  Series line{"Arrhenius fit", {}, {}, Mark::kLine, kBlue};
  Band band{"95 % interval", {}, {}, {}, kSky, 0.3};
  constexpr int kSteps = 60;
  for (int k = 0; k <= kSteps; ++k) {
    const double inverse = 1 / high_k + (1 / low_k - 1 / high_k) * k / kSteps;
    const double b = inverse / units::kBoltzmann, y = *ln_a - *ea * b;
    line.x.push_back(1000 * inverse);
    line.y.push_back(std::exp(y));
    if (!s_ea || !s_a || !covariance) continue;
    const double s = std::sqrt(std::max(0.0, *s_a * *s_a + b * b * *s_ea * *s_ea - 2 * b * *covariance));
    band.x.push_back(1000 * inverse);
    band.low.push_back(std::exp(y - 1.96 * s));
    band.high.push_back(std::exp(y + 1.96 * s));
  }
  if (!band.x.empty()) plot->bands.push_back(band);
  plot->series.push_back(line);
}

std::string PlotHtml(const Json& fit) {
  Plot plot;
  plot.title = "Arrhenius plot of conductivity times temperature";
  plot.x.title = "1000 / T (1/K)";
  plot.y = {"σ T (S K/m)", true, {}, {}, false};
  Points p = ReadPoints(At(fit, {"points"}));
  for (Series* s : {&p.used, &p.bound, &p.left_out}) {
    if (!s->x.empty()) plot.series.push_back(std::move(*s));
  }
  if (!HasContent(plot)) return Missing("Arrhenius plot", "no temperature has a conductivity or a bound");
  // Room temperature is drawn where it lies near the data; far away it would squeeze them into a corner.
  const double low = p.lowest_k < 650 ? std::min(300.0, p.lowest_k) : p.lowest_k / 1.03;
  AddFit(fit, low, p.highest_k * 1.03, &plot);
  return Figure(Render(plot),
                "σT = A exp(−E<sub>a</sub>/k<sub>B</sub>T). The band uses the covariance of A and "
                "E<sub>a</sub>.");
}

std::string ValueTable(const Json& fit) {
  Table table;
  table.header = {"quantity", "value", "95 % interval or sd"};
  table.numeric = {false, true, true};
  const auto ea = NumberAt(fit, {"ea_ev"}), s_ea = NumberAt(fit, {"ea_sd_ev"});
  table.rows.push_back({"activation energy of σT", Show(ea, "eV"), ea ? "± " + Show(s_ea, "eV", 2) : "–"});
  table.rows.push_back({"ln A (A in S K/m)", Show(NumberAt(fit, {"ln_a"}), 4),
                        NumberAt(fit, {"ln_a_sd"}) ? "± " + Show(NumberAt(fit, {"ln_a_sd"}), 2) : "–"});
  table.rows.push_back({"σ extrapolated to 300 K", Show(NumberAt(fit, {"sigma_300k_s_per_m"}), "S/m"),
                        Escape(ShowInterval(At(fit, {"ci95_300k_s_per_m"}))) + " S/m"});
  const Json& curved = At(fit, {"with_curvature_300k"});
  if (curved.is_object()) {
    table.rows.push_back({"the same with a curvature term", Show(NumberAt(curved, {"sigma_s_per_m"}), "S/m"),
                          Escape(ShowInterval(At(curved, {"ci95_s_per_m"}))) + " S/m"});
  }
  const auto chi2 = NumberAt(fit, {"chi2"}), dof = NumberAt(fit, {"dof"});
  table.rows.push_back({"χ² of the fit", Show(chi2), dof ? ShowPlain(dof) + " degree(s) of freedom" : "–"});
  return Render(table);
}

std::string FlagText(const std::string& flag) {
  if (flag == "EXTRAPOLATION_UNSAFE")
    return "the extrapolation to 300 K reaches far beyond the data and is not safe";
  if (flag == "NOT_ENOUGH_POINTS") return "too few temperatures for a fit";
  if (flag == "BIRGE_SCALED") return "errors were enlarged because the points scatter more than they say";
  return flag;
}

}  // namespace

std::string ArrheniusSection(const Json& report) {
  const Json& fit = At(report, {"arrhenius"});
  if (!fit.is_object()) {
    return Section("arrhenius", "Temperature dependence",
                   Missing("Activation energy", "no Arrhenius analysis was made"));
  }
  std::string notes;
  const Json& flags = At(fit, {"flags"});
  if (flags.is_array()) {
    for (const Json& flag : flags) {
      const std::string text = flag.is_string() ? flag.get<std::string>() : DumpJson(flag);
      notes += "<li>" + Escape(FlagText(text)) + "</li>";
    }
  }
  if (!notes.empty()) notes = "<div class=\"needs\"><b>Mind</b><ul>" + notes + "</ul></div>";
  std::string text = ValueTable(fit) + notes;
  if (const std::string message = TextAt(fit, {"message"}); !message.empty()) {
    text += Paragraph(Escape(message), "soft");
  }
  return Section("arrhenius", "Temperature dependence", Grid({PlotHtml(fit), "<div>" + text + "</div>"}));
}

}  // namespace superion::report
