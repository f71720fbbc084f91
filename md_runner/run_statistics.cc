#include "md_runner/run_statistics.h"

#include <algorithm>
#include <cmath>

namespace superion {

void RunStatistics::AddStep(double time_ps, double temperature_k, double conserved, double max_grade) {
  const double n = static_cast<double>(++n_);
  const double temperature_change = temperature_k - mean_temperature_;
  mean_temperature_ += temperature_change / n;
  temperature_m2_ += temperature_change * (temperature_k - mean_temperature_);
  const double time_change = time_ps - mean_time_;
  mean_time_ += time_change / n;
  time_m2_ += time_change * (time_ps - mean_time_);
  mean_energy_ += (conserved - mean_energy_) / n;
  time_energy_ += time_change * (conserved - mean_energy_);
  max_grade_ = std::max(max_grade_, max_grade);
  grade_sum_ += max_grade;
}

double RunStatistics::temperature_sd_k() const {
  return n_ > 1 ? std::sqrt(temperature_m2_ / static_cast<double>(n_ - 1)) : 0.0;
}

double RunStatistics::energy_drift() const { return time_m2_ > 0.0 ? time_energy_ / time_m2_ : 0.0; }

Json RunStatistics::ToJson() const {
  return {{"n", n_},
          {"sums",
           {mean_temperature_, temperature_m2_, mean_time_, time_m2_, mean_energy_, time_energy_, max_grade_,
            grade_sum_}}};
}

absl::StatusOr<RunStatistics> RunStatistics::FromJson(const Json& json) {
  RunStatistics s;
  SUPERION_ASSIGN_OR_RETURN(s.n_, GetInteger(json, "n", "statistics"));
  double* sums[] = {&s.mean_temperature_, &s.temperature_m2_, &s.mean_time_, &s.time_m2_,
                    &s.mean_energy_,      &s.time_energy_,    &s.max_grade_, &s.grade_sum_};
  const auto list = json.find("sums");
  if (list == json.end() || !list->is_array() || list->size() != std::size(sums)) {
    return DataLoss("statistics.sums: expected {} numbers", std::size(sums));
  }
  for (size_t k = 0; k < std::size(sums); ++k) {
    if (!(*list)[k].is_number()) return DataLoss("statistics.sums[{}]: not a number", k);
    *sums[k] = (*list)[k].get<double>();
  }
  return s;
}

}  // namespace superion
