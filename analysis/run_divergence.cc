#include <cmath>
#include <limits>

#include "analysis/analyze.h"
#include "analysis/series/distributions.h"
#include "analysis/series/lyapunov.h"
#include "core/file.h"

namespace superion::analysis {
namespace {

constexpr size_t kEnoughTwins = 5;
constexpr size_t kCurvePoints = 200;

absl::StatusOr<Separation> PairOf(const std::string& one, const std::string& other) {
  SUPERION_ASSIGN_OR_RETURN(const AnalysisInput input, ReadInputs({one, other}, {}));
  if (input.ions.size() != 2)
    return InvalidArgument("divergence: {} and {} are not two trajectories from the start of a run", one,
                           other);
  const IonTrajectory &a = input.ions[0], &b = input.ions[1];
  if (a.species != b.species || std::abs(a.interval_ps / b.interval_ps - 1.0) > 1e-6)
    return InvalidArgument("divergence: {} and {} differ in atoms or interval: they are no twins", one,
                           other);
  return SeparationOf(a, b);
}

// Geometric mean over the twins.
Json CurveJson(const std::vector<Separation>& twins) {
  size_t n = twins[0].distance.size();
  for (const auto& twin : twins) n = std::min(n, twin.distance.size());
  Json t = Json::array(), distance = Json::array();
  const size_t stride = std::max<size_t>(1, (n + kCurvePoints - 1) / kCurvePoints);
  for (size_t k = 0; k < n; k += stride) {
    double sum = 0.0;
    bool zero = false;
    for (const auto& twin : twins) {
      zero |= twin.distance[k] <= 0.0;
      if (!zero) sum += std::log(twin.distance[k]) / static_cast<double>(twins.size());
    }
    if (zero) continue;
    t.push_back(static_cast<double>(k) * twins[0].interval_ps);
    distance.push_back(std::exp(sum));
  }
  return {{"t_ps", t}, {"separation_angstrom", distance}};
}

Json DocumentOf(const LyapunovFit& fit, const std::vector<Separation>& twins) {
  const size_t n = fit.per_twin.size();
  const bool chaotic = fit.lambda > 0.0;
  Json out = {{"lambda_per_ps", fit.lambda},
              {"s", nullptr},
              {"ci95_per_ps", {nullptr, nullptr}},
              {"pairs", n},
              {"per_pair_per_ps", fit.per_twin},
              {"fit_from_angstrom", fit.lower},
              {"fit_to_angstrom", fit.upper},
              {"status", !chaotic           ? "NOT_CHAOTIC"
                         : n < kEnoughTwins ? "FEW_TWINS"
                                            : "OK"},
              {"horizon_ps", {{"float32", nullptr}, {"float64", nullptr}}},
              {"curve", CurveJson(twins)}};
  if (n > 1) {
    const double half = fit.s * StudentQuantile(0.975, static_cast<double>(n - 1));
    out["s"] = fit.s;
    out["ci95_per_ps"] = {fit.lambda - half, fit.lambda + half};
  }
  if (chaotic) {
    out["horizon_ps"] = {{"float32", fit.HorizonPs(std::numeric_limits<float>::epsilon())},
                         {"float64", fit.HorizonPs(std::numeric_limits<double>::epsilon())}};
  }
  return out;
}

absl::StatusOr<Json> Document(const TaskSpec& spec) {
  if (!spec.params.empty())
    return InvalidArgument("params.{}: divergence takes no parameters", spec.params.begin().key());
  const std::vector<std::string> paths = InputPaths(spec, "trajectory");
  if (paths.empty() || paths.size() % 2 != 0)
    return InvalidArgument("divergence: expected pairs of trajectories, found {} of them", paths.size());
  std::vector<Separation> twins;
  for (size_t k = 0; k < paths.size(); k += 2) {
    SUPERION_ASSIGN_OR_RETURN(Separation twin, PairOf(paths[k], paths[k + 1]));
    twins.push_back(std::move(twin));
  }
  SUPERION_ASSIGN_OR_RETURN(const LyapunovFit fit, FitLyapunov(twins));
  return DocumentOf(fit, twins);
}

}  // namespace

TaskResult RunDivergence(const TaskSpec& spec, const ProgressSink& progress) {
  return WriteDocument("divergence", Document(spec));
}

}  // namespace superion::analysis
