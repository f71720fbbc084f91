#include "analysis/extrapolation/arrhenius.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "core/units.h"

namespace superion::analysis {
namespace {

struct Datum {
  double x = 0.0, y = 0.0, w = 0.0;  // 1/T, ln(σT), 1/s²
};

// Weighted linear least squares with `k` <= 4 basis functions: coefficients, chi², variance matrix.
struct Linear {
  std::vector<double> coefficients;
  std::vector<double> variance;  // [k, k]
  double chi2 = 0.0;
  bool good = false;
};

Linear Solve(const std::vector<Datum>& data, const std::function<std::vector<double>(double)>& basis) {
  const size_t k = basis(data[0].x).size();
  std::vector<double> augmented(k * 2 * k, 0.0), right(k, 0.0);
  auto at = [&](size_t r, size_t c) -> double& { return augmented[r * 2 * k + c]; };
  for (const Datum& d : data) {
    const auto f = basis(d.x);
    for (size_t r = 0; r < k; ++r) {
      right[r] += d.w * f[r] * d.y;
      for (size_t c = 0; c < k; ++c) at(r, c) += d.w * f[r] * f[c];
    }
  }
  for (size_t r = 0; r < k; ++r) at(r, k + r) = 1.0;
  // Gauss-Jordan with pivoting: the inverse is wanted anyway.
  for (size_t p = 0; p < k; ++p) {
    size_t pivot = p;
    for (size_t r = p + 1; r < k; ++r) {
      if (std::abs(at(r, p)) > std::abs(at(pivot, p))) pivot = r;
    }
    if (!(std::abs(at(pivot, p)) > 0.0)) return {};
    for (size_t c = 0; c < 2 * k; ++c) std::swap(at(p, c), at(pivot, c));
    const double inverse = 1.0 / at(p, p);
    for (size_t c = 0; c < 2 * k; ++c) at(p, c) *= inverse;
    for (size_t r = 0; r < k; ++r) {
      if (r == p) continue;
      const double factor = at(r, p);
      for (size_t c = 0; c < 2 * k; ++c) at(r, c) -= factor * at(p, c);
    }
  }
  Linear out;
  out.coefficients.assign(k, 0.0);
  out.variance.resize(k * k);
  for (size_t r = 0; r < k; ++r) {
    for (size_t c = 0; c < k; ++c) {
      out.variance[r * k + c] = at(r, k + c);
      out.coefficients[r] += at(r, k + c) * right[c];
    }
  }
  for (const Datum& d : data) {
    const auto f = basis(d.x);
    double residual = d.y;
    for (size_t r = 0; r < k; ++r) residual -= out.coefficients[r] * f[r];
    out.chi2 += d.w * residual * residual;
  }
  out.good = std::isfinite(out.chi2);
  return out;
}

// Akaike's criterion for small samples with known errors; infinite where the sample is too small for the
// model.
double Aicc(double chi2, double parameters, double n) {
  if (n - parameters - 1.0 < 0.5) return 1e300;
  return chi2 + 2.0 * parameters + 2.0 * parameters * (parameters + 1.0) / (n - parameters - 1.0);
}

// ln A + slope x with zero-hop points: their likelihood is that of a Poisson process, 0.05^(σ/σ_95).
struct Line {
  double a = 0.0, b = 0.0;  // at the centre xbar
  double vaa = 0.0, vab = 0.0, vbb = 0.0;
};

Line FitCensored(const std::vector<Datum>& data, const std::vector<Datum>& bounds, double xbar, Line line) {
  for (int iteration = 0; iteration < 200; ++iteration) {
    double ga = 0.0, gb = 0.0, haa = 0.0, hab = 0.0, hbb = 0.0;
    auto add = [&](double dx, double gradient, double curvature) {
      ga += gradient;
      gb += gradient * dx;
      haa += curvature;
      hab += curvature * dx;
      hbb += curvature * dx * dx;
    };
    for (const Datum& d : data) add(d.x - xbar, d.w * (d.y - line.a - line.b * (d.x - xbar)), d.w);
    for (const Datum& d : bounds) {
      const double rate = -std::log(0.05) * std::exp(std::min(50.0, line.a + line.b * (d.x - xbar) - d.y));
      add(d.x - xbar, -rate, rate);
    }
    const double determinant = haa * hbb - hab * hab;
    line.vaa = hbb / determinant;
    line.vbb = haa / determinant;
    line.vab = -hab / determinant;
    double da = line.vaa * ga + line.vab * gb, db = line.vab * ga + line.vbb * gb;
    // The logarithm of the likelihood is concave; a step is limited to what its exponentials allow.
    double largest = 0.0;
    for (const auto* list : {&data, &bounds}) {
      for (const Datum& d : *list) largest = std::max(largest, std::abs(da + db * (d.x - xbar)));
    }
    const double damping = std::min(1.0, 1.0 / std::max(1e-300, largest));
    line.a += damping * da;
    line.b += damping * db;
    if (largest < 1e-12) break;
  }
  return line;
}

// Best chi² of ln A - B/(T - T0) over 0 < T0 < 0.95 Tmin.
double VftChi2(const std::vector<Datum>& data, double coldest_k) {
  double best = 1e300;
  for (int k = 1; k <= 200; ++k) {
    const double t0 = 0.95 * coldest_k * k / 200.0;
    const auto fit = Solve(data, [t0](double x) { return std::vector<double>{1.0, 1.0 / (1.0 / x - t0)}; });
    if (fit.good) best = std::min(best, fit.chi2);
  }
  return best;
}

// Best chi² of two straight lines that meet between inner points.
double BreakChi2(const std::vector<Datum>& data, double xbar) {
  std::vector<double> x;
  for (const Datum& d : data) x.push_back(d.x);
  std::sort(x.begin(), x.end());
  double best = 1e300;
  for (size_t k = 1; k + 2 < x.size(); ++k) {
    for (int step = 0; step <= 10; ++step) {
      const double knot = x[k] + (x[k + 1] - x[k]) * step / 10.0;
      const auto fit = Solve(data, [&](double v) {
        return std::vector<double>{1.0, v - xbar, std::max(0.0, v - knot)};
      });
      if (fit.good) best = std::min(best, fit.chi2);
    }
  }
  return best;
}

absl::Status CheckPoints(const std::vector<ArrheniusPoint>& points) {
  for (const auto& p : points) {
    if (!(p.temperature_k > 0.0) || !(p.sigma > 0.0) || (!p.upper_bound && !(p.s > 0.0)))
      return InvalidArgument(
          "arrhenius: a point needs a temperature, sigma and s above zero, found {} K, {} S/m, s = {}",
          p.temperature_k, p.sigma, p.s);
  }
  return absl::OkStatus();
}

// Compares the straight line with a curve, VFT and a break; averages line and curve at the extrapolated
// temperature.
void TestShape(const std::vector<Datum>& data, double xbar, double xstar, ArrheniusFit* fit) {
  const auto n = static_cast<double>(data.size());
  double coldest = 0.0;
  for (const Datum& d : data) coldest = coldest == 0.0 ? 1.0 / d.x : std::min(coldest, 1.0 / d.x);
  const double straight = Aicc(fit->chi2, 2.0, n);
  if (Aicc(0.0, 3.0, n) >= 1e300) return;
  const double range = data.back().x - data.front().x;
  const auto curve = Solve(data, [&](double x) {
    const double u = (x - xbar) / range;
    return std::vector<double>{1.0, u, u * u};
  });
  if (curve.good) {
    const double curved = Aicc(curve.chi2, 3.0, n);
    if (curved < straight) fit->flags.push_back("CURVED");
    const double u = (xstar - xbar) / range;
    const std::array<double, 3> f{1.0, u, u * u};
    double y = 0.0, variance = 0.0;
    for (size_t r = 0; r < 3; ++r) {
      y += curve.coefficients[r] * f[r];
      for (size_t c = 0; c < 3; ++c) variance += curve.variance[3 * r + c] * f[r] * f[c];
    }
    const double weight = 1.0 / (1.0 + std::exp(0.5 * (straight - curved)));  // of the line
    const double line = fit->LnSigma(1.0 / xstar), own = y + std::log(xstar);
    const double mean = weight * line + (1.0 - weight) * own, s = fit->LnSigmaSd(1.0 / xstar);
    fit->averaged_ln_sigma_300 = mean;
    fit->averaged_s_300 = std::sqrt(weight * (s * s + (line - mean) * (line - mean)) +
                                    (1.0 - weight) * (variance + (own - mean) * (own - mean)));
  }
  if (Aicc(VftChi2(data, coldest), 3.0, n) < straight) fit->flags.push_back("VFT_PREFERRED");
  if (data.size() >= 6 && Aicc(BreakChi2(data, xbar), 4.0, n) < straight)
    fit->flags.push_back("BREAK_PREFERRED");
}

}  // namespace

double ArrheniusFit::LnSigma(double temperature_k) const {
  return ln_a - ea_ev / (units::kBoltzmann * temperature_k) - std::log(temperature_k);
}

double ArrheniusFit::LnSigmaSd(double temperature_k) const {
  const double beta = 1.0 / (units::kBoltzmann * temperature_k);
  return std::sqrt(
      std::max(0.0, s_ln_a * s_ln_a + beta * beta * s_ea_ev * s_ea_ev - 2.0 * beta * covariance));
}

absl::StatusOr<ArrheniusFit> FitArrhenius(const std::vector<ArrheniusPoint>& points,
                                          double extrapolate_to_k) {
  SUPERION_RETURN_IF_ERROR(CheckPoints(points));
  std::vector<Datum> data, bounds;
  for (const auto& p : points) {
    const double y = std::log(p.sigma * p.temperature_k);
    if (p.upper_bound) {
      bounds.push_back({1.0 / p.temperature_k, y, 0.0});
      continue;
    }
    // The logarithm of a chi-square mean is low by 1/n; n = 2/s² degrees of freedom.
    const double bias = 2.0 / (p.s * p.s) < 20.0 ? 0.5 * p.s * p.s : 0.0;
    data.push_back({1.0 / p.temperature_k, y + bias, 1.0 / (p.s * p.s)});
  }
  std::sort(data.begin(), data.end(), [](const Datum& a, const Datum& b) { return a.x < b.x; });
  if (data.size() < 2 || data.back().x - data.front().x < 1e-12)
    return FailedPrecondition(
        "arrhenius: {} points with a value, at least two different temperatures are needed", data.size());
  double w = 0.0, xbar = 0.0, ybar = 0.0, sxx = 0.0, sxy = 0.0;
  for (const Datum& d : data) w += d.w, xbar += d.w * d.x, ybar += d.w * d.y;
  xbar /= w;
  ybar /= w;
  for (const Datum& d : data)
    sxx += d.w * (d.x - xbar) * (d.x - xbar), sxy += d.w * (d.x - xbar) * (d.y - ybar);
  Line line{ybar, sxy / sxx, 1.0 / w, 0.0, 1.0 / sxx};
  ArrheniusFit fit;
  if (!bounds.empty()) {
    line = FitCensored(data, bounds, xbar, line);
    fit.flags.push_back("CENSORED");
  }
  for (const Datum& d : data) {
    const double residual = d.y - line.a - line.b * (d.x - xbar);
    fit.chi2 += d.w * residual * residual;
  }
  fit.dof = static_cast<int>(data.size()) - 2;
  if (fit.dof > 0 && fit.chi2 > fit.dof) {
    fit.birge = std::sqrt(fit.chi2 / fit.dof);
    fit.flags.push_back("BIRGE_SCALED");
  }
  const double scale = fit.birge * fit.birge, kb = units::kBoltzmann;
  fit.mean_inverse_k = xbar;
  fit.ea_ev = -kb * line.b;
  fit.ln_a = line.a - line.b * xbar;
  fit.s_ea_ev = kb * std::sqrt(scale * line.vbb);
  fit.s_ln_a = std::sqrt(scale * (line.vaa + xbar * xbar * line.vbb - 2.0 * xbar * line.vab));
  // Cov(a - b xbar, -kB b).
  fit.covariance = scale * kb * (xbar * line.vbb - line.vab);
  const double xstar = 1.0 / extrapolate_to_k;
  TestShape(data, xbar, xstar, &fit);
  const double half_range = 0.5 * (data.back().x - data.front().x);
  bool unsafe = std::abs(xstar - xbar) > 1.5 * half_range;
  for (const std::string& flag : fit.flags) {
    unsafe = unsafe || flag == "CURVED" || flag == "VFT_PREFERRED" || flag == "BREAK_PREFERRED";
  }
  if (unsafe) fit.flags.push_back("EXTRAPOLATION_UNSAFE");
  return fit;
}

}  // namespace superion::analysis
