#include "analysis/verdict/needs.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace superion::analysis {
namespace {

// Total time at which half a decade of lags has |β-1| <= 0.05 with an error as small, for the start where
// that takes least: s_β falls as the square root of the total time, and 0.035 leaves room for the fluctuation
// of β itself. 0 where no half decade lies around 1.
double DiffusiveWindowTime(const LocalExponent& exponent, double total_time_ps) {
  double least = 0.0;
  for (size_t i = 0; i < exponent.t_ps.size(); ++i) {
    double s = 0.0;
    for (size_t j = i; j < exponent.t_ps.size(); ++j) {
      if (std::abs(exponent.beta[j] - 1.0) > 0.05 + 2.0 * exponent.s[j]) break;
      s = std::max(s, exponent.s[j]);
      if (exponent.t_ps[j] < 3.1622 * exponent.t_ps[i]) continue;
      const double time = total_time_ps * std::max(1.0, (s / 0.035) * (s / 0.035));
      if (least == 0.0 || time < least) least = time;
      break;
    }
  }
  return least;
}

// Total time by which a plan has grown, and what for.
struct Plan {
  double total_time_ps;
  std::string reason;
  void Want(double time_ps, const std::string& why) {
    if (time_ps > total_time_ps * (1.0 + 1e-9)) total_time_ps = time_ps, reason = why;
  }
};

void PlanData(const CollectiveResult& c, size_t seeds, Plan* plan) {
  if (!c.tau_c) return;
  plan->Want(100.0 * c.tau_c_ps(), "100 correlation times in all");
  const double missing = static_cast<double>(seeds) - static_cast<double>(c.n_seeds);
  if (missing > 0.0) {
    plan->Want(c.total_time_ps + missing * 20.0 * c.tau_c_ps(),
               fmt::format("{} more seeds of at least 20 correlation times", missing));
  } else {
    plan->Want(c.total_time_ps + std::max(0.0, 20.0 * c.tau_c_ps() - c.shortest_ps),
               "20 correlation times in the shortest seed");
  }
}

void PlanWindow(const CollectiveResult& c, Plan* plan) {
  if (c.window) return;
  if (c.helfand && c.helfand->intercept > 0.0) {
    // β within 0.05 of 1 needs MSD > 20 c; half a decade beyond that must still have s_β <= 0.05, that is
    // about 500 lags of data divided by the components (Brownian motion).
    const double last = 3.17 * 19.0 * c.helfand->intercept / c.helfand->slope;
    plan->Want(last * 600.0 / c.dimension, "a diffusive window beyond the vibrational offset");
  }
  plan->Want(DiffusiveWindowTime(c.exponent, c.total_time_ps),
             "an error of beta of at most 0.05 over half a decade of lags");
}

}  // namespace

Needs PlanFurther(const CollectiveResult& c, double target_s_tot, const AxisPrecision& worst_axis) {
  Needs needs;
  needs.seeds = static_cast<int64_t>(std::max(c.n_seeds, kWantedSeeds));
  Plan plan{c.total_time_ps, ""};  // s_tot falls as the square root of the total time
  if (c.whittle_lepski && c.resolved) {
    const SpectralEstimate& fit = *c.whittle_lepski;
    double s = std::sqrt(fit.s * fit.s - fit.s_slow * fit.s_slow);
    // An axis without an estimate has nothing to extrapolate from.
    if (std::isfinite(worst_axis.s_tot)) s = std::max(s, worst_axis.s_tot);
    const double ratio = std::max(1.0, s / target_s_tot);
    plan.Want(c.total_time_ps * ratio * ratio, fmt::format("s_tot {:.3f} -> {:.3f}", s, target_s_tot));
    // A relaxation that may be there is told from chance by runs twice as long, whatever its size.
    if (fit.s > target_s_tot)
      plan.Want(2.0 * c.total_time_ps, fmt::format("s_tot {:.3f} -> {:.3f}", fit.s, target_s_tot));
  }
  PlanData(c, static_cast<size_t>(needs.seeds), &plan);
  PlanWindow(c, &plan);
  if (c.too_short)
    plan.Want(4.2 * kSlowestVibrationPs * static_cast<double>(needs.seeds), "lags beyond vibrations");
  needs.total_time_ps = plan.total_time_ps;
  if (c.too_short) {
    needs.message =
        fmt::format("needs {:.4g} ps in all over {} seeds before anything can be said; no forecast",
                    needs.total_time_ps, needs.seeds);
  } else if (!c.resolved) {
    needs.message =
        "no hop was seen: a longer run or a higher temperature is needed, no forecast is possible";
  } else if (!c.whittle_lepski) {
    needs.message = "no forecast yet: " + c.failure;
  } else if (const double more = plan.total_time_ps - c.total_time_ps; more > 1e-9 * c.total_time_ps) {
    needs.message = fmt::format("needs {:.4g} ps in all ({:.4g} ps more) over {} seeds, for {}",
                                needs.total_time_ps, more, needs.seeds, plan.reason);
  }
  return needs;
}

void NameWhatIsOpen(const std::string& limited_by, double total_time_ps, Needs* needs) {
  if (limited_by.starts_with("G8")) {
    needs->total_time_ps = 1.25 * total_time_ps;
    needs->message = fmt::format("needs {:.4g} ps in all ({:.4g} ps more) over {} seeds, to pass twice",
                                 needs->total_time_ps, needs->total_time_ps - total_time_ps, needs->seeds);
  } else {
    needs->message = "the length of the runs is not what is missing: " + limited_by;
  }
}

}  // namespace superion::analysis
