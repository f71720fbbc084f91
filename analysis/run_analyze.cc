#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <thread>

#include "analysis/analyze.h"
#include "analysis/read_series.h"
#include "analysis/reader/cell_parameters.h"
#include "analysis/recipe/transport_recipe.h"
#include "core/file.h"

namespace superion::analysis {
namespace {

TaskResult Failure(absl::Status status) {
  TaskResult result;
  result.status = std::move(status);
  return result;
}

absl::Status CheckKeys(const Json& params, const std::set<std::string>& known) {
  for (const auto& [key, value] : params.items()) {
    if (!known.count(key)) return InvalidArgument("params.{}: not a parameter of analyze", key);
  }
  return absl::OkStatus();
}

// Reads an optional value of any JSON type that converts to T.
template <typename T>
absl::Status Get(const Json& params, const char* key, const char* expected, T* value) {
  const auto found = params.find(key);
  if (found == params.end() || found->is_null()) return absl::OkStatus();
  try {
    found->get_to(*value);
  } catch (const Json::exception&) {
    return InvalidArgument("params.{}: expected {}, found {}", key, expected, found->dump());
  }
  return absl::OkStatus();
}

absl::Status Positive(const char* key, double value) {
  if (value < 0.0) return InvalidArgument("params.{}: expected a number > 0, found {}", key, value);
  return absl::OkStatus();
}

// "auto", "none" or a list of 3x3 matrices.
absl::Status ParseSymmetry(const Json& params, AnalysisOptions* options) {
  const auto found = params.find("symmetry");
  if (found == params.end() || found->is_null() || *found == "auto") return absl::OkStatus();
  if (*found == "none") {
    options->find_symmetry = false;
    return absl::OkStatus();
  }
  return Get(params, "symmetry", "\"auto\", \"none\" or a list of 3x3 matrices", &options->rotations);
}

struct Parameters {
  AnalysisOptions options;
  InputOptions input;
  SeriesFiles series;
};

// Columns are numbers or names.
absl::Status GetColumns(const Json& p, const char* key, std::vector<std::string>* columns) {
  const auto found = p.find(key);
  if (found == p.end() || found->is_null()) return absl::OkStatus();
  columns->clear();
  for (const Json& column : *found) {
    if (!column.is_number_integer() && !column.is_string())
      return InvalidArgument("params.{}: expected a list of column numbers or names, found {}", key,
                             found->dump());
    columns->push_back(column.is_string() ? column.get<std::string>() : column.dump());
  }
  return absl::OkStatus();
}

// Files of a current or of a dipole: inputs, or the names of a parameter.
absl::Status GetSeries(const TaskSpec& spec, Parameters* out) {
  for (const char* kind : {"current", "dipole"}) {
    std::vector<std::string> files;
    const std::string key = std::string(kind) + "_file";
    if (const auto found = spec.params.find(key); found != spec.params.end() && found->is_string()) {
      files = {found->get<std::string>()};
    } else {
      SUPERION_RETURN_IF_ERROR(Get(spec.params, key.c_str(), "a path or a list of paths", &files));
    }
    for (const auto& path : InputPaths(spec, kind)) files.push_back(path);
    if (files.empty()) continue;
    if (!out->series.paths.empty()) return InvalidArgument("analyze: give currents or dipoles, not both");
    out->series.options.dipole = kind[0] == 'd';
    out->series.paths = files;
  }
  if (!out->series.paths.empty() &&
      spec.inputs.size() > InputPaths(spec, "current").size() + InputPaths(spec, "dipole").size())
    return InvalidArgument("analyze: give either a current or dipole, or streams and trajectories, not both");
  return absl::OkStatus();
}

absl::StatusOr<Parameters> Parse(const TaskSpec& spec) {
  const Json& p = spec.params;
  SUPERION_RETURN_IF_ERROR(CheckKeys(p, {"charges",
                                         "mobile",
                                         "temperature_k",
                                         "target_s_tot",
                                         "budget_exhausted",
                                         "groups",
                                         "current_file",
                                         "dipole_file",
                                         "unit",
                                         "columns",
                                         "timestep_fs",
                                         "volume_angstrom3",
                                         "types",
                                         "species",
                                         "wrapped",
                                         "memory_mib",
                                         "factor",
                                         "auxiliary_columns",
                                         "cell_angstrom",
                                         "charge_column",
                                         "per_axis",
                                         "symmetry",
                                         "symmetry_tolerance_angstrom",
                                         "block_ps",
                                         "cepstral_cutoff_thz",
                                         "recipe"}));
  Parameters out;
  out.options.threads =
      spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  SUPERION_RETURN_IF_ERROR(Get(p, "charges", "an object {species: charge}", &out.options.charges));
  SUPERION_RETURN_IF_ERROR(Get(p, "mobile", "a list of species", &out.options.mobile));
  SUPERION_RETURN_IF_ERROR(Get(p, "temperature_k", "a number", &out.options.temperature_k));
  SUPERION_RETURN_IF_ERROR(Get(p, "target_s_tot", "a number", &out.options.target_s_tot));
  SUPERION_RETURN_IF_ERROR(Get(p, "budget_exhausted", "true or false", &out.options.budget_exhausted));
  SUPERION_RETURN_IF_ERROR(Get(p, "per_axis", "true or false", &out.options.per_axis));
  SUPERION_RETURN_IF_ERROR(Get(p, "block_ps", "a list of lengths", &out.options.block_ps));
  SUPERION_RETURN_IF_ERROR(Get(p, "cepstral_cutoff_thz", "a number", &out.options.cepstral_cutoff_thz));
  SUPERION_RETURN_IF_ERROR(
      Get(p, "symmetry_tolerance_angstrom", "a number", &out.options.symmetry_tolerance_angstrom));
  SUPERION_RETURN_IF_ERROR(Get(p, "recipe", "a name", &out.options.recipe));
  if (!out.options.recipe.empty()) SUPERION_RETURN_IF_ERROR(CheckTransportRecipe(out.options.recipe));
  SUPERION_RETURN_IF_ERROR(ParseSymmetry(p, &out.options));
  SUPERION_RETURN_IF_ERROR(Get(p, "groups", "a list of lists of indices", &out.input.groups));
  SUPERION_RETURN_IF_ERROR(Get(p, "memory_mib", "a number", &out.input.memory_mib));
  SUPERION_RETURN_IF_ERROR(Get(p, "charge_column", "the name of a column", &out.input.charge_column));
  SUPERION_RETURN_IF_ERROR(Get(p, "unit", "the name of a unit", &out.series.options.unit));
  SUPERION_RETURN_IF_ERROR(GetColumns(p, "columns", &out.series.options.columns));
  SUPERION_RETURN_IF_ERROR(GetColumns(p, "auxiliary_columns", &out.series.auxiliary_columns));
  SUPERION_RETURN_IF_ERROR(Get(p, "timestep_fs", "a number", &out.input.timestep_fs));
  SUPERION_RETURN_IF_ERROR(Get(p, "volume_angstrom3", "a number", &out.series.options.volume_angstrom3));
  SUPERION_RETURN_IF_ERROR(Get(p, "factor", "a number", &out.series.options.factor));
  if (!(std::abs(out.series.options.factor) > 0.0) || !std::isfinite(out.series.options.factor))
    return InvalidArgument("params.factor: expected a number other than 0, found {}",
                           out.series.options.factor);
  std::vector<double> cell;
  SUPERION_RETURN_IF_ERROR(Get(p, "cell_angstrom", "a list of numbers", &cell));
  if (!cell.empty()) {
    SUPERION_ASSIGN_OR_RETURN(out.input.cell, CellOf(cell));
  }
  SUPERION_RETURN_IF_ERROR(Get(p, "types", "an object {type: species}", &out.input.types));
  SUPERION_RETURN_IF_ERROR(Get(p, "species", "a list of [species, number of atoms]", &out.input.species));
  SUPERION_RETURN_IF_ERROR(Get(p, "wrapped", "\"auto\", \"yes\" or \"no\"", &out.input.wrapped));
  SUPERION_RETURN_IF_ERROR(GetSeries(spec, &out));
  SUPERION_RETURN_IF_ERROR(Positive("temperature_k", out.options.temperature_k));
  SUPERION_RETURN_IF_ERROR(Positive("timestep_fs", out.input.timestep_fs));
  SUPERION_RETURN_IF_ERROR(Positive("cepstral_cutoff_thz", out.options.cepstral_cutoff_thz));
  SUPERION_RETURN_IF_ERROR(Positive("volume_angstrom3", out.series.options.volume_angstrom3));
  out.series.options.timestep_fs = out.input.timestep_fs;
  if (!(out.input.memory_mib >= 16.0))
    return InvalidArgument("params.memory_mib: expected at least 16, found {}", out.input.memory_mib);
  out.series.memory_mib = out.input.memory_mib;
  SUPERION_RETURN_IF_ERROR(Positive("symmetry_tolerance_angstrom", out.options.symmetry_tolerance_angstrom));
  for (double length : out.options.block_ps) {
    if (!(length > 0.0)) return InvalidArgument("params.block_ps: expected lengths > 0, found {}", length);
  }
  if (!(out.options.target_s_tot > 0.0))
    return InvalidArgument("params.target_s_tot: expected a number > 0, found {}", out.options.target_s_tot);
  if (out.input.wrapped != "auto" && out.input.wrapped != "yes" && out.input.wrapped != "no")
    return InvalidArgument("params.wrapped: expected \"auto\", \"yes\" or \"no\", found \"{}\"",
                           out.input.wrapped);
  return out;
}

// The result when every run was stopped before it moved: not an error of the one who asks, and not a number.
Json NotMeasured(const AnalysisInput& input, const AnalysisOptions& options) {
  const double temperature_k =
      options.temperature_k > 0.0 ? options.temperature_k : input.left_out_temperature_k;
  Json out = {{"status", "NOT_MEASURED"},
              {"temperature_k", temperature_k > 0.0 ? Json(temperature_k) : Json(nullptr)},
              {"ci95_s_per_m", {nullptr, nullptr}},
              {"total_time_ps", 0.0},
              {"n_seeds", 0},
              {"gates", Json::array()},
              {"estimators", Json::object()},
              {"limited_by", ""},
              {"message", "not measured: no run holds two rows, each was stopped before it moved"}};
  for (const char* key : {"sigma_s_per_m", "s_tot", "tau_c_ps", "d_tracer_cm2_per_s", "sigma_ne_s_per_m",
                          "sigma_ne_ci95_s_per_m", "haven_ratio", "haven_ratio_ci95", "needs"})
    out[key] = nullptr;
  return out;
}

// Those of the files before those of the analysis.
void AddNotes(std::vector<std::string> notes, Json* document) {
  for (const Json& note : document->value("notes", Json::array())) notes.push_back(note.get<std::string>());
  if (!notes.empty()) (*document)["notes"] = notes;
}

absl::StatusOr<Json> OfSeries(const Parameters& p, const ProgressSink& progress) {
  if (!(p.series.options.volume_angstrom3 > 0.0))
    return InvalidArgument("params.volume_angstrom3: needed with a current or a dipole");
  std::vector<std::string> notes;
  AnalysisOptions options = p.options;
  SUPERION_ASSIGN_OR_RETURN(const DipoleInput input, ReadSeries(p.series, &notes));
  if (!(options.temperature_k > 0.0)) {
    SUPERION_ASSIGN_OR_RETURN(options.temperature_k, MeanTemperature(input));
  }
  progress({1, 2, "stages", "read"});
  SUPERION_ASSIGN_OR_RETURN(Json out, AnalyzeDipoles(input, p.series.options.volume_angstrom3, options));
  AddNotes(notes, &out);
  return out;
}

// Charges that the files hold; a mobile species may be named without the charge that tells it from others.
void UseChargesOfFiles(const AnalysisInput& input, AnalysisOptions* options) {
  options->charges = input.charges;
  std::vector<std::string> mobile;
  for (const auto& name : options->mobile) {
    bool split = false;
    for (const auto& [label, charge] : input.charges) {
      if (label.rfind(name + "(", 0) != 0) continue;
      mobile.push_back(label);
      split = true;
    }
    if (!split) mobile.push_back(name);
  }
  options->mobile = mobile;
}

absl::StatusOr<Json> Document(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(Parameters p, Parse(spec));
  if (!p.series.paths.empty()) return OfSeries(p, progress);
  std::vector<std::string> paths;
  for (const TaskInput& input : spec.inputs) paths.push_back(input.path);
  if (paths.empty()) return InvalidArgument("analyze: no stream, trajectory or current was given");
  SUPERION_ASSIGN_OR_RETURN(AnalysisInput input, ReadInputs(paths, p.input));
  if (!p.input.charge_column.empty()) UseChargesOfFiles(input, &p.options);
  progress({1, 2, "stages", "read"});
  const std::vector<std::string> left_out = input.left_out, notes = input.notes;
  Json out;
  if (input.sums.empty()) {
    out = NotMeasured(input, p.options);
  } else {
    SUPERION_ASSIGN_OR_RETURN(out, AnalyzeIons(std::move(input), p.options));
  }
  if (!left_out.empty()) out["left_out"] = left_out;
  AddNotes(notes, &out);
  return out;
}

}  // namespace

TaskResult RunAnalyze(const TaskSpec& spec, const ProgressSink& progress) {
  auto document = Document(spec, progress);
  if (!document.ok()) return Failure(document.status());
  const std::string path = "analysis.json";
  if (auto status = WriteFileAtomically(path, document->dump(1) + "\n"); !status.ok()) return Failure(status);
  progress({2, 2, "stages", "analysed"});
  TaskResult result;
  result.metrics = *std::move(document);
  result.artifacts = {{"analysis", path, "", 0}};
  return result;
}

}  // namespace superion::analysis
