#include "analysis/read_series.h"

#include <algorithm>
#include <cmath>

#include "analysis/series/folding.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

// Bytes that a sample of three components takes in memory, with what is computed from it.
constexpr double kBytesPerSample = 400.0;
// e Å or e Å/ps: a million ions of charge 10 that are 10⁴ Å from where they started are a hundredth of it.
constexpr double kLargest = 1e13;

absl::Status CheckColumns(const std::string& path, const TextSeries& series, bool dipole) {
  const char* what = dipole ? "dipole" : "current";
  if (series.ranges.size() > 3)
    return InvalidArgument("{}: {} columns, a {} has at most three components (others are auxiliary columns)",
                           path, series.ranges.size(), what);
  for (const ColumnRange& range : series.ranges) {
    if (range.lowest == range.highest)
      return InvalidArgument(
          "{}: column {} never changes ({:.6g} in the first line as in the last): no component of a {} of "
          "moving ions. Leave it out of the columns",
          path, range.name, range.lowest, what);
    if (const double largest = std::max(-range.lowest, range.highest); !(largest < kLargest))
      return InvalidArgument(
          "{}: column {} goes up to {:.3g} e·Å{}, which no {} of a cell does: another column, or another "
          "unit?",
          path, range.name, largest, dipole ? "" : "/ps", what);
  }
  return absl::OkStatus();
}

// The other currents, each of as many components as the main one.
absl::Status ReadAuxiliary(const SeriesFiles& files, TextSeriesOptions options, DipoleInput* out) {
  if (files.auxiliary_columns.empty()) return absl::OkStatus();
  const size_t d = out->seeds[0].dimension();
  // With the main columns, so that none is there twice.
  options.columns.insert(options.columns.end(), files.auxiliary_columns.begin(),
                         files.auxiliary_columns.end());
  for (size_t s = 0; s < files.paths.size(); ++s) {
    std::vector<std::string> unused;
    SUPERION_ASSIGN_OR_RETURN(auto series, ReadTextSeries(files.paths[s], options, &unused));
    auto& components = series.dipole.components;
    components.erase(components.begin(), components.begin() + static_cast<std::ptrdiff_t>(d));
    if (components.size() % d != 0)
      return InvalidArgument("params.auxiliary_columns: {} columns, expected {} for every current",
                             components.size(), d);
    out->auxiliary.resize(components.size() / d);
    for (size_t k = 0; k < components.size(); ++k) {
      auto& seeds = out->auxiliary[k / d];
      seeds.resize(files.paths.size());
      seeds[s].interval_ps = series.dipole.interval_ps;
      seeds[s].components.push_back(std::move(components[k]));
    }
  }
  return absl::OkStatus();
}

// `ranges` of the first file.
absl::Status CheckFolding(const DipoleInput& input, const std::string& path,
                          const std::vector<ColumnRange>& ranges, std::vector<std::string>* notes) {
  for (size_t c = 0; c < ranges.size(); ++c) {
    std::vector<std::vector<double>> seeds;
    for (const auto& seed : input.seeds) {
      if (c < seed.dimension()) seeds.push_back(seed.components[c]);
    }
    const auto folding = FindFolding(seeds);
    if (!folding) continue;
    const std::string found = fmt::format(
        "{}: the dipole in column {} seems folded by about {:.4g} e·Å: it stays in an interval of that width "
        "and jumps {} times from one edge to the other",
        path, ranges[c].name, folding->quantum, folding->jumps);
    if (folding->certain) return InvalidArgument("{}. Unfold it, or give the current", found);
    notes->push_back(found + ". If no ion did that, unfold it, or give the current");
  }
  return absl::OkStatus();
}

// Where memory was short, the longest file sets the interval of all.
void UseLongestInterval(double longest_ps, DipoleInput* out) {
  for (auto& seed : out->seeds) {
    const double ratio = std::round(longest_ps / seed.interval_ps);
    if (!(ratio > 1.0)) continue;
    seed = Decimated(seed, static_cast<size_t>(ratio));
    for (auto& current : out->auxiliary) {
      auto& other = current[static_cast<size_t>(&seed - out->seeds.data())];
      other = Decimated(other, static_cast<size_t>(ratio));
    }
    out->temperatures_k.clear();
  }
}

}  // namespace

absl::StatusOr<DipoleInput> ReadSeries(const SeriesFiles& files, std::vector<std::string>* notes) {
  DipoleInput out;
  out.currents = !files.options.dipole;
  TextSeriesOptions options = files.options;
  options.most_samples = static_cast<size_t>(files.memory_mib * (size_t{1} << 20) /
                                             (kBytesPerSample * static_cast<double>(files.paths.size())));
  double longest = 0.0;
  std::vector<ColumnRange> columns;
  for (const auto& file : files.paths) {
    SUPERION_ASSIGN_OR_RETURN(auto series, ReadTextSeries(file, options, notes));
    SUPERION_RETURN_IF_ERROR(CheckColumns(file, series, options.dipole));
    longest = std::max(longest, series.dipole.interval_ps);
    if (columns.empty()) columns = series.ranges;
    out.seeds.push_back(std::move(series.dipole));
    if (!series.temperature_k.empty()) out.temperatures_k.push_back(std::move(series.temperature_k));
  }
  if (options.dipole) SUPERION_RETURN_IF_ERROR(CheckFolding(out, files.paths.front(), columns, notes));
  SUPERION_RETURN_IF_ERROR(ReadAuxiliary(files, options, &out));
  UseLongestInterval(longest, &out);
  if (longest > 1.5 * options.timestep_fs / units::kFsPerPs)
    notes->push_back(fmt::format("a sample every {:.6g} ps is used, as many as memory_mib = {} holds",
                                 longest, files.memory_mib));
  if (out.temperatures_k.size() != out.seeds.size()) out.temperatures_k.clear();
  return out;
}

absl::StatusOr<double> MeanTemperature(const DipoleInput& input) {
  double sum = 0.0, n = 0.0;
  for (const auto& series : input.temperatures_k) {
    for (const double t : series) sum += t, n += 1.0;
  }
  if (n > 0.0 && sum > 0.0) return sum / n;
  return InvalidArgument(
      "no temperature: give --temperature-k (temperature_k); no column of the files is named Temp");
}

}  // namespace superion::analysis
