#include "server/coordinator/decide.h"

#include "server/coordinator/handlers.h"

namespace superion {

Decision Decide(State& state, const Command& command, int64_t now_ms) {
  Step step(state, now_ms);
  step.ReleaseDelayed();
  std::visit([&step](const auto& one) { Handle(step, one); }, command);
  Dispatch(step);
  return step.Finish();
}

}  // namespace superion
