#include <algorithm>
#include <cmath>

#include "core/units.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/row_chart.h"
#include "report/sections.h"

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

// σ of independent ions, with the line fitted to it alone.
void AddNernstEinstein(const Json& fit, double low_k, double high_k, Plot* plot) {
  Series points{"independent ions (Nernst–Einstein)", {}, {}, Mark::kDiamond, kOrange};
  points.hollow = true;
  const Json& list = At(fit, {"points"});
  if (!list.is_array()) return;
  for (const Json& point : list) {
    const auto t = NumberAt(point, {"temperature_k"}), sigma = NumberAt(point, {"sigma_ne_s_per_m"});
    if (!t || *t <= 0 || !sigma) continue;
    points.x.push_back(1000 / *t);
    points.y.push_back(*sigma * *t);
  }
  if (points.x.empty()) return;
  plot->series.push_back(points);
  const auto ea = NumberAt(fit, {"nernst_einstein", "ea_ev"}),
             ln_a = NumberAt(fit, {"nernst_einstein", "ln_a"});
  if (!ea || !ln_a) return;
  Series line{"", {}, {}, Mark::kLine, kOrange, "6 4", 1.4};
  for (const double t : {high_k, low_k}) {
    line.x.push_back(1000 / t);
    line.y.push_back(std::exp(*ln_a - *ea / (units::kBoltzmann * t)));
  }
  plot->series.push_back(line);
}

// The average over all laws at 300 K, beside the band of the line.
void AddAverage(const Json& fit, Plot* plot) {
  const Json& average = At(fit, {"model_average_300k"});
  const auto sigma = NumberAt(average, {"sigma_s_per_m"});
  const std::vector<double> ci = NumbersAt(average, {"ci95_s_per_m"});
  if (!sigma || ci.size() != 2) return;
  Series point{"300 K, all laws averaged", {1000.0 / 300}, {*sigma * 300}, Mark::kSquare, kVermillion};
  point.low = {ci[0] * 300};
  point.high = {ci[1] * 300};
  plot->series.push_back(point);
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
  const bool room = p.lowest_k < 650;
  const double low = room ? std::min(300.0, p.lowest_k) : p.lowest_k / 1.03;
  AddNernstEinstein(fit, low, p.highest_k * 1.03, &plot);
  AddFit(fit, low, p.highest_k * 1.03, &plot);
  if (room) AddAverage(fit, &plot);
  return PlotFigure(plot,
                    "σT = A exp(−E<sub>a</sub>/k<sub>B</sub>T). The band uses the covariance of A and "
                    "E<sub>a</sub>.");
}

const char* LawName(const std::string& name) {
  if (name == "line") return "straight line";
  if (name == "parabola") return "curved (parabola)";
  if (name == "vft") return "VFT curve";
  if (name == "break") return "two lines";
  return nullptr;
}

ChartRow LawRow(const std::string& label, const Json& value, const Json& interval, const char* color) {
  ChartRow row;
  row.label = label;
  if (value.is_number()) row.value = value.get<double>();
  const Json& low = Element(interval, 0);
  const Json& high = Element(interval, 1);
  if (low.is_number() && high.is_number()) row.low = low.get<double>(), row.high = high.get<double>();
  row.color = color;
  row.note = "no prediction";
  return row;
}

// What each law of temperature says of 300 K.
std::string RoomHtml(const Json& fit) {
  RowChart chart;
  chart.title = "Conductivity at 300 K by each law of temperature";
  chart.x = {"σ at 300 K (S/m)", true, {}, {}, false};
  chart.rows.push_back(
      LawRow("straight line", At(fit, {"sigma_300k_s_per_m"}), At(fit, {"ci95_300k_s_per_m"}), kBlue));
  const Json& bootstrap = At(fit, {"bootstrap"});
  if (bootstrap.is_object())
    chart.rows.push_back(LawRow("the same, drawn anew", At(fit, {"sigma_300k_s_per_m"}),
                                At(bootstrap, {"ci95_300k_s_per_m"}), kSky));
  const Json& models = At(fit, {"models"});
  if (models.is_array()) {
    for (const Json& model : models) {
      const std::string key = TextAt(model, {"name"});
      if (key == "line") continue;
      const auto weight = NumberAt(model, {"weight"});
      const std::string name = LawName(key) ? LawName(key) : key;
      chart.rows.push_back(
          LawRow(weight ? fmt::format("{} ({:.0f} %)", name, std::min(100.0, 100 * *weight)) : name,
                 At(model, {"sigma_300k_s_per_m"}), At(model, {"ci95_300k_s_per_m"}), kPurple));
    }
  }
  const Json& average = At(fit, {"model_average_300k"});
  if (average.is_object()) {
    chart.rows.push_back(LawRow("all laws averaged", At(average, {"sigma_s_per_m"}),
                                At(average, {"ci95_s_per_m"}), kVermillion));
    chart.rows.back().strong = true;
  }
  const Json& independent = At(fit, {"nernst_einstein", "sigma_300k_s_per_m"});
  if (independent.is_number())
    chart.rows.push_back(
        LawRow("independent ions", independent, At(fit, {"nernst_einstein", "ci95_300k_s_per_m"}), kOrange));
  if (!HasContent(chart)) return "";
  return ChartFigure(
      chart,
      "Extrapolation to 300 K with 95 % intervals; in brackets the weight of a law in the average "
      "(Akaike). VFT: Vogel–Fulcher–Tammann.");
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
  const auto add_room = [&](const char* name, const Json& value) {
    if (!value.is_object()) return;
    table.rows.push_back({name, Show(NumberAt(value, {"sigma_s_per_m"}), "S/m"),
                          Escape(ShowInterval(At(value, {"ci95_s_per_m"}))) + " S/m"});
  };
  add_room("the same with a curvature term", At(fit, {"with_curvature_300k"}));
  add_room("the same averaged over laws", At(fit, {"model_average_300k"}));
  const auto other = NumberAt(fit, {"ea_ln_sigma_ev"});
  if (other) table.rows.push_back({"activation energy of σ (the other convention)", Show(other, "eV"), "–"});
  const auto own = NumberAt(fit, {"nernst_einstein", "ea_ev"});
  if (own)
    table.rows.push_back({"activation energy of independent ions", Show(own, "eV"),
                          "± " + Show(NumberAt(fit, {"nernst_einstein", "ea_sd_ev"}), "eV", 2)});
  const auto chi2 = NumberAt(fit, {"chi2"}), dof = NumberAt(fit, {"dof"});
  table.rows.push_back({"χ² of the fit", Show(chi2), dof ? ShowPlain(dof) + " degree(s) of freedom" : "–"});
  return Render(table);
}

std::string FlagText(const std::string& flag) {
  if (flag == "EXTRAPOLATION_UNSAFE")
    return "the extrapolation to 300 K is not safe: it reaches far beyond the data, or they do not lie on a "
           "line";
  if (flag == "NOT_ENOUGH_POINTS") return "too few temperatures for a fit";
  if (flag == "CURVED") return "a parabola in 1/T describes the points better than a line";
  if (flag == "VFT_PREFERRED") return "a Vogel–Fulcher–Tammann curve describes the points better than a line";
  if (flag == "BREAK_PREFERRED")
    return "two lines that meet describe the points better than one: a transition?";
  if (flag == "CENSORED") return "a temperature without hops enters by its upper bound";
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
  return Section("arrhenius", "Temperature dependence",
                 Grid({"<div>" + PlotHtml(fit) + RoomHtml(fit) + "</div>", "<div>" + text + "</div>"}));
}

}  // namespace superion::report
