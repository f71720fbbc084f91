// Runs of molecular dynamics that the uncertainty gate stopped: how many, why, and what became of them. A
// conductivity rests on fewer or shorter runs than were planned, which its reader has to know.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "server/active_learning/planner.h"

namespace superion {

struct StoppedRuns {
  int runs = 0;                        // that have ended
  int stopped = 0;                     // by the gate, or failed, at their first try
  int repeated = 0;                    // of these, whole in a repetition after learning from the event
  int cut_short = 0;                   // of these, counted up to where the gate stopped their last repetition
  std::map<std::string, int> reasons;  // grade, distance, force, temperature; "failed" without an event
};

// Production at this temperature.
StoppedRuns StoppedProduction(const Planner& planner, double temperature_k);
// Committee and other cell sizes, which are not repeated.
StoppedRuns StoppedUncertainty(const Planner& planner);

Json ToJson(const StoppedRuns& runs);

// One sentence for each place where a run was stopped; empty when none was.
std::vector<std::string> NotesOnStoppedRuns(const Planner& planner);

}  // namespace superion
