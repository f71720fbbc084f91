// The task of kind md: spec in, result out (docs/task_contract.md).
#pragma once

#include <map>
#include <string>

#include "core/task.h"
#include "md_runner/engine.h"
#include "md_runner/md_run.h"

namespace superion {

// Engines by name; one that was not built is absent.
using EngineFactories = std::map<std::string, EngineFactory>;

TaskResult RunMdTask(const TaskSpec& spec, const ProgressSink& progress, const EngineFactories& engines);

// The metrics of the contract from the outcome of a run of `n_atoms` atoms per replica.
Json MdMetrics(const MdOutcome& outcome, size_t n_atoms);

}  // namespace superion
