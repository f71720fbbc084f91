#include "md_runner/neb_task.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>
#include <utility>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/structure_reader.h"
#include "md_runner/hop.h"
#include "md_runner/model_force.h"
#include "md_runner/potential_surface.h"

namespace superion {
namespace {

constexpr int kCurvePoints = 201;
constexpr double kInnerMinimumDepth = 0.01;  // eV: what counts as a stop on the way

absl::Status ReadNumber(const Json& params, const char* key, double* value) {
  const auto found = params.find(key);
  if (found == params.end() || found->is_null()) return absl::OkStatus();
  if (!found->is_number() || !(found->get<double>() > 0.0) || !std::isfinite(found->get<double>()))
    return InvalidArgument("params.{}: expected a number > 0, found {}", key, found->dump());
  *value = found->get<double>();
  return absl::OkStatus();
}

absl::Status ReadCount(const Json& params, const char* key, int* value) {
  const auto found = params.find(key);
  if (found == params.end() || found->is_null()) return absl::OkStatus();
  if (!found->is_number_integer() || found->get<int64_t>() < 1 || found->get<int64_t>() > 1000000)
    return InvalidArgument("params.{}: expected an integer >= 1, found {}", key, found->dump());
  *value = found->get<int>();
  return absl::OkStatus();
}

absl::StatusOr<HopOptions> ParseOptions(const Json& params) {
  static const std::set<std::string> kKnown = {"images",
                                               "spring_ev_per_angstrom2",
                                               "force_tolerance_ev_per_angstrom",
                                               "relax_tolerance_ev_per_angstrom",
                                               "max_steps",
                                               "verify"};
  HopOptions options;
  for (const auto& [key, value] : params.items()) {
    if (!kKnown.contains(key))
      return InvalidArgument("params.{}: unknown parameter, expected one of {}", key,
                             fmt::join(kKnown, ", "));
  }
  SUPERION_RETURN_IF_ERROR(ReadCount(params, "images", &options.band.images));
  SUPERION_RETURN_IF_ERROR(ReadCount(params, "max_steps", &options.band.max_steps));
  SUPERION_RETURN_IF_ERROR(ReadNumber(params, "spring_ev_per_angstrom2", &options.band.spring));
  SUPERION_RETURN_IF_ERROR(
      ReadNumber(params, "force_tolerance_ev_per_angstrom", &options.band.force_tolerance));
  SUPERION_RETURN_IF_ERROR(
      ReadNumber(params, "relax_tolerance_ev_per_angstrom", &options.ends.force_tolerance));
  if (const auto verify = params.find("verify"); verify != params.end()) {
    if (!verify->is_boolean()) return InvalidArgument("params.verify: expected true or false");
    options.verify = verify->get<bool>();
  }
  return options;
}

Json SaddleJson(const Hop& hop) {
  if (hop.band.saddle < 0) return nullptr;
  const SurfacePoint& top = hop.band.points[static_cast<size_t>(hop.band.saddle)];
  double square = 0.0;
  for (const double f : top.forces) square += f * f;
  Json out = {{"image", hop.band.saddle},
              {"arc_angstrom", hop.band.arc[static_cast<size_t>(hop.band.saddle)]},
              {"force_norm_ev_per_angstrom", std::sqrt(square)},
              {"max_force_ev_per_angstrom", LargestBlock(top.forces, 3)},
              {"imaginary_modes", nullptr}};
  if (hop.modes.empty()) return out;
  out["imaginary_modes"] =
      std::count_if(hop.modes.begin(), hop.modes.end(), [](const Mode& m) { return m.eigenvalue < 0.0; });
  out["lowest_frequencies_thz"] = Json::array();
  for (const Mode& mode : hop.modes) out["lowest_frequencies_thz"].push_back(FrequencyThz(mode.eigenvalue));
  return out;
}

Json CurveJson(const EnergyProfile& profile) {
  Json arc = Json::array(), energy = Json::array();
  for (int k = 0; k < kCurvePoints; ++k) {
    const double s = profile.length() * k / (kCurvePoints - 1);
    arc.push_back(s);
    energy.push_back(profile.Energy(s));
  }
  return {{"arc_angstrom", arc}, {"energy_ev", energy}};
}

Json Metrics(const Hop& hop) {
  const EnergyProfile profile = hop.profile();
  Json energies = Json::array();
  for (const SurfacePoint& p : hop.band.points) energies.push_back(p.energy - hop.band.points.front().energy);
  const auto inner = profile.InnerMinima(kInnerMinimumDepth);
  Json stops = Json::array();
  for (const auto& m : inner) stops.push_back({{"arc_angstrom", m.s}, {"energy_ev", m.energy}});
  return {{"converged", hop.band.converged},
          {"barrier_forward_ev", hop.barrier_forward()},
          {"barrier_backward_ev", hop.barrier_backward()},
          {"energy_difference_ev", hop.final.point.energy - hop.initial.point.energy},
          {"interpolated_barrier_ev", profile.Highest().energy},
          {"path_length_angstrom", profile.length()},
          {"saddle", SaddleJson(hop)},
          {"inner_minima", std::move(stops)},
          {"max_force_ev_per_angstrom", hop.band.max_force},
          {"steps", hop.band.steps},
          {"relaxation_steps", {hop.initial.steps, hop.final.steps}},
          {"atoms", hop.initial.x.size() / 3},
          {"max_grade", hop.max_grade},
          {"images",
           {{"arc_angstrom", hop.band.arc},
            {"energy_ev", std::move(energies)},
            {"tangential_force_ev_per_angstrom", hop.band.tangential}}},
          {"curve", CurveJson(profile)}};
}

absl::Status WriteBand(const Hop& hop, const Structure& atoms) {
  std::vector<Frame> frames;
  for (size_t k = 0; k < hop.band.images.size(); ++k) {
    Frame frame;
    frame.structure = atoms;
    frame.structure.positions = ToPositions(hop.band.images[k]);
    frame.forces = ToPositions(hop.band.points[k].forces);
    frame.info["model_energy"] = fmt::format("{}", hop.band.points[k].energy);
    frame.info["arc_angstrom"] = fmt::format("{}", hop.band.arc[k]);
    frames.push_back(std::move(frame));
  }
  SUPERION_RETURN_IF_ERROR(WriteExtxyz("band.xyz", frames));
  std::string table = "arc_angstrom,energy_ev,tangential_force_ev_per_angstrom\n";
  for (size_t k = 0; k < hop.band.arc.size(); ++k) {
    table += fmt::format("{},{},{}\n", hop.band.arc[k],
                         hop.band.points[k].energy - hop.band.points.front().energy, hop.band.tangential[k]);
  }
  return WriteFileAtomically("profile.csv", table);
}

absl::StatusOr<TaskResult> Run(const TaskSpec& spec, const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(HopOptions options, ParseOptions(spec.params));
  SUPERION_ASSIGN_OR_RETURN(const std::string initial_path, InputPath(spec, "initial"));
  SUPERION_ASSIGN_OR_RETURN(const std::string final_path, InputPath(spec, "final"));
  SUPERION_ASSIGN_OR_RETURN(const std::string model_path, InputPath(spec, "model"));
  SUPERION_ASSIGN_OR_RETURN(const Structure initial, ReadStructure(initial_path));
  SUPERION_ASSIGN_OR_RETURN(const Structure final, ReadStructure(final_path));
  SUPERION_ASSIGN_OR_RETURN(const Model model, ReadModel(model_path));
  ModelForceOptions force;
  force.evaluator.double_precision = true;  // curvatures come from differences of forces
  force.evaluator.threads =
      spec.threads > 0 ? spec.threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<ForceProvider> forces,
                            MakeModelForce(model, initial.species, force));
  if (progress) {
    options.band.on_step = [&](int step, double max_force) {
      progress({static_cast<double>(step), static_cast<double>(options.band.max_steps), "steps",
                fmt::format("largest force {:.3g} eV/Å", max_force)});
    };
  }
  SUPERION_ASSIGN_OR_RETURN(const Hop hop, FindHop(initial, final, forces.get(), options));
  SUPERION_RETURN_IF_ERROR(WriteBand(hop, initial));
  TaskResult result;
  result.metrics = Metrics(hop);
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically("neb.json", result.metrics.dump(1) + "\n"));
  result.artifacts = {
      {"neb", "neb.json", "", 0}, {"band", "band.xyz", "", 0}, {"profile", "profile.csv", "", 0}};
  return result;
}

}  // namespace

TaskResult RunNebTask(const TaskSpec& spec, const ProgressSink& progress) {
  absl::StatusOr<TaskResult> result = Run(spec, progress);
  if (result.ok()) return *std::move(result);
  TaskResult failure;
  failure.status = result.status();
  return failure;
}

}  // namespace superion
