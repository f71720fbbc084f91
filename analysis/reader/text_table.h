// Columns of a text file of numbers, whoever wrote it: LAMMPS, GROMACS (xvg), spreadsheets.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/line_source.h"
#include "core/status.h"

namespace superion::analysis {

// What one column of a file holds, all lines of it.
struct ColumnRange {
  std::string name;  // "2", or as it was asked for
  double lowest = 0.0, highest = 0.0;
};

struct TextTable {
  std::vector<std::vector<double>> columns;  // [wanted][kept lines]
  std::vector<ColumnRange> ranges;           // [wanted]
  std::vector<double> temperature_k;         // of a column Temp, T or temperature; empty: there is none
  size_t stride = 1;                         // a power of two: one of so many lines was kept
  // Between lines, where a column says it and names ps or fs; else 0.
  double interval_ps = 0.0;
  std::vector<std::string> notes;
};

struct TableOptions {
  std::vector<std::string> columns;
  bool cumulative = false;              // sums of the lines so far in place of their numbers
  size_t most_lines = size_t{1} << 62;  // to keep; of more, evenly spaced ones
};

// `columns`: numbers from 1, or names of the line of names; a name of a vector (`flux`) stands for all of it
// (flux[1], flux[2], …). The line of names is the last line of text before the numbers, as a comment or not.
// A column that is asked for twice is refused.
// Lines that begin with #, @ or & are comments. The column of steps or times, if there is one (by its name,
// or the first of a file without names when it counts), must grow evenly: a line that is there twice is left
// out and noted. InvalidArgument or DataLoss name `path` and the line.
absl::StatusOr<TextTable> ReadTextTable(const std::string& path, const TableOptions& options);

}  // namespace superion::analysis
