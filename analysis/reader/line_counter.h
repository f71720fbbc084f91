// The column of a text file that counts its lines: steps or times. It must grow evenly.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/status.h"

namespace superion::analysis {

class LineCounter {
 public:
  // `named`: its name says that it counts; otherwise it has to in nine of ten of the first lines, else it is
  // forgotten. `ps`: its unit, 0 when it has none.
  void Choose(size_t column, bool named, double ps) { column_ = column, named_ = named, ps_ = ps; }
  std::optional<size_t> column() const { return column_; }

  // The number of the next line, as it is printed. DataLoss, beginning with `where`, for lines that are
  // missing and times that go back; the first lines are judged together, once their usual step is known.
  absl::Status Add(std::string_view text, const std::string& where);
  absl::Status Finish();  // after the last line
  // The last line has the number of the one before, although numbers are printed exactly enough.
  bool repeated() const { return repeated_ && column_ && (named_ || step_); }
  bool established() const { return step_.has_value(); }  // the usual step is known
  void Forget();                                          // the last line, which repeats the one before
  double value() const { return last_.value; }
  double interval_ps() const;  // between lines, in the mean; 0 where no unit of time is known

 private:
  struct Line {
    double value = 0.0, rounding = 0.0;
    std::string where;
  };
  bool Even(const Line& before, const Line& line) const;
  absl::Status Check(const Line& before, const Line& line) const;
  absl::Status Establish();

  std::optional<size_t> column_;
  bool named_ = false, repeated_ = false;
  double ps_ = 0.0, first_ = 0.0;
  size_t n_ = 0;
  std::vector<Line> early_;
  std::optional<double> step_;  // the median of the first ones
  Line last_;
};

}  // namespace superion::analysis
