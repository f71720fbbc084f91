// superion analyze: conductivity, diffusion and verdict from displacement streams, trajectories or a current.
#include <filesystem>
#include <optional>
#include <set>

#include "cli/analyze_driven.h"
#include "cli/analyze_modes.h"
#include "cli/analyze_recipe.h"
#include "cli/analyze_structure.h"
#include "cli/exit_code.h"
#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/run_folder.h"
#include "cli/stand_alone.h"
#include "cli/status_text.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::vector<std::string> sources, currents, dipoles, types;
  std::string charges, charge_column, mobile, columns = "1,2,3", unit, wrapped, blocks_ps, out;
  std::string cell, auxiliary, species;
  std::optional<double> factor, cepstral_cutoff_thz;
  double temperature_k = 0, timestep_fs = 0, volume_angstrom3 = 0, target_s_tot = 0.10, memory_mib = 0;
  int threads = 0;
  bool join = false, json = false, require_converged = false, per_axis = false, no_symmetry = false;
  StructureRequest structure;
  DrivenRequest driven;
  RecipeRequest recipe;
  // The recipe decides what is measured.
  void ApplyRecipe() {
    structure.all = structure.all || recipe.of_structure();
    driven.nemd = driven.nemd || recipe.driven();
  }
  bool has_folder() const { return structure.wanted() || recipe.driven(); }  // --out is one
  bool is_series() const { return !currents.empty() || !dipoles.empty(); }
  AnalyzeMode mode() const {
    if (recipe.driven()) return AnalyzeMode::kLgps;
    if (driven.nemd) return AnalyzeMode::kNemd;
    if (driven.divergence) return AnalyzeMode::kDivergence;
    if (structure.wanted()) return AnalyzeMode::kStructure;
    return is_series() ? AnalyzeMode::kSeries : AnalyzeMode::kIons;
  }
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
  for (const auto& [kind, files] : {std::pair{"current", &o.currents}, {"dipole", &o.dipoles}}) {
    for (const std::string& file : *files) {
      SUPERION_ASSIGN_OR_RETURN(TaskInput input, UserInput(kind, file));
      spec->inputs.push_back(std::move(input));
    }
  }
  return CheckDistinct(*spec);
}

std::vector<std::string> AtCommas(const std::string& text) {
  std::vector<std::string> words;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t comma = std::min(text.find(',', begin), text.size());
    words.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return words;
}

absl::Status AddCharges(const Options& o, TaskSpec* spec) {
  if (o.structure.wanted()) {
    if (o.is_series()) return InvalidArgument("a current or dipole holds no structure: give trajectories");
  } else if (!o.charge_column.empty()) {
    if (!o.charges.empty()) return InvalidArgument("expected either --charges or --charge-column");
    spec->params["charge_column"] = o.charge_column;
  } else if (!o.charges.empty()) {
    SUPERION_ASSIGN_OR_RETURN(spec->params["charges"], ParseCharges(o.charges));
  } else if (!o.is_series()) {
    return InvalidArgument("--charges is needed, such as Li=1,S=-2");
  }
  if (!o.mobile.empty()) spec->params["mobile"] = AtCommas(o.mobile);
  return absl::OkStatus();
}

absl::Status AddSeries(const Options& o, TaskSpec* spec) {
  if (!o.is_series()) return absl::OkStatus();
  std::string missing;
  if (o.timestep_fs <= 0) missing = "--timestep-fs, the time between lines";
  if (o.volume_angstrom3 <= 0)
    missing += std::string(missing.empty() ? "" : ", and ") + "--volume-angstrom3, of the cell";
  if (!missing.empty())
    return InvalidArgument("{} needs {}", o.currents.empty() ? "--dipole" : "--current", missing);
  spec->params["columns"] = Json::array();
  for (const std::string& column : AtCommas(o.columns)) {
    // A number, or a name in the line of names.
    if (column.find_first_not_of("0123456789") == std::string::npos && !column.empty()) {
      if (std::stoll(column.substr(0, 9)) < 1)
        return InvalidArgument("--columns: expected numbers from 1, found {}", o.columns);
      spec->params["columns"].push_back(std::stoll(column.substr(0, 9)));
    } else {
      spec->params["columns"].push_back(column);
    }
  }
  if (!o.unit.empty()) spec->params["unit"] = o.unit;
  if (!o.auxiliary.empty()) spec->params["auxiliary_columns"] = AtCommas(o.auxiliary);
  if (o.factor) spec->params["factor"] = *o.factor;
  return absl::OkStatus();
}

