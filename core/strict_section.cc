#include "core/strict_section.h"

#include <algorithm>

#include "fmt/ranges.h"

namespace superion {
namespace {

const Json& EmptyTable() {
  static const Json empty = Json::object();
  return empty;
}

const Json* Descend(const Json& root, const std::string& path) {
  const Json* node = &root;
  size_t begin = 0;
  while (begin < path.size()) {
    const size_t dot = std::min(path.find('.', begin), path.size());
    std::string key = path.substr(begin, dot - begin);
    int element = -1;
    if (const size_t bracket = key.find('['); bracket != std::string::npos) {
      element = std::stoi(key.substr(bracket + 1));
      key.resize(bracket);
    }
    if (!node->is_object() || !node->contains(key)) return &EmptyTable();
    node = &(*node)[key];
    if (element >= 0) {
      if (!node->is_array() || element >= static_cast<int>(node->size())) return &EmptyTable();
      node = &(*node)[element];
    }
    begin = dot + 1;
  }
  return node;
}

std::string Show(const Json& value) {
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= 60 ? text : text.substr(0, 57) + "...";
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbors cost one each.
size_t EditDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string ClosestWord(const std::string& word, const std::set<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    size_t distance = EditDistance(word, candidate);
    // A unit that was left out ("timestep" for "timestep_fs") is a common slip and a long edit.
    if (candidate.rfind(word + "_", 0) == 0 || word.rfind(candidate + "_", 0) == 0)
      distance = std::min<size_t>(distance, 1);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

StrictSection::StrictSection(const TomlDocument& document, std::string path)
    : document_(document), path_(std::move(path)), table_(Descend(document.root, path_)) {
  if (table_->is_object()) return;
  first_error_ = InvalidArgument("{}: expected a table, found {}", Place(""), Show(*table_));
  table_ = &EmptyTable();
}

std::string StrictSection::Place(const std::string& key) const {
  const std::string name = path_.empty() ? key : key.empty() ? path_ : path_ + "." + key;
  for (const std::string& known : {name, path_}) {
    const auto line = document_.lines.find(known);
    if (line != document_.lines.end()) return fmt::format("{}:{}: {}", document_.origin, line->second, name);
  }
  return fmt::format("{}: {}", document_.origin, name);
}

void StrictSection::Fail(const std::string& key, const std::string& message) {
  if (first_error_.ok()) first_error_ = InvalidArgument("{}: {}", Place(key), message);
}

void StrictSection::WrongType(const std::string& key, const std::string& expected, const Json& found) {
  Fail(key, fmt::format("expected {}, found {}", expected, Show(found)));
}

void StrictSection::CheckRange(const std::string& key, double value, const Range& range) {
  if (!range.Holds(value)) {
    Fail(key, fmt::format("expected a number {}, found {}", range.Describe(), value));
  }
}

const Json* StrictSection::Raw(const std::string& key, Need need) {
  known_.insert(key);
  const auto it = table_->find(key);
  if (it != table_->end() && !it->is_null()) return &*it;
  if (need == kRequired) Fail(key, "missing");
  return nullptr;
}

void StrictSection::Number(const std::string& key, double* value, Need need, Range range) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_number()) return WrongType(key, "a number", *found);
  CheckRange(key, *value = found->get<double>(), range);
}

void StrictSection::Integer(const std::string& key, int* value, Need need, Range range) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_number_integer()) return WrongType(key, "an integer", *found);
  const double number = found->get<double>();
  CheckRange(key, number,
             {std::max(range.low, -2147483648.0), std::min(range.high, 2147483647.0), range.open_low});
  if (first_error_.ok()) *value = found->get<int>();
}

void StrictSection::Seed(const std::string& key, uint64_t* value, Need need) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (found->is_number_unsigned() || (found->is_number_integer() && found->get<int64_t>() >= 0)) {
    *value = found->get<uint64_t>();
  } else {
    WrongType(key, "an integer >= 0", *found);
  }
}

void StrictSection::Flag(const std::string& key, bool* value, Need need) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_boolean()) return WrongType(key, "true or false", *found);
  *value = found->get<bool>();
}

