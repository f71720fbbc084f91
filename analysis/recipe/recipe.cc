#include "analysis/recipe/recipe.h"

#include <cmath>
#include <limits>

namespace superion::analysis {

absl::Status PrepareRecipe(const std::string& name, StructureOptions* options) {
  options->equilibrium_only = true;
  if (name == "glass") {
    if (options->observables.empty()) options->observables = {"rdf", "van-hove", "vdos", "coordination"};
  } else if (name != "validation") {  // that one takes all that the data can give
    return InvalidArgument("params.recipe: expected \"validation\" or \"glass\", found \"{}\"", name);
  }
  return absl::OkStatus();
}

void AddRecipe(const std::string& name, const RecipeInputs& inputs, Findings* findings) {
  if (name == "validation") AddValidationRecipe(inputs, findings);
  if (name == "glass") AddGlassRecipe(findings);
}

double DiffusionOfSlope(const std::vector<double>& t_ps, const std::vector<double>& msd, double from,
                        double to) {
  double n = 0.0, t = 0.0, y = 0.0;
  for (size_t k = 0; k < t_ps.size(); ++k) {
    if (t_ps[k] < from || t_ps[k] > to || !std::isfinite(msd[k])) continue;
    n += 1.0, t += t_ps[k], y += msd[k];
  }
  if (n < 2.0) return std::numeric_limits<double>::quiet_NaN();
  t /= n, y /= n;
  double tt = 0.0, ty = 0.0;
  for (size_t k = 0; k < t_ps.size(); ++k) {
    if (t_ps[k] < from || t_ps[k] > to || !std::isfinite(msd[k])) continue;
    tt += (t_ps[k] - t) * (t_ps[k] - t);
    ty += (t_ps[k] - t) * (msd[k] - y);
  }
  return ty / tt / 6.0;
}

double TruncatedLabelEntropy(const std::vector<double>& probability) {
  double sum = 0.0;
  for (size_t n = 1; n <= 6; ++n) {
    const double p = n < probability.size() && probability[n] > 0.0 ? probability[n] : 1e-12;
    sum -= p * std::log(p);
  }
  return sum;
}

std::vector<double> LocalExponents(const std::vector<double>& t_ps, const std::vector<double>& msd) {
  std::vector<double> out;
  for (size_t k = 0; k + 1 < t_ps.size(); ++k)
    out.push_back(std::log(msd[k + 1] / msd[k]) / std::log(t_ps[k + 1] / t_ps[k]));
  return out;
}

const Table* FindTable(const Findings& findings, const std::string& name) {
  for (const Table& table : findings.tables) {
    if (table.name == name) return &table;
  }
  return nullptr;
}

}  // namespace superion::analysis
