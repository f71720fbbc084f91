// MD by LAMMPS through its C library; forces enter by `fix external`, which keeps no neighbor list of its
// own, so cells smaller than the cutoff are right. NVE, Nosé-Hoover chains (fix nvt), NPT (fix npt, iso or
// aniso); equilibration by our stochastic velocity rescaling on top of fix nve. LAMMPS is GPL-2.0-only: only
// the program superion-md (and its tests) link this file. LAMMPS ends the process when it meets an input
// error.
#pragma once

#include <memory>

#include "md_runner/engine.h"

namespace superion {

absl::StatusOr<std::unique_ptr<Engine>> MakeLammpsEngine(const EngineSettings& settings,
                                                         std::unique_ptr<ForceProvider> forces);

}  // namespace superion
