// The kinds of superion-learn: perturb, eval, select, calibrate, bench (docs/task_contract.md).
#pragma once

#include <map>
#include <string>

#include "core/task.h"

namespace superion {

std::map<std::string, TaskFunction> LearnTasks();

}  // namespace superion
