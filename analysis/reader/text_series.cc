#include "analysis/reader/text_series.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/extxyz_comment.h"
#include "core/line_source.h"
#include "fmt/ranges.h"

namespace superion::analysis {
namespace {

constexpr double kCharge = 1.602176634e-19, kBohr = 0.529177210903, kAtomicTimePs = 2.4188843265857e-5;

struct Unit {
  const char* name;
  double factor;  // to e Å/ps or e Å
  bool density;
};
constexpr Unit kCurrents[] = {{"e*A/ps", 1.0, false},
                              {"e*A/fs", 1e3, false},
                              {"e*nm/ps", 10.0, false},
                              {"e*m/s", 1e-2, false},
                              {"e*bohr/aut", kBohr / kAtomicTimePs, false},
                              {"A*m", 1e-2 / kCharge, false},
                              {"A/m^2", 1e-32 / kCharge, true},
                              {"e/(A^2*ps)", 1.0, true}};
constexpr Unit kDipoles[] = {{"e*A", 1.0, false},
                             {"e*nm", 10.0, false},
                             {"e*bohr", kBohr, false},
                             {"debye", 0.20819433442462576, false},
                             {"C*m", 1e10 / kCharge, false}};

template <size_t n>
absl::StatusOr<double> Factor(const Unit (&units)[n], const TextSeriesOptions& options) {
  std::string known;
  for (const Unit& unit : units) {
    if (options.unit == unit.name || (options.unit.empty() && unit.factor == 1.0 && !unit.density))
      return unit.factor * (unit.density ? options.volume_angstrom3 : 1.0);
    known += (known.empty() ? "" : ", ") + std::string(unit.name);
  }
  return InvalidArgument("unit: expected one of {}, found \"{}\"", known, options.unit);
}

class SeriesReader {
 public:
  SeriesReader(const std::string& path, const TextSeriesOptions& options, std::unique_ptr<LineSource> lines)
      : path_(path), options_(options), lines_(std::move(lines)), series_(options.columns.size()) {}

  // [columns][lines]
  absl::StatusOr<std::vector<std::vector<double>>> Run(std::vector<std::string>* notes) {
    std::string_view line;
    while (lines_->Next(&line)) {
      ++line_;
      if (lines_->cut() && series_[0].size() > 1) {
        notes->push_back(
            fmt::format("{}: line {} has no line break and may be cut; it is left out", path_, line_));
        break;
      }
      SUPERION_RETURN_IF_ERROR(Read(line));
    }
    SUPERION_RETURN_IF_ERROR(lines_->status());
    if (series_[0].size() < 2)
      return DataLoss("{}: {} lines of numbers, at least 2 are needed", path_, series_[0].size());
    return std::move(series_);
  }

 private:
  absl::Status Read(std::string_view line) {
    std::string text(line.substr(0, line.find('#')));
    std::replace(text.begin(), text.end(), ',', ' ');
    if (!text.empty() && text.back() == '\r') text.pop_back();
    SplitBlanks(text, &fields_);
    if (fields_.empty()) {
      // Names may stand in a comment.
      if (series_[0].empty() && line.find('#') != std::string_view::npos)
        names_ = Words(line.substr(line.find('#') + 1));
      return absl::OkStatus();
    }
    if (places_.empty()) {
      if (series_[0].empty() && !ParseReal(fields_[0]).ok() && names_.empty() && HasNoNumber()) {
        names_ = Words(text);
        return absl::OkStatus();
      }
      SUPERION_RETURN_IF_ERROR(FindColumns());
    }
    for (size_t c = 0; c < places_.size(); ++c) {
      if (places_[c] >= fields_.size())
        return InvalidArgument("{}, line {}: column {} was asked for, the line has {}", path_, line_,
                               places_[c] + 1, fields_.size());
      const auto value = ParseReal(fields_[places_[c]]);
      if (!value.ok())
        return InvalidArgument("{}, line {}: expected a finite number, found \"{}\"", path_, line_,
                               fields_[places_[c]].substr(0, 20));
      series_[c].push_back(*value);
    }
    return absl::OkStatus();
  }

  static std::vector<std::string> Words(std::string_view line) {
    std::vector<std::string_view> fields;
    SplitBlanks(line, &fields);
    return {fields.begin(), fields.end()};
  }

  bool HasNoNumber() const {
    return std::none_of(fields_.begin(), fields_.end(), [](auto field) {
      const auto value = ParseReal(field);
      return value.ok() || field == "nan" || field == "inf";
    });
  }

  absl::Status FindColumns() {
    for (const std::string& column : options_.columns) {
      int number = 0;
      const auto [end, error] = std::from_chars(column.data(), column.data() + column.size(), number);
      if (error == std::errc() && end == column.data() + column.size()) {
        if (number < 1) return InvalidArgument("columns: expected numbers from 1, found {}", column);
        places_.push_back(static_cast<size_t>(number - 1));
        continue;
      }
      const auto found = std::find(names_.begin(), names_.end(), column);
      if (found == names_.end())
        return InvalidArgument("{}: no column is named {} (the names are \"{}\")", path_, column,
                               fmt::format("{}", fmt::join(names_, " ")));
      places_.push_back(static_cast<size_t>(found - names_.begin()));
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const TextSeriesOptions& options_;
  const std::unique_ptr<LineSource> lines_;
  std::vector<std::vector<double>> series_;
  std::vector<size_t> places_;
  std::vector<std::string> names_;
  std::vector<std::string_view> fields_;
  size_t line_ = 0;
};

}  // namespace

absl::StatusOr<DipoleSeries> ReadTextSeries(const std::string& path, const TextSeriesOptions& options,
                                            std::vector<std::string>* notes) {
  if (options.columns.empty()) return InvalidArgument("{}: no column was named", path);
  if (!(options.timestep_fs > 0.0))
    return InvalidArgument("{}: a text series says no time: give timestep_fs, the time between its lines",
                           path);
  SUPERION_ASSIGN_OR_RETURN(const double factor,
                            options.dipole ? Factor(kDipoles, options) : Factor(kCurrents, options));
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  DipoleSeries out;
  out.interval_ps = options.timestep_fs / units::kFsPerPs;
  SUPERION_ASSIGN_OR_RETURN(out.components, SeriesReader(path, options, std::move(lines)).Run(notes));
  for (auto& x : out.components) {
    if (options.dipole) {
      for (double& v : x) v *= factor;
      continue;
    }
    double sum = 0.0;
    for (double& v : x) v = (sum += v * factor * out.interval_ps);
    x.insert(x.begin(), 0.0);
  }
  return out;
}

}  // namespace superion::analysis
