// Where the daemon listens.
#pragma once

#include <string>

#include "core/status.h"

namespace superion {

// The address for gRPC from what the user wrote: "unix:PATH", "HOST:PORT", or "" for a socket in the data
// folder. InvalidArgument for anything else. FailedPrecondition for a host that is not the loopback, unless
// `insecure_tcp`: without encryption the token and all data could be read and changed on the network.
absl::StatusOr<std::string> ListenAddress(const std::string& given, const std::string& data_directory,
                                          bool insecure_tcp);

}  // namespace superion
