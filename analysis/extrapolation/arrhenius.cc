#include "analysis/extrapolation/arrhenius.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/random.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

absl::Status CheckPoints(const std::vector<ArrheniusPoint>& points) {
  for (const auto& p : points) {
    if (!(p.temperature_k > 0.0) || !(p.sigma > 0.0) || (!p.upper_bound && !(p.s > 0.0)))
      return InvalidArgument(
          "arrhenius: a point needs a temperature, sigma and s above zero, found {} K, {} S/m, s = {}",
          p.temperature_k, p.sigma, p.s);
  }
  return absl::OkStatus();
}

struct Logarithms {
  std::vector<Datum> data, bounds;  // sorted by 1/T
};

Logarithms Split(const std::vector<ArrheniusPoint>& points) {
  Logarithms out;
  for (const auto& p : points) {
    const double y = std::log(p.sigma * p.temperature_k);
    if (p.upper_bound) {
      out.bounds.push_back({1.0 / p.temperature_k, y, 0.0});
    } else {
      out.data.push_back({1.0 / p.temperature_k, y + SmallSampleBias(p.s), 1.0 / (p.s * p.s)});
    }
  }
  std::sort(out.data.begin(), out.data.end(), [](const Datum& a, const Datum& b) { return a.x < b.x; });
  return out;
}

// y = a + b (x - centre), centred at the weighted mean so that the parameters are hardly correlated.
struct Line {
  double centre = 0.0;
  double a = 0.0, b = 0.0, vaa = 0.0, vab = 0.0, vbb = 0.0;
  double chi2 = 0.0;
  bool good = false;
};

Line FitLine(const Logarithms& points) {
  Line line;
  double w = 0.0, half = 0.0;
  for (const Datum& d : points.data) w += d.w, line.centre += d.w * d.x;
  line.centre /= w;
  for (const Datum& d : points.data) half = std::max(half, std::abs(d.x - line.centre));
  const double centre = line.centre;
  const CensoredFit fit = FitCensored(points.data, points.bounds, [centre, half](double x) {
    return std::vector<double>{1.0, (x - centre) / half};
  });
  if (!fit.good) return line;
  line.a = fit.coefficients[0];
  line.b = fit.coefficients[1] / half;
  line.vaa = fit.variance[0];
  line.vab = fit.variance[1] / half;
  line.vbb = fit.variance[3] / (half * half);
  line.chi2 = fit.chi2;
  line.good = true;
  return line;
}

void SetParameters(const Line& line, ArrheniusFit* fit) {
  const double scale = fit->birge * fit->birge, kb = units::kBoltzmann, centre = line.centre;
  fit->mean_inverse_k = centre;
  fit->ea_ev = -kb * line.b;
  fit->ln_a = line.a - line.b * centre;
  fit->s_ea_ev = kb * std::sqrt(scale * line.vbb);
  fit->s_ln_a = std::sqrt(scale * (line.vaa + centre * centre * line.vbb - 2.0 * centre * line.vab));
  // Cov(a - b centre, -kB b).
  fit->covariance = scale * kb * (centre * line.vbb - line.vab);
}

// Slope of ln T against 1/T with the weights of the fit: what the other convention's Ea lacks.
double LogTemperatureSlope(const std::vector<Datum>& data, double centre) {
  double sxx = 0.0, sxy = 0.0;
  for (const Datum& d : data) {
    sxx += d.w * (d.x - centre) * (d.x - centre);
    sxy -= d.w * (d.x - centre) * std::log(d.x);
  }
  return sxy / sxx;
}

void SetFlags(const Logarithms& points, const Line& line, double wanted, ArrheniusFit* fit) {
  if (!points.bounds.empty()) fit->flags.push_back("CENSORED");
  if (fit->birge > 1.0) fit->flags.push_back("BIRGE_SCALED");
  const auto* straight = fit->Model("line");
  const std::pair<const char*, const char*> others[] = {
      {"parabola", "CURVED"}, {"vft", "VFT_PREFERRED"}, {"break", "BREAK_PREFERRED"}};
  bool unsafe = false;
  for (const auto& [name, flag] : others) {
    const auto* model = fit->Model(name);
    if (straight == nullptr || model == nullptr || model->aicc >= straight->aicc) continue;
    fit->flags.push_back(flag);
    unsafe = true;
  }
  const double half_range = 0.5 * (points.data.back().x - points.data.front().x);
  if (unsafe || std::abs(wanted - line.centre) > 1.5 * half_range)
    fit->flags.push_back("EXTRAPOLATION_UNSAFE");
}

