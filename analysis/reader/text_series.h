// Text files of numbers: a current or a dipole, one line per sample.
#pragma once

#include <string>
#include <vector>

#include "analysis/series/series.h"
#include "core/status.h"

namespace superion::analysis {

struct TextSeriesOptions {
  std::vector<std::string> columns = {"1", "2", "3"};  // numbers from 1, or names of a line of names
  double timestep_fs = 0.0;                            // between lines
  bool dipole = false;                                 // of a current otherwise
  // Current: e*A/ps (default), e*A/fs, e*nm/ps, e*m/s, e*bohr/aut, A*m, and densities A/m^2 and e/(A^2*ps);
  // dipole: e*A (default), e*nm, e*bohr, debye, C*m.
  std::string unit;
  double volume_angstrom3 = 0.0;  // for densities
};

// The dipole in e Å; a current is summed. Blanks or commas between columns, '#' comments, a first line of
// names, gzip or zstd. A last line that is cut is left out and said in `notes`. InvalidArgument or DataLoss
// name the file and the line.
absl::StatusOr<DipoleSeries> ReadTextSeries(const std::string& path, const TextSeriesOptions& options,
                                            std::vector<std::string>* notes);

}  // namespace superion::analysis
