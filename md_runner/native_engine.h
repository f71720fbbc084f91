// Our own engine: velocity Verlet, stochastic velocity rescaling (equilibration), Nosé-Hoover chain (NVT) or
// none (NVE); in an electric field across it only. Positions are never wrapped. The replicas' forces are
// asked for together.
#pragma once

#include <memory>

#include "md_runner/engine.h"

namespace superion {

// InvalidArgument for NPT, which only the LAMMPS engine integrates.
absl::StatusOr<std::unique_ptr<Engine>> MakeNativeEngine(const EngineSettings& settings,
                                                         std::unique_ptr<ForceProvider> forces);

}  // namespace superion
