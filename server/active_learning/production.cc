// Long MD of the final model over temperatures and velocity seeds, in rounds: after each round every
// temperature is analysed and gets what its verdict asks for, longer or more seeds, until the conductivity is
// within its target or the budget is used up. Runs that the gate stopped are repeated with a model that has
// learned from the event.
#include <algorithm>

#include "absl/strings/numbers.h"
#include "server/active_learning/allocation.h"
#include "server/active_learning/production_round.h"

namespace superion {
namespace {

// One temperature over all rounds so far.
struct Course {
  double temperature_k = 0.0;
  std::vector<std::vector<Segment>> seeds;  // by seed, what it ran
  Standing standing;
};

Course Begin(const Planner& planner, double temperature_k) {
  const ProductionSpec& production = planner.spec.production;
  Course course;
  course.temperature_k = temperature_k;
  course.standing.share = production.seeds * production.max_segments;
  course.standing.segment_ps = production.steps * production.timestep_fs * 1e-3;
  course.standing.equilibration_ps = production.equilibration_steps * production.timestep_fs * 1e-3;
  return course;
}

// What a seed does in a round, after all that it has done.
Segment Next(Course* course, const SeedShare& share, int round) {
  if (course->seeds.size() <= static_cast<size_t>(share.seed))
    course->seeds.resize(static_cast<size_t>(share.seed) + 1);
  std::vector<Segment>& runs = course->seeds[static_cast<size_t>(share.seed)];
  runs.push_back(
      {course->temperature_k, share.seed, round, share.segments, runs.empty() ? -1 : runs.back().index});
  return runs.back();
}

// Brings the standing up to date after a round; a seed that was stopped has ended.
void Update(const Planner& planner, const FinishedTask* analysis, Course* course) {
  Standing& standing = course->standing;
  standing.seeds.clear();
  standing.used = 0;
  standing.next_seed = static_cast<int>(course->seeds.size());
  for (const auto& runs : course->seeds) {
    int segments = 0;
    for (const Segment& run : runs) segments += run.length;
    standing.used += segments;
    if (!runs.empty() && !Stopped(planner.Ended(AcceptedKey(planner, runs.back()))))
      standing.seeds.push_back({runs.back().seed, segments});
  }
  if (Done(analysis)) {
    ReadAnalysis(analysis->metrics, &standing);
  } else {
    standing.seeds.clear();  // what could not be analysed once is not repeated
  }
}

// What temperatures that have ended did not use, less what others took beyond their own.
int Pool(const std::vector<Course>& courses) {
  int pool = 0;
  for (const Course& course : courses) {
    const int rest = course.standing.share - course.standing.used;
    if (rest < 0 || !CanGoOn(course.standing)) pool += rest;
  }
  return std::max(0, pool);
}

std::vector<Segment> FirstRound(const Planner& planner, std::vector<Course>* courses) {
  std::vector<Segment> round;
  for (Course& course : *courses) {
    for (int seed = 0; seed < planner.spec.production.seeds; ++seed)
      round.push_back(Next(&course, {seed, 1, true}, 0));
  }
  return round;
}

// The temperature that is closest to its target chooses first: the pool then completes as many as it can.
std::vector<Segment> NextRound(int index, std::vector<Course>* courses) {
  std::vector<Course*> order;
  for (Course& course : *courses) order.push_back(&course);
  std::stable_sort(order.begin(), order.end(), [](const Course* a, const Course* b) {
    constexpr int kUnknown = 1 << 30;
    return MissingSegments(a->standing).value_or(kUnknown) < MissingSegments(b->standing).value_or(kUnknown);
  });
  int pool = Pool(*courses);
  std::vector<Segment> round;
  for (Course* course : order) {
    const auto shares = Allocate(course->standing, pool);
    int given = 0;
    for (const SeedShare& share : shares) {
      given += share.segments;
      round.push_back(Next(course, share, index));
    }
    const int own = std::max(0, course->standing.share - course->standing.used);
    pool -= std::max(0, given - own);
  }
  return round;
}

// Analyses everything that a temperature has run until round `rounds` - 1.
const FinishedTask* PlanAnalysis(Planner& planner, const Course& course, int rounds) {
  PlannedTask task;
  task.key = fmt::format("production/{}/analysis-{}", TemperatureTag(course.temperature_k), rounds);
  task.kind = "analyze";
  task.stage = "analyse";
  // A temperature at which nothing can be analysed is a result of its own; the others are not to suffer.
  task.optional = true;
  Json groups = Json::array();
  std::vector<InputRef> trajectories;
  int next = 0, used = 0;
  for (const auto& runs : course.seeds) {
    Json group = Json::array();
    for (const Segment& run : runs) {
      used += run.length;
      const std::string key = AcceptedKey(planner, run);
      if (!Done(planner.Ended(key))) break;
      task.inputs.push_back({"stream", "", key, "stream"});
      trajectories.push_back({"trajectory", "", key, "trajectory"});
      group.push_back(next++);
    }
    if (!group.empty()) groups.push_back(group);
  }
  task.inputs.insert(task.inputs.end(), trajectories.begin(), trajectories.end());
  task.params = AnalysisParams(planner, course.temperature_k);
  task.params["budget_exhausted"] = used >= course.standing.share;
  task.params["groups"] = groups;
  const FinishedTask* end = planner.Want(std::move(task));
  if (!end) planner.Waiting("analyse", 0, "analysing " + TemperatureTag(course.temperature_k));
  return end;
}

// Analyses the temperatures of a round. True when all of them have ended.
bool PlanAnalyses(Planner& planner, const std::vector<Segment>& round, std::vector<Course>* courses) {
  bool complete = true;
  for (Course& course : *courses) {
    const auto runs = [&](const Segment& segment) { return segment.temperature_k == course.temperature_k; };
    if (std::none_of(round.begin(), round.end(), runs)) continue;
    const FinishedTask* analysis = PlanAnalysis(planner, course, round.front().index + 1);
    complete = complete && analysis;
    if (analysis) Update(planner, analysis, &course);
  }
  return complete;
}

bool PlanArrhenius(Planner& planner) {
  PlannedTask task;
  task.key = "arrhenius";
  task.kind = "arrhenius";
  task.stage = "analyse";
  task.optional = true;
  for (const double temperature_k : planner.spec.production.temperatures_k) {
    const FinishedTask* analysis = LatestAnalysis(planner, temperature_k);
    if (Done(analysis)) task.inputs.push_back({"analysis", "", analysis->key, "analysis"});
  }
  if (task.inputs.size() < 2) return true;
  const bool complete = planner.Want(std::move(task)) != nullptr;
  if (!complete) planner.Waiting("analyse", 0, "fitting the temperature dependence");
  return complete;
}

}  // namespace

Json AnalysisParams(const Planner& planner, double temperature_k) {
  Json params = {{"charges", planner.spec.charges},
                 {"mobile", planner.spec.mobile},
                 {"temperature_k", temperature_k},
                 {"target_s_tot", planner.spec.target_s_tot}};
  if (planner.spec.target_per_axis) params["per_axis"] = true;
  return params;
}

const FinishedTask* LatestAnalysis(const Planner& planner, double temperature_k) {
  const std::string prefix = fmt::format("production/{}/analysis-", TemperatureTag(temperature_k));
  const FinishedTask* latest = nullptr;
  int rounds = 0;
  for (auto it = planner.ended.lower_bound(prefix); it != planner.ended.end(); ++it) {
    int number = 0;
    if (it->first.rfind(prefix, 0) != 0) break;
    if (!absl::SimpleAtoi(it->first.substr(prefix.size()), &number) || number <= rounds) continue;
    rounds = number;
    latest = &it->second;
  }
  return latest;
}

bool PlanProduction(Planner& planner, std::vector<InputRef>* labelled, InputRef* model) {
  std::vector<Course> courses;
  for (const double temperature_k : planner.spec.production.temperatures_k)
    courses.push_back(Begin(planner, temperature_k));
  std::vector<Segment> round = FirstRound(planner, &courses);
  for (int index = 1; !round.empty(); ++index) {
    if (!PlanRound(planner, round, labelled, model)) return false;
    if (!PlanAnalyses(planner, round, &courses)) return false;
    round = NextRound(index, &courses);
  }
  return PlanArrhenius(planner);
}

}  // namespace superion
