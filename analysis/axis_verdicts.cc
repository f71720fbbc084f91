#include "analysis/axis_verdicts.h"

#include <cmath>

namespace superion::analysis {
namespace {

std::vector<DipoleSeries> Component(const std::vector<DipoleSeries>& dipoles, size_t axis, double part) {
  std::vector<DipoleSeries> out;
  for (const auto& dipole : dipoles) {
    const auto n = static_cast<size_t>(part * static_cast<double>(dipole.size()));
    out.push_back(Truncated({dipole.interval_ps, {dipole.components[axis]}}, n));
  }
  return out;
}

}  // namespace

AxisPrecision WorstAxis(const TensorResult& tensor) {
  constexpr const char* kNames[] = {"x", "y", "z"};
  AxisPrecision worst;
  for (size_t a = 0; a < 3; ++a) {
    const auto& fit = tensor.axes[a].whittle_lepski;
    const double s = fit ? fit->s : INFINITY;
    if (worst.axis.empty() || s > worst.s_tot) worst = {kNames[a], s};
  }
  return worst;
}

std::vector<Json> AxisVerdicts(const std::vector<DipoleSeries>& dipoles, double scale,
                               const VerdictInput& all) {
  std::vector<Json> out;
  for (size_t a = 0; a < 3; ++a) {
    const auto now = AnalyzeCollective(Component(dipoles, a, 1.0), scale, all.hop_charge_length);
    if (!now.ok()) {
      out.push_back({{"status", "NOT_MEASURED"}, {"limited_by", std::string(now.status().message())}});
      continue;
    }
    VerdictInput input = all;
    input.collective = &*now;
    input.worst_axis = input.earlier_worst_axis = {};
    // One component of the dipole moves by a third of the square of a hop.
    input.hop_charge_length = all.hop_charge_length / std::sqrt(3.0);
    const auto earlier = AnalyzeCollective(Component(dipoles, a, 0.8), scale, all.hop_charge_length);
    input.earlier = earlier.ok() ? &*earlier : nullptr;
    const Verdict verdict = Judge(input);
    Json entry = {{"status", verdict.status},
                  {"limited_by", verdict.limited_by},
                  {"needs",
                   {{"total_time_ps", verdict.needs.total_time_ps},
                    {"seeds", verdict.needs.seeds},
                    {"message", verdict.needs.message}}}};
    if (!verdict.stated && now->resolved) {
      entry["sigma_s_per_m"] = entry["s_tot"] = nullptr;
      entry["ci95_s_per_m"] = {nullptr, nullptr};
    }
    out.push_back(entry);
  }
  return out;
}

}  // namespace superion::analysis
