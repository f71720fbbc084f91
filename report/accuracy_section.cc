#include <algorithm>
#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/sections.h"

namespace superion::report {
namespace {

// "DFT" when pw.x made the labels, else what it is: a reference.
std::string LabelSource(const Json& report) {
  const std::string kind = TextAt(report, {"campaign", "labeler", "kind"});
  return kind.empty() || kind == "qe" ? "DFT" : "reference";
}

Series PairsOf(const Json& pairs, const std::string& color) {
  Series cloud{"", {}, {}, Mark::kCloud, color};
  if (!pairs.is_array()) return cloud;
  for (const Json& pair : pairs) {
    const Json &a = Element(pair, 0), &b = Element(pair, 1);
    if (!a.is_number() || !b.is_number()) continue;
    cloud.x.push_back(a.get<double>());
    cloud.y.push_back(b.get<double>());
  }
  return cloud;
}

Plot SquarePlot(const std::string& title, const std::string& source, const std::string& unit) {
  Plot plot;
  plot.title = title;
  plot.width = plot.height = 400;
  plot.square = true;
  plot.x.title = source + " (" + unit + ")";
  plot.y.title = "model (" + unit + ")";
  return plot;
}

std::string ForceFigure(const Json& report) {
  const std::string source = LabelSource(report);
  Plot plot = SquarePlot("Forces, model against " + source, source, "eV/Å");
  plot.series.push_back(PairsOf(At(report, {"parity", "forces"}), kBlue));
  if (!HasContent(plot)) return Missing("Parity of forces", "the model was not evaluated on held-out frames");
  return PlotFigure(plot, "Components of the forces on held-out frames; the dashed line is equality.");
}

// Total energies differ in their last digits: shown from their mean on.
std::string EnergyFigure(const Json& report) {
  const std::string source = LabelSource(report);
  Plot plot = SquarePlot("Energies, model against " + source, source, "meV/atom from the mean");
  Series cloud = PairsOf(At(report, {"parity", "energies"}), kVermillion);
  double mean = 0;
  for (const double e : cloud.x) mean += e / static_cast<double>(cloud.x.size());
  for (std::vector<double>* values : {&cloud.x, &cloud.y}) {
    for (double& e : *values) e = 1000 * (e - mean);
  }
  plot.series.push_back(std::move(cloud));
  if (!HasContent(plot))
    return Missing("Parity of energies", "the model was not evaluated on held-out frames");
  return PlotFigure(
      plot,
      fmt::format("Energies of held-out frames around their mean of {} eV/atom; the dashed line is equality.",
                  Show(mean, 6)));
}

std::string CalibrationFigure(const Json& calibration) {
  Plot plot;
  plot.title = "Calibration of the predicted error";
  plot.width = plot.height = 400;
  plot.square = true;
  plot.x = {"predicted force error (eV/Å)", true, {}, {}, false};
  plot.y = {"measured force error, rms (eV/Å)", true, {}, {}, false};
  Series bins{"", {}, {}, Mark::kCircle, kGreen};
  bins.joined = true;
  bins.width = 1.2;
  const Json& list = At(calibration, {"bins"});
  if (list.is_array()) {
    for (const Json& bin : list) {
      bins.x.push_back(NumberAt(bin, {"predicted"}).value_or(NAN));
      bins.y.push_back(NumberAt(bin, {"rmse"}).value_or(NAN));
    }
  }
  plot.series.push_back(std::move(bins));
  if (!HasContent(plot)) return Missing("Calibration", "the uncertainty was not compared with labels");
  std::string caption =
      "Error that the model predicts for itself against the error found, in groups of atoms. ";
  if (const auto coverage = NumberAt(calibration, {"coverage90"})) {
    caption += fmt::format("The 90 % interval holds {} % of the errors. ", Show(100 * *coverage));
  }
  if (const auto auroc = NumberAt(calibration, {"auroc_worst5"})) {
    caption += fmt::format("Worst 5 % of the errors told from the rest with AUROC {}.", Show(auroc));
  }
  return PlotFigure(plot, caption);
}

std::vector<std::string> ErrorRow(const std::string& name, const Json& errors) {
  return {Escape(name),
          Show(NumberAt(errors, {"force_mae_mev_per_angstrom"})),
          Show(NumberAt(errors, {"force_rmse_mev_per_angstrom"})),
          Show(NumberAt(errors, {"force_rms_mev_per_angstrom"})),
          Show(NumberAt(errors, {"energy_mae_mev_per_atom"})),
          Show(NumberAt(errors, {"energy_rmse_mev_per_atom"}))};
}

std::string ErrorTable(const Json& heldout) {
  Table table;
  table.header = {"held-out frames",          "force MAE<br>(meV/Å)",
                  "force RMSE<br>(meV/Å)",    "rms of the forces<br>(meV/Å)",
                  "energy MAE<br>(meV/atom)", "energy RMSE<br>(meV/atom)"};
  table.numeric = {false, true, true, true, true, true};
  table.rows.push_back(ErrorRow("all atoms", heldout));
  const Json& species = At(heldout, {"per_species"});
  if (species.is_object()) {
    for (const auto& [name, errors] : species.items()) table.rows.push_back(ErrorRow(name, errors));
  }
  return Render(table);
}

}  // namespace

std::string AccuracySection(const Json& report) {
  const Json& heldout = At(report, {"heldout"});
  std::string html;
  if (heldout.is_object()) {
    const auto frames = NumberAt(heldout, {"frames"});
    html += Paragraph(
        fmt::format("Errors on {} frames that were drawn from dynamics of the final model before they were "
                    "labelled, and that no training ever saw.",
                    frames ? ShowPlain(frames) : "held-out"));
    html += ErrorTable(heldout);
  } else {
    html += Missing("Held-out errors", "the campaign ended before the held-out frames were evaluated");
  }
  html += Grid({ForceFigure(report), EnergyFigure(report), CalibrationFigure(At(report, {"calibration"}))},
               /*three=*/true);
  return Section("accuracy", "Accuracy of the model", html);
}

}  // namespace superion::report
