#include "analysis/extrapolation/error_budget.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace superion::analysis {
namespace {

BudgetTerm Unmeasured(const char* source, const std::string& reason) {
  BudgetTerm term;
  term.source = source;
  term.message = reason;
  return term;
}

BudgetTerm Measured(const char* source, double s, const std::string& message) {
  BudgetTerm term;
  term.source = source;
  term.s = s;
  term.message = message;
  return term;
}

bool SameTemperature(double a, double b) { return std::abs(a / b - 1.0) < 1e-3; }

bool HasValue(const AnalysisPoint& point) { return point.sigma && !point.sigma->upper_bound; }

BudgetTerm SpreadTerm(const std::vector<MemberValue>& members) {
  const CommitteeSpread spread = SpreadOf(members);
  BudgetTerm term = Measured("potential", spread.s, "");
  term.low = spread.low;
  term.high = spread.high;
  term.message =
      spread.s > 0.0
          ? fmt::format("spread of {} independently trained potentials beyond their sampling errors",
                        members.size())
          : fmt::format(
                "{} independently trained potentials agree within their sampling errors: "
                "below {:.2g} (97.5 %)",
                members.size(), spread.high);
  return term;
}

constexpr char kNoCommittee[] = "no committee of potentials was run (uncertainty.committee)";
constexpr char kNoSizes[] = "no other cell sizes were run (uncertainty.sizes)";

BudgetTerm PotentialAt(const BudgetInput& input, const AnalysisPoint& point) {
  if (input.committee.empty()) return Unmeasured("potential", kNoCommittee);
  std::vector<MemberValue> members = {{std::log(point.sigma->sigma), point.sigma->s}};
  for (const auto& member : input.committee) {
    for (const auto& p : member) {
      if (SameTemperature(p.temperature_k, point.temperature_k) && HasValue(p))
        members.push_back({std::log(p.sigma->sigma), p.sigma->s});
    }
  }
  if (members.size() < 3)
    return Unmeasured("potential", fmt::format("only {} potential(s) have a value at this temperature, three "
                                               "are needed",
                                               members.size()));
  return SpreadTerm(members);
}

BudgetTerm SizeTerm(const BudgetInput& input, double temperature_k) {
  if (!input.size) return Unmeasured("finite_size", kNoSizes);
  const SizeStudy& study = *input.size;
  if (!study.measured) return Unmeasured("finite_size", study.status);
  // An effect that cannot be told from zero is as large as its error allows.
  const bool significant = std::abs(study.shift) > 2.0 * study.s_shift;
  std::string message =
      significant
          ? fmt::format("ln sigma of the production cell is {:+.3f} off that of a large one", study.shift)
          : fmt::format("no dependence on the cell's size was found; it is known to {:.2g}", study.s_shift);
  if (!SameTemperature(study.temperature_k, temperature_k))
    message += fmt::format(" (of {:g} K, taken over)", study.temperature_k);
  return Measured("finite_size", significant ? std::abs(study.shift) : study.s_shift, message);
}

// By how much other estimators deviate beyond what their errors and that of the primary one allow.
struct Disagreement {
  double excess = 0.0;
  double sum2 = 0.0;
  int compared = 0;
  std::string worst;
  void Add(const std::string& name, double difference, double s, double other_s) {
    ++compared;
    sum2 += difference * difference;
    const double beyond = difference * difference - s * s - other_s * other_s;
    if (beyond <= 0.0 || std::sqrt(beyond) <= excess) return;
    excess = std::sqrt(beyond);
    worst = name;
  }
  BudgetTerm Term() const {
    if (compared == 0) return Unmeasured("estimators", "no second estimator has a value");
    const double rms = std::sqrt(sum2 / compared);
    if (worst.empty())
      return Measured(
          "estimators", 0.0,
          fmt::format("{} other estimators agree within their errors (rms {:.2g})", compared, rms));
    return Measured(
        "estimators", excess,
        fmt::format("{} deviates by more than the errors allow (rms of {}: {:.2g})", worst, compared, rms));
  }
};

BudgetTerm EstimatorsAt(const AnalysisPoint& point) {
  Disagreement disagreement;
  for (const auto& [name, other] : point.other)
    disagreement.Add(name, std::log(other.sigma / point.sigma->sigma), point.sigma->s, other.s);
  return disagreement.Term();
}

std::vector<ArrheniusPoint> Sigmas(const std::vector<AnalysisPoint>& points) {
  std::vector<ArrheniusPoint> out;
  for (const auto& point : points) {
    if (point.sigma) out.push_back(*point.sigma);
  }
  return out;
}

BudgetTerm ExtrapolatedPotential(const BudgetInput& input, const ArrheniusFit& fit, double temperature_k) {
  if (input.committee.empty()) return Unmeasured("potential", kNoCommittee);
  std::vector<MemberValue> members = {{fit.LnSigma(temperature_k), fit.LnSigmaSd(temperature_k)}};
  for (const auto& member : input.committee) {
    const auto own = FitArrhenius(Sigmas(member), temperature_k);
    if (own.ok()) members.push_back({own->LnSigma(temperature_k), own->LnSigmaSd(temperature_k)});
  }
  if (members.size() < 3)
    return Unmeasured("potential",
                      "the committee was not run at two temperatures at least "
                      "(uncertainty.temperatures_k): its spread cannot be extrapolated");
  return SpreadTerm(members);
}

// The line through the values of each cross-check estimator in place of the primary one.
BudgetTerm ExtrapolatedEstimators(const BudgetInput& input, const ArrheniusFit& fit, double temperature_k) {
  std::set<std::string> names;
  for (const auto& point : input.points) {
    for (const auto& [name, value] : point.other) names.insert(name);
  }
  Disagreement disagreement;
  for (const std::string& name : names) {
    std::vector<ArrheniusPoint> points;
    for (const auto& point : input.points) {
      if (!point.sigma) continue;
      const auto own = point.other.find(name);
      points.push_back(own == point.other.end() ? *point.sigma : own->second);
    }
    const auto other = FitArrhenius(points, temperature_k);
    if (other.ok())
      disagreement.Add(name, other->LnSigma(temperature_k) - fit.LnSigma(temperature_k),
                       fit.LnSigmaSd(temperature_k), other->LnSigmaSd(temperature_k));
  }
  return disagreement.Term();
}

BudgetTerm LawTerm(const ArrheniusFit& fit, double temperature_k, size_t points) {
  if (!fit.average)
    return Unmeasured(
        "extrapolation",
        fmt::format("{} temperatures cannot tell a line from a curve, five are needed", points));
  const double line = fit.LnSigmaSd(temperature_k), s2 = fit.average->s * fit.average->s - line * line;
  const double away = fit.average->ln_sigma - fit.LnSigma(temperature_k);
  return Measured("extrapolation", std::sqrt(std::max(0.0, s2 + away * away)),
                  fmt::format("{} laws of temperature averaged by Akaike's weights; the line has {:.0f} %",
                              fit.models.size(), 100.0 * fit.models.front().weight));
}

}  // namespace

