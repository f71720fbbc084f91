// One thread that lives as long as the process and starts its children. PR_SET_PDEATHSIG is bound to the
// thread that forks: a child started by a thread that ends would be killed with it.
#pragma once

#include <functional>

namespace superion {

// Runs `function` on that thread and returns when it is done. Callers from several threads take turns.
void RunOnSpawnerThread(const std::function<void()>& function);

}  // namespace superion
