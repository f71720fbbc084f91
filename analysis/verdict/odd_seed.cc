#include "analysis/verdict/odd_seed.h"

#include <cmath>
#include <numeric>

#include "analysis/verdict/equilibration.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

struct Mean {
  double value = 0.0, variance = 0.0;  // of the mean
};

Mean MeanOf(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  Mean out;
  out.value = std::accumulate(x.begin(), x.end(), 0.0) / n;
  for (double v : x) out.variance += (v - out.value) * (v - out.value) / n;
  out.variance *= StatisticalInefficiency(x) / n;
  return out;
}

}  // namespace

std::optional<OddSeed> FindOddSeed(const std::vector<std::vector<double>>& energies, double n_atoms,
                                   double temperature_k) {
  if (energies.size() < 2 || !(n_atoms > 0.0)) return std::nullopt;
  std::vector<Mean> means;
  double sum = 0.0, variance = 0.0;
  for (const auto& x : energies) {
    if (x.size() < 20) return std::nullopt;
    means.push_back(MeanOf(x));
    sum += means.back().value;
    variance += means.back().variance;
  }
  const auto others = static_cast<double>(energies.size() - 1);
  OddSeed out;
  for (size_t s = 0; s < means.size(); ++s) {
    const double difference = (means[s].value - (sum - means[s].value) / others) / n_atoms;
    if (std::abs(difference) < std::abs(out.difference_ev)) continue;
    out.seed = s;
    out.difference_ev = difference;
    out.standard_error_ev =
        std::sqrt(means[s].variance + (variance - means[s].variance) / (others * others)) / n_atoms;
  }
  out.differs = std::abs(out.difference_ev) > 5.0 * out.standard_error_ev &&
                std::abs(out.difference_ev) > 0.05 * units::kBoltzmann * temperature_k;
  return out;
}

}  // namespace superion::analysis
