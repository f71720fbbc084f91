#include "analysis/structure/observable.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace superion::analysis {

std::string Table::CsvText() const {
  std::string text;
  for (size_t c = 0; c < columns.size(); ++c) text += (c == 0 ? "" : ",") + columns[c];
  text += '\n';
  const size_t rows = values.empty() ? 0 : values[0].size();
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < values.size(); ++c) {
      if (c > 0) text += ',';
      if (std::isfinite(values[c][r])) text += fmt::format("{:.9g}", values[c][r]);
    }
    text += '\n';
  }
  return text;
}

bool StructureContext::IsMobile(const std::string& species) const {
  return std::find(mobile.begin(), mobile.end(), species) != mobile.end();
}

Json NumberOrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json ToJson(const Estimate& estimate) {
  return {{"value", NumberOrNull(estimate.value)}, {"error", NumberOrNull(estimate.error)}};
}

}  // namespace superion::analysis
