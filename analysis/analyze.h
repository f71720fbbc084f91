// The kind `analyze`: from files to the document `analysis` of docs/task_contract.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/preparation.h"
#include "core/json.h"
#include "core/task.h"

namespace superion::analysis {

struct AnalysisOptions {
  std::map<std::string, double> charges;  // e, formal, of every species
  std::vector<std::string> mobile;        // empty: see MobileSpecies
  double temperature_k = 0.0;             // 0: of the files
  double target_s_tot = 0.10;
  bool budget_exhausted = false;
  bool per_axis = false;      // the target holds for every Cartesian axis, and each gets a verdict of its own
  bool find_symmetry = true;  // point group of the mean framework; false: do not symmetrise
  std::vector<Mat3> rotations;  // where not empty: generators of the group instead, Cartesian
  double symmetry_tolerance_angstrom = 0.2;
  std::vector<double> block_ps;      // of the block method; empty: 85, 170, 340 ps and 20 τ_c
  double cepstral_cutoff_thz = 0.0;  // f* of the cepstral estimates; 0: four times the flat band
  std::string recipe;                // "green-kubo" or "block-method": adds the study's estimators; "": none
  int threads = 1;
};

// Document of streams and trajectories. InvalidArgument for a species without charge, a cell that is not
// neutral, seeds of different ions or temperatures, no temperature.
absl::StatusOr<Json> AnalyzeIons(AnalysisInput input, const AnalysisOptions& options);

// Document of dipole series whose ions are not known. `volume_angstrom3` and `options.temperature_k` > 0.
struct DipoleInput {
  std::vector<DipoleSeries> seeds;
  std::vector<std::vector<double>> temperatures_k;  // [seed][samples], or empty: not in the files
  // [currents - 1][seed], e Å: of others, at whose absence σ is wanted (multi-current cepstral estimate).
  std::vector<std::vector<DipoleSeries>> auxiliary;
  bool currents = false;  // the dipoles are sums of instantaneous currents
};
absl::StatusOr<Json> AnalyzeDipoles(const DipoleInput& input, double volume_angstrom3,
                                    const AnalysisOptions& options);
inline absl::StatusOr<Json> AnalyzeDipoles(const std::vector<DipoleSeries>& seeds, double volume_angstrom3,
                                           const AnalysisOptions& options) {
  return AnalyzeDipoles(DipoleInput{seeds, {}, {}, false}, volume_angstrom3, options);
}

// Document of runs in electric fields along one or more directions; those of zero field are the equilibrium
// that they are compared with. InvalidArgument for charges other than those that the fields acted on,
// FailedPrecondition where there is no field.
absl::StatusOr<Json> AnalyzeNemd(AnalysisInput input, const AnalysisOptions& options);

// The runner functions.
TaskResult RunAnalyze(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunNemd(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunDivergence(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunArrhenius(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunStructure(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunFiniteSize(const TaskSpec& spec, const ProgressSink& progress);
TaskResult RunErrorBudget(const TaskSpec& spec, const ProgressSink& progress);

// NAME.json with the document, which is also the metrics; or the failure.
TaskResult WriteDocument(const std::string& name, const absl::StatusOr<Json>& document);

}  // namespace superion::analysis
