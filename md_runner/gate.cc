#include "md_runner/gate.h"

#include <algorithm>
#include <cmath>

namespace superion {

void CopyStep(const StepView& view, double temperature_k, KeptFrame* frame) {
  frame->step = view.step;
  frame->cell = view.cell;
  frame->positions = view.positions;
  frame->velocities = view.velocities;
  frame->grades = view.force.grades;
  frame->energy = view.force.energy;
  frame->temperature_k = temperature_k;
  frame->max_grade = view.force.max_grade;
}

std::string_view Gate::Guard(const StepView& view, double temperature_k) const {
  double force2 = 0.0;
  bool finite = std::isfinite(view.force.energy);
  for (const Vec3& f : view.force.forces) {
    const double square = Dot(f, f);
    finite = finite && std::isfinite(square);
    force2 = std::max(force2, square);
  }
  if (view.force.closest < 1.0) return "distance";
  if (!finite || force2 > limits_.maximum_force * limits_.maximum_force) return "force";
  if (!std::isfinite(temperature_k)) return "temperature";
  if (limits_.maximum_temperature_k > 0.0 && temperature_k > limits_.maximum_temperature_k)
    return "temperature";
  // A grade that is no number counts as out of bounds.
  if (!(view.force.max_grade <= limits_.stop)) return "grade";
  return {};
}

void Gate::Keep(const StepView& view, double temperature_k) {
  if (!trail_.empty() && view.step < trail_.back().step + spacing_) return;
  CopyStep(view, temperature_k, &trail_.emplace_back());
  if (trail_.size() < kTrail) return;
  std::deque<KeptFrame> thinned;
  for (size_t k = 1; k < trail_.size(); k += 2) thinned.push_back(std::move(trail_[k]));
  trail_ = std::move(thinned);
  spacing_ *= 2;
}

GateLevel Gate::Look(const StepView& view, double temperature_k) {
  const std::string_view reason = Guard(view, temperature_k);
  if (!reason.empty()) {
    event_ = GateEvent{view.step, std::string(reason), view.force.max_grade};
    CopyStep(view, temperature_k, &trail_.emplace_back());
    return GateLevel::kStop;
  }
  if (view.force.max_grade < limits_.collect) {
    if (!last_safe_) last_safe_.emplace();
    CopyStep(view, temperature_k, &*last_safe_);
    trail_.clear();
    spacing_ = 1;
    return GateLevel::kSafe;
  }
  Keep(view, temperature_k);
  return GateLevel::kCollect;
}

}  // namespace superion
