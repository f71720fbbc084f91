// Conductivity along the axes, where the analysis has it.
#include <cmath>

#include "report/format.h"
#include "report/markup.h"
#include "report/row_chart.h"
#include "report/sections.h"

namespace superion::report {
namespace {

void AddInterval(const Json& interval, ChartRow* row) {
  const Json& low = Element(interval, 0);
  const Json& high = Element(interval, 1);
  if (low.is_number() && high.is_number()) row->low = low.get<double>(), row->high = high.get<double>();
}

// Log-normal interval of a value with its standard deviation.
void AddSd(std::optional<double> sd, ChartRow* row) {
  if (!sd || !row->value || !(*row->value > 0)) return;
  row->low = *row->value * std::exp(-1.96 * *sd / *row->value);
  row->high = *row->value * std::exp(1.96 * *sd / *row->value);
}

RowChart ChartOf(const Json& entry) {
  RowChart chart;
  chart.title =
      fmt::format("Conductivity along the axes at {} K", ShowPlain(NumberAt(entry, {"temperature_k"})));
  chart.x.title = "conductivity (S/m)";
  ChartRow mean;
  mean.label = "mean of all axes";
  mean.value = NumberAt(entry, {"sigma_s_per_m"});
  mean.color = "#5a6675";
  mean.strong = true;
  AddInterval(At(entry, {"ci95_s_per_m"}), &mean);
  for (const char* name : {"x", "y", "z"}) {
    const Json& axis = At(entry, {"tensor", "per_axis", name});
    ChartRow row;
    row.label = std::string("along ") + name;
    row.value = NumberAt(axis, {"sigma_s_per_m"});
    row.color = kBlue;
    AddInterval(At(axis, {"ci95_s_per_m"}), &row);
    chart.rows.push_back(row);
  }
  for (const char* name : {"a", "b", "c"}) {
    const Json& axis = At(entry, {"tensor", "along_cell_vectors", name});
    if (!axis.is_object()) continue;
    ChartRow row;
    row.label = std::string("along cell vector ") + name;
    row.value = NumberAt(axis, {"sigma_s_per_m"});
    row.color = kOrange;
    AddSd(NumberAt(axis, {"sd_s_per_m"}), &row);
    chart.rows.push_back(row);
  }
  if (HasContent(chart)) chart.rows.push_back(mean);
  return chart;
}

std::string Anisotropy(const Json& tensor) {
  const Json& isotropic = At(tensor, {"sphericity", "isotropic"});
  if (!isotropic.is_boolean()) return "";
  const std::string p = Show(NumberAt(tensor, {"sphericity", "p"}), 2);
  if (isotropic.get<bool>()) return fmt::format("No anisotropy was found (Mauchly's test, p = {}).", p);
  return fmt::format("The conductivity is anisotropic (Mauchly's test, p = {}): largest over smallest {} {}.",
                     p, Show(NumberAt(tensor, {"anisotropy", "ratio"})),
                     Escape(ShowInterval(At(tensor, {"anisotropy", "ci95"}))));
}

}  // namespace

std::string TensorFigure(const Json& entry) {
  const Json& tensor = At(entry, {"tensor"});
  if (!tensor.is_object()) return "";
  const RowChart chart = ChartOf(entry);
  if (!HasContent(chart)) return "";
  return ChartFigure(chart, "Along the Cartesian axes and the vectors of the cell, with 95 % intervals. " +
                                Anisotropy(tensor));
}

}  // namespace superion::report
