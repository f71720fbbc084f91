// Text files of a current or a dipole as the estimators want them, and what is wrong with their numbers.
#pragma once

#include <string>
#include <vector>

#include "analysis/analyze.h"
#include "analysis/reader/text_series.h"

namespace superion::analysis {

struct SeriesFiles {
  std::vector<std::string> paths;  // each a seed
  TextSeriesOptions options;
  std::vector<std::string> auxiliary_columns;  // of other currents, as many for each as the main one has
  double memory_mib = 2048.0;                  // of more lines, every other one is used
};

// Errors of ReadTextSeries; InvalidArgument also for a column that never changes or that no current or dipole
// can hold, for a dipole that is folded, for more than three columns, and for auxiliary columns that are not
// as many for every current.
absl::StatusOr<DipoleInput> ReadSeries(const SeriesFiles& files, std::vector<std::string>* notes);

// Of the column Temp of all files; InvalidArgument where there is none.
absl::StatusOr<double> MeanTemperature(const DipoleInput& input);

}  // namespace superion::analysis
