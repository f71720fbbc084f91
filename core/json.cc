#include "core/json.h"

#include <set>
#include <vector>

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

// Copies and destructors of deep values recurse: a hostile text of many brackets would end the program.
constexpr int kMaxDepth = 100;

// Notes what the parser of the library lets pass. Values below the greatest depth are dropped as they come.
class StrictCallback {
 public:
  bool operator()(int depth, Json::parse_event_t event, const Json& value) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= kMaxDepth) problem_ = fmt::format("nested deeper than {} levels", kMaxDepth);
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key && !keys_.back().insert(value.get<std::string>()).second)
      problem_ = fmt::format("the key {} comes twice in one object", Show(value));
    return problem_.empty();
  }
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> keys_;  // of the objects that are open
  std::string problem_;
};

}  // namespace

absl::StatusOr<Json> ParseJson(std::string_view text, const std::string& origin) {
  if (text.find('\0') != text.npos)  // the library takes it for the end of the text
    return InvalidArgument("{}: not valid JSON: byte {} is zero", origin, text.find('\0'));
  StrictCallback strict;
  try {
    Json json = Json::parse(text.begin(), text.end(), std::ref(strict));
    if (strict.problem().empty()) return json;
  } catch (const Json::exception& e) {
    return InvalidArgument("{}: not valid JSON: {}", origin, e.what());
  }
  return InvalidArgument("{}: not accepted as JSON: {}", origin, strict.problem());
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
