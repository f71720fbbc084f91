#include "core/json.h"

#include "core/file.h"

namespace superion {
namespace {

std::string Show(const Json& value) {
  std::string text = DumpJson(value);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

absl::StatusOr<const Json*> Find(const Json& object, const std::string& key, const std::string& where) {
  if (!object.is_object()) return InvalidArgument("{}: expected an object, found {}", where, Show(object));
  const auto it = object.find(key);
  if (it == object.end()) return InvalidArgument("{}.{}: missing", where, key);
  return &*it;
}

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text, const std::string& origin) {
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::exception& e) {
    return InvalidArgument("{}: not valid JSON: {}", origin, e.what());
  }
}

absl::StatusOr<Json> ReadJson(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseJson(text, path);
}

std::string DumpJson(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

absl::StatusOr<double> GetNumber(const Json& object, const std::string& key, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json* value, Find(object, key, where));
  if (!value->is_number())
    return InvalidArgument("{}.{}: expected a number, found {}", where, key, Show(*value));
  return value->get<double>();
}

absl::StatusOr<int64_t> GetInteger(const Json& object, const std::string& key, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json* value, Find(object, key, where));
  if (!value->is_number_integer()) {
    return InvalidArgument("{}.{}: expected an integer, found {}", where, key, Show(*value));
  }
  return value->get<int64_t>();
}

absl::StatusOr<std::string> GetString(const Json& object, const std::string& key, const std::string& where) {
  SUPERION_ASSIGN_OR_RETURN(const Json* value, Find(object, key, where));
  if (!value->is_string())
    return InvalidArgument("{}.{}: expected a string, found {}", where, key, Show(*value));
  return value->get<std::string>();
}

}  // namespace superion
