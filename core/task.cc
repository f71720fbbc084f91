#include "core/task.h"

#include <set>

namespace superion {
namespace {

absl::Status CheckKeys(const Json& object, const std::string& where, const std::set<std::string>& known) {
  if (!object.is_object())
    return InvalidArgument("{}: expected an object, found {}", where, object.type_name());
  for (const auto& [key, value] : object.items()) {
    if (known.count(key) == 0) return InvalidArgument("{}.{}: unknown key", where, key);
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(const Json& json, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const int64_t schema, GetInteger(json, "schema", where));
  if (schema != 1) return InvalidArgument("{}.schema: expected 1, found {}", where, schema);
  return absl::OkStatus();
}

// The getters below leave `value` as it is when the key is absent.
absl::Status GetOptional(const Json& json, const char* key, const std::string& where, std::string* value) {
  if (!json.contains(key)) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(*value, GetString(json, key, where));
  return absl::OkStatus();
}

absl::Status GetOptional(const Json& json, const char* key, const std::string& where, int64_t* value) {
  if (!json.contains(key)) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN(*value, GetInteger(json, key, where));
  return absl::OkStatus();
}

absl::Status GetOptional(const Json& json, const char* key, const std::string& where, int* value) {
  int64_t integer = *value;
  SUPERION_RETURN_IF_ERROR(GetOptional(json, key, where, &integer));
  *value = static_cast<int>(integer);
  if (*value != integer) return InvalidArgument("{}.{}: {} is out of range", where, key, integer);
  return absl::OkStatus();
}

// Seeds use all 64 bits.
absl::Status GetOptional(const Json& json, const char* key, const std::string& where, uint64_t* value) {
  if (!json.contains(key)) return absl::OkStatus();
  const bool fits =
      json[key].is_number_unsigned() || (json[key].is_number_integer() && json[key].get<int64_t>() >= 0);
  if (!fits) {
    return InvalidArgument("{}.{}: expected an integer >= 0, found {}", where, key, DumpJson(json[key]));
  }
  *value = json[key].get<uint64_t>();
  return absl::OkStatus();
}

absl::Status GetOptionalObject(const Json& json, const char* key, const std::string& where, Json* value) {
  if (!json.contains(key)) return absl::OkStatus();
  if (!json[key].is_object()) {
    return InvalidArgument("{}.{}: expected an object, found {}", where, key,
                           DumpJson(json[key]).substr(0, 60));
  }
  *value = json[key];
  return absl::OkStatus();
}

absl::StatusOr<TaskInput> InputFromJson(const Json& json, const std::string& where) {
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where, {"name", "sha256", "path"}));
  TaskInput input;
  SUPERION_ASSIGN_OR_RETURN(input.name, GetString(json, "name", where));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "sha256", where, &input.sha256));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "path", where, &input.path));
  return input;
}

absl::StatusOr<TaskArtifact> ArtifactFromJson(const Json& json, const std::string& where) {
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where, {"name", "path", "sha256", "size_bytes"}));
  TaskArtifact artifact;
  SUPERION_ASSIGN_OR_RETURN(artifact.name, GetString(json, "name", where));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "path", where, &artifact.path));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "sha256", where, &artifact.sha256));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "size_bytes", where, &artifact.size_bytes));
  return artifact;
}

template <typename Item>
absl::Status GetOptionalList(const Json& json, const char* key, const std::string& where,
                             absl::StatusOr<Item> (*parse)(const Json&, const std::string&),
                             std::vector<Item>* items) {
  if (!json.contains(key)) return absl::OkStatus();
  const Json& list = json[key];
  if (!list.is_array())
    return InvalidArgument("{}.{}: expected a list, found {}", where, key, list.type_name());
  for (size_t k = 0; k < list.size(); ++k) {
    SUPERION_ASSIGN_OR_RETURN(Item item, parse(list[k], fmt::format("{}.{}[{}]", where, key, k)));
    items->push_back(std::move(item));
  }
  return absl::OkStatus();
}

absl::Status StatusFromJson(const Json& json, const std::string& where, absl::Status* status) {
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where, {"code", "message"}));
  SUPERION_ASSIGN_OR_RETURN(const std::string name, GetString(json, "code", where));
  std::string message;
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "message", where, &message));
  for (int code = 0; code <= static_cast<int>(absl::StatusCode::kUnauthenticated); ++code) {
    if (absl::StatusCodeToString(static_cast<absl::StatusCode>(code)) == name) {
      *status = absl::Status(static_cast<absl::StatusCode>(code), message);
      return absl::OkStatus();
    }
  }
  return InvalidArgument("{}.code: \"{}\" is not a status code", where, name);
}

}  // namespace

