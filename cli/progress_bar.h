// Progress for people: bars that are redrawn on a terminal, plain lines elsewhere. Formatting is pure; time
// is passed in.
#pragma once

#include <string>
#include <vector>

#include "core/task.h"

namespace superion {

// "3 s", "4:05", "2:03:04"; "–" when not known (negative).
std::string FormatDuration(double seconds);

// "[#####-----]" of `width` cells; an unknown total gives an empty bar.
std::string FormatBar(double done, double total, int width);

// "label [####----]  50 %  4/8 labels  eta 0:12"; the message of the runner follows when there is one.
// `done_before` of the work was done when the time began: by a run that this one goes on from.
std::string FormatProgress(const std::string& name, const TaskProgress& progress, double elapsed_s,
                           double done_before = 0.0);

// Cells that a text takes on a terminal (code points; no wide characters are used here).
size_t DisplayWidth(const std::string& text);
// Cut to `width` cells, never inside a character.
std::string CutToWidth(const std::string& text, size_t width);

// Redraws a block of lines in place on stderr when that is a terminal, else prints `plain` at most every
// `plain_interval_s` and whenever its `key` changes.
class LiveBlock {
 public:
  explicit LiveBlock(double plain_interval_s = 10.0);
  void Show(const std::vector<std::string>& lines, const std::string& plain, const std::string& key);
  // Leaves what was drawn and starts anew below.
  void Finish();
  bool on_terminal() const { return terminal_; }

 private:
  bool terminal_;
  double plain_interval_s_;
  size_t drawn_ = 0;
  std::string last_key_;
  double last_plain_s_ = -1e30;
};

}  // namespace superion
