#include "analysis/reader/inputs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>

#include "analysis/reader/format_reader.h"
#include "analysis/reader/trajectory_formats.h"
#include "core/file.h"
#include "core/stream.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::vector<std::string>> Expand(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      files.push_back(path);
      continue;
    }
    std::vector<std::string> own, others;
    for (auto it = fs::recursive_directory_iterator(path, error);
         !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (!it->is_regular_file(error)) continue;
      const std::string name = it->path().filename().string(), suffix = it->path().extension().string();
      if (name.rfind("stream", 0) == 0 || name.rfind("trajectory", 0) == 0)
        own.push_back(it->path().string());
      if (suffix == ".xyz" || suffix == ".extxyz" || suffix == ".lammpstrj" || suffix == ".dump")
        others.push_back(it->path().string());
    }
    if (error) return Unavailable("reading the folder {}: {}", path, error.message());
    auto& found = own.empty() ? others : own;
    if (found.empty())
      return NotFound(
          "the folder {} holds no file whose name begins with stream or trajectory, nor any .xyz, .extxyz, "
          ".lammpstrj or .dump",
          path);
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

absl::StatusOr<SpeciesSums> SumsOfStream(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const Stream stream, ReadStream(path));
  SpeciesSums out;
  out.origin = path;
  out.interval_ps = stream.header.interval_ps;
  out.temperature_k = stream.header.temperature_k;
  out.volume_angstrom3 = std::abs(Determinant(stream.header.cell));
  out.species = stream.header.species;
  out.counts = stream.header.counts;
  out.displacement.resize(out.species.size());
  const size_t n = stream.size(), first_scalar = 1 + 3 * out.species.size();
  for (size_t k = 0; k < n; ++k) {
    const double* row = stream.row(k);
    out.steps.push_back(row[0]);
    for (size_t a = 0; a < out.species.size(); ++a) {
      for (size_t c = 0; c < 3; ++c) out.displacement[a][c].push_back(row[1 + 3 * a + c]);
    }
    for (size_t s = 0; s < stream.header.scalars.size(); ++s)
      out.scalars[stream.header.scalars[s]].push_back(row[first_scalar + s]);
  }
  return out;
}

// The rows of a seed must follow each other without a gap.
absl::Status CheckSteps(const SpeciesSums& sums) {
  for (size_t k = 2; k < sums.steps.size(); ++k) {
    const double first = sums.steps[1] - sums.steps[0], here = sums.steps[k] - sums.steps[k - 1];
    if (here != first)
      return DataLoss("{}: rows {} and {} are {} steps apart, the first two {}: rows are missing",
                      sums.origin, k, k + 1, here, first);
  }
  return absl::OkStatus();
}

void Append(std::vector<double>* to, const std::vector<double>& from, size_t skip) {
  to->insert(to->end(), from.begin() + static_cast<std::ptrdiff_t>(skip), from.end());
}

absl::Status Join(const SpeciesSums& next, SpeciesSums* sums) {
  if (next.species != sums->species || next.counts != sums->counts || next.interval_ps != sums->interval_ps)
    return InvalidArgument("{} cannot continue {}: other ions or another interval", next.origin,
                           sums->origin);
  const size_t skip =
      !next.steps.empty() && !sums->steps.empty() && next.steps[0] == sums->steps.back() ? 1 : 0;
  for (size_t a = 0; a < sums->displacement.size(); ++a) {
    for (size_t c = 0; c < 3; ++c) Append(&sums->displacement[a][c], next.displacement[a][c], skip);
  }
  for (auto& [name, values] : sums->scalars) {
    const auto found = next.scalars.find(name);
    if (found == next.scalars.end()) return InvalidArgument("{} lacks the column {}", next.origin, name);
    Append(&values, found->second, skip);
  }
  Append(&sums->steps, next.steps, skip);
  return absl::OkStatus();
}

// Which earlier seed this segment continues: the step follows and the displacement is the nearest; none for
// one that starts at the beginning.
std::optional<size_t> Continued(const SpeciesSums& segment, const std::vector<SpeciesSums>& seeds) {
  if (segment.steps.size() < 2 || segment.steps[0] <= 0.0) return std::nullopt;
  const double interval = segment.steps[1] - segment.steps[0];
  std::optional<size_t> best;
  double nearest = 1e300;
  for (size_t s = 0; s < seeds.size(); ++s) {
    const auto& seed = seeds[s];
    if (seed.species != segment.species || seed.counts != segment.counts || seed.steps.empty()) continue;
    const double gap = segment.steps[0] - seed.steps.back();
    if (gap != interval && gap != 0.0) continue;
    double distance = 0.0;
    for (size_t a = 0; a < seed.displacement.size(); ++a) {
      for (size_t c = 0; c < 3; ++c) {
        const double d = segment.displacement[a][c].front() - seed.displacement[a][c].back();
        distance += d * d;
      }
    }
    if (distance < nearest) nearest = distance, best = s;
  }
  return best;
}