absl::Status AddTensor(const Options& o, Json* params) {
  if (o.per_axis) (*params)["per_axis"] = true;
  if (o.no_symmetry) (*params)["symmetry"] = "none";
  if (o.cepstral_cutoff_thz) (*params)["cepstral_cutoff_thz"] = *o.cepstral_cutoff_thz;
  if (o.blocks_ps.empty()) return absl::OkStatus();
  SUPERION_ASSIGN_OR_RETURN((*params)["block_ps"],
                            ParseNumbers("--block-ps", o.blocks_ps, 0, limits::kTimePs));
  return absl::OkStatus();
}

// All trajectories are pieces of one run, in the order given.
void AddJoin(TaskSpec* spec) {
  Json group = Json::array();
  // Indices count the files of one kind: a run that left streams and trajectories has as many of each.
  const size_t n = std::max(InputPaths(*spec, "stream").size(), InputPaths(*spec, "trajectory").size());
  for (size_t k = 0; k < n; ++k) group.push_back(k);
  spec->params["groups"] = Json::array({group});
}

// What files of other programs do not say.
absl::Status AddReading(const Options& o, Json* params) {
  if (o.timestep_fs > 0) (*params)["timestep_fs"] = o.timestep_fs;
  if (o.memory_mib > 0) (*params)["memory_mib"] = o.memory_mib;
  if (!o.wrapped.empty()) (*params)["wrapped"] = o.wrapped;
  if (!o.cell.empty()) {
    SUPERION_ASSIGN_OR_RETURN((*params)["cell_angstrom"], ParseNumbers("--cell-angstrom", o.cell, 0));
  }
  if (!o.species.empty()) {
    SUPERION_ASSIGN_OR_RETURN((*params)["species"], ParseSpecies(o.species));
  }
  return AddTypes(o.types, params);
}

// Runs in fields, whose headers say field and charges, or pairs of twins.
absl::StatusOr<TaskSpec> DrivenSpec(const Options& o) {
  if (o.sources.empty() || o.is_series() || o.structure.wanted() || (o.driven.nemd && o.driven.divergence))
    return InvalidArgument("expected folders of runs with either --nemd or --divergence");
  TaskSpec spec;
  spec.kind = o.driven.kind();
  spec.threads = o.threads;
  SUPERION_RETURN_IF_ERROR(AddSources(o, &spec));
  if (o.driven.divergence) {
    std::erase_if(spec.inputs, [](const TaskInput& input) { return input.name != "trajectory"; });
    return spec;
  }
  SUPERION_RETURN_IF_ERROR(AddRecipe(o.recipe, &spec));
  if (o.recipe.driven()) SUPERION_RETURN_IF_ERROR(AddReading(o, &spec.params));
  if (o.temperature_k > 0) spec.params["temperature_k"] = o.temperature_k;
  if (!o.mobile.empty()) spec.params["mobile"] = AtCommas(o.mobile);
  if (!o.charges.empty()) {
    SUPERION_ASSIGN_OR_RETURN(spec.params["charges"], ParseCharges(o.charges));
  }
  return spec;
}

absl::StatusOr<TaskSpec> Spec(const Options& o) {
  if (o.driven.wanted()) return DrivenSpec(o);
  if (o.sources.empty() != o.is_series() || (!o.currents.empty() && !o.dipoles.empty()))
    return InvalidArgument("expected either folders or trajectories, or --current FILE, or --dipole FILE");
  TaskSpec spec;
  spec.kind = "analyze";
  spec.threads = o.threads;
  if (o.structure.wanted()) {
    spec.params = Json::object();
    SUPERION_RETURN_IF_ERROR(AddStructure(o.structure, &spec));
  } else {
    spec.params = {{"target_s_tot", o.target_s_tot}};
    SUPERION_RETURN_IF_ERROR(AddTensor(o, &spec.params));
  }
  if (o.temperature_k > 0) spec.params["temperature_k"] = o.temperature_k;
  if (o.volume_angstrom3 > 0) spec.params["volume_angstrom3"] = o.volume_angstrom3;
  SUPERION_RETURN_IF_ERROR(AddReading(o, &spec.params));
  SUPERION_RETURN_IF_ERROR(AddCharges(o, &spec));
  SUPERION_RETURN_IF_ERROR(AddSeries(o, &spec));
  SUPERION_RETURN_IF_ERROR(AddSources(o, &spec));
  if (o.join) AddJoin(&spec);
  SUPERION_RETURN_IF_ERROR(AddRecipe(o.recipe, &spec));
  return spec;
}

