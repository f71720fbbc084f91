// Reads one table of a document strictly: every key must be known, of the right type and in its range. Errors
// are kept instead of returned, so that a section reads as a list of its keys; Finish() gives the first of
// them. An unknown key comes before all others, because a misspelt key also looks like a missing one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/number_range.h"
#include "core/toml_document.h"

namespace superion {

class StrictSection {
 public:
  enum Need { kRequired, kOptional };  // an optional key that is missing leaves the value alone

  // `path` is the dotted name of the table, "" for the top level. A table that is missing reads as an empty
  // one.
  StrictSection(const TomlDocument& document, std::string path);

  bool Has(const std::string& key) const { return table_->contains(key); }
  void Number(const std::string& key, double* value, Need need, Range range = {});
  void Integer(const std::string& key, int* value, Need need, Range range = {});
  void Seed(const std::string& key, uint64_t* value, Need need);
  void Flag(const std::string& key, bool* value, Need need);
  void Text(const std::string& key, std::string* value, Need need,
            const std::vector<std::string>& choices = {});
  void Numbers(const std::string& key, std::vector<double>* value, Need need, Range range = {});
  void Texts(const std::string& key, std::vector<std::string>* value, Need need);
  void Integers3(const std::string& key, std::array<int, 3>* value, Need need, Range range = {});
  void ListOfIntegers3(const std::string& key, std::vector<std::array<int, 3>>* value, Need need,
                       Range range = {});
  void TextTable(const std::string& key, std::map<std::string, std::string>* value, Need need);
  void NumberTable(const std::string& key, std::map<std::string, double>* value, Need need);
  // Declares a key that another reader takes care of (a table of its own).
  void Known(const std::string& key) { known_.insert(key); }
  // Declares whatever the table holds: another error is to be the only one.
  void KnowAll();
  // The raw value of a key, or nullptr.
  const Json* Raw(const std::string& key, Need need);

  // Keys that deserve an explanation of their own instead of "unknown key".
  void Refuse(const std::string& key, const std::string& reason) { refused_[key] = reason; }
  // Keeps an error of the caller, shown with the place of `key`.
  void Fail(const std::string& key, const std::string& message);
  absl::Status Finish() const;

 private:
  std::string Place(const std::string& key) const;  // "file.toml:12: train.size"
  void WrongType(const std::string& key, const std::string& expected, const Json& found);
  void ThreeIntegers(const std::string& key, const Json& found, std::array<int, 3>* value, Range range);
  void CheckRange(const std::string& key, double value, const Range& range);
  absl::Status UnknownKey(const std::string& key) const;

  const TomlDocument& document_;
  std::string path_;
  const Json* table_;
  std::set<std::string> known_;
  std::map<std::string, std::string> refused_;
  absl::Status first_error_;
};

// The candidate closest to `word`, when it is close enough to be a slip of the finger; else empty.
std::string ClosestWord(const std::string& word, const std::set<std::string>& candidates);

}  // namespace superion
