#include "analysis/reader/inputs.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "analysis/reader/cell_parameters.h"
#include "analysis/reader/format_reader.h"
#include "analysis/reader/trajectory_formats.h"
#include "core/stream.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;

// Whether a file of this name in a folder is a trajectory of another program.
bool NamedLikeATrajectory(const fs::path& path) {
  fs::path name = path.filename();
  for (const char* compressed : {".gz", ".zst", ".xz", ".bz2"}) {
    if (name.extension() == compressed) {
      name = name.stem();
      break;
    }
  }
  const std::string suffix = name.extension().string(), whole = name.string();
  for (const char* known : {".xyz", ".extxyz", ".lammpstrj", ".dump", ".h5", ".h5md"}) {
    if (suffix == known) return true;
  }
  return whole.rfind("XDATCAR", 0) == 0 || whole.rfind("dump.", 0) == 0;
}

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
      const std::string name = it->path().filename().string();
      if (name.rfind("stream", 0) == 0 || name.rfind("trajectory", 0) == 0)
        own.push_back(it->path().string());
      if (NamedLikeATrajectory(it->path())) others.push_back(it->path().string());
    }
    if (error) return Unavailable("reading the folder {}: {}", path, error.message());
    auto& found = own.empty() ? others : own;
    if (found.empty())
      return NotFound(
          "the folder {} holds no trajectory: no file whose name begins with stream, trajectory, XDATCAR or "
          "dump., nor any .xyz, .extxyz, .lammpstrj, .dump, .h5 or .h5md",
          path);
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  return files;
}

void AppendRow(const double* row, const StreamHeader& header, SpeciesSums* out) {
  out->steps.push_back(row[0]);
  const double* next = row + 1;
  for (auto& displacement : out->displacement) {
    for (auto& component : displacement) component.push_back(*next++);
  }
  for (const auto& name : header.scalars) out->scalars[name].push_back(*next++);
}

// `k`: number of the row from 0.
absl::Status CheckSpacing(const std::string& path, size_t k, double found, double expected) {
  if (found == expected) return absl::OkStatus();
  return DataLoss("{}: rows {} and {} are {} steps apart, the first two {}: rows are missing", path, k, k + 1,
                  found, expected);
}

// The sums of the rows whose number in the run is a multiple of `stride`: a displacement over several
// intervals is exact, so that nothing but the highest frequencies is lost.
absl::StatusOr<SpeciesSums> SumsOfStream(const std::string& path, size_t stride) {
  SUPERION_ASSIGN_OR_RETURN(const StreamHeader header, ReadStreamHeader(path));
  SpeciesSums out;
  out.origin = path;
  out.interval_ps = header.interval_ps * static_cast<double>(stride);
  out.temperature_k = header.temperature_k;
  out.species = header.species;
  out.counts = header.counts;
  out.masses_u = header.masses_u;
  out.cell = header.cell;
  out.field = header.field_v_per_angstrom;
  for (size_t a = 0; a < header.charges_e.size(); ++a)
    out.field_charges[out.species[a]] = header.charges_e[a];
  out.displacement.resize(out.species.size());
  std::vector<double> first;  // the first row, until the spacing of the steps is known
  double last_step = 0.0, spacing = 0.0;
  SUPERION_RETURN_IF_ERROR(ForEachRecord(path, header.columns(), [&](size_t k, const double* row) {
    if (k == 1) spacing = row[0] - last_step;
    if (k > 1) SUPERION_RETURN_IF_ERROR(CheckSpacing(path, k, row[0] - last_step, spacing));
    last_step = row[0];
    if (stride > 1 && k == 0) {
      first.assign(row, row + header.columns());
      return absl::OkStatus();
    }
    const auto number = [&](double step) { return static_cast<int64_t>(std::llround(step / spacing)); };
    const auto wanted = static_cast<int64_t>(stride);
    if (stride > 1 && k == 1 && number(first[0]) % wanted == 0) AppendRow(first.data(), header, &out);
    if (stride == 1 || number(row[0]) % wanted == 0) AppendRow(row, header, &out);
    return absl::OkStatus();
  }));
  // At constant pressure the cell of the start is not that of the run.
  out.volume_angstrom3 = std::abs(Determinant(header.cell));
  if (const auto found = out.scalars.find("volume_angstrom3"); found != out.scalars.end())
    out.volume_angstrom3 = std::accumulate(found->second.begin(), found->second.end(), 0.0) /
                           static_cast<double>(found->second.size());
  return out;
}

// The rows of a seed must follow each other without a gap.
absl::Status CheckSteps(const SpeciesSums& sums) {
  for (size_t k = 2; k < sums.steps.size(); ++k) {
    const double first = sums.steps[1] - sums.steps[0], here = sums.steps[k] - sums.steps[k - 1];
    SUPERION_RETURN_IF_ERROR(CheckSpacing(sums.origin, k, here, first));
  }
  return absl::OkStatus();
}

void Append(std::vector<double>* to, const std::vector<double>& from, size_t skip) {
  to->insert(to->end(), from.begin() + static_cast<std::ptrdiff_t>(skip), from.end());
}

