// From trajectory files to findings: the passes over the frames.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analysis/reader/input_options.h"
#include "analysis/structure/observable.h"
#include "core/status.h"

namespace superion::analysis {

// Names of the observables, in the order in which they are reported.
const std::vector<std::string>& ObservableNames();

// Species that are taken as mobile when none is named: the first of a list of usual carriers (Li, Na, K, Ag,
// Cu, …) among `species`, or none.
std::vector<std::string> GuessMobile(const std::vector<std::string>& species);

// Reads every file twice: for the mean places, then for the observables; every file is a seed, or every group
// of files (input.groups, indices into `paths`). Memory is that
// of a batch of frames and of what the observables keep. Positions are taken in the frame of the framework's
// centre of mass (of all atoms when nothing is mobile). `progress` takes the share that is done.
// InvalidArgument or DataLoss name the file: other atoms or another interval than the first, fewer than 2
// frames, an observable that was asked for by name and cannot be measured.
absl::StatusOr<Findings> MeasureStructure(const std::vector<std::string>& paths, const InputOptions& input,
                                          const StructureOptions& options,
                                          const std::function<void(double)>& progress);

}  // namespace superion::analysis
