// The tasks of superion-dft: preflight, aimd, label (docs/task_contract.md). Scratch files lie in `scratch/`
// of the sandbox and are gone at the end.
#pragma once

#include "core/task.h"

namespace superion {

TaskResult RunPreflight(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunAimdTask(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunLabelTask(const TaskSpec& spec, const ProgressSink& progress);

}  // namespace superion
