// The daemon over gRPC. The only file of the agent that knows the wire.
#pragma once

#include <memory>
#include <string>

#include "workers/coordinator.h"

namespace superion {

struct CoordinatorAddress {
  std::string server;  // "HOST:PORT" or "unix:PATH"
  std::string token;   // sent with every call
};

// Connects lazily: a daemon that is away shows as Unavailable in each call.
std::unique_ptr<Coordinator> ConnectCoordinator(const CoordinatorAddress& address);

// Content of a token file. FailedPrecondition when others than its owner may read or write it.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

}  // namespace superion
