#include "server/rpc/artifact_service.h"

#include "server/rpc/conversion.h"

namespace superion {

absl::Status ArtifactService::Receive(grpc::ServerReader<v1::PutRequest>* reader) {
  v1::PutRequest message;
  if (!reader->Read(&message))
    return InvalidArgument("put: no message; expected first the hash and the size");
  const std::string sha256 = message.sha256();
  const int64_t size_bytes = message.size_bytes();
  if (!IsSha256(sha256)) return InvalidArgument("put: '{}' is not a SHA-256 in 64 hex digits", sha256);
  if (size_bytes < 0 || size_bytes > max_bytes_) {
    return InvalidArgument("put: artifact {} has {} bytes, expected 0 to {}", sha256, size_bytes, max_bytes_);
  }
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<ArtifactStore::Writer> writer,
                            artifacts_.NewWriter(size_bytes));
  do {
    if (writer->size_bytes() + static_cast<int64_t>(message.chunk().size()) > size_bytes) {
      return InvalidArgument("put: artifact {} has more than the {} bytes announced", sha256, size_bytes);
    }
    SUPERION_RETURN_IF_ERROR(writer->Append(message.chunk()));
  } while (reader->Read(&message));
  if (writer->size_bytes() != size_bytes) {
    return InvalidArgument("put: artifact {} ended after {} of {} bytes", sha256, writer->size_bytes(),
                           size_bytes);
  }
  return writer->Commit(sha256).status();
}

grpc::Status ArtifactService::Put(grpc::ServerContext* context, grpc::ServerReader<v1::PutRequest>* reader,
                                  v1::PutReply* reply) {
  const grpc::Status allowed = authenticator_.Check(*context);
  return allowed.ok() ? ToGrpc(Receive(reader)) : allowed;
}

grpc::Status ArtifactService::Get(grpc::ServerContext* context, const v1::GetRequest* request,
                                  grpc::ServerWriter<v1::GetReply>* writer) {
  grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return allowed;
  v1::GetReply message;
  const absl::Status status = artifacts_.Read(request->sha256(), [&](std::string_view piece) {
    message.set_chunk(piece.data(), piece.size());
    return writer->Write(message) ? absl::OkStatus() : absl::CancelledError("the reader went away");
  });
  if (absl::IsDataLoss(status) || absl::IsNotFound(status)) {
    // The task that made it runs again; nothing happens when nobody made it.
    loop_.Post(ArtifactLost{request->sha256(), std::string(status.message())});
  }
  return ToGrpc(status);
}

grpc::Status ArtifactService::Have(grpc::ServerContext* context, const v1::HaveRequest* request,
                                   v1::HaveReply* reply) {
  grpc::Status allowed = authenticator_.Check(*context);
  if (!allowed.ok()) return allowed;
  for (const std::string& sha256 : request->sha256()) {
    if (artifacts_.Has(sha256)) reply->add_sha256(sha256);
  }
  return grpc::Status::OK;
}

}  // namespace superion
