// superion analyze: conductivity, diffusion and verdict from displacement streams, trajectories or a current.
#include <cmath>
#include <filesystem>
#include <set>

#include "cli/above_zero.h"
#include "cli/analyze_structure.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/run_folder.h"
#include "cli/stand_alone.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::vector<std::string> sources, currents, types;
  std::string charges, mobile, columns = "1,2,3", wrapped, out;
  double temperature_k = 0, timestep_fs = 0, volume_angstrom3 = 0, target_s_tot = 0.10;
  int threads = 0;
  bool json = false, require_converged = false;
  StructureRequest structure;
};

absl::Status AddTypes(const std::vector<std::string>& types, Json* params) {
  for (const std::string& entry : types) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos)
      return InvalidArgument("--types: expected 1=Li,2=S, found \"{}\"", entry);
    (*params)["types"][entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return absl::OkStatus();
}

// A seed that is counted twice makes the interval too narrow.
absl::Status CheckDistinct(const TaskSpec& spec) {
  std::set<std::string> paths;
  for (const TaskInput& input : spec.inputs) {
    if (!paths.insert(input.path).second)
      return InvalidArgument("{} was given twice; every source is a seed of its own", input.path);
  }
  return absl::OkStatus();
}

absl::Status AddSources(const Options& o, TaskSpec* spec) {
  for (const std::string& source : o.sources) {
    SUPERION_ASSIGN_OR_RETURN(const std::vector<TaskInput> inputs, InputsOfRun(source));
    spec->inputs.insert(spec->inputs.end(), inputs.begin(), inputs.end());
  }
  for (const std::string& file : o.currents) {
    SUPERION_ASSIGN_OR_RETURN(TaskInput input, UserInput("current", file));
    spec->inputs.push_back(std::move(input));
  }
  return CheckDistinct(*spec);
}

absl::StatusOr<TaskSpec> Spec(const Options& o) {
  if (o.sources.empty() == o.currents.empty()) {
    return InvalidArgument("expected either folders or trajectories, or --current FILE");
  }
  TaskSpec spec;
  spec.kind = "analyze";
  spec.threads = o.threads;
  if (o.structure.wanted()) {
    spec.params = Json::object();
    SUPERION_RETURN_IF_ERROR(AddStructureParams(o.structure, &spec.params));
  } else {
    spec.params = {{"target_s_tot", o.target_s_tot}};
  }
  if (o.temperature_k > 0) spec.params["temperature_k"] = o.temperature_k;
  if (o.timestep_fs > 0) spec.params["timestep_fs"] = o.timestep_fs;
  if (o.volume_angstrom3 > 0) spec.params["volume_angstrom3"] = o.volume_angstrom3;
  if (!o.wrapped.empty()) spec.params["wrapped"] = o.wrapped;
  SUPERION_RETURN_IF_ERROR(AddTypes(o.types, &spec.params));
  if (o.structure.wanted()) {
    if (!o.currents.empty()) return InvalidArgument("a current holds no structure: give trajectories");
  } else if (!o.charges.empty()) {
    SUPERION_ASSIGN_OR_RETURN(spec.params["charges"], ParseCharges(o.charges));
  } else if (o.currents.empty()) {
    return InvalidArgument("--charges is needed, such as Li=1,S=-2");
  }
  if (!o.mobile.empty()) {
    for (size_t begin = 0; begin <= o.mobile.size();) {
      const size_t comma = std::min(o.mobile.find(',', begin), o.mobile.size());
      spec.params["mobile"].push_back(o.mobile.substr(begin, comma - begin));
      begin = comma + 1;
    }
  }
  if (!o.currents.empty()) {
    if (o.timestep_fs <= 0 || o.volume_angstrom3 <= 0 || o.temperature_k <= 0) {
      return InvalidArgument("--current needs --timestep-fs, --volume-angstrom3 and --temperature-k");
    }
    SUPERION_ASSIGN_OR_RETURN(const std::vector<double> columns, ParseNumbers("--columns", o.columns, 0));
    for (const double column : columns) {
      if (column < 1 || column != std::floor(column))
        return InvalidArgument("--columns: expected numbers from 1, found {}", o.columns);
      spec.params["columns"].push_back(static_cast<int64_t>(column));
    }
  }
  SUPERION_RETURN_IF_ERROR(AddSources(o, &spec));
  return spec;
}