absl::Status Join(const SpeciesSums& next, SpeciesSums* sums) {
  if (next.species != sums->species || next.counts != sums->counts || next.interval_ps != sums->interval_ps ||
      next.field != sums->field)
    return InvalidArgument("{} cannot continue {}: other ions, another interval or another field",
                           next.origin, sums->origin);
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
    if (seed.species != segment.species || seed.counts != segment.counts || seed.field != segment.field ||
        seed.steps.empty())
      continue;
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

// How many bytes a row takes in memory: its numbers, and what is computed from each species.
double BytesPerRow(const StreamHeader& header) {
  return 8.0 * static_cast<double>(header.columns()) + 150.0 * static_cast<double>(header.species.size());
}

// The smallest stride with which the rows of all streams fit into half of the memory.
absl::StatusOr<size_t> StrideOfStreams(const std::vector<std::string>& files, double memory_mib) {
  double bytes = 0.0;
  for (const auto& file : files) {
    SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(file));
    if (format != FileFormat::kStream) continue;
    SUPERION_ASSIGN_OR_RETURN(const StreamHeader header, ReadStreamHeader(file));
    std::error_code error;
    const double rows =
        static_cast<double>(fs::file_size(file, error)) / (8.0 * static_cast<double>(header.columns()));
    if (!error) bytes += rows * BytesPerRow(header);
  }
  return static_cast<size_t>(std::max(1.0, std::ceil(bytes / (0.5 * memory_mib * (size_t{1} << 20)))));
}

void LeaveOut(const SpeciesSums& sums, AnalysisInput* input) {
  input->left_out.push_back(
      fmt::format("{}: {} rows, at least 2 are needed", sums.origin, sums.steps.size()));
  input->left_out_temperature_k = sums.temperature_k;
}

}  // namespace

absl::StatusOr<SpeciesSums> SumsOfTrajectory(const IonTrajectory& trajectory) {
  SpeciesSums out;
  out.origin = trajectory.origin;
  out.interval_ps = trajectory.interval_ps;
  out.temperature_k = trajectory.temperature_k;
  out.volume_angstrom3 = trajectory.volume_angstrom3;
  out.field = trajectory.field;
  for (auto& path : SpeciesPaths(trajectory)) {
    out.species.push_back(path.species);
    out.counts.push_back(path.count);
    out.masses_u.push_back(path.mass_u);
    out.displacement.push_back(std::move(path.displacement));
  }
  const size_t n = trajectory.n_frames();
  if (trajectory.kinetic_temperature_k.size() == n)
    out.scalars["temperature_k"] = trajectory.kinetic_temperature_k;
  for (size_t k = 0; k < n; ++k) out.steps.push_back(static_cast<double>(k));
  return out;
}

absl::StatusOr<AnalysisInput> ReadInputs(const std::vector<std::string>& paths, const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(const auto files, Expand(paths));
  AnalysisInput input;
  // Half of the memory for the paths; the rest for what is computed from them.
  const auto store = std::make_shared<PathStore>(
      options.spill_folder, static_cast<size_t>(options.memory_mib * 0.5 * (size_t{1} << 20)));
  std::vector<SpeciesSums> segments;
  std::vector<std::optional<ReadTrajectory>> parts;
  SUPERION_ASSIGN_OR_RETURN(const size_t stride, StrideOfStreams(files, options.memory_mib));
  if (stride > 1)
    input.notes.push_back(
        fmt::format("one row in {} of the streams is used, as many as memory_mib = {} holds: displacements "
                    "over the longer "
                    "interval are exact",
                    stride, options.memory_mib));
  for (const std::string& file : files) {
    SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(file));
    if (format == FileFormat::kStream) {
      SUPERION_ASSIGN_OR_RETURN(auto sums, SumsOfStream(file, stride));
      SUPERION_RETURN_IF_ERROR(CheckSameCell(options.cell, sums.cell, file));
      if (sums.steps.empty()) LeaveOut(sums, &input);
      segments.push_back(std::move(sums));
    } else {
      absl::StatusOr<ReadTrajectory> ions = ReadIonTrajectory(file, options, store);
      if (absl::IsOutOfRange(ions.status())) {
        input.left_out.emplace_back(ions.status().message());
        parts.emplace_back();
        continue;
      }
      if (!ions.ok()) return ions.status();
      parts.emplace_back(*std::move(ions));
    }
  }
  SUPERION_ASSIGN_OR_RETURN(input.sums, JoinSums(std::move(segments), options));
  std::erase_if(input.sums, [&](const SpeciesSums& seed) {
    if (seed.steps.size() >= 2) return false;
    LeaveOut(seed, &input);
    return true;
  });
  const auto groups = parts.empty() ? std::vector<std::vector<size_t>>() : options.groups;
  SUPERION_ASSIGN_OR_RETURN(auto seeds, JoinTrajectories(std::move(parts), groups));
  for (auto& seed : seeds) {
    input.ions.push_back(std::move(seed.ions));
    input.cells.push_back(seed.cell);
    input.notes.insert(input.notes.end(), seed.notes.begin(), seed.notes.end());
    input.charges.insert(seed.charges.begin(), seed.charges.end());
  }
  if (!store->spilled()) {
    for (auto& ions : input.ions) SUPERION_RETURN_IF_ERROR(MoveIntoMemory(&ions));
  }
  if (input.sums.empty()) {
    for (const auto& ions : input.ions) {
      SUPERION_ASSIGN_OR_RETURN(auto sums, SumsOfTrajectory(ions));
      input.sums.push_back(std::move(sums));
    }
  }
  return input;
}

}  // namespace superion::analysis
