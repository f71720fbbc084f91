#include "analysis/reader/text_table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "core/extxyz_comment.h"
#include "core/text_fields.h"
#include "core/units.h"
#include "fmt/ranges.h"

namespace superion::analysis {
namespace {

using Fields = std::vector<std::string_view>;

// What a column of this name holds: nothing known, a counter, a time in units of `ps`, a temperature.
struct Meaning {
  bool counter = false, temperature = false;
  double ps = 0.0;
};

Meaning MeaningOf(std::string_view name) {
  std::string bare;
  for (const char c : Lower(name)) bare += std::isalpha(static_cast<unsigned char>(c)) ? std::string(1, c) : "";
  Meaning out;
  if (name == "T") return {false, true, 0.0};
  out.temperature = bare == "temp" || bare == "temperature" || bare == "tempk" || bare == "temperaturek";
  if (bare == "timeps" || bare == "tps") out.ps = 1.0;
  if (bare == "timefs" || bare == "tfs") out.ps = 1.0 / units::kFsPerPs;
  out.counter = out.ps > 0.0 || bare == "time" || bare == "t" || bare == "step" || bare == "steps" ||
                bare == "timestep" || bare == "frame";
  return out;
}

// By how much a printed number may differ from the true one: half of its last digit, and some more.
double Rounding(std::string_view text) {
  const size_t exponent_at = text.find_first_of("eEdD"), point = text.find('.');
  const std::string_view digits = text.substr(0, exponent_at);
  const double decimals = point == std::string_view::npos || point > digits.size()
                              ? 0.0
                              : static_cast<double>(digits.size() - point - 1);
  int exponent = 0;
  if (exponent_at != std::string_view::npos) {
    std::string_view rest = text.substr(exponent_at + 1);
    if (!rest.empty() && rest[0] == '+') rest.remove_prefix(1);
    std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
  }
  return 0.51 * std::pow(10.0, exponent - decimals);
}

double Median(std::vector<double> x) {
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

// Watches the column of steps or times. Its step is the median of the first increments.
class Counter {
 public:
  // `named`: the name says what it is; otherwise it has to count in nine of ten of the first lines.
  void Choose(size_t column, bool named, double ps) { column_ = column, named_ = named, ps_ = ps; }
  std::optional<size_t> column() const { return column_; }
  double value() const { return value_; }

  // An error of text names `where`. Repeated() says whether the counter stood still.
  absl::Status Add(std::string_view text, const std::string& where) {
    const auto value = ParseReal(text);
    if (!value.ok()) {
      column_.reset();
      return absl::OkStatus();
    }
    const Line line{*value, Rounding(text), where};
    repeated_ = n_++ > 0 && line.value == value_;
    value_ = line.value;
    if (n_ == 1) first_ = value_;
    if (step_) return Check(last_, std::exchange(last_, line));
    early_.push_back(line);
    return early_.size() < kEarly ? absl::OkStatus() : Establish();
  }
  bool repeated() const { return repeated_ && column_ && (named_ || step_); }
  void Forget() { --n_; }  // the line that repeats the one before

  absl::Status Finish() { return step_ || early_.size() < 3 ? absl::OkStatus() : Establish(); }
  // Mean, 0 where no unit of time is named.
  double interval_ps() const { return step_ && n_ > 1 ? ps_ * (value_ - first_) / static_cast<double>(n_ - 1) : 0; }

 private:
  struct Line {
    double value = 0.0, rounding = 0.0;
    std::string where;
  };
  static constexpr size_t kEarly = 1000;

  bool Even(const Line& before, const Line& line) const {
    return std::abs(line.value - before.value - *step_) <=
           1e-3 * *step_ + line.rounding + before.rounding;
  }

  absl::Status Check(const Line& before, const Line& line) const {
    if (Even(before, line) || line.value == before.value) return absl::OkStatus();
    return DataLoss(
        "{}: column {} goes from {:.9g} to {:.9g}, elsewhere by {:.6g}: lines are missing, times go back, or "
        "the interval changes",
        line.where, *column_ + 1, before.value, line.value, *step_);
  }

  absl::Status Establish() {
    std::vector<double> increments;
    for (size_t k = 1; k < early_.size(); ++k) increments.push_back(early_[k].value - early_[k - 1].value);
    step_ = Median(std::move(increments));
    size_t even = 0;
    for (size_t k = 1; k < early_.size(); ++k) even += Even(early_[k - 1], early_[k]);
    const bool counts = named_ || (early_.size() >= 10 && 10 * even >= 9 * (early_.size() - 1));
    if (!(*step_ > 0.0) || !counts) {
      column_.reset();
      step_.reset();
      return absl::OkStatus();
    }
    for (size_t k = 1; k < early_.size(); ++k) SUPERION_RETURN_IF_ERROR(Check(early_[k - 1], early_[k]));
    last_ = early_.back();
    early_.clear();
    return absl::OkStatus();
  }

  std::optional<size_t> column_;
  bool named_ = false, repeated_ = false;
  double ps_ = 0.0, value_ = 0.0, first_ = 0.0;
  size_t n_ = 0;
  std::vector<Line> early_;
  std::optional<double> step_;
  Line last_;
};

class TableReader {
 public:
  TableReader(const std::string& path, const TableOptions& options, std::unique_ptr<LineSource> lines)
      : path_(path), options_(options), lines_(std::move(lines)) {}

  absl::StatusOr<TextTable> Run() {
    std::string_view line;
    while (lines_->Next(&line)) {
      ++line_;
      if (lines_->cut() && n_lines_ > 1) {
        table_.notes.push_back(
            fmt::format("{}: line {} has no line break and may be cut; it is left out", path_, line_));
        break;
      }
      SUPERION_RETURN_IF_ERROR(ReadLine(line));
    }
    SUPERION_RETURN_IF_ERROR(lines_->status());
    if (n_lines_ < 2) return DataLoss("{}: {} lines of numbers, at least 2 are needed", path_, n_lines_);
    SUPERION_RETURN_IF_ERROR(counter_.Finish());
    table_.interval_ps = counter_.interval_ps();
    return std::move(table_);
  }

 private:
  absl::Status ReadLine(std::string_view line) {
    const size_t comment = line.find('#');
    std::string text(line.substr(0, comment));
    std::replace(text.begin(), text.end(), ',', ' ');
    SplitBlanks(Trim(text), &fields_);
    if (!fields_.empty() && (fields_[0][0] == '@' || fields_[0][0] == '&')) return absl::OkStatus();
    const bool began = !places_.empty();
    if (fields_.empty()) {
      if (!began && comment != std::string_view::npos) AddNames(line.substr(comment + 1));
      return absl::OkStatus();
    }
    if (!began && HoldsNoNumber()) {
      AddNames(text);
      return absl::OkStatus();
    }
    if (!began) SUPERION_RETURN_IF_ERROR(Begin());
    return ReadNumbers();
  }

  void AddNames(std::string_view line) {
    Fields words;
    SplitBlanks(line, &words);
    if (!words.empty()) names_.emplace_back(words.begin(), words.end());
  }

  bool HoldsNoNumber() const {
    return std::none_of(fields_.begin(), fields_.end(), [](const std::string_view field) {
      const std::string lower = Lower(field);
      return ParseReal(field).ok() || lower == "nan" || lower == "inf" || lower == "-inf" || lower == "-nan";
    });
  }

  // At the first line of numbers: which line of text names its columns, and which columns are wanted.
  absl::Status Begin() {
    width_ = fields_.size();
    std::vector<std::string> names = names_.empty() ? std::vector<std::string>() : names_.back();
    for (const auto& words : names_) {
      if (words.size() == width_) names = words;
    }
    for (const std::string& column : options_.columns) SUPERION_RETURN_IF_ERROR(FindColumn(column, names));
    table_.columns.resize(places_.size());
    sums_.assign(places_.size(), 0.0);
    const bool named = names.size() == width_;
    for (size_t c = 0; named && c < width_; ++c) {
      const Meaning meaning = MeaningOf(names[c]);
      const bool asked_for = std::find(places_.begin(), places_.end(), c) != places_.end();
      if (meaning.temperature && !asked_for) temperature_at_ = c;
      if (meaning.counter && !asked_for && !counter_.column()) counter_.Choose(c, true, meaning.ps);
    }
    if (!named && std::find(places_.begin(), places_.end(), size_t{0}) == places_.end())
      counter_.Choose(0, false, 0.0);
    return absl::OkStatus();
  }

  absl::Status FindColumn(const std::string& column, const std::vector<std::string>& names) {
    if (const auto number = ParseInteger(column); number.ok()) {
      if (*number < 1) return InvalidArgument("columns: expected numbers from 1, found {}", column);
      places_.push_back(static_cast<size_t>(*number - 1));
      return absl::OkStatus();
    }
    const size_t before = places_.size();
    for (size_t c = 0; c < names.size(); ++c) {
      if (names[c] == column) places_.push_back(c);
    }
    // A vector: its components, one after the other.
    for (size_t k = 1; places_.size() == before + k - 1; ++k) {
      const auto found = std::find(names.begin(), names.end(), fmt::format("{}[{}]", column, k));
      if (found != names.end()) places_.push_back(static_cast<size_t>(found - names.begin()));
    }
    if (places_.size() > before) return absl::OkStatus();
    return InvalidArgument("{}: no column is named {} (the names are \"{}\")", path_, column,
                           fmt::format("{}", fmt::join(names, " ")));
  }

  absl::StatusOr<double> Number(size_t column) const {
    if (column >= fields_.size())
      return InvalidArgument("{}, line {}: column {} was asked for, the line has {}", path_, line_, column + 1,
                             fields_.size());
    const auto value = ParseReal(fields_[column]);
    if (value.ok()) return *value;
    return InvalidArgument("{}, line {}: expected a finite number in column {}, found \"{}\"", path_, line_,
                           column + 1, fields_[column].substr(0, 20));
  }

  absl::Status ReadNumbers() {
    std::vector<double> row(places_.size());
    for (size_t c = 0; c < places_.size(); ++c) {
      SUPERION_ASSIGN_OR_RETURN(row[c], Number(places_[c]));
    }
    if (fields_.size() != width_)
      return InvalidArgument("{}, line {}: {} columns, the lines before it have {}", path_, line_,
                             fields_.size(), width_);
    double temperature = 0.0;
    if (temperature_at_) {
      SUPERION_ASSIGN_OR_RETURN(temperature, Number(*temperature_at_));
    }
    if (const auto column = counter_.column()) {
      SUPERION_RETURN_IF_ERROR(counter_.Add(fields_[*column], fmt::format("{}, line {}", path_, line_)));
      if (counter_.repeated()) return SkipRepeated(row);
    }
    Keep(row, temperature);
    last_row_ = std::move(row);
    return absl::OkStatus();
  }

  absl::Status SkipRepeated(const std::vector<double>& row) {
    if (row != last_row_)
      return DataLoss("{}, line {}: column {} is {:.9g} as in the line before, but other numbers follow", path_,
                      line_, *counter_.column() + 1, counter_.value());
    counter_.Forget();
    table_.notes.push_back(fmt::format("{}: line {} repeats the one before and is left out", path_, line_));
    return absl::OkStatus();
  }

  // Sample 0 of sums lies before the first line.
  void Keep(const std::vector<double>& row, double temperature) {
    for (size_t c = 0; c < row.size(); ++c) sums_[c] += row[c];
    const size_t index = n_lines_++ + (options_.cumulative ? 1 : 0);
    if (index % table_.stride != 0) return;
    for (size_t c = 0; c < row.size(); ++c)
      table_.columns[c].push_back(options_.cumulative ? sums_[c] : row[c]);
    if (temperature_at_) table_.temperature_k.push_back(temperature);
    if (table_.columns[0].size() > options_.most_lines) Thin();
  }

  void Thin() {
    const auto every_other = [&](std::vector<double>* x) {
      size_t kept = 0;
      for (size_t i = options_.cumulative ? 1 : 0; i < x->size(); i += 2) (*x)[kept++] = (*x)[i];
      x->resize(kept);
    };
    for (auto& column : table_.columns) every_other(&column);
    if (temperature_at_) every_other(&table_.temperature_k);
    table_.stride *= 2;
  }

  const std::string path_;
  const TableOptions& options_;
  const std::unique_ptr<LineSource> lines_;
  TextTable table_;
  std::vector<std::vector<std::string>> names_;  // lines of text before the numbers
  std::vector<size_t> places_;                   // of the wanted columns
  std::vector<double> sums_, last_row_;
  std::optional<size_t> temperature_at_;
  Counter counter_;
  Fields fields_;
  size_t line_ = 0, n_lines_ = 0, width_ = 0;
};

}  // namespace

absl::StatusOr<TextTable> ReadTextTable(const std::string& path, const TableOptions& options) {
  if (options.columns.empty()) return InvalidArgument("{}: no column was named", path);
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  return TableReader(path, options, std::move(lines)).Run();
}

}  // namespace superion::analysis
