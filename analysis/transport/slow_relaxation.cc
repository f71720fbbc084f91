#include "analysis/transport/slow_relaxation.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <numbers>

namespace superion::analysis {
namespace {

using Eigen::Matrix3d;
using Eigen::Vector3d;

constexpr double kLargestBand = 0.25;  // corners are sought up to this part of the band

// Modes of nearly one expectation as one Gamma variable.
struct Bin {
  double frequency_thz = 0.0, power = 0.0, shape = 0.0;
};

// The lowest 32 modes of a seed one by one, the others in groups of 3 % of their frequency.
std::vector<Bin> Binned(const std::vector<Periodogram>& seeds, double band_thz) {
  std::vector<Bin> bins;
  for (const Periodogram& seed : seeds) {
    const size_t end = std::min(
        seed.power.size(), static_cast<size_t>(std::floor(band_thz * seed.duration_ps * (1 + 1e-12))) + 1);
    for (size_t k = 0; k < end;) {
      Bin bin;
      for (const size_t stop = std::min(end, k + 1 + k / 32); k < stop; ++k) {
        bin.shape += seed.shape(k);
        bin.power += seed.shape(k) * seed.power[k];
        bin.frequency_thz += seed.shape(k) * seed.frequency_thz(k);
      }
      bin.power /= bin.shape;
      bin.frequency_thz /= bin.shape;
      bins.push_back(bin);
    }
  }
  return bins;
}

// Covariates of b0, b2 and a; without a corner the last one is zero.
std::vector<Vector3d> Covariates(const std::vector<Bin>& bins, double band_thz, double corner_thz) {
  std::vector<Vector3d> rows;
  for (const Bin& bin : bins) {
    const double x = bin.frequency_thz / band_thz;
    const double u = corner_thz > 0.0 ? bin.frequency_thz / corner_thz : INFINITY;
    rows.emplace_back(1.0, x * x, 1.0 / (1.0 + u * u));
  }
  return rows;
}

Matrix3d Information(const std::vector<Bin>& bins, const std::vector<Vector3d>& rows) {
  Matrix3d out = Matrix3d::Zero();
  for (size_t i = 0; i < bins.size(); ++i) out += bins[i].shape * rows[i] * rows[i].transpose();
  return out;
}

struct ShapeFit {
  Vector3d b = Vector3d::Zero();
  Matrix3d information = Matrix3d::Zero();  // with that of the prior
  double ln_posterior = 0.0;                // less constants
};

// Gamma regression with log link by Fisher scoring; `precision` of the prior of a.
ShapeFit FitShape(const std::vector<Bin>& bins, const std::vector<Vector3d>& rows, double precision,
                  const Vector3d& start) {
  ShapeFit fit;
  fit.b = start;
  fit.information = Information(bins, rows);
  fit.information(2, 2) += precision;
  const Eigen::LDLT<Matrix3d> solver(fit.information);
  for (int iteration = 0; iteration < 60; ++iteration) {
    Vector3d gradient(0.0, 0.0, -precision * fit.b(2));
    fit.ln_posterior = -0.5 * precision * fit.b(2) * fit.b(2);
    for (size_t i = 0; i < bins.size(); ++i) {
      const double eta = rows[i].dot(fit.b), ratio = bins[i].power * std::exp(-eta);
      gradient += bins[i].shape * std::min(ratio - 1.0, 3.0) * rows[i];
      fit.ln_posterior -= bins[i].shape * (eta + ratio);
    }
    const Vector3d step = solver.solve(gradient);
    if (step.cwiseAbs().maxCoeff() < 1e-9) break;
    fit.b += step;
  }
  return fit;
}

double LongestSeed(const std::vector<Periodogram>& seeds) {
  double longest = 0.0;
  for (const Periodogram& seed : seeds) longest = std::max(longest, seed.duration_ps);
  return longest;
}

double RelaxationTime(double corner_thz) { return 1.0 / (2.0 * std::numbers::pi * corner_thz); }

struct Candidate {
  double relaxation_ps = 0.0, log_ratio = 0.0;
  double ln_odds = 0.0;  // against none
};

// Weighted by their odds, those of none being 1; all relative to the largest, so that nothing overflows.
SlowRelaxation Average(const std::vector<Candidate>& candidates) {
  SlowRelaxation out;
  double largest = 0.0, best = -INFINITY;
  for (const Candidate& c : candidates) {
    largest = std::max(largest, c.ln_odds);
    if (c.ln_odds <= best) continue;
    best = c.ln_odds;
    out.log_ratio = c.log_ratio;
    out.relaxation_ps = c.relaxation_ps;
  }
  double some = 0.0, square = 0.0;
  for (const Candidate& c : candidates) {
    const double odds = std::exp(c.ln_odds - largest);
    some += odds;
    square += odds * c.log_ratio * c.log_ratio;
  }
  const double total = std::exp(-largest) + some;
  out.probability = some / total;
  out.s = std::sqrt(square / total);
  return out;
}

}  // namespace

SlowRelaxation FindSlowRelaxation(const std::vector<Periodogram>& seeds, double band_thz,
                                  const SlowRelaxationOptions& options) {
  const auto bins = Binned(seeds, band_thz);
  double mean = 0.0, shape = 0.0;
  for (const Bin& bin : bins) mean += bin.shape * bin.power, shape += bin.shape;
  const double longest = LongestSeed(seeds), precision = 1.0 / (options.prior_sd * options.prior_sd);
  const ShapeFit none =
      FitShape(bins, Covariates(bins, band_thz, 0.0), precision, {std::log(mean / shape), 0.0, 0.0});
  std::vector<Candidate> candidates;
  for (const double k : options.corners) {
    const double corner = k / longest;
    if (corner > kLargestBand * band_thz) break;
    const ShapeFit fit = FitShape(bins, Covariates(bins, band_thz, corner), precision, none.b);
    const double log_ratio = fit.b(0) + fit.b(2) - none.b(0);
    const double prior = log_ratio < 0.0 ? options.cage_odds : options.persistence_odds;
    const double occam = 0.5 * std::log(none.information.determinant() / fit.information.determinant());
    candidates.push_back(
        {RelaxationTime(corner), log_ratio, std::log(prior) + fit.ln_posterior - none.ln_posterior + occam});
  }
  SlowRelaxation out = Average(candidates);
  out.resolved_ps = SlowestResolved(seeds, band_thz);
  return out;
}

double SlowestResolved(const std::vector<Periodogram>& seeds, double band_thz) {
  const auto bins = Binned(seeds, band_thz);
  const double last = kLargestBand * band_thz;
  // Slower ones hardly differ from the mode at f = 0 alone, which is not at zero in a run that ends before
  // them.
  for (double corner = 1.0 / LongestSeed(seeds); corner < last; corner *= 1.1) {
    const Matrix3d covariance = Information(bins, Covariates(bins, band_thz, corner)).inverse();
    if (std::sqrt(covariance(2, 2)) <= 0.5 * std::numbers::ln2) return RelaxationTime(corner);
  }
  return RelaxationTime(last);
}

}  // namespace superion::analysis
