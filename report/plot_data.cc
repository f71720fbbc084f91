#include "report/plot_data.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "fmt/format.h"
#include "report/markup.h"

namespace superion::report {
namespace {

std::string Cell(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c == '\n' ? ' ' : c);
  return quoted + "\"";
}

std::string Number(const std::vector<double>& values, size_t k) {
  return k < values.size() && std::isfinite(values[k]) ? fmt::format("{:.6g}", values[k]) : "";
}

// "Arrhenius plot of …" -> "arrhenius-plot-of"
std::string FileName(const std::string& title) {
  std::string name;
  for (const char c : title) {
    if (std::isalnum(static_cast<unsigned char>(c))) {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "figure" : name.substr(0, 60);
}

std::string PercentEncoded(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) || c == '.' || c == '-' || c == '_' || c == ',' || c == '/') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", byte);
    }
  }
  return out;
}

}  // namespace

std::string CsvOf(const Plot& plot) {
  std::string csv = fmt::format("series,{},{},low,high\n", Cell(plot.x.title), Cell(plot.y.title));
  for (const Series& s : plot.series) {
    for (size_t k = 0; k < std::min(s.x.size(), s.y.size()); ++k) {
      if (!std::isfinite(s.y[k])) continue;
      csv += fmt::format("{},{},{},{},{}\n", Cell(s.label), Number(s.x, k), Number(s.y, k), Number(s.low, k),
                         Number(s.high, k));
    }
  }
  for (const Band& b : plot.bands) {
    for (size_t k = 0; k < b.x.size(); ++k)
      csv +=
          fmt::format("{},{},,{},{}\n", Cell(b.label), Number(b.x, k), Number(b.low, k), Number(b.high, k));
  }
  return csv;
}

std::string CsvLink(const std::string& name, const std::string& csv) {
  return fmt::format(" <a class=\"csv\" download=\"{}.csv\" href=\"data:text/csv;charset=utf-8,{}\">CSV</a>",
                     Escape(FileName(name)), PercentEncoded(csv));
}

std::string PlotFigure(const Plot& plot, const std::string& caption_html) {
  return Figure(Render(plot), caption_html + CsvLink(plot.title, CsvOf(plot)));
}

}  // namespace superion::report