// The same for trajectories: it starts one interval after the end of a seed whose last positions are the
// nearest.
std::optional<size_t> Continued(const IonTrajectory& segment, const std::vector<IonTrajectory>& seeds) {
  if (segment.first_time_ps < 0.5 * segment.interval_ps) return std::nullopt;
  std::optional<size_t> best;
  double nearest = 1e300;
  for (size_t s = 0; s < seeds.size(); ++s) {
    const auto& seed = seeds[s];
    const double end = seed.first_time_ps + seed.interval_ps * static_cast<double>(seed.n_frames() - 1);
    if (seed.species != segment.species || seed.positions.empty()) continue;
    if (std::abs(segment.first_time_ps - end - seed.interval_ps) > 0.1 * seed.interval_ps) continue;
    double distance = 0.0;
    for (size_t k = 0; k < seed.positions.size(); ++k) {
      const double d = segment.positions[k].front() - seed.positions[k].back();
      distance += d * d;
    }
    if (distance < nearest) nearest = distance, best = s;
  }
  return best;
}

absl::StatusOr<std::vector<SpeciesSums>> JoinSums(std::vector<SpeciesSums> segments,
                                                  const InputOptions& options) {
  std::vector<SpeciesSums> seeds;
  if (segments.empty()) return seeds;
  if (!options.groups.empty()) {
    for (const auto& group : options.groups) {
      bool first = true;
      for (size_t k = 0; k < group.size(); ++k) {
        if (group[k] >= segments.size())
          return InvalidArgument("groups: index {} but only {} streams", group[k], segments.size());
        if (segments[group[k]].steps.empty()) continue;
        if (first) {
          seeds.push_back(segments[group[k]]);
        } else {
          SUPERION_RETURN_IF_ERROR(Join(segments[group[k]], &seeds.back()));
        }
        first = false;
      }
    }
  } else {
    std::stable_sort(segments.begin(), segments.end(), [](const SpeciesSums& a, const SpeciesSums& b) {
      return (a.steps.empty() ? 0.0 : a.steps[0]) < (b.steps.empty() ? 0.0 : b.steps[0]);
    });
    for (auto& segment : segments) {
      if (segment.steps.empty()) continue;
      if (const auto seed = Continued(segment, seeds)) {
        SUPERION_RETURN_IF_ERROR(Join(segment, &seeds[*seed]));
      } else {
        seeds.push_back(std::move(segment));
      }
    }
  }
  for (const auto& seed : seeds) SUPERION_RETURN_IF_ERROR(CheckSteps(seed));
  return seeds;
}

absl::Status JoinIons(IonTrajectory next, double gap_ps, IonTrajectory* seed) {
  if (next.species != seed->species || std::abs(next.interval_ps / seed->interval_ps - 1.0) > 1e-6)
    return InvalidArgument("{} cannot continue {}: other atoms or another interval", next.origin,
                           seed->origin);
  if (gap_ps > 1.5 * seed->interval_ps)
    return DataLoss("{} starts {} ps after the end of {}, {} ps are wanted", next.origin, gap_ps,
                    seed->origin, seed->interval_ps);
  const size_t skip = gap_ps < 0.5 * seed->interval_ps ? 1 : 0;
  for (size_t k = 0; k < seed->positions.size(); ++k) Append(&seed->positions[k], next.positions[k], skip);
  return absl::OkStatus();
}

void LeaveOut(const SpeciesSums& sums, AnalysisInput* input) {
  input->left_out.push_back(
      fmt::format("{}: {} rows, at least 2 are needed", sums.origin, sums.steps.size()));
  input->left_out_temperature_k = sums.temperature_k;
}

absl::Status JoinGroupedIons(const std::vector<std::vector<size_t>>& groups,
                             const std::vector<std::optional<IonTrajectory>>& parts, AnalysisInput* input) {
  for (const auto& group : groups) {
    bool first = true;
    for (const size_t index : group) {
      if (index >= parts.size())
        return InvalidArgument("groups: index {} but only {} trajectories", index, parts.size());
      if (!parts[index]) continue;
      if (first) {
        input->ions.push_back(*parts[index]);
        first = false;
        continue;
      }
      IonTrajectory& seed = input->ions.back();
      const double end = seed.first_time_ps + seed.interval_ps * static_cast<double>(seed.n_frames() - 1);
      SUPERION_RETURN_IF_ERROR(JoinIons(*parts[index], parts[index]->first_time_ps - end, &seed));
    }
  }
  return absl::OkStatus();
}