void StrictSection::Text(const std::string& key, std::string* value, Need need,
                         const std::vector<std::string>& choices) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_string()) return WrongType(key, "a text in quotes", *found);
  *value = found->get<std::string>();
  if (!choices.empty() && std::find(choices.begin(), choices.end(), *value) == choices.end()) {
    Fail(key, fmt::format("expected one of {}, found \"{}\"", fmt::join(choices, ", "), *value));
  }
}

void StrictSection::Numbers(const std::string& key, std::vector<double>* value, Need need, Range range) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_array()) return WrongType(key, "a list of numbers", *found);
  value->clear();
  for (const Json& element : *found) {
    if (!element.is_number()) return WrongType(key, "a list of numbers", *found);
    value->push_back(element.get<double>());
    CheckRange(key, value->back(), range);
  }
  if (need == kRequired && value->empty()) WrongType(key, "at least one number", *found);
}

void StrictSection::Texts(const std::string& key, std::vector<std::string>* value, Need need) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_array()) return WrongType(key, "a list of texts", *found);
  value->clear();
  for (const Json& element : *found) {
    if (!element.is_string()) return WrongType(key, "a list of texts", *found);
    value->push_back(element.get<std::string>());
  }
}

void StrictSection::ThreeIntegers(const std::string& key, const Json& found, std::array<int, 3>* value,
                                  Range range) {
  if (!found.is_array() || found.size() != 3) return WrongType(key, "three integers", found);
  for (size_t i = 0; i < 3; ++i) {
    const Json& element = found[i];
    if (!element.is_number_integer()) return WrongType(key, "three integers", found);
    CheckRange(key, element.get<double>(), {range.low, std::min(range.high, 1e6), range.open_low});
    if (first_error_.ok()) (*value)[i] = element.get<int>();
  }
}

void StrictSection::Integers3(const std::string& key, std::array<int, 3>* value, Need need, Range range) {
  const Json* found = Raw(key, need);
  if (found != nullptr) ThreeIntegers(key, *found, value, range);
}

void StrictSection::ListOfIntegers3(const std::string& key, std::vector<std::array<int, 3>>* value, Need need,
                                    Range range) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_array() || found->empty()) return WrongType(key, "a list of three integers each", *found);
  value->assign(found->size(), {});
  for (size_t k = 0; k < found->size(); ++k) ThreeIntegers(key, (*found)[k], &(*value)[k], range);
}

void StrictSection::TextTable(const std::string& key, std::map<std::string, std::string>* value, Need need) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_object()) return WrongType(key, "a table of texts", *found);
  for (const auto& [name, element] : found->items()) {
    if (!element.is_string()) return WrongType(key + "." + name, "a text in quotes", element);
    (*value)[name] = element.get<std::string>();
  }
}

void StrictSection::NumberTable(const std::string& key, std::map<std::string, double>* value, Need need) {
  const Json* found = Raw(key, need);
  if (found == nullptr) return;
  if (!found->is_object()) return WrongType(key, "a table of numbers", *found);
  for (const auto& [name, element] : found->items()) {
    if (!element.is_number()) return WrongType(key + "." + name, "a number", element);
    CheckRange(key + "." + name, (*value)[name] = element.get<double>(), {});
  }
}

void StrictSection::KnowAll() {
  for (const auto& [key, value] : table_->items()) known_.insert(key);
}

absl::Status StrictSection::UnknownKey(const std::string& key) const {
  if (const auto reason = refused_.find(key); reason != refused_.end()) {
    return InvalidArgument("{}: {}", Place(key), reason->second);
  }
  const std::string closest = ClosestWord(key, known_);
  const std::string suggestion = closest.empty() ? fmt::format("known here: {}", fmt::join(known_, ", "))
                                                 : fmt::format("did you mean \"{}\"?", closest);
  return InvalidArgument("{}: unknown key \"{}\"; {}", Place(key), key, suggestion);
}

absl::Status StrictSection::Finish() const {
  for (const auto& [key, value] : table_->items()) {
    if (known_.count(key) == 0) return UnknownKey(key);
  }
  return first_error_;
}

}  // namespace superion
