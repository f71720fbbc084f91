#include "server/daemon/listen_address.h"

#include <sys/un.h>

#include <charconv>

namespace superion {
namespace {

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.rfind("127.", 0) == 0;
}

}  // namespace

absl::StatusOr<std::string> ListenAddress(const std::string& given, const std::string& data_directory,
                                          bool insecure_tcp) {
  const std::string address = given.empty() ? "unix:" + data_directory + "/superiond.sock" : given;
  if (address.rfind("unix:", 0) == 0) {
    const std::string path = address.substr(5);
    const size_t limit = sizeof(sockaddr_un::sun_path) - 1;
    if (path.empty() || path.size() > limit) {
      return InvalidArgument(
          "--listen {}: the path of a socket has {} characters, expected 1 to {}; choose a shorter "
          "data folder or listen on 127.0.0.1:0",
          address, path.size(), limit);
    }
    return address;
  }
  const size_t colon = address.rfind(':');
  int port = -1;
  if (colon != std::string::npos && colon > 0) {
    const char* end = address.data() + address.size();
    const auto [stop, error] = std::from_chars(address.data() + colon + 1, end, port);
    if (error != std::errc() || stop != end) port = -1;
  }
  if (port < 0 || port > 65535) {
    return InvalidArgument("--listen '{}': expected unix:PATH or HOST:PORT (port 0: any free one)", given);
  }
  if (!IsLoopback(address.substr(0, colon)) && !insecure_tcp) {
    return FailedPrecondition(
        "--listen {}: the traffic of this version is not encrypted, so anybody on that network could read "
        "the token "
        "and change results. Listen on 127.0.0.1 or a Unix socket and forward it (ssh -L), or, on a network "
        "where "
        "everybody is trusted, add --insecure-tcp",
        given);
  }
  return address;
}

}  // namespace superion
