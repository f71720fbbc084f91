// Who may call: everybody who knows the token of the data folder.
#pragma once

#include <grpcpp/server_context.h>

#include <string>

namespace superion {

class Authenticator {
 public:
  explicit Authenticator(std::string token) : token_(std::move(token)) {}

  // OK when the metadata hold `authorization: Bearer TOKEN`, else UNAUTHENTICATED. The time it takes does not
  // depend on how much of the token was right.
  grpc::Status Check(const grpc::ServerContextBase& context) const;

  // Whether a header value is right; the part that has no gRPC in it.
  bool Accepts(const std::string& header) const;

 private:
  std::string token_;
};

}  // namespace superion
