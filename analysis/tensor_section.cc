#include <cmath>

#include "analysis/transport_sections.h"

namespace superion::analysis {
namespace {

constexpr const char* kAxes[] = {"x", "y", "z"};
constexpr struct {
  const char* name;
  size_t a, b;
} kComponents[] = {{"xx", 0, 0}, {"yy", 1, 1}, {"zz", 2, 2}, {"yz", 1, 2}, {"xz", 0, 2}, {"xy", 0, 1}};

void AddComponents(const TensorEstimate& tensor, Json* out) {
  for (const auto& c : kComponents) {
    (*out)["components_s_per_m"][c.name] = tensor.sigma[c.a][c.b];
    (*out)["sd_s_per_m"][c.name] = tensor.sd(c.a, c.b);
  }
  Json principal = Json::array();
  const PrincipalAxes p = Principal(tensor);
  for (size_t k = 0; k < 3; ++k)
    principal.push_back({{"sigma_s_per_m", p.values[k]}, {"sd_s_per_m", p.sd[k]}, {"direction", p.axes[k]}});
  (*out)["principal"] = principal;
}

void AddAlongCellVectors(const TensorEstimate& tensor, const Mat3& cell, Json* out) {
  if (std::abs(Determinant(cell)) < 1e-6) return;
  constexpr const char* kNames[] = {"a", "b", "c"};
  for (size_t k = 0; k < 3; ++k) {
    const Vec3 n = (1.0 / Norm(cell[k])) * cell[k];
    (*out)["along_cell_vectors"][kNames[k]] = {
        {"sigma_s_per_m", tensor.Along(n)}, {"sd_s_per_m", tensor.SdAlong(n)}, {"direction", n}};
  }
}

Json AxisJson(const AxisEstimate& axis, double target) {
  if (!axis.whittle_lepski) {
    Json none = {{"sigma_s_per_m", nullptr},
                 {"ci95_s_per_m", {nullptr, nullptr}},
                 {"s_tot", nullptr},
                 {"meets_target", false},
                 {"message", axis.failure}};
    if (axis.upper_bound > 0.0) none["ci95_s_per_m"][1] = axis.upper_bound;
    return none;
  }
  const double sigma = axis.whittle_lepski->sigma, s = axis.whittle_lepski->s;
  return {{"sigma_s_per_m", sigma},
          {"ci95_s_per_m", {sigma * std::exp(-1.96 * s), sigma * std::exp(1.96 * s)}},
          {"s_tot", s},
          {"meets_target", s <= target}};
}

// Largest distance of a component from its symmetrised value, in standard deviations.
double LargestDeviation(const TensorEstimate& tensor, const TensorEstimate& symmetrised) {
  double largest = 0.0;
  for (const auto& c : kComponents) {
    const double sd = tensor.sd(c.a, c.b);
    if (sd > 0.0)
      largest = std::max(largest, std::abs(tensor.sigma[c.a][c.b] - symmetrised.sigma[c.a][c.b]) / sd);
  }
  return largest;
}

Json SymmetrisedJson(const TensorEstimate& tensor, const PointGroup& group, const Mat3& cell) {
  const TensorEstimate symmetrised = Symmetrised(tensor, group.rotations);
  Json out = {{"point_group", group.symbol},
              {"rotations", group.rotations.size()},
              {"largest_deviation_sd", LargestDeviation(tensor, symmetrised)}};
  AddComponents(symmetrised, &out);
  AddAlongCellVectors(symmetrised, cell, &out);
  return out;
}

}  // namespace

Json TensorJson(const TensorInput& input) {
  const TensorResult& r = *input.tensor;
  Json out = {{"frame", "Cartesian axes of the input"},
              {"sphericity", nullptr},
              {"anisotropy", nullptr},
              {"symmetrised", nullptr}};
  for (size_t a = 0; a < 3; ++a) {
    Json& axis = out["per_axis"][kAxes[a]];
    axis = AxisJson(r.axes[a], input.target_s_tot);
    if (a < input.axis_verdicts.size()) axis.update(input.axis_verdicts[a]);
  }
  if (!r.tensor) return out;
  AddComponents(*r.tensor, &out);
  AddAlongCellVectors(*r.tensor, input.cell, &out);
  const SphericityTest& test = r.sphericity;
  out["sphericity"] = {{"w", test.w},
                       {"statistic", std::isfinite(test.statistic) ? Json(test.statistic) : Json(nullptr)},
                       {"p", test.p},
                       {"dof", test.dof},
                       {"isotropic", test.p >= 0.05}};
  if (r.anisotropy)
    out["anisotropy"] = {{"ratio", r.anisotropy->ratio}, {"ci95", {r.anisotropy->low, r.anisotropy->high}}};
  if (input.symmetry != nullptr) out["symmetrised"] = SymmetrisedJson(*r.tensor, *input.symmetry, input.cell);
  return out;
}

}  // namespace superion::analysis
