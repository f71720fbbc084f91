// The task of kind neb: spec in, result out (docs/task_contract.md).
#pragma once

#include "core/task.h"

namespace superion {

TaskResult RunNebTask(const TaskSpec& spec, const ProgressSink& progress);

}  // namespace superion
