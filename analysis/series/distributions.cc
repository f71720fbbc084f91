#include "analysis/series/distributions.h"

#include <cmath>
#include <functional>
#include <limits>

namespace superion::analysis {
namespace {

constexpr double kTiny = 1e-300;

// Modified Lentz evaluation of the continued fraction of Q(a, x), for x > a + 1.
double GammaQFraction(double a, double x) {
  double b = x + 1.0 - a, c = 1.0 / kTiny, d = 1.0 / b, h = d;
  for (int i = 1; i < 10000; ++i) {
    const double an = -i * (i - a);
    b += 2.0;
    d = an * d + b;
    if (std::abs(d) < kTiny) d = kTiny;
    c = b + an / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1.0 / d;
    h *= d * c;
    if (std::abs(d * c - 1.0) < 1e-15) break;
  }
  return h * std::exp(-x + a * std::log(x) - std::lgamma(a));
}

double GammaPSeries(double a, double x) {
  double term = 1.0 / a, sum = term;
  for (int n = 1; n < 100000; ++n) {
    term *= x / (a + n);
    sum += term;
    if (std::abs(term) < 1e-16 * std::abs(sum)) break;
  }
  return sum * std::exp(-x + a * std::log(x) - std::lgamma(a));
}

double BetaFraction(double x, double a, double b) {
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  if (std::abs(d) < kTiny) d = kTiny;
  d = 1.0 / d;
  double h = d;
  auto step = [&](double coefficient) {
    d = 1.0 + coefficient * d;
    if (std::abs(d) < kTiny) d = kTiny;
    c = 1.0 + coefficient / c;
    if (std::abs(c) < kTiny) c = kTiny;
    d = 1.0 / d;
    h *= d * c;
    return d * c;
  };
  for (int m = 1; m < 10000; ++m) {
    step(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    const double last = step(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)));
    if (std::abs(last - 1.0) < 1e-15) break;
  }
  return h;
}

// Solves cdf(x) = p for a rising cdf on [low, high] by bisection in as many steps as doubles need.
double Invert(const std::function<double(double)>& cdf, double p, double low, double high) {
  for (int i = 0; i < 200 && high - low > 1e-14 * (std::abs(low) + std::abs(high)); ++i) {
    const double middle = 0.5 * (low + high);
    (cdf(middle) < p ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

}  // namespace

double Digamma(double x) {
  double shift = 0.0;
  while (x < 12.0) shift -= 1.0 / x++;
  const double u = 1.0 / (x * x);
  return shift + std::log(x) - 0.5 / x -
         u * (1.0 / 12 - u * (1.0 / 120 - u * (1.0 / 252 - u * (1.0 / 240 - u * (1.0 / 132)))));
}

double Trigamma(double x) {
  double shift = 0.0;
  for (; x < 12.0; x += 1.0) shift += 1.0 / (x * x);
  const double u = 1.0 / (x * x);
  return shift + 1.0 / x + 0.5 * u +
         u / x * (1.0 / 6 - u * (1.0 / 30 - u * (1.0 / 42 - u * (1.0 / 30 - u * (5.0 / 66)))));
}

double RegularizedGammaP(double a, double x) {
  if (x <= 0.0) return 0.0;
  return x < a + 1.0 ? GammaPSeries(a, x) : 1.0 - GammaQFraction(a, x);
}

double RegularizedBeta(double x, double a, double b) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double front =
      std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * BetaFraction(x, a, b) / a;
  return 1.0 - front * BetaFraction(1.0 - x, b, a) / b;
}

double NormalCdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double NormalQuantile(double p) { return Invert(NormalCdf, p, -40.0, 40.0); }

double ChiSquareCdf(double x, double dof) { return RegularizedGammaP(0.5 * dof, 0.5 * x); }

double ChiSquareQuantile(double p, double dof) {
  double high = dof + 10.0;
  while (ChiSquareCdf(high, dof) < p) high *= 2.0;
  return Invert([dof](double x) { return ChiSquareCdf(x, dof); }, p, 0.0, high);
}

double StudentQuantile(double p, double dof) {
  auto cdf = [dof](double t) {
    const double tail = 0.5 * RegularizedBeta(dof / (dof + t * t), 0.5 * dof, 0.5);
    return t > 0.0 ? 1.0 - tail : tail;
  };
  double bound = 10.0;
  while (cdf(bound) < p || cdf(-bound) > p) bound *= 2.0;
  return Invert(cdf, p, -bound, bound);
}

}  // namespace superion::analysis
