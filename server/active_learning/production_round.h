// One round of production: what each seed runs before the next analysis, and its repair where the gate
// stopped it.
#pragma once

#include <string>
#include <vector>

#include "server/active_learning/planner.h"

namespace superion {

// What one seed runs in one round.
struct Segment {
  double temperature_k;
  int seed;
  int index;          // of the round
  int length = 1;     // in units of production.steps
  int previous = -1;  // round in which this seed ran before; -1: it begins
};

// Key of the repetition number `repair` (1, 2, …) of the run `key`; 0: the run itself.
std::string RepairKey(const std::string& key, int repair);

// Whether a run failed or the gate stopped it.
bool Stopped(const FinishedTask* run);

// Key of the run of a segment that counts: the first one that was not stopped, else the last that was tried.
std::string AcceptedKey(const Planner& planner, const Segment& segment);

// Runs a round, repairing where the gate stopped it. True when every run of it has its accepted end;
// `labelled` and `model` are then those with which the next round begins.
bool PlanRound(Planner& planner, const std::vector<Segment>& round, std::vector<InputRef>* labelled,
               InputRef* model);

}  // namespace superion
