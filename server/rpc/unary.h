// The shape of a unary call: check the token, convert, hand to the loop, answer when it replies.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "server/event_loop/event_loop.h"
#include "server/rpc/authentication.h"
#include "server/rpc/conversion.h"

namespace superion {

inline grpc::ServerUnaryReactor* FinishNow(grpc::CallbackServerContext* context, const grpc::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

// Posts the command; when the reply is a Body, `fill(body)` writes it into the message of the wire.
template <typename Body, typename Fill>
grpc::ServerUnaryReactor* PostUnary(grpc::CallbackServerContext* context, EventLoop& loop,
                                    absl::StatusOr<Command> command, Fill fill) {
  if (!command.ok()) return FinishNow(context, ToGrpc(command.status()));
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  loop.Post(*std::move(command), [reactor, fill = std::move(fill)](const Reply& reply) {
    if (const Body* body = std::get_if<Body>(&reply.body)) fill(*body);
    reactor->Finish(ToGrpc(reply.status));
  });
  return reactor;
}

// absl::StatusOr<Command> from one of its alternatives.
template <typename One>
absl::StatusOr<Command> AsCommand(absl::StatusOr<One> one) {
  if (!one.ok()) return one.status();
  return Command(*std::move(one));
}

}  // namespace superion
