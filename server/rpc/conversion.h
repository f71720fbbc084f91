// Between the wire and the words of the coordinator.
#pragma once

#include <grpcpp/support/status.h>

#include "core/status.h"
#include "database/artifact_store.h"
#include "server/coordinator/command.h"
#include "superion/v1/campaign.pb.h"
#include "superion/v1/worker.pb.h"

namespace superion {

// The codes are the same numbers; a message longer than 4 kB is cut, as it travels in a header.
grpc::Status ToGrpc(const absl::Status& status);

// InvalidArgument for anything that is not what the contract says. `artifacts` is asked which ones are there.
absl::StatusOr<Report> ReportFromProto(const v1::TaskReport& report, const ArtifactStore& artifacts);
absl::StatusOr<RunningTask> RunningFromProto(const v1::TaskProgressReport& progress);
absl::StatusOr<Register> RegisterFromProto(const v1::RegisterRequest& request,
                                           const ArtifactStore& artifacts);
absl::StatusOr<Heartbeat> HeartbeatFromProto(const v1::HeartbeatRequest& request);
absl::StatusOr<Control> ControlFromProto(const v1::ControlRequest& request);
// Puts the campaign's structure into the store.
absl::StatusOr<Submit> SubmitFromProto(const v1::SubmitRequest& request, ArtifactStore& artifacts);

v1::LeaseReply ToProto(const Leased& leased);

}  // namespace superion
