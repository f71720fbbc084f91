#include "server/active_learning/stopped_runs.h"

#include "absl/strings/match.h"
#include "server/active_learning/production_round.h"

namespace superion {
namespace {

// The last try under `key`, which is "KEY/repair-N" when there were repetitions.
const FinishedTask* LastTry(const Planner& planner, const std::string& key) {
  const FinishedTask* last = planner.Ended(key);
  for (int repair = 1; const FinishedTask* next = planner.Ended(RepairKey(key, repair)); ++repair)
    last = next;
  return last;
}

std::string ReasonOf(const FinishedTask& run) {
  const auto event = run.metrics.find("stopped");
  if (!Done(&run) || event == run.metrics.end() || !event->is_object()) return "failed";
  return event->value("reason", "grade");
}

void Count(const Planner& planner, const FinishedTask& run, StoppedRuns* count) {
  ++count->runs;
  if (!Stopped(&run)) return;
  ++count->stopped;
  ++count->reasons[ReasonOf(run)];
  const FinishedTask* last = LastTry(planner, run.key);
  if (!Stopped(last)) {
    ++count->repeated;
  } else if (Done(last)) {
    ++count->cut_short;
  }
}

StoppedRuns CountBelow(const Planner& planner, const std::string& prefix) {
  StoppedRuns count;
  for (auto it = planner.ended.lower_bound(prefix); it != planner.ended.end(); ++it) {
    if (!absl::StartsWith(it->first, prefix)) break;
    if (it->second.kind == "md" && !absl::StrContains(it->first, "/repair-"))
      Count(planner, it->second, &count);
  }
  return count;
}

std::string Sentence(const std::string& where, const StoppedRuns& count) {
  std::string reasons;
  for (const auto& [reason, n] : count.reasons)
    reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", n, reason);
  std::string text = fmt::format("{}: the uncertainty gate stopped {} of {} runs ({})", where, count.stopped,
                                 count.runs, reasons);
  if (count.repeated > 0)
    text += fmt::format("; {} ran to the end again after learning from it", count.repeated);
  if (count.cut_short > 0) text += fmt::format("; {} counted only up to the stop", count.cut_short);
  if (const int lost = count.stopped - count.repeated - count.cut_short; lost > 0)
    text += fmt::format("; {} not counted", lost);
  return text;
}

}  // namespace

StoppedRuns StoppedProduction(const Planner& planner, double temperature_k) {
  return CountBelow(planner, fmt::format("production/{}/seed-", TemperatureTag(temperature_k)));
}

StoppedRuns StoppedUncertainty(const Planner& planner) { return CountBelow(planner, "uncertainty/"); }

Json ToJson(const StoppedRuns& runs) {
  return {{"runs", runs.runs},
          {"stopped", runs.stopped},
          {"repeated", runs.repeated},
          {"cut_short", runs.cut_short},
          {"reasons", runs.reasons}};
}

std::vector<std::string> NotesOnStoppedRuns(const Planner& planner) {
  std::vector<std::string> notes;
  for (const double temperature_k : planner.spec.production.temperatures_k) {
    const StoppedRuns count = StoppedProduction(planner, temperature_k);
    if (count.stopped > 0)
      notes.push_back(Sentence(fmt::format("production at {:g} K", temperature_k), count));
  }
  const StoppedRuns others = StoppedUncertainty(planner);
  if (others.stopped > 0) notes.push_back(Sentence("committee and other cells", others));
  return notes;
}

}  // namespace superion