// A Poisson number by counting exponential waits; means here are a few.
int Poisson(double mean, Random* random) {
  int n = 0;
  for (double t = 0.0; n < 1000; ++n) {
    t -= std::log(1.0 - random->Uniform());
    if (t > mean) break;
  }
  return n;
}

Logarithms DrawAround(const Logarithms& points, const ArrheniusFit& fit, Random* random) {
  Logarithms drawn;
  auto line = [&](double x) { return fit.ln_a - fit.ea_ev * x / units::kBoltzmann; };
  for (const Datum& d : points.data)
    drawn.data.push_back({d.x, line(d.x) + fit.birge / std::sqrt(d.w) * random->Gaussian(), d.w});
  for (const Datum& d : points.bounds) {
    const double events_at_bound = -std::log(0.05);
    const int n = Poisson(events_at_bound * std::exp(std::min(5.0, line(d.x) - d.y)), random);
    if (n == 0) {
      drawn.bounds.push_back(d);
    } else {
      drawn.data.push_back({d.x, d.y + std::log(n / events_at_bound), static_cast<double>(n)});
    }
  }
  return drawn;
}

double Percentile(std::vector<double>* values, double p) {
  const auto k = static_cast<std::ptrdiff_t>(p * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), values->begin() + k, values->end());
  return (*values)[static_cast<size_t>(k)];
}

}  // namespace

double SmallSampleBias(double s) { return 2.0 / (s * s) < 20.0 ? 0.5 * s * s : 0.0; }

double ArrheniusFit::LnSigma(double temperature_k) const {
  return ln_a - ea_ev / (units::kBoltzmann * temperature_k) - std::log(temperature_k);
}

double ArrheniusFit::LnSigmaSd(double temperature_k) const {
  const double beta = 1.0 / (units::kBoltzmann * temperature_k);
  return std::sqrt(
      std::max(0.0, s_ln_a * s_ln_a + beta * beta * s_ea_ev * s_ea_ev - 2.0 * beta * covariance));
}

const TemperatureModel* ArrheniusFit::Model(const std::string& name) const {
  for (const auto& model : models) {
    if (model.name == name) return &model;
  }
  return nullptr;
}

absl::StatusOr<ArrheniusFit> FitArrhenius(const std::vector<ArrheniusPoint>& points,
                                          double extrapolate_to_k) {
  SUPERION_RETURN_IF_ERROR(CheckPoints(points));
  const Logarithms logarithms = Split(points);
  const auto& data = logarithms.data;
  if (data.size() < 2 || data.back().x - data.front().x < 1e-12)
    return FailedPrecondition(
        "arrhenius: {} points with a value, at least two different temperatures are needed", data.size());
  const Line line = FitLine(logarithms);
  if (!line.good)
    return FailedPrecondition("arrhenius: {} points with a value do not determine a line", data.size());
  ArrheniusFit fit;
  fit.chi2 = line.chi2;
  fit.dof = static_cast<int>(data.size()) - 2;
  if (fit.dof > 0 && fit.chi2 > fit.dof) fit.birge = std::sqrt(fit.chi2 / fit.dof);
  SetParameters(line, &fit);
  fit.ea_ln_sigma_ev = fit.ea_ev + units::kBoltzmann * LogTemperatureSlope(data, line.centre);
  fit.models = CompareModels(data, logarithms.bounds, extrapolate_to_k);
  if (fit.models.size() > 1) fit.average = Average(fit.models);
  SetFlags(logarithms, line, 1.0 / extrapolate_to_k, &fit);
  return fit;
}

BootstrapIntervals BootstrapArrhenius(const std::vector<ArrheniusPoint>& points, const ArrheniusFit& fit,
                                      double temperature_k, int draws) {
  const Logarithms logarithms = Split(points);
  Random random(DeriveSeed(8, "arrhenius/bootstrap"));
  std::vector<double> ea, ln_sigma;
  for (int k = 0; k < draws; ++k) {
    const Line line = FitLine(DrawAround(logarithms, fit, &random));
    if (!line.good) continue;
    ea.push_back(-units::kBoltzmann * line.b);
    ln_sigma.push_back(line.a + line.b * (1.0 / temperature_k - line.centre) - std::log(temperature_k));
  }
  BootstrapIntervals out;
  out.draws = static_cast<int>(ea.size());
  if (ea.empty()) return out;
  out.ea_low_ev = Percentile(&ea, 0.025);
  out.ea_high_ev = Percentile(&ea, 0.975);
  out.ln_sigma_low = Percentile(&ln_sigma, 0.025);
  out.ln_sigma_high = Percentile(&ln_sigma, 0.975);
  return out;
}

}  // namespace superion::analysis
