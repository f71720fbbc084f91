#include "analysis/transport/block_method.h"

#include <algorithm>
#include <cmath>

namespace superion::analysis {
namespace {

// Lags of the curve, in samples: k step, k = 1 .. points.
struct Grid {
  size_t step = 1, points = 0, origin_step = 1;
  double interval_ps = 0.0;
  double t_ps(size_t k) const { return interval_ps * static_cast<double>((k + 1) * step); }
};

// A stretch of one seed, `length` intervals long.
struct Stretch {
  const DipoleSeries* seed = nullptr;
  size_t first = 0, length = 0;
};

std::vector<double> CurveOf(const Stretch& stretch, const Grid& grid, BlockOrigins origins) {
  std::vector<double> out(grid.points, 0.0);
  for (size_t k = 0; k < grid.points; ++k) {
    const size_t lag = (k + 1) * grid.step;
    const size_t last = origins == BlockOrigins::kStart ? 0 : stretch.length - lag;
    double sum = 0.0;
    for (const auto& p : stretch.seed->components) {
      const double* x = p.data() + stretch.first;
      for (size_t i = 0; i <= last; i += grid.origin_step) sum += (x[i + lag] - x[i]) * (x[i + lag] - x[i]);
    }
    out[k] = sum / static_cast<double>(last / grid.origin_step + 1);
  }
  return out;
}

// Least-squares slope of the curve from `first_ps` on.
double SlopeOf(const std::vector<double>& curve, const Grid& grid, double first_ps) {
  double n = 0.0, t = 0.0, y = 0.0, tt = 0.0, ty = 0.0;
  for (size_t k = 0; k < curve.size(); ++k) {
    if (grid.t_ps(k) < first_ps * (1 - 1e-9) && k + 2 < curve.size()) continue;
    n += 1.0, t += grid.t_ps(k), y += curve[k];
  }
  for (size_t k = curve.size() - static_cast<size_t>(n); k < curve.size(); ++k) {
    tt += (grid.t_ps(k) - t / n) * (grid.t_ps(k) - t / n);
    ty += (grid.t_ps(k) - t / n) * (curve[k] - y / n);
  }
  return ty / tt;
}

// Options with their defaults filled in, and the grid of lags.
absl::StatusOr<Grid> MakeGrid(const std::vector<DipoleSeries>& seeds, BlockOptions* options) {
  if (seeds.empty()) return InvalidArgument("block method: no dipole series was given");
  if (!(options->last_lag_ps > 0.0)) options->last_lag_ps = options->block_ps;
  if (!(options->first_lag_ps > 0.0)) options->first_lag_ps = 0.1 * options->last_lag_ps;
  Grid grid;
  grid.interval_ps = seeds[0].interval_ps;
  const auto lag = static_cast<size_t>(options->last_lag_ps / grid.interval_ps * (1 + 1e-9));
  if (lag < 4)
    return FailedPrecondition("block method: lags up to {} ps hold {} samples, at least 4 are needed",
                              options->last_lag_ps, lag);
  grid.step = std::max<size_t>(1, lag / options->points);
  grid.points = lag / grid.step;
  grid.origin_step = std::max<size_t>(1, grid.step / 4);
  return grid;
}

// Mean curve of the stretches, its slope, and the scatter of their slopes.
BlockResult Average(const std::vector<Stretch>& stretches, const Grid& grid, double scale,
                    const BlockOptions& options) {
  BlockResult out;
  out.block_ps = options.block_ps;
  out.first_lag_ps = options.first_lag_ps;
  out.last_lag_ps = options.last_lag_ps;
  out.blocks = stretches.size();
  out.dof = static_cast<double>(stretches.size()) - 1.0;
  out.msd.assign(grid.points, 0.0);
  out.sd = out.msd;
  double weight = 0.0, squares = 0.0;
  std::vector<double> slopes, weights;
  for (const Stretch& stretch : stretches) {
    const auto curve = CurveOf(stretch, grid, options.origins);
    const auto w = static_cast<double>(stretch.length);
    for (size_t k = 0; k < grid.points; ++k) out.msd[k] += w * curve[k], out.sd[k] += w * curve[k] * curve[k];
    slopes.push_back(SlopeOf(curve, grid, options.first_lag_ps));
    weights.push_back(w);
    weight += w;
    squares += w * w;
  }
  // Variance of a weighted mean from the weighted scatter: sum w² / (W² - sum w²) per unit of scatter.
  const double factor = out.dof > 0.0 ? squares / (weight * weight - squares) : 0.0;
  for (size_t k = 0; k < grid.points; ++k) {
    out.t_ps.push_back(grid.t_ps(k));
    out.msd[k] /= weight;
    out.sd[k] = std::sqrt(std::max(0.0, out.sd[k] / weight - out.msd[k] * out.msd[k]) * factor);
  }
  const double slope = SlopeOf(out.msd, grid, options.first_lag_ps);
  double scatter = 0.0;
  for (size_t b = 0; b < slopes.size(); ++b)
    scatter += weights[b] / weight * (slopes[b] - slope) * (slopes[b] - slope);
  const auto d = static_cast<double>(stretches[0].seed->dimension());
  out.sigma = scale * slope / (2.0 * d);
  out.s = slope > 0.0 ? std::sqrt(scatter * factor) / slope : INFINITY;
  return out;
}

}  // namespace

absl::StatusOr<BlockResult> BlockMethod(const std::vector<DipoleSeries>& seeds, double scale,
                                        const BlockOptions& given) {
  BlockOptions options = given;
  SUPERION_ASSIGN_OR_RETURN(const Grid grid, MakeGrid(seeds, &options));
  const auto length = static_cast<size_t>(options.block_ps / grid.interval_ps * (1 + 1e-9));
  std::vector<Stretch> blocks;
  for (const auto& seed : seeds) {
    for (size_t first = 0; first + length < seed.size(); first += length)
      blocks.push_back({&seed, first, length});
  }
  if (blocks.size() < 2)
    return FailedPrecondition("block method: {} block of {} ps fits into the runs, at least 2 are needed",
                              blocks.size(), options.block_ps);
  return Average(blocks, grid, scale, options);
}

absl::StatusOr<BlockResult> SimpleMethod(const std::vector<DipoleSeries>& seeds, double scale,
                                         const BlockOptions& given) {
  BlockOptions options = given;
  options.origins = BlockOrigins::kAll;
  SUPERION_ASSIGN_OR_RETURN(const Grid grid, MakeGrid(seeds, &options));
  std::vector<Stretch> whole;
  for (const auto& seed : seeds) {
    if (seed.size() < 2 || seed.size() - 1 < grid.points * grid.step)
      return FailedPrecondition("simple method: a run of {} ps is shorter than the longest lag, {} ps",
                                seed.duration_ps(), options.last_lag_ps);
    whole.push_back({&seed, 0, seed.size() - 1});
  }
  return Average(whole, grid, scale, options);
}

absl::StatusOr<BlockScan> ScanBlockLengths(const std::vector<DipoleSeries>& seeds, double scale,
                                           double shortest_ps) {
  BlockScan scan;
  BlockOptions options;
  options.origins = BlockOrigins::kAll;
  options.points = 16;
  options.last_lag_ps = 0.25 * shortest_ps;
  for (double block = shortest_ps;; block *= 2.0) {
    options.block_ps = block;
    const auto result = BlockMethod(seeds, scale, options);
    if (!result.ok() && scan.s.empty()) return result.status();
    if (!result.ok() || (result->blocks < 8 && !scan.s.empty())) break;
    scan.block_ps.push_back(block);
    scan.sigma.push_back(result->sigma);
    scan.s.push_back(result->s);
    scan.s_error.push_back(result->log_sd_error());
  }
  for (size_t k = scan.s.size(); k-- > 0;) {
    bool flat = true;
    for (size_t j = k + 1; j < scan.s.size(); ++j)
      flat = flat && scan.s[j] <= scan.s[k] + 2.0 * scan.s_error[j];
    if (!flat) break;
    scan.chosen_ps = scan.block_ps[k];
    scan.plateau = k + 1 < scan.s.size();
  }
  return scan;
}

double Efficiency(double s_reference, double s) {
  return s > 0.0 && std::isfinite(s) ? s_reference * s_reference / (s * s) : 0.0;
}

}  // namespace superion::analysis
