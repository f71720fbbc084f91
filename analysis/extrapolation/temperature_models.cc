#include "analysis/extrapolation/temperature_models.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace superion::analysis {
namespace {

// 1/T moved and scaled so that the data lie in about [-1, 1].
struct Scaled {
  double centre = 0.0, half = 1.0;
  double operator()(double x) const { return (x - centre) / half; }
};

Scaled ScaleOf(const std::vector<Datum>& data) {
  const auto [low, high] =
      std::minmax_element(data.begin(), data.end(), [](const Datum& a, const Datum& b) { return a.x < b.x; });
  return {0.5 * (low->x + high->x), std::max(1e-300, 0.5 * (high->x - low->x))};
}

struct Problem {
  const std::vector<Datum>& data;
  const std::vector<Datum>& bounds;
  double x;  // 1/T wanted
  double count() const { return static_cast<double>(data.size() + bounds.size()); }
};

// A fit as a model: its value at the wanted temperature from basis functions there.
TemperatureModel Model(const char* name, int parameters, const Problem& problem, const CensoredFit& fit,
                       const std::vector<double>& wanted) {
  TemperatureModel model;
  model.name = name;
  model.parameters = parameters;
  model.chi2 = fit.chi2;
  model.aicc = Aicc(fit.deviance, parameters, problem.count());
  model.ln_sigma = fit.Value(wanted) + std::log(problem.x);
  const double dof = static_cast<double>(problem.data.size()) - parameters;
  const double birge2 = dof > 0.0 ? std::max(1.0, fit.chi2 / dof) : 1.0;
  model.s = std::sqrt(birge2 * fit.Variance(wanted));
  return model;
}

std::optional<TemperatureModel> Polynomial(const char* name, int terms, const Problem& problem) {
  const Scaled u = ScaleOf(problem.data);
  const Basis basis = [u, terms](double x) {
    std::vector<double> f(static_cast<size_t>(terms), 1.0);
    for (size_t k = 1; k < f.size(); ++k) f[k] = f[k - 1] * u(x);
    return f;
  };
  const CensoredFit fit = FitCensored(problem.data, problem.bounds, basis);
  if (!fit.good) return std::nullopt;
  return Model(name, terms, problem, fit, basis(problem.x));
}

double Coldest(const Problem& problem) {
  double hottest_x = 0.0;
  for (const auto* list : {&problem.data, &problem.bounds}) {
    for (const Datum& d : *list) hottest_x = std::max(hottest_x, d.x);
  }
  return 1.0 / hottest_x;
}

CensoredFit VftFit(const Problem& problem, double t0) {
  return FitCensored(problem.data, problem.bounds, [t0](double x) {
    return std::vector<double>{1.0, 1.0 / (1.0 / x - t0)};
  });
}

// ln σT = ln A - B/(T - T0), T0 from a grid refined by golden sections; its error enters linearised.
std::optional<TemperatureModel> Vft(const Problem& problem) {
  const double highest = 0.95 * Coldest(problem);
  auto cost = [&](double t0) {
    const CensoredFit fit = VftFit(problem, t0);
    return fit.good ? fit.deviance : std::numeric_limits<double>::max();
  };
  constexpr int kGrid = 60;
  int best = 0;
  double lowest = std::numeric_limits<double>::max();
  for (int k = 0; k <= kGrid; ++k) {
    const double value = cost(highest * k / kGrid);
    if (value < lowest) lowest = value, best = k;
  }
  double a = highest * std::max(0, best - 1) / kGrid, b = highest * std::min(kGrid, best + 1) / kGrid;
  constexpr double kGolden = 0.6180339887498949;
  for (int step = 0; step < 40; ++step) {
    const double c = b - kGolden * (b - a), d = a + kGolden * (b - a);
    (cost(c) < cost(d) ? b : a) = cost(c) < cost(d) ? d : c;
  }
  const double t0 = 0.5 * (a + b);
  const CensoredFit fit = VftFit(problem, t0);
  if (!fit.good) return std::nullopt;
  const double slope = fit.coefficients[1], wanted_k = 1.0 / problem.x;
  const Basis tangent = [t0, slope](double x) {
    const double v = 1.0 / (1.0 / x - t0);
    return std::vector<double>{1.0, v, slope * v * v};
  };
  TemperatureModel model = Model("vft", 3, problem, fit, {1.0, wanted_k > t0 ? 1.0 / (wanted_k - t0) : 0.0});
  model.t0_k = t0;
  model.predicts = wanted_k > t0;
  const CensoredFit linear = FitCensored(problem.data, {}, tangent);
  model.predicts = model.predicts && linear.good;
  if (!model.predicts) return model;
  const double dof = static_cast<double>(problem.data.size()) - 3.0;
  const double birge2 = dof > 0.0 ? std::max(1.0, fit.chi2 / dof) : 1.0;
  model.s = std::sqrt(birge2 * linear.Variance(tangent(problem.x)));
  return model;
}

// Two straight lines that meet between inner points.
std::optional<TemperatureModel> Break(const Problem& problem) {
  const Scaled u = ScaleOf(problem.data);
  std::vector<double> x;
  for (const Datum& d : problem.data) x.push_back(d.x);
  std::sort(x.begin(), x.end());
  std::optional<TemperatureModel> best;
  for (size_t k = 1; k + 2 < x.size(); ++k) {
    for (int step = 0; step <= 10; ++step) {
      const double knot = x[k] + (x[k + 1] - x[k]) * step / 10.0;
      const Basis basis = [u, knot](double v) {
        return std::vector<double>{1.0, u(v), std::max(0.0, u(v) - u(knot))};
      };
      const CensoredFit fit = FitCensored(problem.data, problem.bounds, basis);
      if (!fit.good) continue;
      TemperatureModel model = Model("break", 4, problem, fit, basis(problem.x));
      model.break_k = 1.0 / knot;
      if (!best || model.aicc < best->aicc) best = model;
    }
  }
  return best;
}

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// Where the cumulative distribution of the mixture is p.
double Quantile(const std::vector<TemperatureModel>& models, double p) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const auto& m : models) {
    if (m.weight <= 0.0) continue;
    low = std::min(low, m.ln_sigma - 9.0 * m.s - 1e-9);
    high = std::max(high, m.ln_sigma + 9.0 * m.s + 1e-9);
  }
  for (int step = 0; step < 200; ++step) {
    const double middle = 0.5 * (low + high);
    double below = 0.0;
    for (const auto& m : models) {
      if (m.weight > 0.0) below += m.weight * NormalCdf((middle - m.ln_sigma) / std::max(1e-300, m.s));
    }
    (below < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double Aicc(double deviance, double parameters, double n) {
  if (n - parameters - 1.0 < 0.5) return std::numeric_limits<double>::infinity();
  return deviance + 2.0 * parameters + 2.0 * parameters * (parameters + 1.0) / (n - parameters - 1.0);
}

std::vector<TemperatureModel> CompareModels(const std::vector<Datum>& data, const std::vector<Datum>& bounds,
                                            double temperature_k) {
  const Problem problem{data, bounds, 1.0 / temperature_k};
  std::vector<TemperatureModel> models;
  auto add = [&](std::optional<TemperatureModel> model) {
    if (model && std::isfinite(model->aicc)) models.push_back(*std::move(model));
  };
  add(Polynomial("line", 2, problem));
  // A model that has as many parameters as there are values would be fixed by the bounds alone.
  if (data.size() >= 4) {
    add(Polynomial("parabola", 3, problem));
    add(Vft(problem));
  }
  if (data.size() >= 6) add(Break(problem));
  double best = std::numeric_limits<double>::infinity(), sum = 0.0;
  for (const auto& m : models) {
    if (m.predicts) best = std::min(best, m.aicc);
  }
  for (auto& m : models) sum += m.weight = m.predicts ? std::exp(-0.5 * (m.aicc - best)) : 0.0;
  for (auto& m : models) m.weight /= sum;
  return models;
}

ModelAverage Average(const std::vector<TemperatureModel>& models) {
  ModelAverage out;
  for (const auto& m : models) out.ln_sigma += m.weight * m.ln_sigma;
  double variance = 0.0;
  for (const auto& m : models) {
    const double away = m.ln_sigma - out.ln_sigma;
    if (m.weight > 0.0) variance += m.weight * (m.s * m.s + away * away);
  }
  out.s = std::sqrt(variance);
  out.low = Quantile(models, 0.025);
  out.high = Quantile(models, 0.975);
  return out;
}

}  // namespace superion::analysis
