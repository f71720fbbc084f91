// Errors of a training on its own frames, as docs/task_contract.md names them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "trainer/training_graph.h"

namespace superion::trainer {

// Sums of deviations of one kind.
struct ErrorSums {
  double absolute = 0.0, square = 0.0, count = 0.0;
  void Add(double deviation);
  double mae() const { return count > 0 ? absolute / count : 0.0; }
  double rmse() const;
};

struct ErrorSummary {
  double energy_mae = 0, energy_rmse = 0;               // meV/atom
  double force_mae = 0, force_rmse = 0, force_rms = 0;  // meV/Å, by component
  double stress_mae = 0;                                // meV/Å³, over the frames with a label
  int frames = 0, stress_frames = 0;
  struct Part {
    double energy_mae = 0, force_mae = 0, force_rmse = 0;  // meV/atom, meV/Å
    int count = 0;                                         // atoms of a species, frames of a source
  };
  std::map<std::string, Part> species, sources;
};
Json ToJson(const ErrorSummary& errors);

// Collects the errors of batches.
class ErrorCollector {
 public:
  // Species by index; sources by the index in PreparedFrame.
  ErrorCollector(std::vector<std::string> species, std::vector<std::string> sources);
  template <typename Real>
  void Add(const Batch<Real>& batch, const Prediction& prediction);
  ErrorSummary Summary() const;

 private:
  void AddForces(const PreparedFrame& frame, const double* forces);

  std::vector<std::string> species_names_, source_names_;
  ErrorSums energy_, force_, stress_;
  std::vector<ErrorSums> species_, source_force_, source_energy_;
  double force_square_ = 0.0;
  int stress_frames_ = 0;
};

}  // namespace superion::trainer
