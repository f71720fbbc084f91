// The kind `structure`: from trajectories to the document `structure` and its curves (docs/task_contract.md).
#include <filesystem>
#include <optional>
#include <set>
#include <string_view>
#include <thread>

#include "analysis/analyze.h"
#include "analysis/reader/cell_parameters.h"
#include "analysis/recipe/recipe.h"
#include "analysis/structure/measure.h"
#include "core/file.h"
#include "core/structure_reader.h"

namespace superion::analysis {
namespace {

// Curves up to this length are in the document as well.
constexpr size_t kLongestInDocument = 1000;

// Reads optional parameters of any JSON type; remembers the first that does not fit.
class ParameterReader {
 public:
  explicit ParameterReader(const Json& params) : params_(params) {}

  template <typename T>
  ParameterReader& Get(const char* key, const char* expected, T* value) {
    known_.insert(key);
    const auto found = params_.find(key);
    if (!status_.ok() || found == params_.end() || found->is_null()) return *this;
    try {
      found->get_to(*value);
    } catch (const Json::exception&) {
      status_ = InvalidArgument("params.{}: expected {}, found {}", key, expected, found->dump());
    }
    return *this;
  }
  ParameterReader& GetPositive(const char* key, double* value) {
    Get(key, "a number > 0", value);
    const auto found = params_.find(key);
    if (status_.ok() && found != params_.end() && !found->is_null() && !(*value > 0.0))
      status_ = InvalidArgument("params.{}: expected a number > 0, found {}", key, found->dump());
    return *this;
  }
  absl::Status Finish() {
    for (const auto& [key, value] : params_.items()) {
      if (status_.ok() && !known_.count(key))
        status_ = InvalidArgument("params.{}: not a parameter of structure", key);
    }
    return status_;
  }