absl::StatusOr<Json> Analyze(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(TaskSpec spec, Spec(options));
  if (options.structure.wanted()) return RunStructureTask(std::move(spec), options.out);
  const std::string target =
      options.out.empty() ? (std::filesystem::temp_directory_path() / "analysis").string() : options.out;
  SUPERION_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Beside(target));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  if (!options.out.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const std::string document, ArtifactPath(result, folder.path(), "analysis"));
    SUPERION_RETURN_IF_ERROR(MoveFile(document, options.out));
  }
  return result.metrics;
}

void Describe(const Json& m) {
  PrintLines(ConductivityLines(Json::array({m})));
  const Json tracer = m.value("d_tracer_cm2_per_s", Json::object());
  for (const auto& [symbol, d] : tracer.items()) {
    if (d.is_object() && d.contains("value") && d["value"].is_number()) {
      std::printf("         D(%s) = %.3g cm²/s\n", symbol.c_str(), d["value"].get<double>());
    }
  }
  const auto number = [&](const char* key, const char* format) {
    if (m.contains(key) && m[key].is_number()) std::printf(format, m[key].get<double>());
  };
  number("sigma_ne_s_per_m", "         Nernst-Einstein σ = %.3g S/m\n");
  number("haven_ratio", "         Haven ratio = %.3g\n");
  const Json needs = m.value("needs", Json());
  if (needs.is_object()) std::printf("         %s\n", needs.value("message", "").c_str());
}

}  // namespace

void AddAnalyze(CLI::App* program, VerbTable* verbs) {
  const auto o = std::make_shared<Options>();
  CLI::App* verb =
      program->add_subcommand("analyze", "ionic conductivity from MD, with interval and verdict");
  verb->add_option("source", o->sources, "folders of `superion md`, streams, trajectories; each is a seed");
  verb->add_option("--current", o->currents, "text file of the charge current in e·Å/ps, one line per step");
  verb->add_option("--columns", o->columns, "columns of the current, from 1")->capture_default_str();
  verb->add_option("--charges", o->charges, "formal charges, such as Li=1,S=-2");
  verb->add_option("--mobile", o->mobile,
                   "mobile species, such as Li (default: the smallest positive charge)");
  verb->add_option("--temperature-k", o->temperature_k, "when the source does not say it");
  verb->add_option("--timestep-fs", o->timestep_fs,
                   "time between lines or frames, when the source does not say it");
  verb->add_option("--volume-angstrom3", o->volume_angstrom3, "of the cell, with --current");
  verb->add_option("--types", o->types, "1=Li,2=S for LAMMPS dumps without elements")->delimiter(',');
  verb->add_option("--wrapped", o->wrapped, "whether positions jump at the cell's edge")
      ->check(CLI::IsMember({"auto", "yes", "no"}));
  verb->add_option("--target-s-tot", o->target_s_tot, "wanted standard deviation of ln σ")
      ->check(AboveZero())
      ->capture_default_str();
  verb->add_option("--threads", o->threads, "cores to use (default: all)");
  verb->add_option("--out", o->out,
                   "where to write the whole document with its curves (JSON; of structure: a folder)");
  verb->add_flag("--require-converged", o->require_converged, "exit code 3 when the result is not converged");
  verb->add_flag("--json", o->json, "print the document as JSON");
  AddStructureOptions(verb, &o->structure);
  (*verbs)[verb] = [o]() -> int {
    const absl::StatusOr<Json> metrics = Analyze(*o);
    if (!metrics.ok()) return Complain(metrics.status());
    if (o->json) {
      PrintJson(*metrics);
    } else if (o->structure.wanted()) {
      DescribeStructure(*metrics);
    } else {
      Describe(*metrics);
    }
    if (o->structure.wanted()) return kExitOk;
    return o->require_converged && !IsConverged({{"conductivity", {*metrics}}}) ? kExitNotConverged : kExitOk;
  };
}

}  // namespace superion
