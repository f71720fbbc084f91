// Running sums over the production steps of one replica; the memory does not grow with the run.
#pragma once

#include <optional>

#include "core/json.h"

namespace superion {

class RunStatistics {
 public:
  // One production step: time since the start of production, instantaneous temperature, conserved quantity
  // (eV).
  void AddStep(double time_ps, double temperature_k, double conserved, double max_grade);

  int64_t steps() const { return n_; }
  double mean_temperature_k() const { return mean_temperature_; }
  double temperature_sd_k() const;
  double max_grade() const { return max_grade_; }
  double mean_grade() const {
    return n_ > 0 ? grade_sum_ / static_cast<double>(n_) : 0.0;
  }  // of the steps' largest
  // Slope of the straight line through the conserved quantity, eV/ps; 0 for fewer than two steps.
  double energy_drift() const;

  Json ToJson() const;  // keeps every bit
  static absl::StatusOr<RunStatistics> FromJson(const Json& json);

 private:
  int64_t n_ = 0;
  double mean_temperature_ = 0.0, temperature_m2_ = 0.0;  // Welford
  double mean_time_ = 0.0, time_m2_ = 0.0;
  double mean_energy_ = 0.0, time_energy_ = 0.0;
  double max_grade_ = 0.0, grade_sum_ = 0.0;
};

}  // namespace superion
