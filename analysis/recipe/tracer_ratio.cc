// The ratio form of full and tracer conductivity at finite times, in the frames that studies use.
#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/recipe/transport_recipe.h"
#include "analysis/series/displacement.h"

namespace superion::analysis {
namespace {

bool IsMobile(const TransportInput& input, const std::string& name) {
  return std::find(input.mobile.begin(), input.mobile.end(), name) != input.mobile.end();
}

// Weighted sum of the displacements of some species, [3][n].
template <typename Weight>
Components Sum(const SpeciesSums& sums, const Weight& weight) {
  Components out(3, std::vector<double>(sums.steps.size(), 0.0));
  for (size_t a = 0; a < sums.species.size(); ++a) {
    const double w = weight(a);
    if (w == 0.0) continue;
    for (size_t c = 0; c < 3; ++c) {
      for (size_t k = 0; k < out[c].size(); ++k) out[c][k] += w * sums.displacement[a][c][k];
    }
  }
  return out;
}

// Weights of the species in the centres of the framework; `charge` 0 where it has none.
struct Framework {
  double mass = 0.0, charge = 0.0;
};

Framework FrameworkOf(const TransportInput& input, const SpeciesSums& sums) {
  Framework out;
  double largest = 0.0;
  for (size_t a = 0; a < sums.species.size(); ++a) {
    if (IsMobile(input, sums.species[a])) continue;
    const auto n = static_cast<double>(sums.counts[a]);
    out.mass += n * sums.masses_u[a];
    out.charge += n * input.charges.at(sums.species[a]);
    largest = std::max(largest, std::abs(n * input.charges.at(sums.species[a])));
  }
  if (std::abs(out.charge) <= 1e-6 * largest) out.charge = 0.0;
  return out;
}

Components CentreOfMass(const TransportInput& input, const SpeciesSums& sums, const Framework& framework) {
  return Sum(sums, [&](size_t a) {
    return IsMobile(input, sums.species[a]) ? 0.0 : sums.masses_u[a] / framework.mass;
  });
}

Components CentreOfCharge(const TransportInput& input, const SpeciesSums& sums, const Framework& framework) {
  return Sum(sums, [&](size_t a) {
    return IsMobile(input, sums.species[a]) ? 0.0 : input.charges.at(sums.species[a]) / framework.charge;
  });
}

void Subtract(double factor, const Components& from, Components* x) {
  for (size_t c = 0; c < x->size(); ++c) {
    for (size_t k = 0; k < (*x)[c].size(); ++k) (*x)[c][k] -= factor * from[c][k];
  }
}

// Adds n <f>(m) and n at the lags, n origins.
void Accumulate(const std::vector<double>& mean, double factor, const std::vector<size_t>& lags,
                std::vector<double>* sum) {
  for (size_t l = 0; l < lags.size(); ++l) {
    if (lags[l] < mean.size())
      (*sum)[l] += factor * static_cast<double>(mean.size() - lags[l]) * mean[lags[l]];
  }
}

// sum_i q_i² (<|d(r_i + X)|²> - <|dr_i|²>) at lags of the sums, e² Å².
std::vector<double> ShiftOfFrame(const TransportInput& input, const std::vector<size_t>& lags) {
  std::vector<double> out(lags.size(), 0.0), origins(lags.size(), 0.0);
  for (const SpeciesSums& sums : *input.sums) {
    const Framework framework = FrameworkOf(input, sums);
    const Components mass = CentreOfMass(input, sums, framework);
    Components x = mass;
    Subtract(1.0, CentreOfCharge(input, sums, framework), &x);
    const auto xx = MeanSquareDisplacement(x);
    for (size_t a = 0; a < sums.species.size(); ++a) {
      if (!IsMobile(input, sums.species[a])) continue;
      const double q = input.charges.at(sums.species[a]), n = static_cast<double>(sums.counts[a]);
      Components s = Sum(sums, [a](size_t b) { return a == b ? 1.0 : 0.0; });
      Subtract(n, mass, &s);
      Accumulate(CrossDisplacement(s, x), 2.0 * q * q, lags, &out);
      Accumulate(xx, n * q * q, lags, &out);
    }
    Accumulate(std::vector<double>(sums.steps.size(), 1.0), 1.0, lags, &origins);
  }
  for (size_t l = 0; l < out.size(); ++l) out[l] = origins[l] > 0.0 ? out[l] / origins[l] : NAN;
  return out;
}

}  // namespace

TracerRatio TracerRatioCurve(const TransportInput& input) {
  TracerRatio out;
  if (input.tracer == nullptr || input.sums == nullptr) return out;
  const double d = 3.0, scale = input.collective->scale;
  const DisplacementCurve* curve = nullptr;
  std::vector<double> total;
  for (const auto& motion : input.tracer->species) {
    if (!motion.mobile) continue;
    curve = &motion.curve;
    const auto mean = motion.curve.sums.Mean();
    total.resize(mean.size(), 0.0);
    const double q = input.charges.at(motion.species);
    for (size_t l = 0; l < mean.size(); ++l) total[l] += q * q * static_cast<double>(motion.ions) * mean[l];
  }
  if (curve == nullptr) return out;
  const double ratio = curve->interval_ps / (*input.sums)[0].interval_ps;
  const auto stride = static_cast<size_t>(std::llround(ratio));
  const bool charged = FrameworkOf(input, (*input.sums)[0]).charge != 0.0 &&
                       std::abs(ratio - static_cast<double>(stride)) <= 1e-6 * ratio;
  std::vector<size_t> lags;
  for (size_t lag : curve->sums.lags) lags.push_back(lag * stride);
  const auto shift = charged ? ShiftOfFrame(input, lags) : std::vector<double>();
  for (size_t l = 0; l < total.size(); ++l) {
    const double t = curve->lag_ps(l);
    if (!(t > 0.0) || (charged && !std::isfinite(shift[l]))) continue;
    out.t_ps.push_back(t);
    out.mass_frame.push_back(scale * total[l] / (2.0 * d * t));
    if (charged) out.charge_frame.push_back(scale * (total[l] + shift[l]) / (2.0 * d * t));
  }
  return out;
}

double ChargeFrameIdentity(const TransportInput& input) {
  double worst = 0.0;
  for (const SpeciesSums& sums : *input.sums) {
    const Framework framework = FrameworkOf(input, sums);
    if (framework.charge == 0.0) return std::numeric_limits<double>::quiet_NaN();
    double mobile_charge = 0.0;
    for (size_t a = 0; a < sums.species.size(); ++a) {
      if (IsMobile(input, sums.species[a]))
        mobile_charge += static_cast<double>(sums.counts[a]) * input.charges.at(sums.species[a]);
    }
    Components difference = Sum(sums, [&](size_t a) {  // mobile ions less the dipole of all
      return IsMobile(input, sums.species[a]) ? 0.0 : -input.charges.at(sums.species[a]);
    });
    Subtract(mobile_charge, CentreOfCharge(input, sums, framework), &difference);
    for (const auto& component : difference) {
      for (double v : component) worst = std::max(worst, std::abs(v - component[0]));
    }
  }
  return worst;
}

double BlockEndRatio(const std::vector<DipoleSeries>& seeds, double scale, double t_ps, size_t* blocks) {
  double sum = 0.0;
  *blocks = 0;
  const auto d = static_cast<double>(seeds[0].dimension());
  for (const auto& seed : seeds) {
    const auto length = static_cast<size_t>(std::llround(t_ps / seed.interval_ps));
    if (length == 0) continue;
    for (size_t first = 0; first + length < seed.size(); first += length) {
      for (const auto& p : seed.components)
        sum += (p[first + length] - p[first]) * (p[first + length] - p[first]);
      ++*blocks;
    }
  }
  return scale * sum / (2.0 * d * t_ps * static_cast<double>(*blocks));
}

}  // namespace superion::analysis