double Budget::TotalSd() const {
  double sum = 0.0;
  for (const auto& term : terms) sum += term.s ? *term.s * *term.s : 0.0;
  return std::sqrt(sum);
}

Budget BudgetAt(const BudgetInput& input, size_t k) {
  const AnalysisPoint& point = input.points[k];
  Budget budget;
  budget.temperature_k = point.temperature_k;
  if (!HasValue(point)) return budget;
  budget.stated = true;
  budget.ln_sigma = std::log(point.sigma->sigma);
  budget.terms = {Measured("sampling", point.sigma->s, "length of the runs"), PotentialAt(input, point),
                  SizeTerm(input, point.temperature_k), EstimatorsAt(point)};
  return budget;
}

absl::StatusOr<Budget> ExtrapolatedBudget(const BudgetInput& input, double temperature_k) {
  Budget budget;
  budget.temperature_k = temperature_k;
  const auto points = Sigmas(input.points);
  const auto fit = FitArrhenius(points, temperature_k);
  if (absl::IsFailedPrecondition(fit.status())) return budget;
  if (!fit.ok()) return fit.status();
  budget.stated = true;
  budget.ln_sigma = fit->LnSigma(temperature_k);
  budget.terms = {
      Measured("sampling", fit->LnSigmaSd(temperature_k), "propagated through the line of all temperatures"),
      ExtrapolatedPotential(input, *fit, temperature_k), SizeTerm(input, temperature_k),
      ExtrapolatedEstimators(input, *fit, temperature_k), LawTerm(*fit, temperature_k, points.size())};
  return budget;
}

}  // namespace superion::analysis
