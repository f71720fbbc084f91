#include "analysis/reader/text_table.h"

#include <algorithm>
#include <optional>

#include "analysis/reader/line_counter.h"
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
  for (const char c : Lower(name))
    bare += std::isalpha(static_cast<unsigned char>(c)) ? std::string(1, c) : "";
  Meaning out;
  if (name == "T") return {false, true, 0.0};
  out.temperature = bare == "temp" || bare == "temperature" || bare == "tempk" || bare == "temperaturek";
  if (bare == "timeps" || bare == "tps") out.ps = 1.0;
  if (bare == "timefs" || bare == "tfs") out.ps = 1.0 / units::kFsPerPs;
  out.counter = out.ps > 0.0 || bare == "time" || bare == "t" || bare == "step" || bare == "steps" ||
                bare == "timestep" || bare == "frame";
  return out;
}

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
    SUPERION_RETURN_IF_ERROR(CheckDistinct(names));
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

  // "2", or "2 (flux[1])" where the file names its columns.
  std::string NameOf(size_t place, const std::vector<std::string>& names) const {
    return names.size() == width_ && place < names.size() ? fmt::format("{} ({})", place + 1, names[place])
                                                          : std::to_string(place + 1);
  }

  // One column three times has the right size and the wrong error.
  absl::Status CheckDistinct(const std::vector<std::string>& names) {
    for (size_t k = 0; k < places_.size(); ++k) {
      table_.ranges.push_back({NameOf(places_[k], names), 1e308, -1e308});
      if (std::find(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(k), places_[k]) !=
          places_.begin() + static_cast<std::ptrdiff_t>(k))
        return InvalidArgument("{}: column {} was asked for twice: every component has a column of its own",
                               path_, table_.ranges.back().name);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<double> Number(size_t column) const {
    if (column >= fields_.size())
      return InvalidArgument("{}, line {}: column {} was asked for, the line has {}", path_, line_,
                             column + 1, fields_.size());
    const auto value = ParseReal(fields_[column]);
    if (value.ok()) return *value;
    return InvalidArgument("{}, line {}: expected a finite number, found \"{}\" in column {}", path_, line_,
                           fields_[column].substr(0, 20), column + 1);
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
      if (counter_.repeated() && (row == last_row_ || counter_.established())) return SkipRepeated(row);
    }
    Keep(row, temperature);
    last_row_ = std::move(row);
    return absl::OkStatus();
  }

  absl::Status SkipRepeated(const std::vector<double>& row) {
    if (row != last_row_)
      return DataLoss("{}, line {}: column {} is {:.9g} as in the line before, but other numbers follow",
                      path_, line_, *counter_.column() + 1, counter_.value());
    counter_.Forget();
    table_.notes.push_back(fmt::format("{}: line {} repeats the one before and is left out", path_, line_));
    return absl::OkStatus();
  }

  // Sample 0 of sums lies before the first line.
  void Keep(const std::vector<double>& row, double temperature) {
    for (size_t c = 0; c < row.size(); ++c) {
      sums_[c] += row[c];
      table_.ranges[c].lowest = std::min(table_.ranges[c].lowest, row[c]);
      table_.ranges[c].highest = std::max(table_.ranges[c].highest, row[c]);
    }
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
  LineCounter counter_;
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
