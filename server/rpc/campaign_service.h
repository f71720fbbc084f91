// What clients call.
#pragma once

#include <string>

#include "server/event_loop/event_loop.h"
#include "server/rpc/authentication.h"
#include "superion/v1/campaign.grpc.pb.h"

namespace superion {

class CampaignService : public v1::CampaignService::CallbackService {
 public:
  CampaignService(EventLoop& loop, ArtifactStore& artifacts, const Authenticator& authenticator,
                  std::string version, std::string data_directory)
      : loop_(loop),
        artifacts_(artifacts),
        authenticator_(authenticator),
        version_(std::move(version)),
        data_directory_(std::move(data_directory)) {}

  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const v1::SubmitRequest* request,
                                   v1::SubmitReply* reply) override;
  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const v1::GetStatusRequest* request,
                                      v1::GetStatusReply* reply) override;
  grpc::ServerWriteReactor<v1::GetStatusReply>* Watch(grpc::CallbackServerContext* context,
                                                      const v1::GetStatusRequest* request) override;
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const v1::ListRequest* request,
                                 v1::ListReply* reply) override;
  grpc::ServerUnaryReactor* Control(grpc::CallbackServerContext* context, const v1::ControlRequest* request,
                                    v1::ControlReply* reply) override;
  grpc::ServerUnaryReactor* GetReport(grpc::CallbackServerContext* context,
                                      const v1::GetReportRequest* request,
                                      v1::GetReportReply* reply) override;
  grpc::ServerUnaryReactor* ListTasks(grpc::CallbackServerContext* context,
                                      const v1::ListTasksRequest* request,
                                      v1::ListTasksReply* reply) override;
  grpc::ServerUnaryReactor* Ping(grpc::CallbackServerContext* context, const v1::PingRequest* request,
                                 v1::PingReply* reply) override;

 private:
  EventLoop& loop_;
  ArtifactStore& artifacts_;
  const Authenticator& authenticator_;
  const std::string version_;
  const std::string data_directory_;
};

}  // namespace superion
