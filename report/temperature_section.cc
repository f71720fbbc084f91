// Curves, gates and estimators of one temperature.
#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/sections.h"

namespace superion::report {
namespace {

std::vector<double> LogSpaced(double low, double high, int n) {
  std::vector<double> x;
  for (int k = 0; k < n; ++k) x.push_back(low * std::pow(high / low, k / (n - 1.0)));
  return x;
}

std::optional<Span> WindowOf(const Json& curves, Path path, const std::string& label) {
  const std::vector<double> window = NumbersAt(curves, path);
  if (window.size() != 2 || !(window[1] > window[0])) return std::nullopt;
  return Span{label, window[0], window[1], kYellow};
}

std::string MsdFigure(const Json& curves) {
  Plot plot;
  plot.title = "Mean squared displacement of each species";
  plot.x = {"time (ps)", true, {}, {}, false};
  plot.y = {"mean squared displacement (Å²)", true, {}, {}, false};
  const Json& all = At(curves, {"msd"});
  size_t k = 0;
  static constexpr const char* kDashes[] = {"", "7 4", "2 3", "9 3 2 3"};
  if (all.is_object()) {
    for (const auto& [species, curve] : all.items()) {
      plot.series.push_back({species, NumbersAt(curve, {"t_ps"}), NumbersAt(curve, {"msd_angstrom2"}),
                             Mark::kLine, CycleColor(k), kDashes[k % 4]});
      ++k;
    }
  }
  if (!HasContent(plot))
    return Missing("Mean squared displacement", "no trajectory of the ions was analysed");
  auto window = WindowOf(curves, {"tracer_fit_window_ps"}, "fit window");
  if (!window) window = WindowOf(curves, {"fit_window_ps"}, "fit window");
  if (window) plot.spans.push_back(*window);
  return PlotFigure(plot,
                    "Displacement of each species in the frame of the framework. A line of slope one is "
                    "diffusion, a level line is vibration about a site.");
}

std::string ChargeFigure(const Json& curves) {
  Plot plot;
  plot.title = "Mean squared displacement of the charge";
  plot.x = {"time (ps)", true, {}, {}, false};
  plot.y = {"charge displacement (e² Å²)", true, {}, {}, false};
  const std::vector<double> t = NumbersAt(curves, {"charge_msd", "t_ps"});
  const std::vector<double> y = NumbersAt(curves, {"charge_msd", "msd_e2_angstrom2"});
  const std::vector<double> sd = NumbersAt(curves, {"charge_msd", "sd_e2_angstrom2"});
  plot.series.push_back({"all ions together", t, y, Mark::kLine, kBlue});
  if (!HasContent(plot)) return Missing("Charge displacement", "the analysis gives no curve");
  if (sd.size() == y.size()) {
    Band band{"± standard deviation", t, {}, {}, kSky, 0.3};
    for (size_t k = 0; k < y.size(); ++k) {
      band.low.push_back(std::max(y[k] - sd[k], 0.05 * y[k]));
      band.high.push_back(y[k] + sd[k]);
    }
    plot.bands.push_back(band);
  }
  const auto window = WindowOf(curves, {"fit_window_ps"}, "fit window");
  if (window) plot.spans.push_back(*window);
  const auto slope = NumberAt(curves, {"charge_msd_fit", "slope_e2_angstrom2_per_ps"});
  const auto intercept = NumberAt(curves, {"charge_msd_fit", "intercept_e2_angstrom2"});
  if (window && slope && intercept && window->low > 0) {
    Series fit{"fitted line", LogSpaced(window->low, window->high, 40), {}, Mark::kLine, kVermillion, "6 4"};
    for (const double x : fit.x) fit.y.push_back(*slope * x + *intercept);
    plot.series.push_back(fit);
  }
  return PlotFigure(plot,
                    "Squared displacement of the total charge, whose slope is the collective conductivity. "
                    "The line is the generalised least squares fit, a cross-check of the spectral estimate.");
}

std::string PeriodogramFigure(const Json& curves) {
  Plot plot;
  plot.title = "Spectrum of the charge current";
  plot.x = {"frequency (THz)", true, {}, {}, false};
  plot.y = {"spectral conductivity (S/m)", true, {}, {}, false};
  const std::vector<double> f = NumbersAt(curves, {"periodogram", "f_thz"});
  plot.series.push_back(
      {"spectrum", f, NumbersAt(curves, {"periodogram", "sigma_s_per_m"}), Mark::kCloud, kBlue});
  if (!HasContent(plot)) return Missing("Spectrum of the current", "the analysis gives none");
  const Json& fit = At(curves, {"periodogram", "fit"});
  const auto ln_sigma = NumberAt(fit, {"ln_sigma"}), curvature = NumberAt(fit, {"curvature"});
  const auto band = NumberAt(fit, {"band_thz"});
  double lowest = INFINITY;
  for (const double x : f) {
    if (x > 0) lowest = std::min(lowest, x);
  }
  if (ln_sigma && band && *band > lowest) {
    Series curve{"fit", LogSpaced(lowest, *band, 40), {}, Mark::kLine, kVermillion};
    for (const double x : curve.x) {
      curve.y.push_back(std::exp(*ln_sigma + curvature.value_or(0) * (x / *band) * (x / *band)));
    }
    plot.series.push_back(curve);
    plot.spans.push_back({"fitted band", 0, *band, kYellow});
  }
  return PlotFigure(plot,
                    "Power of the charge current in units of conductivity. Its limit at zero frequency is σ; "
                    "the fitted band is as wide as the data allow (Whittle–Lepski).");
}

std::string BetaFigure(const Json& curves) {
  Plot plot;
  plot.title = "Local exponent of the charge displacement";
  plot.x = {"time (ps)", true, {}, {}, false};
  plot.y = {"exponent β", false, {}, {}, false};
  const std::vector<double> t = NumbersAt(curves, {"beta", "t_ps"}),
                            beta = NumbersAt(curves, {"beta", "beta"});
  const std::vector<double> s = NumbersAt(curves, {"beta", "s"});
  plot.series.push_back({"β(t)", t, beta, Mark::kLine, kBlue});
  if (!HasContent(plot)) return Missing("Exponent of the displacement", "the analysis gives none");
  plot.y.low = -0.2;
  plot.y.high = 2.1;
  if (s.size() == beta.size()) {
    Band band{"± standard deviation", t, {}, {}, kSky, 0.3};
    for (size_t k = 0; k < s.size(); ++k) {
      band.low.push_back(beta[k] - s[k]);
      band.high.push_back(beta[k] + s[k]);
    }
    plot.bands.push_back(band);
  }
  double low = INFINITY, high = 0;
  for (const double x : t) {
    if (x > 0) low = std::min(low, x), high = std::max(high, x);
  }
  plot.series.push_back({"diffusion", {low, high}, {1, 1}, Mark::kLine, kBlack, "6 4", 1.2});
  if (const auto window = WindowOf(curves, {"diffusive_window_ps"}, "diffusive window"))
    plot.spans.push_back(*window);
  return PlotFigure(plot, "β = d ln MSD/d ln t: 2 is free flight, near 0 rattling in a cage, 1 diffusion.");
}

std::string GateTable(const Json& gates) {
  if (!gates.is_array() || gates.empty()) return Missing("Gates", "no analysis was finished");
  Table table;
  table.caption = "Gates of the verdict";
  table.header = {"gate", "verdict", "value", "limit", "finding"};
  table.numeric = {false, false, true, true, false};
  for (const Json& gate : gates) {
    const Json& passed = At(gate, {"passed"});
    const bool good = passed.is_boolean() && passed.get<bool>();
    const Json& measured = At(gate, {"measured"});
    const bool unknown = measured.is_boolean() && !measured.get<bool>();
    const std::string word =
        unknown ? (good ? "not applied" : "not measured") : (good ? "passed" : "not passed");
    table.rows.push_back({"<b>" + Escape(TextAt(gate, {"id"})) + "</b> " + Escape(TextAt(gate, {"name"})),
                          Chip(word, good), Show(NumberAt(gate, {"value"})),
                          ShowPlain(NumberAt(gate, {"limit"})), Escape(TextAt(gate, {"message"}))});
  }
  return Render(table);
}

std::string EstimatorName(const std::string& key) {
  if (key == "whittle_lepski") return "Whittle–Lepski (primary)";
  if (key == "cepstral") return "cepstral";
  if (key == "gls_helfand") return "least squares on the displacement";
  if (key == "increments") return "independent increments";
  if (key == "cve") return "covariance of increments";
  return key;
}

std::string EstimatorTable(const Json& estimators) {
  if (!estimators.is_object() || estimators.empty()) return "";
  Table table;
  table.caption = "Estimators";
  table.header = {"estimator", "σ (S/m)", "relative sd"};
  table.numeric = {false, true, true};
  for (const auto& [name, e] : estimators.items()) {
    table.rows.push_back(
        {Escape(EstimatorName(name)), Show(NumberAt(e, {"sigma_s_per_m"})), Show(NumberAt(e, {"s"}), 2)});
  }
  return Render(table);
}

}  // namespace

std::string TemperatureSection(const Json& entry) {
  const std::string status = TextAt(entry, {"status"});
  std::string html;
  const std::string meaning = StatusMeaning(status.empty() ? "NOT_MEASURED" : status);
  std::string verdict =
      Chip(status.empty() ? "NOT_MEASURED" : status, status == "CONVERGED") + " " + Escape(meaning);
  if (const std::string limit = TextAt(entry, {"limited_by"}); !limit.empty() && limit != "[]") {
    verdict += " Limited by " + Escape(limit) + ".";
  }
  if (const std::string message = TextAt(entry, {"message"}); !message.empty())
    verdict += " " + Escape(message);
  html += Paragraph(verdict);
  if (const Json& stopped = At(entry, {"left_out"}); stopped.is_array()) {
    for (const Json& run : stopped)
      html += Paragraph("Not counted: " + Escape(run.is_string() ? run.get<std::string>() : DumpJson(run)) +
                            " (a run that the uncertainty gate stopped at once leaves nothing)",
                        "soft");
  }
  if (const std::string needs = TextAt(entry, {"needs", "message"});
      !needs.empty() && status != "CONVERGED") {
    html += Paragraph("<b>To converge further:</b> " + Escape(needs), "needs");
  }
  const Json& curves = At(entry, {"curves"});
  if (curves.is_object()) {
    html += Grid({ChargeFigure(curves), MsdFigure(curves), PeriodogramFigure(curves), BetaFigure(curves)});
  } else {
    html += Missing("Curves", "no analysis left any at this temperature");
  }
  html += TensorFigure(entry);
  if (const std::string note = TextAt(entry, {"tracer_note"}); !note.empty()) {
    html += Paragraph("Tracer quantities: " + Escape(note), "soft");
  }
  html += GateTable(At(entry, {"gates"})) + EstimatorTable(At(entry, {"estimators"}));
  return Details(fmt::format("{} K", Show(NumberAt(entry, {"temperature_k"}), 4)), html, /*open=*/true);
}

}  // namespace superion::report
