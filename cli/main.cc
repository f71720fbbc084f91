// superion: the command-line client.
#include <sys/resource.h>

#include "cli/exit_code.h"
#include "cli/verb.h"

namespace superion {
namespace {

int Main(int argc, char** argv) {
  CLI::App program("superion: from a structure to an ionic conductivity with an honest interval", "superion");
  program.set_version_flag("--version", SUPERION_VERSION);
  program.require_subcommand(1);
  VerbTable verbs;
  for (const auto add :
       {AddRun, AddSubmit, AddStatus, AddWatch, AddList, AddShow, AddControl, AddReport, AddValidate,
        AddDoctor, AddExport, AddWorker, AddLabel, AddTrain, AddEval, AddMd, AddAnalyze, AddBench}) {
    add(&program, &verbs);
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  for (const auto& [verb, work] : verbs) {
    if (verb->parsed()) return work();
  }
  return kExitUsage;
}

}  // namespace
}  // namespace superion

int main(int argc, char** argv) { return superion::Main(argc, argv); }