absl::StatusOr<Json> Analyze(const Options& options) {
  SUPERION_ASSIGN_OR_RETURN(TaskSpec spec, Spec(options));
  if (options.structure.wanted()) {
    SUPERION_ASSIGN_OR_RETURN(spec, StructureTask(std::move(spec)));
  }
  if (options.has_folder()) return RunIntoFolder(std::move(spec), options.out);
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--out", options.out));
  const std::string target =
      options.out.empty() ? (std::filesystem::temp_directory_path() / "analysis").string() : options.out;
  SUPERION_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Beside(target));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  if (!options.out.empty()) {
    const char* name = options.driven.wanted() ? options.driven.kind() : "analysis";
    SUPERION_ASSIGN_OR_RETURN(const std::string document, ArtifactPath(result, folder.path(), name));
    SUPERION_RETURN_IF_ERROR(MoveFile(document, options.out));
  }
  return result.metrics;
}

// " 95 % [low, high]", or nothing.
std::string Interval(const Json& ci95) {
  if (!ci95.is_array() || ci95.size() != 2 || !ci95[0].is_number() || !ci95[1].is_number()) return "";
  return fmt::format("  95 % [{:.3g}, {:.3g}]", ci95[0].get<double>(), ci95[1].get<double>());
}

void Describe(const Json& m) {
  PrintLines(ConductivityLines(Json::array({m})));
  if (m.contains("sample_interval_ps"))
    std::printf("         %g ps in %d seeds, a sample every %g ps, V = %.6g Å³\n",
                m.value("total_time_ps", 0.0), m.value("n_seeds", 0), m.value("sample_interval_ps", 0.0),
                m.value("volume_angstrom3", 0.0));
  for (const Json& note : m.value("notes", Json::array()))
    std::printf("         note: %s\n", note.get<std::string>().c_str());
  const Json tracer = m.value("d_tracer_cm2_per_s", Json::object());
  for (const auto& [symbol, d] : tracer.items()) {
    if (d.is_object() && d.contains("value") && d["value"].is_number()) {
      std::printf("         D(%s) = %.3g cm²/s%s\n", symbol.c_str(), d["value"].get<double>(),
                  Interval(d.value("ci95", Json())).c_str());
    } else if (d.is_object() && !d.value("note", "").empty()) {
      std::printf("         D(%s): %s\n", symbol.c_str(), d.value("note", "").c_str());
    }
  }
  const auto number = [&](const char* key, const char* ci95, const char* name, const char* unit) {
    if (!m.contains(key) || !m[key].is_number()) return;
    std::printf("         %s = %.3g%s%s\n", name, m[key].get<double>(), unit,
                Interval(m.value(ci95, Json())).c_str());
  };
  number("sigma_ne_s_per_m", "sigma_ne_ci95_s_per_m", "Nernst-Einstein σ", " S/m");
  number("haven_ratio", "haven_ratio_ci95", "Haven ratio", "");
  if (const std::string limit = m.value("limited_by", ""); !limit.empty())
    std::printf("         limited by %s\n", limit.c_str());
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
  verb->add_option("--dipole", o->dipoles, "text file of the dipole of the cell in e·Å, one line per step");
  verb->add_option("--columns", o->columns, "columns of the current or dipole, numbers from 1 or names")
      ->capture_default_str();
  verb->add_option(
      "--unit", o->unit,
      "of the current (e*A/ps, e*A/fs, e*nm/ps, e*m/s, e*bohr/aut, A*m, A/m^2, e/(A^2*ps)) or of the "
      "dipole (e*A, e*nm, e*bohr, debye, C*m)");
  verb->add_option("--auxiliary-columns", o->auxiliary,
                   "columns of other currents: adds the cepstral estimate of σ at their absence");
  verb->add_option("--factor", o->factor, "turns the numbers of the current or dipole into that unit")
      ->check(Within(Range{-1e19, 1e19}));
  verb->add_option("--charges", o->charges, "formal charges, such as Li=1,S=-2, or a file of lines \"Li 1\"");
  verb->add_option("--charge-column", o->charge_column, "take the charge of every atom from this column");
  verb->add_option("--mobile", o->mobile,
                   "mobile species, such as Li (default: the charge nearest to zero, cations first)");
  verb->add_option("--temperature-k", o->temperature_k, "when the source does not say it")
      ->check(Within(limits::kTemperatureK));
  verb->add_option(
          "--timestep-fs", o->timestep_fs,
          "time between frames or lines (XYZ, XDATCAR, H5MD, text); of a LAMMPS dump, which counts MD "
          "steps: the MD time step")
      ->check(Within(Positive(1e9)));
  verb->add_option("--volume-angstrom3", o->volume_angstrom3, "of the cell, with --current or --dipole")
      ->check(Within(Positive(1e12)));
  verb->add_option("--cell-angstrom", o->cell,
                   "a,b,c or a,b,c,alpha,beta,gamma or nine components, of trajectories that hold no cell");
  verb->add_option("--types", o->types, "1=Li,2=S for files that number their species")->delimiter(',');
  verb->add_option(
      "--species", o->species,
      "of all atoms in the order of the file, for files without them: Li64,S32 or a structure file");
  verb->add_option("--wrapped", o->wrapped, "whether positions jump at the cell's edge")
      ->check(CLI::IsMember({"auto", "yes", "no"}));
  verb->add_option("--target-s-tot", o->target_s_tot, "wanted standard deviation of ln σ")
      ->check(Within(Positive(10)))
      ->capture_default_str();
  verb->add_flag("--per-axis", o->per_axis, "the target for every Cartesian axis");
  verb->add_flag("--no-symmetry", o->no_symmetry, "leave the conductivity tensor as it was sampled");
  verb->add_option(
          "--cepstral-cutoff-thz", o->cepstral_cutoff_thz,
          "f* of the cepstral estimates, to repeat a published one (default: four times the flat band)")
      ->check(Within(Positive(1e6)));
  verb->add_option("--block-ps", o->blocks_ps, "lengths for the block method, such as 85,170,340");
  verb->add_flag("--join", o->join, "the files are consecutive pieces of one run, in this order");
  verb->add_option("--memory-mib", o->memory_mib,
                   "for paths of ions; what is more goes to a file (default 2048)")
      ->check(Within(AtLeast(16, 1e9)));
  verb->add_option("--threads", o->threads, "cores to use (default: all)")->check(Within(limits::kThreads));
  verb->add_option(
      "--out", o->out,
      "the whole document with its curves: a JSON file; with --structure, --observables and the recipes "
      "validation, glass, lgps-nemd a folder");
  verb->add_flag("--require-converged", o->require_converged, "exit code 3 when the result is not converged");
  verb->add_flag("--json", o->json, "print the document as JSON");
  AddStructureOptions(verb, &o->structure);
  AddDrivenOptions(verb, &o->driven);
  AddRecipeOptions(verb, &o->recipe);
  (*verbs)[verb] = [o, verb]() -> int {
    o->ApplyRecipe();
    const absl::Status meant =
        CheckOptionsOfMode(*verb, o->mode(), o->structure.all ? "" : o->structure.observables);
    if (!meant.ok()) return Complain(meant);
    const absl::StatusOr<Json> metrics = Analyze(*o);
    if (!metrics.ok()) return Complain(metrics.status());
    if (o->json) {
      PrintJson(*metrics);
    } else if (o->structure.wanted()) {
      DescribeStructure(*metrics);
    } else if (o->driven.wanted()) {
      DescribeDriven(o->driven, *metrics);
      if (metrics->value("equilibrium", Json()).is_object()) Describe((*metrics)["equilibrium"]);
    } else {
      Describe(*metrics);
    }
    if (!o->json) DescribeRecipe(*metrics);
    if (o->structure.wanted() || o->driven.wanted()) return kExitOk;
    return o->require_converged && !IsConverged({{"conductivity", {*metrics}}}) ? kExitNotConverged : kExitOk;
  };
}

}  // namespace superion
