#include "database/rows.h"

#include <iterator>
#include <utility>

namespace superion {
namespace {

template <typename Row>
void MoveBehind(std::vector<Row>& to, std::vector<Row>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

bool Transaction::empty() const {
  return artifacts.empty() && campaigns.empty() && workers.empty() && new_tasks.empty() &&
         task_states.empty() && outputs.empty() && attempts.empty() && events.empty();
}

void Transaction::Append(Transaction other) {
  MoveBehind(artifacts, other.artifacts);
  MoveBehind(campaigns, other.campaigns);
  MoveBehind(workers, other.workers);
  MoveBehind(new_tasks, other.new_tasks);
  MoveBehind(task_states, other.task_states);
  MoveBehind(outputs, other.outputs);
  MoveBehind(attempts, other.attempts);
  MoveBehind(events, other.events);
}

}  // namespace superion
