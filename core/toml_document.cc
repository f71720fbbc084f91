#include "core/toml_document.h"

#include <toml++/toml.h>

namespace superion {
namespace {

absl::StatusOr<Json> Convert(const toml::node& node, const std::string& path, TomlDocument* document);

absl::StatusOr<Json> ConvertTable(const toml::table& table, const std::string& path, TomlDocument* document) {
  Json object = Json::object();
  for (const auto& [key, value] : table) {
    const std::string name(key.str());
    const std::string child = path.empty() ? name : path + "." + name;
    SUPERION_ASSIGN_OR_RETURN(object[name], Convert(value, child, document));
    document->lines[child] = static_cast<int>(key.source().begin.line);
  }
  return object;
}

absl::StatusOr<Json> ConvertArray(const toml::array& array, const std::string& path, TomlDocument* document) {
  Json list = Json::array();
  for (const toml::node& element : array) {
    SUPERION_ASSIGN_OR_RETURN(Json value,
                              Convert(element, fmt::format("{}[{}]", path, list.size()), document));
    list.push_back(std::move(value));
  }
  return list;
}

absl::StatusOr<Json> Convert(const toml::node& node, const std::string& path, TomlDocument* document) {
  document->lines[path] = static_cast<int>(node.source().begin.line);
  if (const auto* table = node.as_table()) return ConvertTable(*table, path, document);
  if (const auto* array = node.as_array()) return ConvertArray(*array, path, document);
  if (const auto* text = node.as_string()) return Json(text->get());
  if (const auto* flag = node.as_boolean()) return Json(flag->get());
  if (const auto* integer = node.as_integer()) return Json(integer->get());
  if (const auto* number = node.as_floating_point()) return Json(number->get());
  return InvalidArgument("{}:{}: {}: dates and times have no meaning here", document->origin,
                         document->lines[path], path);
}

}  // namespace

absl::StatusOr<TomlDocument> ParseToml(std::string_view text, const std::string& origin) {
  TomlDocument document;
  document.origin = origin;
  try {
    const toml::table table = toml::parse(text);
    SUPERION_ASSIGN_OR_RETURN(document.root, ConvertTable(table, "", &document));
  } catch (const toml::parse_error& error) {
    return InvalidArgument("{}:{}: not valid TOML: {}", origin, error.source().begin.line,
                           error.description());
  }
  return document;
}

}  // namespace superion
