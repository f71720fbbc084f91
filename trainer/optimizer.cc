#include "trainer/optimizer.h"

#include <algorithm>
#include <cmath>

namespace superion::trainer {

template <typename Real>
Optimizer<Real>::Optimizer(OptimizerOptions options, std::vector<Real> parameters, std::vector<Real> decay)
    : options_(options), decay_(std::move(decay)) {
  const std::vector<Real> zero(parameters.size(), Real(0));
  state_ = {parameters, zero, zero, zero, parameters, 0, 0.0};
}

template <typename Real>
void Optimizer<Real>::Step(const std::vector<Real>& gradient, double rate, double weight_decay) {
  State& s = state_;
  ++s.step;
  double square = 0;
  for (Real g : gradient) square += static_cast<double>(g) * g;
  const double norm = std::sqrt(square);
  s.norm = s.step == 1 ? norm : 0.98 * s.norm + 0.02 * std::min(norm, options_.clip * s.norm);
  const Real scale = static_cast<Real>(norm > options_.clip * s.norm ? options_.clip * s.norm / norm : 1.0);
  const Real b1 = static_cast<Real>(options_.beta1), b2 = static_cast<Real>(options_.beta2);
  const Real step = static_cast<Real>(rate / (1 - std::pow(options_.beta1, s.step)));
  const Real correction = static_cast<Real>(1 / std::sqrt(1 - std::pow(options_.beta2, s.step)));
  const Real epsilon = static_cast<Real>(options_.epsilon), decay = static_cast<Real>(rate * weight_decay);
  // The average starts short so that it forgets the random start.
  const Real keep = static_cast<Real>(std::min(options_.average, (1.0 + s.step) / (10.0 + s.step)));
  for (size_t i = 0; i < gradient.size(); ++i) {
    const Real g = scale * gradient[i];
    s.first[i] = b1 * s.first[i] + (1 - b1) * g;
    s.second[i] = b2 * s.second[i] + (1 - b2) * g * g;
    s.largest[i] = std::max(s.largest[i], s.second[i]);
    Real& p = s.parameters[i];
    p -= decay * decay_[i] * p;
    p -= step * s.first[i] / (std::sqrt(s.largest[i]) * correction + epsilon);
    s.average[i] = keep * s.average[i] + (1 - keep) * p;
  }
}

template class Optimizer<float>;
template class Optimizer<double>;

}  // namespace superion::trainer
