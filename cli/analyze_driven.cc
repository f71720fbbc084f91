#include "cli/analyze_driven.h"

#include <cmath>

namespace superion {
namespace {

void DescribeDirection(const Json& d) {
  std::printf("along %s: σ = %.4g S/m, 95 %% interval [%.4g, %.4g], %s\n", d.value("label", "").c_str(),
              d["sigma_s_per_m"].get<double>(), d["ci95_s_per_m"][0].get<double>(),
              d["ci95_s_per_m"][1].get<double>(), d.value("linearity", "").c_str());
  for (const Json& p : d["points"]) {
    std::printf("    %.4g V/Å: J/E = %.4g ± %.2g S/m%s\n", p["field_v_per_angstrom"].get<double>(),
                p["sigma_s_per_m"].get<double>(), p["s_sigma"].get<double>(),
                p["paired"].get<bool>() ? "" : " (one sign only)");
  }
  if (d["equilibrium"].is_object()) {
    std::printf("    equilibrium: %.4g ± %.2g S/m, %.1f standard deviations apart\n",
                d["equilibrium"]["sigma_s_per_m"].get<double>(), d["equilibrium"]["s"].get<double>(),
                std::abs(d["equilibrium"]["z"].get<double>()));
  }
  for (const Json& flag : d["flags"]) std::printf("    %s\n", flag.get<std::string>().c_str());
}

void DescribeNemd(const Json& m) {
  for (const Json& d : m.value("directions", Json::array())) DescribeDirection(d);
  for (const Json& d : m.value("d_tracer_cm2_per_s", Json::array())) {
    if (!d["value"].is_number()) continue;
    const std::string along = d["direction"].is_string() ? " along " + d["direction"].get<std::string>() : "";
    std::printf("D(%s) = %.3g cm²/s at %.4g V/Å%s\n", d.value("species", "").c_str(),
                d["value"].get<double>(), d["field_v_per_angstrom"].get<double>(), along.c_str());
  }
}

void DescribeDivergence(const Json& m) {
  std::printf("λ = %.3g /ps over %d pairs, %s\n", m["lambda_per_ps"].get<double>(), m["pairs"].get<int>(),
              m.value("status", "").c_str());
  if (m["ci95_per_ps"][0].is_number()) {
    std::printf("         95 %% interval [%.3g, %.3g] /ps\n", m["ci95_per_ps"][0].get<double>(),
                m["ci95_per_ps"][1].get<double>());
  }
  if (m["horizon_ps"]["float32"].is_number()) {
    std::printf("         positions can be foretold for %.3g ps in float32, %.3g ps in float64\n",
                m["horizon_ps"]["float32"].get<double>(), m["horizon_ps"]["float64"].get<double>());
  }
}

}  // namespace

void AddDrivenOptions(CLI::App* verb, DrivenRequest* request) {
  verb->add_flag("--nemd", request->nemd,
                 "the sources are runs in electric fields (and without: their equilibrium)");
  verb->add_flag("--divergence", request->divergence,
                 "the sources are pairs of twin runs: Lyapunov exponent");
}

void DescribeDriven(const DrivenRequest& request, const Json& document) {
  if (request.nemd) return DescribeNemd(document);
  DescribeDivergence(document);
}

}  // namespace superion
