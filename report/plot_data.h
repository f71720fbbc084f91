// The numbers behind a figure, for people who draw their own: comma-separated values inside the page.
#pragma once

#include <string>

#include "report/svg_plot.h"

namespace superion::report {

// One line per point: series, x, y, ends of its error bar; the titles of the axes are the header. Bands are
// series without y.
std::string CsvOf(const Plot& plot);

// A link that saves `csv` as NAME.csv; nothing is fetched, the text is inside the link.
std::string CsvLink(const std::string& name, const std::string& csv);

// A plot with its caption and its data.
std::string PlotFigure(const Plot& plot, const std::string& caption_html);

}  // namespace superion::report
