// JSON with errors that name the place: "params.temperature_k: expected a number > 0, found -3".
#pragma once

#include <string>
#include <string_view>

#include "core/status.h"
#include "nlohmann/json.hpp"

namespace superion {

using Json = nlohmann::json;

// InvalidArgument names `origin` and the byte.
absl::StatusOr<Json> ParseJson(std::string_view text, const std::string& origin);
absl::StatusOr<Json> ReadJson(const std::string& path);

// Text of a document. Bytes that are not UTF-8 (a message of a foreign program) become U+FFFD; NaN and
// infinity become null. `indent` < 0: one line.
std::string DumpJson(const Json& json, int indent = -1);

// Typed access to one key of an object; a missing key or a wrong type is InvalidArgument that names
// `where.key`.
absl::StatusOr<double> GetNumber(const Json& object, const std::string& key, const std::string& where);
absl::StatusOr<int64_t> GetInteger(const Json& object, const std::string& key, const std::string& where);
absl::StatusOr<std::string> GetString(const Json& object, const std::string& key, const std::string& where);

}  // namespace superion
