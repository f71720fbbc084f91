// How the programs of the client end; stable, scripts rely on them (docs/cli.md).
#pragma once

#include "core/status.h"

namespace superion {

enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,        // the work itself failed
  kExitUsage = 2,         // wrong options or input
  kExitNotConverged = 3,  // done, but not what was asked for: an unconverged result, a label that failed
  kExitUnavailable = 4,   // no daemon, wrong token, a program that is missing
  kExitInterrupted = 130,
};

int ExitCodeOf(const absl::Status& status);

// Prints "superion: MESSAGE" to stderr and returns the exit code.
int Complain(const absl::Status& status);

}  // namespace superion
