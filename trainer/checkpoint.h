// The state of a training run between two epochs, on disk: resuming gives the same bits as never having
// stopped.
#pragma once

#include <string>
#include <vector>

#include "core/json.h"
#include "trainer/optimizer.h"
#include "trainer/schedule.h"

namespace superion::trainer {

template <typename Real>
struct TrainingState {
  std::string fingerprint;   // of data and options: a checkpoint of another run is not used
  int epoch = 0;             // epochs done
  double rate_factor = 1.0;  // lowered by the divergence guard
  double lowest_loss = 0.0;  // lowest mean force loss of an epoch; 0: none yet
  double elapsed_s = 0.0;
  int recoveries = 0;
  double best_score = -1.0;  // < 0: none yet
  CycleErrors earlier;       // of the last cycle that ended
  bool settled = false;      // it brought nothing
  bool decayed = false;      // weights decay since one that learned by heart
  std::vector<Real> best;
  Json learning_curve = Json::array();
  typename Optimizer<Real>::State optimizer;
};

template <typename Real>
absl::Status WriteCheckpoint(const std::string& path, const TrainingState<Real>& state);

// What the checkpoint belongs to; empty when there is none that can be read.
std::string FingerprintOfCheckpoint(const std::string& path);

// Makes a checkpoint that of the training with this fingerprint, of whose time elapsed_s have gone at least.
// NotFound, DataLoss as in ReadCheckpoint.
absl::Status Readdress(const std::string& path, const std::string& fingerprint, double elapsed_s);

// A number of a document that was written; NaN where it was not finite, for which JSON has null.
double NumberOrNan(const Json& object, const char* key);

// NotFound when there is none; DataLoss when it is damaged; FailedPrecondition when it belongs to another
// run.
template <typename Real>
absl::StatusOr<TrainingState<Real>> ReadCheckpoint(const std::string& path, const std::string& fingerprint);

}  // namespace superion::trainer