Json ToJson(const TaskSpec& spec) {
  Json inputs = Json::array();
  for (const TaskInput& input : spec.inputs) {
    inputs.push_back({{"name", input.name}, {"sha256", input.sha256}, {"path", input.path}});
  }
  return {{"schema", 1},
          {"kind", spec.kind},
          {"campaign_id", spec.campaign_id},
          {"task_id", spec.task_id},
          {"key", spec.key},
          {"attempt", spec.attempt},
          {"seed", spec.seed},
          {"threads", spec.threads},
          {"params", spec.params},
          {"inputs", std::move(inputs)},
          {"site", spec.site}};
}

Json ToJson(const TaskResult& result) {
  Json artifacts = Json::array();
  for (const TaskArtifact& a : result.artifacts) {
    artifacts.push_back(
        {{"name", a.name}, {"path", a.path}, {"sha256", a.sha256}, {"size_bytes", a.size_bytes}});
  }
  const Json status = {{"code", absl::StatusCodeToString(result.status.code())},
                       {"message", std::string(result.status.message())}};
  return {
      {"schema", 1}, {"status", status}, {"metrics", result.metrics}, {"artifacts", std::move(artifacts)}};
}

Json ToJson(const TaskProgress& progress) {
  return {{"progress",
           {{"done", progress.done},
            {"total", progress.total},
            {"unit", progress.unit},
            {"message", progress.message}}}};
}

absl::StatusOr<TaskSpec> TaskSpecFromJson(const Json& json) {
  const std::string where = "task spec";
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where,
                                     {"schema", "kind", "campaign_id", "task_id", "key", "attempt", "seed",
                                      "threads", "params", "inputs", "site"}));
  SUPERION_RETURN_IF_ERROR(CheckSchema(json, where));
  TaskSpec spec;
  SUPERION_ASSIGN_OR_RETURN(spec.kind, GetString(json, "kind", where));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "campaign_id", where, &spec.campaign_id));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "task_id", where, &spec.task_id));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "key", where, &spec.key));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "attempt", where, &spec.attempt));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "seed", where, &spec.seed));
  SUPERION_RETURN_IF_ERROR(GetOptional(json, "threads", where, &spec.threads));
  if (spec.threads < 0)
    return InvalidArgument("{}.threads: expected at least 0, found {}", where, spec.threads);
  SUPERION_RETURN_IF_ERROR(GetOptionalObject(json, "params", where, &spec.params));
  SUPERION_RETURN_IF_ERROR(GetOptionalObject(json, "site", where, &spec.site));
  SUPERION_RETURN_IF_ERROR(GetOptionalList(json, "inputs", where, &InputFromJson, &spec.inputs));
  return spec;
}

absl::StatusOr<TaskResult> TaskResultFromJson(const Json& json) {
  const std::string where = "task result";
  SUPERION_RETURN_IF_ERROR(CheckKeys(json, where, {"schema", "status", "metrics", "artifacts"}));
  SUPERION_RETURN_IF_ERROR(CheckSchema(json, where));
  if (!json.contains("status")) return InvalidArgument("{}.status: missing", where);
  TaskResult result;
  SUPERION_RETURN_IF_ERROR(StatusFromJson(json["status"], where + ".status", &result.status));
  SUPERION_RETURN_IF_ERROR(GetOptionalObject(json, "metrics", where, &result.metrics));
  SUPERION_RETURN_IF_ERROR(GetOptionalList(json, "artifacts", where, &ArtifactFromJson, &result.artifacts));
  return result;
}

absl::StatusOr<TaskProgress> TaskProgressFromJson(const Json& json) {
  if (!json.is_object() || !json.contains("progress")) {
    return InvalidArgument("progress line: expected {{\"progress\": {{…}}}}");
  }
  const Json& object = json["progress"];
  TaskProgress progress;
  SUPERION_ASSIGN_OR_RETURN(progress.done, GetNumber(object, "done", "progress"));
  SUPERION_ASSIGN_OR_RETURN(progress.total, GetNumber(object, "total", "progress"));
  SUPERION_RETURN_IF_ERROR(GetOptional(object, "unit", "progress", &progress.unit));
  SUPERION_RETURN_IF_ERROR(GetOptional(object, "message", "progress", &progress.message));
  return progress;
}

std::vector<std::string> InputPaths(const TaskSpec& spec, const std::string& name) {
  std::vector<std::string> paths;
  for (const TaskInput& input : spec.inputs) {
    if (input.name == name) paths.push_back(input.path);
  }
  return paths;
}

absl::StatusOr<std::string> InputPath(const TaskSpec& spec, const std::string& name) {
  std::vector<std::string> paths = InputPaths(spec, name);
  if (paths.empty()) return InvalidArgument("a {} task needs an input called \"{}\"", spec.kind, name);
  return std::move(paths.front());
}

}  // namespace superion
