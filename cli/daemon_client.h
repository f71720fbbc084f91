// The daemon over gRPC. The only file of the client that knows the wire.
#pragma once

#include <memory>
#include <string>

#include "cli/daemon.h"

namespace superion {

// `server`: "HOST:PORT" or "unix:PATH". Connects lazily.
std::unique_ptr<Daemon> ConnectDaemon(const std::string& server, const std::string& token);

}  // namespace superion
