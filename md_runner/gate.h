// Watches every step of a run: the extrapolation grade and guards that no statistics replaces (potential.md).
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "md_runner/engine.h"

namespace superion {

struct GateLimits {
  double collect = 1.0;                // grade from which frames are worth a label
  double stop = 3.0;                   // grade above which the run ends
  double maximum_force = 100.0;        // eV/Å, on one atom
  double maximum_temperature_k = 0.0;  // instantaneous; 0: not watched
};

enum class GateLevel { kSafe, kCollect, kStop };

struct GateEvent {
  int64_t step = 0;
  std::string reason;  // grade, distance, force or temperature
  double grade = 0.0;
};

// A copy of a step.
struct KeptFrame {
  int64_t step = 0;
  Mat3 cell{};
  std::vector<Vec3> positions, velocities;
  std::vector<double> grades;
  double energy = 0.0;
  double temperature_k = 0.0;
  double max_grade = 0.0;
};

// Safe -> Collect -> Safe … -> Stop. After Stop no further step may be shown. Keeps a copy of the last safe
// step and up to kTrail of the steps after it, thinned evenly when there are more.
class Gate {
 public:
  static constexpr size_t kTrail = 8;
  explicit Gate(const GateLimits& limits) : limits_(limits) {}

  GateLevel Look(const StepView& view, double temperature_k);
  const std::optional<GateEvent>& event() const { return event_; }
  // Nothing when no step was safe yet.
  const std::optional<KeptFrame>& last_safe() const { return last_safe_; }
  // Steps between the last safe one and the event, then the event itself.
  const std::deque<KeptFrame>& trail() const { return trail_; }

 private:
  std::string_view Guard(const StepView& view, double temperature_k) const;
  void Keep(const StepView& view, double temperature_k);

  GateLimits limits_;
  std::optional<GateEvent> event_;
  std::optional<KeptFrame> last_safe_;
  std::deque<KeptFrame> trail_;
  int64_t spacing_ = 1;
};

// Copies into `frame`, whose buffers are reused.
void CopyStep(const StepView& view, double temperature_k, KeptFrame* frame);

}  // namespace superion
