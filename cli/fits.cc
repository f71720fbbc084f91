// superion arrhenius, finite-size: fits over the documents of several analyses.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "cli/exit_code.h"
#include "cli/number_option.h"
#include "cli/print.h"
#include "cli/stand_alone.h"
#include "cli/verb.h"

namespace superion {
namespace {

struct Options {
  std::vector<std::string> documents;
  std::string out;
  double production_volume = 0, viscosity_pa_s = 0, lambda_gpa = 0, mu_gpa = 0;
  bool json = false, require_converged = false;
};

absl::StatusOr<Json> Fit(const std::string& kind, const Options& o, Json params) {
  TaskSpec spec;
  spec.kind = kind;
  spec.threads = 1;
  spec.params = std::move(params);
  for (const std::string& document : o.documents) {
    SUPERION_ASSIGN_OR_RETURN(TaskInput input, UserInput("analysis", document));
    spec.inputs.push_back(std::move(input));
  }
  SUPERION_RETURN_IF_ERROR(CheckOutputFile("--out", o.out));
  const std::string target = o.out.empty() ? (std::filesystem::temp_directory_path() / kind).string() : o.out;
  SUPERION_ASSIGN_OR_RETURN(const ScratchFolder folder, ScratchFolder::Beside(target));
  const TaskResult result = RunStandAlone(std::move(spec), folder.path());
  SUPERION_RETURN_IF_ERROR(result.status);
  if (!o.out.empty()) {
    SUPERION_ASSIGN_OR_RETURN(const std::string path, ArtifactPath(result, folder.path(), kind));
    SUPERION_RETURN_IF_ERROR(MoveFile(path, o.out));
  }
  return result.metrics;
}

double Value(const Json& document, const char* key) {
  const auto found = document.find(key);
  return found != document.end() && found->is_number() ? found->get<double>() : NAN;
}

// " [a, b]" of an interval whose ends are known, else "".
std::string Interval(const Json& interval) {
  if (!interval.is_array() || interval.size() != 2 || !interval[0].is_number() || !interval[1].is_number())
    return "";
  return fmt::format("  95 % [{:.3g}, {:.3g}]", interval[0].get<double>(), interval[1].get<double>());
}

void PrintText(const Json& document, const char* key) {
  if (const std::string text = document.value(key, ""); !text.empty()) std::printf("%s\n", text.c_str());
}

void PrintFlags(const Json& document) {
  for (const Json& flag : document.value("flags", Json::array()))
    std::printf("%s\n", flag.get<std::string>().c_str());
}

bool UsesOpenPoints(const Json& document) {
  const Json flags = document.value("flags", Json::array());
  return std::find(flags.begin(), flags.end(), Json("POINTS_NOT_CONVERGED")) != flags.end();
}

void PrintNotes(const Json& document) {
  for (const Json& note : document.value("notes", Json::array()))
    std::printf("note: %s\n", note.get<std::string>().c_str());
}

void DescribeArrhenius(const Json& m) {
  if (std::isfinite(Value(m, "ea_ev"))) {
    std::printf("activation energy of σT   %.4f ± %.4f eV\n", Value(m, "ea_ev"), Value(m, "ea_sd_ev"));
    std::printf("σ(300 K)                  %.3g S/m%s\n", Value(m, "sigma_300k_s_per_m"),
                Interval(m["ci95_300k_s_per_m"]).c_str());
    const Json average = m.value("model_average_300k", Json());
    if (average.is_object())
      std::printf("  over all laws           %.3g S/m%s\n", Value(average, "sigma_s_per_m"),
                  Interval(average["ci95_s_per_m"]).c_str());
    std::printf("χ²                        %.3g, %.0f degrees of freedom\n", Value(m, "chi2"),
                Value(m, "dof"));
  }
  PrintFlags(m);
  PrintText(m, "message");
  PrintNotes(m);
}

// What every cell lacks by hydrodynamics or elasticity, where viscosity or moduli were given.
void DescribeCorrections(const Json& m) {
  const Json liquid = m.value("yeh_hummer", Json()), solid = m.value("framework", Json());
  if (liquid.is_object()) {
    std::printf("D∞ - D(L) of a liquid with η = %g Pa s (Yeh and Hummer)\n", Value(liquid, "viscosity_pa_s"));
    for (const Json& size : liquid["sizes"])
      std::printf("  L = %.2f Å              %.3g cm²/s\n", Value(size, "length_angstrom"),
                  Value(size, "d_shift_cm2_per_s"));
  }
  if (!solid.is_object()) return;
  std::printf("what ⟨u²⟩ and B of a framework with λ = %g, μ = %g GPa lack\n", Value(solid, "lambda_gpa"),
              Value(solid, "mu_gpa"));
  for (const Json& size : solid["sizes"])
    std::printf("  L = %.2f Å              ⟨u²⟩ %.3g Å², B %.3g Å²\n", Value(size, "length_angstrom"),
                Value(size, "u2_missing_angstrom2"), Value(size, "b_factor_missing_angstrom2"));
}

void DescribeSizes(const Json& m) {
  std::printf("%s\n", m.value("status", "").c_str());
  if (std::isfinite(Value(m, "shift"))) {
    std::printf("ln σ = ln σ∞ + c/L        c = %.3g ± %.2g Å\n", Value(m, "slope_angstrom"),
                Value(m, "slope_sd_angstrom"));
    std::printf("σ∞                        %.3g S/m%s\n", Value(m, "sigma_infinite_s_per_m"),
                Interval(m["ci95_infinite_s_per_m"]).c_str());
    std::printf("c/L at L = %.2f Å        %.2g ± %.1g\n", Value(m, "production_length_angstrom"),
                Value(m, "shift"), Value(m, "shift_sd"));
  }
  PrintFlags(m);
  PrintText(m, "message");
  DescribeCorrections(m);
  PrintNotes(m);
}

int Show(const absl::StatusOr<Json>& document, const Options& o, void (*describe)(const Json&)) {
  if (!document.ok()) return Complain(document.status());
  if (o.json) {
    PrintJson(*document);
  } else {
    describe(*document);
  }
  return o.require_converged && UsesOpenPoints(*document) ? kExitNotConverged : kExitOk;
}

std::shared_ptr<Options> AddCommon(CLI::App* verb) {
  const auto o = std::make_shared<Options>();
  verb->add_option("document", o->documents, "documents of `superion analyze --out`")->required();
  verb->add_option("--out", o->out, "file for the whole document (JSON)");
  verb->add_flag("--require-converged", o->require_converged,
                 "exit code 3 when a point that the fit uses is not converged");
  verb->add_flag("--json", o->json, "print the document as JSON");
  return o;
}

}  // namespace

void AddFits(CLI::App* program, VerbTable* verbs) {
  CLI::App* arrhenius = program->add_subcommand(
      "arrhenius", "activation energy and σ(300 K) from analyses at several temperatures");
  const auto a = AddCommon(arrhenius);
  (*verbs)[arrhenius] = [a] { return Show(Fit("arrhenius", *a, Json::object()), *a, DescribeArrhenius); };

  CLI::App* sizes = program->add_subcommand(
      "finite-size", "dependence on the cell's size from analyses of three or more cells at one temperature");
  const auto o = AddCommon(sizes);
  sizes->add_option("--production-volume-angstrom3", o->production_volume, "default: the largest cell")
      ->check(Within(Positive(1e12)));
  sizes->add_option("--viscosity-pa-s", o->viscosity_pa_s, "liquids: adds the correction of Yeh and Hummer")
      ->check(Within(Positive(1e12)));
  CLI::Option* lambda = sizes
                            ->add_option("--lambda-gpa", o->lambda_gpa,
                                         "Lamé constant: adds what B factors of the framework lack")
                            ->check(Within(AtLeast(-1e6, 1e6)));
  CLI::Option* mu = sizes->add_option("--mu-gpa", o->mu_gpa, "shear modulus")->check(Within(Positive(1e12)));
  lambda->needs(mu);
  mu->needs(lambda);
  (*verbs)[sizes] = [o, lambda] {
    Json params = Json::object();
    if (o->production_volume > 0) params["production_volume_angstrom3"] = o->production_volume;
    if (o->viscosity_pa_s > 0) params["viscosity_pa_s"] = o->viscosity_pa_s;
    if (lambda->count() > 0) params["lambda_gpa"] = o->lambda_gpa, params["mu_gpa"] = o->mu_gpa;
    return Show(Fit("finite_size", *o, std::move(params)), *o, DescribeSizes);
  };
}

}  // namespace superion
