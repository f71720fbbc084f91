#include "server/rpc/authentication.h"

#include <openssl/crypto.h>

#include "core/file.h"

namespace superion {

bool Authenticator::Accepts(const std::string& header) const {
  // Hashes have one length, so that not even the length of the token shows.
  const std::string given = Sha256(header), expected = Sha256("Bearer " + token_);
  return !token_.empty() && CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

grpc::Status Authenticator::Check(const grpc::ServerContextBase& context) const {
  const auto& metadata = context.client_metadata();
  const auto header = metadata.find("authorization");
  if (header != metadata.end() && Accepts(std::string(header->second.data(), header->second.size()))) {
    return grpc::Status::OK;
  }
  return {grpc::StatusCode::UNAUTHENTICATED,
          "the token is missing or wrong: expected metadata 'authorization: Bearer TOKEN' with the content "
          "of the "
          "file 'token' in the daemon's data folder"};
}

}  // namespace superion
