#include "analysis/transport/nemd.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/series/distributions.h"
#include "analysis/verdict/equilibration.h"
#include "analysis/verdict/regime.h"

namespace superion::analysis {
namespace {

constexpr size_t kFewestSamples = 100;
constexpr double kLinearLimit = 0.05;

double Mean(const std::vector<double>& x, size_t first = 0) {
  double sum = 0.0;
  for (size_t i = first; i < x.size(); ++i) sum += x[i];
  return sum / static_cast<double>(x.size() - first);
}

std::vector<double> BlockMeans(const std::vector<double>& x, size_t width) {
  std::vector<double> out;
  for (size_t i = 0; i + width <= x.size(); i += width) {
    double sum = 0.0;
    for (size_t k = i; k < i + width; ++k) sum += x[k];
    out.push_back(sum / static_cast<double>(width));
  }
  return out;
}

// Samples after which the autocorrelation of the current has fallen below 1/e.
size_t RelaxationLag(const std::vector<double>& current) {
  const double mean = Mean(current);
  double at_zero = 0.0;
  for (const double j : current) at_zero += (j - mean) * (j - mean);
  for (size_t lag = 1; lag < current.size() / 4; ++lag) {
    double sum = 0.0;
    for (size_t i = 0; i + lag < current.size(); ++i) sum += (current[i] - mean) * (current[i + lag] - mean);
    if (sum < at_zero / M_E) return lag;
  }
  return std::max<size_t>(1, current.size() / 4);
}

// p less the straight line from its first to its last value.
std::vector<double> Detrended(const std::vector<double>& p) {
  std::vector<double> out(p.size());
  const double slope = (p.back() - p.front()) / static_cast<double>(p.size() - 1);
  for (size_t i = 0; i < p.size(); ++i) out[i] = p[i] - slope * static_cast<double>(i);
  return out;
}

// Runs of one field and sign.
struct Pool {
  double time = 0.0, displacement = 0.0;
  std::vector<const SteadyCurrent*> runs;
  double rate() const { return time > 0.0 ? displacement / time : 0.0; }
  void Add(const SteadyCurrent& run) {
    time += run.kept_ps;
    displacement += run.rate * run.kept_ps;
    runs.push_back(&run);
  }
  // Σ (rate - mean)²/Var(rate) of runs whose noise is `scatter`.
  double ChiSquare(double scatter) const {
    double sum = 0.0;
    for (const SteadyCurrent* run : runs) {
      const double d = run->rate - rate();
      sum += d * d * run->kept_ps / scatter;
    }
    return sum;
  }
};

absl::Status AddNoise(const std::vector<const SteadyCurrent*>& runs, FieldPoint* point) {
  std::vector<Periodogram> fluctuations;
  for (const SteadyCurrent* run : runs) {
    fluctuations.push_back(run->fluctuation);
    point->time_ps += run->kept_ps;
    point->tau_c_ps = std::max(point->tau_c_ps, run->tau_c_ps);
    point->steady &= std::abs(run->geweke_z) < 2.5;
    point->uncorrelated &= run->uncorrelated;
  }
  point->runs = runs.size();
  WhittleLepskiOptions options;
  options.slow = false;  // the drift was taken away, and the mode at f = 0 with it
  const auto noise = WhittleLepski(fluctuations, options);
  if (!noise.ok())
    return FailedPrecondition("the noise of the current at {} V/Å: {}", point->field,
                              noise.status().message());
  point->scatter = noise->sigma;
  point->dof = 2.0 / (noise->s * noise->s);
  return absl::OkStatus();
}

absl::StatusOr<FieldPoint> PoolSigns(double field, const Pool& plus, const Pool& minus, double volume) {
  FieldPoint point;
  point.field = field;
  point.paired = plus.time > 0.0 && minus.time > 0.0;
  std::vector<const SteadyCurrent*> all = plus.runs;
  all.insert(all.end(), minus.runs.begin(), minus.runs.end());
  SUPERION_RETURN_IF_ERROR(AddNoise(all, &point));
  double chi2 = 0.0, variance = 0.0;
  size_t signs = 0;
  for (const Pool* pool : {&plus, &minus}) {
    if (pool->time <= 0.0) continue;
    ++signs;
    variance += point.scatter / pool->time;
    chi2 += pool->ChiSquare(point.scatter);
  }
  const double share = static_cast<double>(signs) * volume;
  point.current = (plus.rate() - minus.rate()) / share;
  if (point.paired) point.even = (plus.rate() + minus.rate()) / share;
  point.s = std::sqrt(variance) / share;
  if (all.size() > signs) point.p_seeds = 1.0 - ChiSquareCdf(chi2, static_cast<double>(all.size() - signs));
  if (point.current > 0.0) {
    const double sigma = point.current / field;  // e/(Å ps V)
    point.noise_temperature_k = point.scatter / (2.0 * sigma * volume * units::kBoltzmann);
  }
  return point;
}

// Weighted sums of E^k.
double Moment(const std::vector<FieldPoint>& points, int power) {
  double sum = 0.0;
  for (const auto& p : points) sum += std::pow(p.field, power) / (p.s * p.s);
  return sum;
}

double Projection(const std::vector<FieldPoint>& points, int power) {
  double sum = 0.0;
  for (const auto& p : points) sum += std::pow(p.field, power) * p.current / (p.s * p.s);
  return sum;
}

template <typename Curve>
double ChiSquare(const std::vector<FieldPoint>& points, const Curve& curve) {
  double sum = 0.0;
  for (const auto& p : points) {
    const double d = (p.current - curve(p.field)) / p.s;
    sum += d * d;
  }
  return sum;
}

PowerFit FitLinear(const std::vector<FieldPoint>& points) {
  PowerFit fit;
  const double m2 = Moment(points, 2), slope = Projection(points, 1) / m2;
  fit.sigma = kCurrentPerField * slope;
  fit.s_sigma = kCurrentPerField / std::sqrt(m2);
  fit.chi2 = ChiSquare(points, [&](double e) { return slope * e; });
  fit.dof = static_cast<int>(points.size()) - 1;
  return fit;
}

PowerFit FitCubic(const std::vector<FieldPoint>& points) {
  PowerFit fit;
  const double m2 = Moment(points, 2), m4 = Moment(points, 4), m6 = Moment(points, 6);
  const double b1 = Projection(points, 1), b3 = Projection(points, 3), d = m2 * m6 - m4 * m4;
  const double slope = (m6 * b1 - m4 * b3) / d, cubic = (m2 * b3 - m4 * b1) / d;
  fit.sigma = kCurrentPerField * slope;
  fit.sigma3 = kCurrentPerField * cubic;
  fit.s_sigma = kCurrentPerField * std::sqrt(m6 / d);
  fit.s_sigma3 = kCurrentPerField * std::sqrt(m2 / d);
  fit.covariance = -kCurrentPerField * kCurrentPerField * m4 / d;
  fit.chi2 = ChiSquare(points, [&](double e) { return e * (slope + cubic * e * e); });
  fit.dof = static_cast<int>(points.size()) - 2;
  return fit;
}

// At given b the fit is linear in σ.
SinhFit SinhAt(const std::vector<FieldPoint>& points, double b) {
  const auto shape = [b](double e) { return b * e < 1e-6 ? e : std::sinh(b * e) / b; };
  double square = 0.0, product = 0.0;
  for (const auto& p : points) {
    square += shape(p.field) * shape(p.field) / (p.s * p.s);
    product += shape(p.field) * p.current / (p.s * p.s);
  }
  SinhFit fit;
  fit.b = b;
  const double slope = product / square;
  fit.sigma = kCurrentPerField * slope;
  fit.s_sigma = kCurrentPerField / std::sqrt(square);
  fit.chi2 = ChiSquare(points, [&](double e) { return slope * shape(e); });
  return fit;
}

// Gauss-Newton covariance of (σ, b); at small b E that of the cubic fit, b² = 6 σ3/σ.
void AddErrors(const std::vector<FieldPoint>& points, SinhFit* fit) {
  const PowerFit cubic = FitCubic(points);
  const double b = fit->b, field = points.back().field;
  fit->s_sigma = cubic.s_sigma;
  fit->s_b = std::sqrt(6.0 * cubic.s_sigma3 / std::max(std::abs(fit->sigma), 1e-300));
  if (b * field < 0.1) return;
  double ss = 0.0, sb = 0.0, bb = 0.0;
  for (const auto& p : points) {
    const double x = b * p.field, by_sigma = std::sinh(x) / b / p.s;
    const double by_b =
        fit->sigma / kCurrentPerField * (p.field * std::cosh(x) / b - std::sinh(x) / (b * b)) / p.s;
    ss += by_sigma * by_sigma;
    sb += by_sigma * by_b;
    bb += by_b * by_b;
  }
  const double d = ss * bb - sb * sb;
  fit->s_sigma = kCurrentPerField * std::sqrt(bb / d);
  fit->s_b = std::sqrt(ss / d);
}

SinhFit FitSinh(const std::vector<FieldPoint>& points) {
  // χ² has one minimum in b; x = b E of 6 is a ratio of 34.
  double low = 0.0, high = 6.0 / points.back().field;
  const double golden = 0.5 * (std::sqrt(5.0) - 1.0);
  for (int k = 0; k < 80; ++k) {
    const double left = high - golden * (high - low), right = low + golden * (high - low);
    (SinhAt(points, left).chi2 < SinhAt(points, right).chi2 ? high : low) =
        SinhAt(points, left).chi2 < SinhAt(points, right).chi2 ? right : left;
  }
  SinhFit fit = SinhAt(points, 0.5 * (low + high));
  const SinhFit straight = SinhAt(points, 0.0);
  if (straight.chi2 <= fit.chi2) fit = straight;
  AddErrors(points, &fit);
  return fit;
}

// σ3 E²/σ at the largest field.
void AddNonlinearity(double field, NemdFit* fit) {
  const PowerFit& c = *fit->cubic;
  const double e2 = field * field, ratio = c.sigma3 / c.sigma;
  fit->nonlinearity = e2 * ratio;
  const double variance =
      c.s_sigma3 * c.s_sigma3 + ratio * ratio * c.s_sigma * c.s_sigma - 2.0 * ratio * c.covariance;
  fit->s_nonlinearity = e2 * std::sqrt(variance) / std::abs(c.sigma);
}

Linearity Judge(const NemdFit& fit) {
  if (!fit.cubic) return Linearity::kNotTested;
  const double size = std::abs(fit.nonlinearity);
  if (size >= kLinearLimit && size > 2.0 * fit.s_nonlinearity) return Linearity::kNonlinear;
  const bool good = fit.cubic->dof == 0 || fit.cubic->chi2 < 2.0 * fit.cubic->dof;
  if (size < kLinearLimit && fit.s_nonlinearity <= kLinearLimit && good) return Linearity::kLinear;
  return Linearity::kUndecided;
}

}  // namespace

absl::StatusOr<SteadyCurrent> AnalyzeSteadyCurrent(const std::vector<double>& p, double interval_ps) {
  if (p.size() < kFewestSamples)
    return FailedPrecondition("a steady current needs {} samples, found {}", kFewestSamples, p.size());
  std::vector<double> current(p.size() - 1);
  for (size_t i = 0; i + 1 < p.size(); ++i) current[i] = (p[i + 1] - p[i]) / interval_ps;
  const size_t relaxation = RelaxationLag(current);
  const size_t width = std::max(relaxation, current.size() / 400 + 1);
  const size_t found = width * EquilibrationIndex(BlockMeans(current, width));
  const size_t first = std::min(std::max(found, 5 * relaxation), p.size() / 2);

  const std::vector<double> kept(p.begin() + static_cast<std::ptrdiff_t>(first), p.end());
  const DipoleSeries about{interval_ps, {Detrended(kept)}};
  SteadyCurrent out;
  out.kept_ps = about.duration_ps();
  out.discarded_ps = interval_ps * static_cast<double>(first);
  out.rate = (kept.back() - kept.front()) / out.kept_ps;
  out.fluctuation = ComputePeriodogram(about, 2.0);
  // The mean was taken out: zero frequency knows nothing, its neighbours speak for it.
  out.fluctuation.power[0] = 0.5 * (out.fluctuation.power[1] + out.fluctuation.power[2]);
  const auto stride = UncorrelatedStride({about});
  out.uncorrelated = stride.has_value();
  out.tau_c_ps = stride ? interval_ps * static_cast<double>(*stride) : out.kept_ps / 16.0;
  const std::vector<double> steady(current.begin() + static_cast<std::ptrdiff_t>(first), current.end());
  out.geweke_z = GewekeZ(BlockMeans(steady, std::min(width, std::max<size_t>(1, steady.size() / 20))));
  return out;
}

absl::StatusOr<std::vector<FieldPoint>> PoolFields(const std::vector<FieldRun>& runs,
                                                   double volume_angstrom3) {
  struct Strength {
    double field = 0.0;
    Pool plus, minus;
  };
  std::map<long long, Strength> strengths;  // those that agree to 1e-6 of the largest are one
  double largest = 0.0;
  for (const auto& run : runs) largest = std::max(largest, std::abs(run.field));
  for (const auto& run : runs) {
    if (run.field == 0.0) continue;
    Strength& strength = strengths[std::llround(1e6 * std::abs(run.field) / largest)];
    strength.field = std::abs(run.field);
    (run.field > 0.0 ? strength.plus : strength.minus).Add(run.current);
  }
  std::vector<FieldPoint> points;
  for (const auto& [key, one] : strengths) {
    SUPERION_ASSIGN_OR_RETURN(FieldPoint point, PoolSigns(one.field, one.plus, one.minus, volume_angstrom3));
    points.push_back(point);
  }
  return points;
}

const char* LinearityName(Linearity linearity) {
  switch (linearity) {
    case Linearity::kLinear:
      return "LINEAR";
    case Linearity::kNonlinear:
      return "NONLINEAR";
    case Linearity::kUndecided:
      return "UNDECIDED";
    default:
      return "NOT_TESTED";
  }
}

absl::StatusOr<NemdFit> FitCurrent(const std::vector<FieldPoint>& points) {
  if (points.empty()) return FailedPrecondition("no run in a field: there is no current to fit");
  for (const auto& p : points) {
    if (!(p.s > 0.0)) return FailedPrecondition("the current at {} V/Å does not fluctuate", p.field);
  }
  NemdFit fit;
  fit.linear = FitLinear(points);
  if (points.size() >= 2) {
    fit.cubic = FitCubic(points);
    fit.sinh = FitSinh(points);
    AddNonlinearity(points.back().field, &fit);
  }
  fit.linearity = Judge(fit);
  return fit;
}

double BreakEvenField(double sigma_s_per_m, double volume_angstrom3, double temperature_k, double tau_c_ps) {
  const double sigma = sigma_s_per_m / kCurrentPerField;
  return std::sqrt(units::kBoltzmann * temperature_k / (volume_angstrom3 * sigma * tau_c_ps));
}

double JoulePower(double sigma_s_per_m, double field) { return sigma_s_per_m * field * field * 1e20; }

double HeatingRate(double sigma_s_per_m, double field, double volume_angstrom3, double n_atoms) {
  const double power = sigma_s_per_m / kCurrentPerField * field * field * volume_angstrom3;  // eV/ps
  return 1000.0 * power / (3.0 * n_atoms * units::kBoltzmann);
}

}  // namespace superion::analysis
