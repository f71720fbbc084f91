// AdamW with the AMSGrad maximum (arXiv:1711.05101, arXiv:1904.09237) on one flat vector, with gradient
// clipping and an exponential moving average of the parameters.
#pragma once

#include <cstdint>
#include <vector>

namespace superion::trainer {

struct OptimizerOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double clip = 10.0;      // largest norm of the gradient, in units of its running average
  double average = 0.999;  // decay of the moving average of the parameters
};

template <typename Real>
class Optimizer {
 public:
  // `decay` [n_parameters]: share of the weight decay that a parameter gets, 0 for none.
  Optimizer(OptimizerOptions options, std::vector<Real> parameters, std::vector<Real> decay);
  // The decay is decoupled from the gradient: parameter -= rate · weight_decay · decay · parameter.
  void Step(const std::vector<Real>& gradient, double rate, double weight_decay);

  // Everything that a later step depends on.
  struct State {
    std::vector<Real> parameters, first, second, largest, average;
    int64_t step = 0;
    double norm = 0.0;  // running average of the gradient's norm
  };
  const State& state() const { return state_; }
  void set_state(State state) { state_ = std::move(state); }

 private:
  OptimizerOptions options_;
  State state_;
  std::vector<Real> decay_;
};

}  // namespace superion::trainer
