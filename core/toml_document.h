// A TOML file as a JSON value that still knows the line of every key. The only file that includes toml++ is
// toml_document.cc.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/json.h"

namespace superion {

struct TomlDocument {
  std::string origin;  // file name, for messages
  Json root = Json::object();
  std::map<std::string, int> lines;  // "train.size" -> line, from 1; elements of lists as "morse[0].pair"
};

// InvalidArgument names `origin`, the line and what is wrong with the syntax; dates and times are refused.
absl::StatusOr<TomlDocument> ParseToml(std::string_view text, const std::string& origin);

}  // namespace superion
