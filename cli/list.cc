// superion list: the campaigns of a daemon.
#include "cli/connection.h"
#include "cli/print.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

absl::StatusOr<Json> List(const ConnectionOptions& connection) {
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Daemon> daemon, Connect(connection));
  return daemon->List();
}

}  // namespace

void AddList(CLI::App* program, VerbTable* verbs) {
  const auto connection = std::make_shared<ConnectionOptions>();
  const auto json = std::make_shared<bool>(false);
  CLI::App* verb = program->add_subcommand("list", "the campaigns of a daemon");
  AddConnectionOptions(verb, connection.get());
  verb->add_flag("--json", *json, "print JSON");
  (*verbs)[verb] = [connection, json] {
    return Answer(List(*connection), *json, [](const Json& campaigns) { PrintLines(ListLines(campaigns)); });
  };
}

}  // namespace superion
