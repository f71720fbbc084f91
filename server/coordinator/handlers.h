// One handler per command; Decide picks it. Each is legal at any time and in any state.
#pragma once

#include "server/coordinator/step.h"

namespace superion {

// campaign_commands.cc
void Handle(Step& step, const Start& command);
void Handle(Step& step, const Submit& command);
void Handle(Step& step, const Control& command);
void Handle(Step& step, const ArtifactLost& command);
void Handle(Step& step, const ReportBuilt& command);

// worker_commands.cc
void Handle(Step& step, const Register& command);
void Handle(Step& step, const Heartbeat& command);
void Handle(Step& step, const Complete& command);
void Handle(Step& step, const Tick& command);
void Handle(Step& step, const Slept& command);

// dispatch.cc
void Handle(Step& step, const Lease& command);
void Handle(Step& step, const AbandonLease& command);
// Serves the parked lease requests, and answers those whose time is over.
void Dispatch(Step& step);

}  // namespace superion
