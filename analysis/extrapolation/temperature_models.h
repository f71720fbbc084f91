// What else than one straight Arrhenius line the points allow: a parabola in 1/T, Vogel-Fulcher-Tammann, two
// lines that meet; compared by Akaike's criterion for small samples.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/extrapolation/censored_fit.h"

namespace superion::analysis {

struct TemperatureModel {
  std::string name;    // line, parabola, vft, break
  int parameters = 0;  // fitted, T0 and the break included
  double chi2 = 0.0, aicc = 0.0;
  double weight = 0.0;             // Akaike's, over the models that predict something
  double ln_sigma = 0.0, s = 0.0;  // at the wanted temperature, s widened by the model's own Birge factor
  bool predicts = true;            // false: VFT whose T0 lies above the wanted temperature
  std::optional<double> t0_k, break_k;
};

// All models that n points (bounds count) can tell apart: AICc needs two more points than parameters. `data`
// and `bounds` are (1/T, ln σT); the first model is the line.
std::vector<TemperatureModel> CompareModels(const std::vector<Datum>& data, const std::vector<Datum>& bounds,
                                            double temperature_k);

// Akaike's criterion with its small-sample term; infinite where the sample is too small.
double Aicc(double deviance, double parameters, double n);

// The average of models: median and the quantiles of the mixture of their normal distributions.
struct ModelAverage {
  double ln_sigma = 0.0, s = 0.0;  // mean and standard deviation of the mixture
  double low = 0.0, high = 0.0;    // 2.5 % and 97.5 %
};
ModelAverage Average(const std::vector<TemperatureModel>& models);

}  // namespace superion::analysis
