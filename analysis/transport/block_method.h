// The block and the simple method of conductivities from the dipole's displacement (Gigli et al., Chem.
// Mater. 36, 1482 (2024), arXiv:2310.15679), for comparison with the primary estimator. conductivity.md,
// section 6.
#pragma once

#include <vector>

#include "analysis/series/series.h"
#include "core/status.h"

namespace superion::analysis {

enum class BlockOrigins {
  kStart,  // displacement from the start of the block only (the published method)
  kAll     // all origins inside the block: same expectation, never a larger variance
};

struct BlockOptions {
  double block_ps = 0.0;
  double first_lag_ps = 0.0;  // window of the slope; 0: a tenth of its end
  double last_lag_ps = 0.0;   // 0: the block
  BlockOrigins origins = BlockOrigins::kStart;
  size_t points = 64;  // of the curve, evenly up to the last lag
};

struct BlockResult {
  double block_ps = 0.0, first_lag_ps = 0.0, last_lag_ps = 0.0;
  size_t blocks = 0;   // over all seeds; blocks do not overlap
  double sigma = 0.0;  // S/m, from the slope of the mean curve
  double s = 0.0;      // of ln σ, from the scatter over blocks / sqrt(blocks); over seeds for `SimpleMethod`
  double dof = 0.0;    // of that scatter: blocks - 1
  std::vector<double> t_ps, msd, sd;  // e² Å², summed over components; sd of the mean over blocks
  double log_sd_error() const { return dof > 0.0 ? s / std::sqrt(2.0 * dof) : 0.0; }
};

// Every seed cut into floor(T/t_b) blocks. σ = scale/(2d) times the least-squares slope of the mean over
// [first lag, t_b]. FailedPrecondition when fewer than two blocks fit or t_b is shorter than four samples.
absl::StatusOr<BlockResult> BlockMethod(const std::vector<DipoleSeries>& seeds, double scale,
                                        const BlockOptions& options);

// The same curve and slope from all origins of the whole runs; the error is the scatter between seeds (0 with
// one seed). `block_ps` is the longest lag.
absl::StatusOr<BlockResult> SimpleMethod(const std::vector<DipoleSeries>& seeds, double scale,
                                         const BlockOptions& options);

// Error of the mean against the length of the block, doubling from `shortest_ps` while at least 8 blocks
// remain (Flyvbjerg & Petersen, J. Chem. Phys. 91, 461 (1989), doi:10.1063/1.457480). The slopes end at a
// quarter of the shortest block throughout: where neighbouring blocks are correlated, the error still grows.
struct BlockScan {
  std::vector<double> block_ps, sigma, s, s_error;
  double chosen_ps = 0.0;  // shortest length from which no longer one has a larger error by two of its errors
  bool plateau = false;    // two or more lengths lie on it
};
absl::StatusOr<BlockScan> ScanBlockLengths(const std::vector<DipoleSeries>& seeds, double scale,
                                           double shortest_ps);

// How much of the data a method uses as well as the reference: (s_reference/s)². 0 where s is not known.
double Efficiency(double s_reference, double s);

}  // namespace superion::analysis