absl::Status JoinIonsByTime(std::vector<std::optional<IonTrajectory>> parts, AnalysisInput* input) {
  std::erase_if(parts, [](const auto& part) { return !part.has_value(); });
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a->first_time_ps < b->first_time_ps; });
  for (auto& part : parts) {
    if (const auto seed = Continued(*part, input->ions)) {
      const double interval_ps = part->interval_ps;
      SUPERION_RETURN_IF_ERROR(JoinIons(*std::move(part), interval_ps, &input->ions[*seed]));
    } else {
      input->ions.push_back(*std::move(part));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SpeciesSums> SumsOfTrajectory(const IonTrajectory& trajectory) {
  SpeciesSums out;
  out.origin = trajectory.origin;
  out.interval_ps = trajectory.interval_ps;
  out.temperature_k = trajectory.temperature_k;
  out.volume_angstrom3 = trajectory.volume_angstrom3;
  const std::set<std::string> names(trajectory.species.begin(), trajectory.species.end());
  out.species.assign(names.begin(), names.end());
  out.counts.assign(names.size(), 0);
  out.displacement.resize(names.size());
  const size_t n = trajectory.n_frames();
  for (auto& d : out.displacement) {
    for (auto& c : d) c.assign(n, 0.0);
  }
  for (size_t i = 0; i < trajectory.species.size(); ++i) {
    const auto a =
        static_cast<size_t>(std::lower_bound(out.species.begin(), out.species.end(), trajectory.species[i]) -
                            out.species.begin());
    ++out.counts[a];
    for (size_t c = 0; c < 3; ++c) {
      const auto& x = trajectory.positions[3 * i + c];
      for (size_t k = 0; k < n; ++k) out.displacement[a][c][k] += x[k] - x[0];
    }
  }
  for (size_t k = 0; k < n; ++k) out.steps.push_back(static_cast<double>(k));
  return out;
}

absl::StatusOr<AnalysisInput> ReadInputs(const std::vector<std::string>& paths, const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const auto files, Expand(paths));
  AnalysisInput input;
  std::vector<SpeciesSums> segments;
  std::vector<std::optional<IonTrajectory>> parts;
  for (const std::string& file : files) {
    SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(file));
    if (format == FileFormat::kStream) {
      SUPERION_ASSIGN_OR_RETURN(auto sums, SumsOfStream(file));
      if (sums.steps.empty()) LeaveOut(sums, &input);
      segments.push_back(std::move(sums));
    } else {
      Mat3 cell{};
      absl::StatusOr<IonTrajectory> ions = ReadIonTrajectory(file, options, &cell, &input.notes);
      if (absl::IsOutOfRange(ions.status())) {
        input.left_out.emplace_back(ions.status().message());
        parts.emplace_back();
        continue;
      }
      if (!ions.ok()) return ions.status();
      input.cells.push_back(cell);
      parts.emplace_back(*std::move(ions));
    }
  }
  SUPERION_ASSIGN_OR_RETURN(input.sums, JoinSums(std::move(segments), options));
  std::erase_if(input.sums, [&](const SpeciesSums& seed) {
    if (seed.steps.size() >= 2) return false;
    LeaveOut(seed, &input);
    return true;
  });
  if (!options.groups.empty() && !parts.empty()) {
    SUPERION_RETURN_IF_ERROR(JoinGroupedIons(options.groups, parts, &input));
  } else {
    SUPERION_RETURN_IF_ERROR(JoinIonsByTime(std::move(parts), &input));
  }
  if (input.sums.empty()) {
    for (const auto& ions : input.ions) {
      SUPERION_ASSIGN_OR_RETURN(auto sums, SumsOfTrajectory(ions));
      input.sums.push_back(std::move(sums));
    }
  }
  return input;
}

absl::StatusOr<DipoleSeries> ReadCurrent(const std::string& path, const std::vector<int64_t>& columns,
                                         double timestep_fs) {
  if (columns.empty()) return InvalidArgument("current {}: no column was named", path);
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  DipoleSeries out;
  out.interval_ps = timestep_fs / units::kFsPerPs;
  out.components.assign(columns.size(), {0.0});
  size_t line_number = 0;
  std::vector<double> row;
  for (const char *p = text.data(), *end = p + text.size(); p < end;) {
    ++line_number;
    const char* stop = std::find(p, end, '\n');
    row.clear();
    for (const char* q = p; q < stop;) {
      if (*q == ' ' || *q == '\t' || *q == ',' || *q == '\r') {
        ++q;
        continue;
      }
      if (*q == '#') break;
      double value = 0.0;
      const auto [rest, error] = std::from_chars(*q == '+' ? q + 1 : q, stop, value);
      if (error != std::errc() || !std::isfinite(value))
        return InvalidArgument("current {}, line {}: expected a finite number, found \"{}\"", path,
                               line_number,
                               std::string(q, std::min<size_t>(20, static_cast<size_t>(stop - q))));
      row.push_back(value);
      q = rest;
    }
    p = stop + 1;
    if (row.empty()) continue;
    for (size_t c = 0; c < columns.size(); ++c) {
      if (columns[c] < 1 || static_cast<size_t>(columns[c]) > row.size())
        return InvalidArgument("current {}, line {}: column {} was asked for, the line has {}", path,
                               line_number, columns[c], row.size());
      auto& series = out.components[c];
      series.push_back(series.back() + row[static_cast<size_t>(columns[c] - 1)] * out.interval_ps);
    }
  }
  if (out.size() < 2) return DataLoss("current {}: it holds no number", path);
  return out;
}

}  // namespace superion::analysis
