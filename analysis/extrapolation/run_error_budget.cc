// The kind `error_budget`: every source of error of σ(T) and of σ(300 K), side by side.
#include <cmath>

#include "analysis/analyze.h"
#include "analysis/extrapolation/error_budget.h"
#include "core/file.h"

namespace superion::analysis {
namespace {

constexpr double kRoom = 300.0;

absl::StatusOr<std::vector<std::vector<AnalysisPoint>>> ReadCommittee(const TaskSpec& spec) {
  SUPERION_ASSIGN_OR_RETURN(const auto points, ReadPoints(spec, "committee"));
  const Json members = spec.params.value("members", Json::array());
  if (!members.is_array() || members.size() != points.size())
    return InvalidArgument(
        "params.members: expected the number of the member for each of {} committee inputs", points.size());
  std::map<int64_t, std::vector<AnalysisPoint>> by_member;
  for (size_t k = 0; k < points.size(); ++k) {
    if (!members[k].is_number_integer())
      return InvalidArgument("params.members: expected whole numbers, found {}", members[k].dump());
    by_member[members[k].get<int64_t>()].push_back(points[k]);
  }
  std::vector<std::vector<AnalysisPoint>> committee;
  for (auto& [member, values] : by_member) committee.push_back(std::move(values));
  return committee;
}

absl::StatusOr<std::optional<SizeStudy>> ReadSizeStudy(const TaskSpec& spec) {
  const auto paths = InputPaths(spec, "finite_size");
  if (paths.empty()) return std::nullopt;
  SUPERION_ASSIGN_OR_RETURN(const Json document, ReadJson(paths.front()));
  SizeStudy study;
  SUPERION_ASSIGN_OR_RETURN(study.temperature_k, GetNumber(document, "temperature_k", paths.front()));
  study.status = document.value("message", "no shift was found");
  study.measured = document.contains("shift") && document["shift"].is_number();
  if (!study.measured) return study;
  SUPERION_ASSIGN_OR_RETURN(study.shift, GetNumber(document, "shift", paths.front()));
  SUPERION_ASSIGN_OR_RETURN(study.s_shift, GetNumber(document, "shift_sd", paths.front()));
  return study;
}

Json NumberOrNull(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? Json(*value) : Json(nullptr);
}

Json BudgetJson(const Budget& budget) {
  Json out = {{"temperature_k", budget.temperature_k},
              {"sigma_s_per_m", nullptr},
              {"terms", Json::array()},
              {"total", {{"s", nullptr}, {"ci95_s_per_m", {nullptr, nullptr}}, {"lacks", Json::array()}}}};
  if (!budget.stated) return out;
  out["sigma_s_per_m"] = NumberOrNull(std::exp(budget.ln_sigma));
  for (const BudgetTerm& term : budget.terms) {
    out["terms"].push_back({{"source", term.source},
                            {"s", NumberOrNull(term.s)},
                            {"ci95_s", {NumberOrNull(term.low), NumberOrNull(term.high)}},
                            {"measured", term.s.has_value()},
                            {"message", term.message}});
    if (!term.s) out["total"]["lacks"].push_back(term.source);
  }
  const double s = budget.TotalSd();
  out["total"]["s"] = s;
  out["total"]["ci95_s_per_m"] = LogNormalInterval(budget.ln_sigma, s);
  return out;
}

absl::StatusOr<Json> Document(const TaskSpec& spec) {
  for (const auto& [key, value] : spec.params.items()) {
    if (key != "members") return InvalidArgument("params.{}: not a parameter of error_budget", key);
  }
  BudgetInput input;
  SUPERION_ASSIGN_OR_RETURN(input.points, ReadPoints(spec, "analysis"));
  if (input.points.empty()) return InvalidArgument("error_budget: no input called analysis was given");
  SUPERION_ASSIGN_OR_RETURN(input.committee, ReadCommittee(spec));
  SUPERION_ASSIGN_OR_RETURN(input.size, ReadSizeStudy(spec));
  Json out = {{"temperatures", Json::array()}};
  for (size_t k = 0; k < input.points.size(); ++k)
    out["temperatures"].push_back(BudgetJson(BudgetAt(input, k)));
  SUPERION_ASSIGN_OR_RETURN(const Budget room, ExtrapolatedBudget(input, kRoom));
  out["extrapolated"] = BudgetJson(room);
  Json members = Json::array();
  for (size_t m = 0; m < input.committee.size(); ++m) {
    for (const auto& point : input.committee[m]) {
      members.push_back(point.shown);
      members.back()["member"] = m + 1;
    }
  }
  out["committee"] = members;
  return out;
}

}  // namespace

TaskResult RunErrorBudget(const TaskSpec& spec, const ProgressSink& progress) {
  TaskResult result = FinishDocument(Document(spec), "error_budget");
  if (result.status.ok()) progress({1, 1, "stages", "summed up"});
  return result;
}

}  // namespace superion::analysis
