// Text files of numbers: a current or a dipole, one line per sample.
#pragma once

#include <string>
#include <vector>

#include "analysis/reader/text_table.h"
#include "analysis/series/series.h"
#include "core/status.h"

namespace superion::analysis {

struct TextSeriesOptions {
  // Numbers from 1, or names of a line of names; `flux` stands for flux[1], flux[2], … of LAMMPS.
  std::vector<std::string> columns = {"1", "2", "3"};
  double timestep_fs = 0.0;  // between lines
  bool dipole = false;       // of a current otherwise
  // Current: e*LENGTH/TIME (e*A/ps by default), A*m, C*m/s, and densities A/m^2, A/cm^2, e/(A^2*ps); dipole:
  // e*LENGTH (e*A by default), debye, C*m. LENGTH: A or angstrom, nm, bohr, m; TIME: ps, fs, s, aut (of
  // Hartree), rydberg. A blank or · for *, and Å for A, are the same.
  std::string unit;
  double factor = 1.0;                    // of the numbers of the file, to that unit
  double volume_angstrom3 = 0.0;          // for densities
  size_t most_samples = size_t{1} << 62;  // of more, evenly spaced ones are kept
};

struct TextSeries {
  DipoleSeries dipole;              // e Å; a current is summed
  std::vector<ColumnRange> ranges;  // [component] e Å, or e Å/ps of a current
  // [lines] K, of the column Temp or temperature; empty where none is named so.
  std::vector<double> temperature_k;
};

// Blanks or commas between columns; lines of comments (#, or @ and & of xvg files); a line of names, as a
// comment or not; gzip or zstd. A column of steps or times must grow evenly. A last line that is cut is left
// out and said in `notes`. InvalidArgument or DataLoss name the file and the line: rows of other lengths,
// numbers that are not finite, lines that are missing.
absl::StatusOr<TextSeries> ReadTextSeries(const std::string& path, const TextSeriesOptions& options,
                                          std::vector<std::string>* notes);

}  // namespace superion::analysis