 private:
  const Json& params_;
  std::set<std::string> known_;
  absl::Status status_;
};

struct Parameters {
  StructureOptions structure;
  std::string recipe;
  InputOptions input;
};

// Every species of a reference structure has its sites there.
absl::Status AddSitesOf(const std::string& path, StructureOptions* options) {
  SUPERION_ASSIGN_OR_RETURN(const Structure structure, ReadStructure(path));
  if (Determinant(structure.cell) == 0.0) return InvalidArgument("sites: {} has no periodic cell", path);
  const Mat3 inverse = Inverse(structure.cell);
  for (size_t i = 0; i < structure.size(); ++i)
    options->site_fractions[structure.species[i]].push_back(structure.positions[i] * inverse);
  return absl::OkStatus();
}

absl::StatusOr<Parameters> Parse(const TaskSpec& spec) {
  Parameters p;
  StructureOptions& o = p.structure;
  o.threads =
      spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  Json coordination = Json::object(), empty = Json::object(), sites = Json::object();
  double memory_mib = 2048.0;
  ParameterReader reader(spec.params);
  reader.Get("recipe", "a name", &p.recipe);
  reader.Get("observables", "a list of names", &o.observables).Get("mobile", "a list of species", &o.mobile);
  reader.GetPositive("temperature_k", &o.temperature_k)
      .Get("blocks_per_seed", "a whole number", &o.blocks_per_seed);
  reader.GetPositive("r_max_angstrom", &o.r_max_angstrom).GetPositive("bin_angstrom", &o.bin_angstrom);
  reader.GetPositive("longest_lag_ps", &o.longest_lag_ps)
      .Get("wave_numbers_per_angstrom", "a list of numbers", &o.wave_numbers);
  reader.Get("coordination", "an object", &coordination).Get("empty_tetrahedra", "an object", &empty);
  reader.GetPositive("correlation_ps", &o.correlation_ps).GetPositive("low_pass_cm1", &o.low_pass_cm1);
  reader.GetPositive("smoothing_cm1", &o.smoothing_cm1).GetPositive("grid_angstrom", &o.grid_angstrom);
  reader.Get("sites", "an object", &sites);
  reader.GetPositive("memory_mib", &memory_mib).GetPositive("timestep_fs", &p.input.timestep_fs);
  reader.Get("groups", "a list of lists of indices", &p.input.groups);
  reader.Get("species", "a list of [species, number of atoms]", &p.input.species);
  reader.Get("types", "an object {type: species}", &p.input.types)
      .Get("wrapped", "\"auto\", \"yes\" or \"no\"", &p.input.wrapped);
  std::vector<double> cell;
  reader.Get("cell_angstrom", "a list of numbers", &cell);
  SUPERION_RETURN_IF_ERROR(reader.Finish());
  if (!cell.empty()) {
    SUPERION_ASSIGN_OR_RETURN(p.input.cell, CellOf(cell));
  }
  ParameterReader c(coordination);
  c.Get("centre", "a species", &o.coordination_centre).Get("neighbor", "a species", &o.coordination_neighbor);
  SUPERION_RETURN_IF_ERROR(c.Get("cutoffs_angstrom", "a list of numbers", &o.coordination_cutoffs).Finish());
  ParameterReader s(sites);
  s.GetPositive("separation_angstrom", &o.site_separation_angstrom)
      .Get("residence_ps", "a number >= 0", &o.residence_ps)
      .GetPositive("core_share", &o.core_share);
  SUPERION_RETURN_IF_ERROR(s.Finish());
  if (!(o.residence_ps >= 0.0) || o.core_share > 0.5)
    return InvalidArgument(
        "params.sites: expected residence_ps >= 0 and core_share <= 0.5 (cores must not overlap), found {} "
        "and {}",
        o.residence_ps, o.core_share);
  for (const auto& path : InputPaths(spec, "sites")) SUPERION_RETURN_IF_ERROR(AddSitesOf(path, &o));
  ParameterReader t(empty);
  t.Get("species", "a species", &o.empty_tetrahedra_species);
  SUPERION_RETURN_IF_ERROR(
      t.GetPositive("longest_edge_angstrom", &o.empty_tetrahedra_edge_angstrom).Finish());
  for (const auto* list : {&o.coordination_cutoffs, &o.wave_numbers}) {
    for (double v : *list) {
      if (!(v > 0.0)) return InvalidArgument("params: cutoffs and wave numbers are numbers > 0, found {}", v);
    }
  }
  if (p.input.wrapped != "auto" && p.input.wrapped != "yes" && p.input.wrapped != "no")
    return InvalidArgument("params.wrapped: expected \"auto\", \"yes\" or \"no\", found \"{}\"",
                           p.input.wrapped);
  if (!p.recipe.empty()) SUPERION_RETURN_IF_ERROR(PrepareRecipe(p.recipe, &o));
  o.most_bytes = static_cast<size_t>(memory_mib * 1048576.0);
  return p;
}

Json InDocument(const Table& table) {
  Json out = Json::object();
  for (size_t c = 0; c < table.columns.size(); ++c) {
    Json column = Json::array();
    for (double v : table.values[c]) column.push_back(NumberOrNull(v));
    out[table.columns[c]] = std::move(column);
  }
  return out;
}

// Writes every curve beside the document.
absl::StatusOr<TaskResult> Write(Findings findings) {
  TaskResult result;
  SUPERION_RETURN_IF_ERROR(WriteCurves(findings, &result));
  for (const Table& table : findings.tables) {
    if (!table.values.empty() && table.values[0].size() <= kLongestInDocument)
      findings.document["curves"][table.name] = InDocument(table);
  }
  for (const auto& [path, text] : findings.cubes) {
    SUPERION_RETURN_IF_ERROR(WriteFileAtomically(path, text));
    result.artifacts.push_back({"density", path, "", 0});
  }
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically("structure.json", DumpJson(findings.document, 1) + "\n"));
  result.artifacts.push_back({"structure", "structure.json", "", 0});
  result.metrics = std::move(findings.document);
  return result;
}

// One bar for all sets of runs, each an equal part of it.
class SetProgress {
 public:
  SetProgress(const TaskSpec& spec, const ProgressSink& sink) : sink_(sink) {
    for (const char* name : {"reference", "larger_cell"}) sets_ += InputPaths(spec, name).empty() ? 0.0 : 1.0;
  }
  // Takes the share of the next set that is done.
  std::function<void(double)> Next() {
    return [this, before = done_++](double share) { sink_({before + share, sets_, "sets of runs", "read"}); };
  }

