#include "analysis/recipe/rows.h"

#include <cmath>
#include <limits>

#include "fmt/format.h"

namespace superion::analysis {
namespace {

Json OrNull(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

}  // namespace

Json RecipeRow(const std::string& quantity, const std::string& study, const std::string& ours) {
  return {{"quantity", quantity}, {"study", study}, {"ours", ours}};
}

Json RecipeRow(const std::string& quantity, const std::string& study, const std::string& ours,
               double study_value, double ours_value, const std::string& unit) {
  Json row = RecipeRow(quantity, study, ours);
  row["study_value"] = OrNull(study_value);
  row["ours_value"] = OrNull(ours_value);
  row["unit"] = unit;
  return row;
}

double NumberOf(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_number() ? found->get<double>()
                                                       : std::numeric_limits<double>::quiet_NaN();
}

std::string IntervalText(const Json& interval) {
  if (!interval.is_array() || interval.size() != 2) return "not known";
  const auto end = [&](size_t k, const char* open) {
    return interval[k].is_number() ? fmt::format("{:.4g}", interval[k].get<double>()) : std::string(open);
  };
  return end(0, "0") + " .. " + end(1, "∞");
}

std::string SigmaText(const Json& document) {
  const std::string status = document.value("status", "");
  const Json interval = document.value("ci95_s_per_m", Json());
  if (std::isfinite(NumberOf(document, "sigma_s_per_m")))
    return fmt::format("{:.4g} S/m, 95 % {}, {}", NumberOf(document, "sigma_s_per_m"), IntervalText(interval),
                       status);
  if (interval.is_array() && interval.size() == 2 && interval[1].is_number())
    return fmt::format("no number ({}): below {:.4g} S/m with 95 %", status, interval[1].get<double>());
  return fmt::format("no number ({})", status);
}

}  // namespace superion::analysis
