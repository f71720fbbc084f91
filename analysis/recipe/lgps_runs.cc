// Which runs of the recipe lgps-nemd are driven, and what each kind of them gives.
#include <filesystem>

#include "analysis/reader/format_reader.h"
#include "analysis/recipe/lgps_nemd.h"
#include "analysis/structure/measure.h"

namespace superion::analysis {
namespace {

bool InField(const AnalysisInput& input) {
  for (const auto& run : input.sums) {
    if (run.field != Vec3{}) return true;
  }
  return false;
}

// Takes the runs without a field out of `input`, but for their sums over species: those are the equilibrium
// that the runs in a field are compared with. The paths of ions, which may fill the memory, are moved.
AnalysisInput TakeEquilibrium(AnalysisInput* input) {
  AnalysisInput out;
  for (const auto& run : input->sums) {
    if (run.field == Vec3{}) out.sums.push_back(run);
  }
  std::vector<IonTrajectory> driven;
  for (size_t k = 0; k < input->ions.size(); ++k) {
    if (input->ions[k].field != Vec3{}) {
      driven.push_back(std::move(input->ions[k]));
      continue;
    }
    out.ions.push_back(std::move(input->ions[k]));
    if (k < input->cells.size()) out.cells.push_back(input->cells[k]);
  }
  input->ions = std::move(driven);
  return out;
}

// Files of trajectories of one kind: those without a field, else all.
std::vector<std::string> StructurePaths(const AnalysisInput& input) {
  std::vector<std::string> still, all;
  for (const auto& ions : input.ions) {
    all.push_back(ions.origin);
    if (ions.field == Vec3{}) still.push_back(ions.origin);
  }
  return still.empty() ? all : still;
}

// Equilibrium runs need charges, which the runs in a field name themselves.
AnalysisOptions CompletedBy(const Json& nemd, AnalysisOptions options) {
  options.recipe.clear();  // it is not one of the kind analyze
  if (!nemd.is_object()) return options;
  nemd["charges"].get_to(options.charges);
  nemd["mobile"].get_to(options.mobile);
  options.temperature_k = nemd["temperature_k"];
  return options;
}

absl::StatusOr<Findings> Structure(const std::vector<std::string>& paths, const AnalysisOptions& options,
                                   const InputOptions& reading) {
  StructureOptions wanted;
  wanted.observables = {"rdf", "van-hove"};
  wanted.mobile = options.mobile;
  wanted.temperature_k = options.temperature_k;
  wanted.threads = options.threads;
  return MeasureStructure(paths, reading, wanted, [](double) {});
}

// Files of other programs do not say in which field they ran.
absl::Status CheckFieldsKnown(const AnalysisInput& input) {
  for (const auto& ions : input.ions) {
    SUPERION_ASSIGN_OR_RETURN(const FileFormat format, SniffFormat(ions.origin));
    if (format != FileFormat::kTrajectory)
      return InvalidArgument(
          "lgps-nemd: {} is not a trajectory of this program and does not say its field: give it without the "
          "runs in a field",
          ions.origin);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Findings> MeasureLgps(AnalysisInput input, const AnalysisOptions& given,
                                     const InputOptions& reading, const std::vector<std::string>& paths) {
  if (input.sums.empty())
    return InvalidArgument(
        "lgps-nemd: no run with two rows was given: runs in a field, runs without, or both");
  DrivenFindings f;
  for (const std::string& path : paths) {
    SUPERION_ASSIGN_OR_RETURN(Json document, ReadJson(path));
    if (!document.contains("barrier_forward_ev"))
      return InvalidArgument("{}: expected a document of superion neb, found no barrier_forward_ev", path);
    const auto folder = std::filesystem::path(path).parent_path().filename().string();
    f.paths.emplace_back(folder.empty() ? path : folder, std::move(document));
  }
  const bool driven = InField(input);
  if (driven) SUPERION_RETURN_IF_ERROR(CheckFieldsKnown(input));
  const auto trajectories = StructurePaths(input);
  const size_t runs = input.sums.size();
  AnalysisInput still = TakeEquilibrium(&input);
  if (driven) {
    SUPERION_ASSIGN_OR_RETURN(f.nemd, AnalyzeNemd(std::move(input), given));
  }
  const AnalysisOptions options = CompletedBy(f.nemd, given);
  Findings out;
  if (!trajectories.empty()) {
    SUPERION_ASSIGN_OR_RETURN(out, Structure(trajectories, options, reading));
    f.structure = out.document;
  }
  if (!still.sums.empty()) {
    if (options.charges.empty())
      return InvalidArgument(
          "lgps-nemd: --charges is needed, such as Li=1,S=-2: no run in a field names them");
    SUPERION_ASSIGN_OR_RETURN(f.equilibrium, AnalyzeIons(std::move(still), options));
  }
  out.document = driven ? f.nemd
                        : Json({{"temperature_k", f.equilibrium["temperature_k"]},
                                {"volume_angstrom3", f.equilibrium["volume_angstrom3"]},
                                {"charges", f.equilibrium["charges"]},
                                {"mobile", f.equilibrium["mobile"]},
                                {"runs", runs},
                                {"equilibrium_runs", runs},
                                {"directions", Json::array()},
                                {"d_tracer_cm2_per_s", Json::array()}});
  out.document["equilibrium"] = f.equilibrium;
  out.document["structure"] = f.structure;
  out.document["recipe"] = LgpsRecipe(f);
  return out;
}

}  // namespace superion::analysis