 private:
  const ProgressSink& sink_;
  double sets_ = 1.0, done_ = 0.0;
};

// The same of other runs, for comparison; nothing where none are given.
absl::StatusOr<std::optional<Findings>> MeasureOther(const TaskSpec& spec, const char* name,
                                                     const Parameters& p, const Findings& findings,
                                                     SetProgress* progress) {
  const auto paths = InputPaths(spec, name);
  if (paths.empty()) return std::nullopt;
  StructureOptions options = p.structure;
  findings.document["mobile"].get_to(options.mobile);
  // Given sites are fractions of the cell of these runs.
  if (std::string_view(name) == "larger_cell") options.site_fractions.clear();
  // The same resolution of spectra, where the other runs are long enough.
  if (findings.document.contains("vdos"))
    findings.document["vdos"]["t_max_ps"].get_to(options.correlation_ps);
  InputOptions input = p.input;
  input.groups.clear();
  SUPERION_ASSIGN_OR_RETURN(Findings out, MeasureStructure(paths, input, options, progress->Next()));
  for (const auto& [species, n] : findings.document["composition"].items()) {
    if (!out.document["composition"].contains(species))
      return InvalidArgument("{}: holds no {}, unlike the runs that it is compared with", paths[0], species);
  }
  return out;
}

absl::Status Finish(const TaskSpec& spec, const Parameters& p, SetProgress* progress, Findings* findings) {
  RecipeInputs inputs;
  SUPERION_ASSIGN_OR_RETURN(const auto reference, MeasureOther(spec, "reference", p, *findings, progress));
  SUPERION_ASSIGN_OR_RETURN(const auto larger, MeasureOther(spec, "larger_cell", p, *findings, progress));
  if (reference) inputs.reference = &*reference;
  if (larger) inputs.larger = &*larger;
  for (const auto& path : InputPaths(spec, "evaluation")) {
    SUPERION_ASSIGN_OR_RETURN(inputs.evaluation, ReadJson(path));
  }
  AddRecipe(p.recipe, inputs, findings);
  return absl::OkStatus();
}

absl::StatusOr<TaskResult> Run(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(const Parameters p, Parse(spec));
  const auto paths = InputPaths(spec, "trajectory");
  if (paths.empty())
    return InvalidArgument("structure: no trajectory was given (displacement streams hold no structure)");
  SetProgress sets(spec, progress);
  SUPERION_ASSIGN_OR_RETURN(Findings findings, MeasureStructure(paths, p.input, p.structure, sets.Next()));
  if (!p.recipe.empty()) SUPERION_RETURN_IF_ERROR(Finish(spec, p, &sets, &findings));
  return Write(std::move(findings));
}

}  // namespace

absl::Status WriteCurves(const Findings& findings, TaskResult* result) {
  for (const Table& table : findings.tables) {
    const std::string path = table.name + ".csv";
    SUPERION_RETURN_IF_ERROR(WriteFileAtomically(path, table.CsvText()));
    result->artifacts.push_back({"curve", path, "", 0});
  }
  return absl::OkStatus();
}

TaskResult RunStructure(const TaskSpec& spec, const ProgressSink& progress) {
  auto result = Run(spec, progress);
  if (result.ok()) return *std::move(result);
  TaskResult failure;
  failure.status = result.status();
  return failure;
}

}  // namespace superion::analysis
