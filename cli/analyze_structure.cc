#include "cli/analyze_structure.h"

#include <filesystem>

#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"

namespace superion {
namespace {

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(separator, begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

std::string Text(const Json& estimate, const char* format) {
  if (!estimate.is_object() || !estimate["value"].is_number()) return "-";
  std::string text = fmt::format(fmt::runtime(format), estimate["value"].get<double>());
  if (estimate["error"].is_number())
    text += " ± " + fmt::format(fmt::runtime(format), estimate["error"].get<double>());
  return text;
}

void DescribePairs(const Json& document) {
  if (!document.contains("rdf")) return;
  for (const auto& [name, pair] : document["rdf"]["pairs"].items()) {
    if (!pair.contains("first_peak_angstrom")) continue;
    std::printf("g(%s): first peak %.2f Å (%.2f), %s neighbours to %.2f Å\n", name.c_str(),
                pair["first_peak_angstrom"].get<double>(), pair["first_peak_g"].get<double>(),
                Text(pair["coordination_to_first_minimum"], "{:.2f}").c_str(),
                pair["first_minimum_angstrom"].get<double>());
  }
}

void DescribeVibrations(const Json& document) {
  if (!document.contains("vdos")) return;
  for (const auto& [name, s] : document["vdos"]["species"].items()) {
    const Json& entropy = s["entropy_used"] == "two_phase" ? s["two_phase"]["entropy_kb_per_atom"]
                                                           : s["entropy_harmonic_kb_per_atom"];
    std::printf("vibrations of %s: band centre %s cm⁻¹, ∫g/3N %s, ", name.c_str(),
                Text(s["band_centre_cm1"], "{:.1f}").c_str(), Text(s["integral_over_3n"], "{:.4f}").c_str());
    if (s.contains("entropy_unusable")) {
      std::printf("no entropy (a note says why)\n");
    } else {
      std::printf("S %s kB per atom (%s)\n", Text(entropy, "{:.3f}").c_str(),
                  s["entropy_used"].get<std::string>().c_str());
    }
  }
}

void DescribeSites(const Json& document) {
  if (!document.contains("sites")) return;
  for (const auto& [name, s] : document["sites"]["species"].items()) {
    std::printf("sites of %s: %d for %d ions, %.0f %% of the time in their cores\n", name.c_str(),
                s["sites"].get<int>(), s["ions"].get<int>(),
                s["share_in_cores"].is_number() ? 100.0 * s["share_in_cores"].get<double>() : 0.0);
    std::printf(
        "hops of %s: %.0f (%.0f visits that ended before %g ps), %s per ion and ps, of %s Å\n", name.c_str(),
        s["hops"].get<double>(), s["returns"].get<double>(), document["sites"]["residence_ps"].get<double>(),
        Text(s["rate_per_ion_per_ps"], "{:.4g}").c_str(), Text(s["mean_jump_angstrom"], "{:.3g}").c_str());
    // What is not there, a note says.
    if (!s["d_tracer_cm2_per_s"]["value"].is_number()) continue;
    std::printf("D of %s: %s cm²/s, of a random walk of these hops %s: correlation factor %s\n", name.c_str(),
                Text(s["d_tracer_cm2_per_s"], "{:.3g}").c_str(),
                Text(s["d_random_cm2_per_s"], "{:.3g}").c_str(),
                Text(s["correlation_factor"], "{:.3g}").c_str());
  }
}

void DescribeOthers(const Json& document) {
  if (document.contains("angles")) {
    for (const auto& [name, kind] : document["angles"]["kinds"].items()) {
      std::printf("angles in %s: %s°, sd %s° (%d tetrahedra)\n", name.c_str(),
                  Text(kind["angle_degrees"]["mean"], "{:.2f}").c_str(),
                  Text(kind["angle_degrees"]["sd"], "{:.2f}").c_str(), kind["tetrahedra"].get<int>());
    }
  }
  if (document.contains("b_factors")) {
    for (const auto& [name, b] : document["b_factors"]["species"].items())
      std::printf("B(%s) = %s Å²\n", name.c_str(), Text(b["b_angstrom2"], "{:.3f}").c_str());
  }
  for (const auto& note : document.value("notes", Json::array()))
    std::printf("note: %s\n", note.get<std::string>().c_str());
}

}  // namespace

void AddStructureOptions(CLI::App* verb, StructureRequest* request) {
  verb->add_flag("--structure", request->all,
                 "structure and vibrations instead of the conductivity: all observables");
  verb->add_option("--observables", request->observables,
                   "some of rdf,van-hove,vdos,angles,bond-angle,coordination,density,sites,b-factors");
  verb->add_option("--coordination", request->coordination, "centre and neighbor, such as Li-S");
  verb->add_option("--cutoffs", request->cutoffs,
                   "of coordination, Å, such as 2.5,2.6 (default: 2.5 to 3.1)");
  verb->add_option("--empty-tetrahedra", request->empty_tetrahedra,
                   "species and longest edge in Å of tetrahedra without a centre, such as I=6.0");
  verb->add_option("--r-max-angstrom", request->r_max_angstrom, "of pair distances (default: 10)")
      ->check(Within(Positive(1000)));
  verb->add_option("--sites", request->sites,
                   "structure whose mobile ions are on the sites (default: maxima of their density)");
  verb->add_option("--residence-ps", request->residence_ps,
                   "that an ion stays in a site for a hop to count (default: 0.25)")
      ->check(Within(AtLeast(0, limits::kTimePs.high)));
  verb->add_option("--site-separation-angstrom", request->site_separation_angstrom,
                   "maxima of the density closer than this are one site (default: 1)")
      ->check(Within(Positive(1000)));
  verb->add_option("--longest-lag-ps", request->longest_lag_ps, "of van Hove functions")
      ->check(Within(limits::kTimePs));
}

absl::Status AddStructure(const StructureRequest& request, TaskSpec* spec) {
  Json* params = &spec->params;
  if (!request.sites.empty()) {
    SUPERION_ASSIGN_OR_RETURN(TaskInput sites, UserInput("sites", request.sites));
    spec->inputs.push_back(std::move(sites));
  }
  if (request.residence_ps >= 0) (*params)["sites"]["residence_ps"] = request.residence_ps;
  if (request.site_separation_angstrom > 0)
    (*params)["sites"]["separation_angstrom"] = request.site_separation_angstrom;
  if (!request.observables.empty()) (*params)["observables"] = Split(request.observables, ',');
  if (!request.coordination.empty()) {
    const auto pair = Split(request.coordination, '-');
    if (pair.size() != 2)
      return InvalidArgument("--coordination: expected two species such as Li-S, found \"{}\"",
                             request.coordination);
    (*params)["coordination"] = {{"centre", pair[0]}, {"neighbor", pair[1]}};
  }
  if (!request.cutoffs.empty()) {
    SUPERION_ASSIGN_OR_RETURN((*params)["coordination"]["cutoffs_angstrom"],
                              ParseNumbers("--cutoffs", request.cutoffs, 0, Positive(1000)));
  }
  if (!request.empty_tetrahedra.empty()) {
    const auto parts = Split(request.empty_tetrahedra, '=');
    if (parts.size() != 2)
      return InvalidArgument("--empty-tetrahedra: expected a species and an edge such as I=6.0, found \"{}\"",
                             request.empty_tetrahedra);
    SUPERION_ASSIGN_OR_RETURN(const auto edge,
                              ParseNumbers("--empty-tetrahedra", parts[1], 1, Positive(1000)));
    (*params)["empty_tetrahedra"] = {{"species", parts[0]}, {"longest_edge_angstrom", edge[0]}};
  }
  if (request.r_max_angstrom > 0) (*params)["r_max_angstrom"] = request.r_max_angstrom;
  if (request.longest_lag_ps > 0) (*params)["longest_lag_ps"] = request.longest_lag_ps;
  return absl::OkStatus();
}

absl::StatusOr<TaskSpec> StructureTask(TaskSpec spec) {
  spec.kind = "structure";
  std::erase_if(spec.inputs, [](const TaskInput& input) { return input.name == "stream"; });
  if (InputPaths(spec, "trajectory").empty())
    return InvalidArgument("structure needs trajectories; displacement streams hold no positions");
  return spec;
}

absl::StatusOr<Json> RunIntoFolder(TaskSpec spec, const std::string& out) {
  const std::string target =
      out.empty() ? (std::filesystem::temp_directory_path() / spec.kind).string() : out;
  SUPERION_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Beside(target));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  if (out.empty()) return result.metrics;
  std::error_code error;
  std::filesystem::create_directories(out, error);
  if (error) return InvalidArgument("--out {}: cannot make the folder: {}", out, error.message());
  for (const TaskArtifact& artifact : result.artifacts)
    SUPERION_RETURN_IF_ERROR(MoveFile(folder.path() + "/" + artifact.path, out + "/" + artifact.path));
  return result.metrics;
}

void DescribeStructure(const Json& document) {
  DescribePairs(document);
  DescribeVibrations(document);
  DescribeSites(document);
  DescribeOthers(document);
}

}  // namespace superion
