// Task `label` (docs/task_contract.md): frames in, labelled frames and failures out, each written as soon as
// it is known.
#pragma once

#include <string>

#include "core/task.h"
#include "dft_adapter/labeler.h"

namespace superion {

// Identity of a frame: its `frame_id` when it has one, else one made from species, cell and positions.
std::string FrameId(const Frame& frame);

// Writes text at the end of a file and flushes it to the system.
absl::Status AppendText(const std::string& path, std::string_view text);

// Labels frames [first, first + count) of `frames` into `labelled` and `failures`; count < 0 means all.
struct LabelTaskOptions {
  std::vector<std::string> frames;
  int64_t first = 0, count = -1;
  std::string labelled = "labelled.xyz", failures = "failures.jsonl";
};
absl::StatusOr<Json> LabelFrames(const LabelTaskOptions& options, Labeler* labeler,
                                 const ProgressSink& progress);

}  // namespace superion
