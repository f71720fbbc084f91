// Values side by side, one row each with its name: bars from zero, or points with their intervals.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/svg_plot.h"

namespace superion::report {

struct ChartRow {
  std::string label;
  std::optional<double> value;
  std::optional<double> low, high;  // interval of the value
  std::string color = kBlue;
  std::string note = {};  // in place of a value: "not measured"
  bool strong = false;    // the total, or what is recommended
};

struct RowChart {
  std::string title;  // for screen readers and the name of the data file
  Axis x;             // linear: bars from zero; logarithmic: points
  std::vector<ChartRow> rows;
  double width = 520;
};

// False when no row has a value.
bool HasContent(const RowChart& chart);
// One SVG element; every value is written beside its mark as well.
std::string Render(const RowChart& chart);
std::string CsvOf(const RowChart& chart);
// With caption and data.
std::string ChartFigure(const RowChart& chart, const std::string& caption_html);

}  // namespace superion::report
