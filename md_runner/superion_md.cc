// superion-md --spec spec.json --result result.json: molecular dynamics and minimum-energy paths
// with a learned potential.
#include "core/task.h"
#include "md_runner/md_task.h"
#include "md_runner/native_engine.h"
#include "md_runner/neb_task.h"
#ifdef SUPERION_HAVE_LAMMPS
#include "md_runner/lammps_engine.h"
#endif

int main(int argc, char** argv) {
  superion::EngineFactories engines;
  engines["native"] = superion::MakeNativeEngine;
#ifdef SUPERION_HAVE_LAMMPS
  engines["lammps"] = superion::MakeLammpsEngine;
#endif
  return superion::RunnerMain(argc, argv,
                              {{"md",
                                [&](const superion::TaskSpec& spec, const superion::ProgressSink& progress) {
                                  return superion::RunMdTask(spec, progress, engines);
                                }},
                               {"neb", superion::RunNebTask}});
}
