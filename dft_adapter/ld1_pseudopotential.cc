#include "dft_adapter/ld1_pseudopotential.h"

#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "core/file.h"
#include "core/subprocess.h"
#include "dft_adapter/pseudopotential.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

constexpr double kLevelTolerance = 1e-3;  // Ry

absl::Status Run(const std::string& folder, const std::string& ld1_command, const std::string& species) {
  SubprocessOptions options;
  options.arguments = {ld1_command};
  options.working_directory = folder;
  options.stdin_path = folder + "/ld1.in";
  options.stdout_path = folder + "/ld1.out";
  options.stderr_path = folder + "/ld1.err";
  options.environment = {
      {"OMP_NUM_THREADS", "1"}, {"OPENBLAS_NUM_THREADS", "1"}, {"OMPI_MCA_ess_singleton_isolated", "1"}};
  SUPERION_ASSIGN_OR_RETURN(const auto process, Subprocess::Start(std::move(options)));
  const ExitState exit = process->Wait();
  if (exit.signal != 0 || exit.exit_code != 0) {
    return Internal("{} failed for {} (exit code {}, signal {})", ld1_command, species, exit.exit_code,
                    exit.signal);
  }
  return absl::OkStatus();
}

}  // namespace

std::string Ld1Recipe(const std::string& file) {
  for (size_t k = 0; k < kLd1RecipeCount; ++k) {
    if (file == kLd1Recipes[k].file) return kLd1Recipes[k].input;
  }
  return "";
}

std::vector<std::string> Ld1RecipeNames() {
  std::vector<std::string> names;
  for (size_t k = 0; k < kLd1RecipeCount; ++k) names.push_back(kLd1Recipes[k].file);
  return names;
}

double Ld1RecipeValence(std::string_view recipe) {
  std::istringstream lines{std::string(recipe)};
  double valence = 0.0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string shell;
    int n = 0, l = 0;
    double occupation = 0.0;
    if (words >> shell >> n >> l >> occupation && shell[0] != '&' && occupation > 0) valence += occupation;
  }
  return valence;
}

absl::Status CheckLd1Test(std::string_view output) {
  const size_t begin = output.find("Testing the pseudopotential");
  if (begin == std::string_view::npos ||
      output.find("End of pseudopotential test") == std::string_view::npos) {
    return Internal("ld1.x did not reach the end of its pseudopotential test");
  }
  std::istringstream lines{std::string(output.substr(begin))};
  int levels = 0;
  for (std::string line; std::getline(lines, line);) {
    const size_t close = line.find(')');
    if (line.find("1(") == std::string::npos || close == std::string::npos) continue;
    std::istringstream numbers(line.substr(close + 1));
    double all_electron = 0, pseudo = 0;
    if (!(numbers >> all_electron >> pseudo)) continue;
    ++levels;
    if (!(std::abs(all_electron - pseudo) <= kLevelTolerance)) {
      return Internal("ld1.x: a level is {} Ry with all electrons but {} Ry with the pseudopotential",
                      all_electron, pseudo);
    }
  }
  if (levels == 0) return Internal("ld1.x tested no level");
  return absl::OkStatus();
}

absl::StatusOr<std::string> MakeLd1Pseudopotential(const std::string& species, const std::string& file,
                                                   const std::string& recipe, const std::string& ld1_command,
                                                   const std::string& work_directory) {
  const fs::path folder =
      fs::absolute(fs::path(work_directory) / fmt::format("ld1-{}-{}", species, ::getpid()));
  std::error_code error;
  fs::create_directories(folder, error);
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically((folder / "ld1.in").string(), recipe));
  SUPERION_RETURN_IF_ERROR(Run(folder.string(), ld1_command, species));
  SUPERION_ASSIGN_OR_RETURN(const std::string output, ReadFile((folder / "ld1.out").string()));
  SUPERION_RETURN_IF_ERROR(CheckLd1Test(output));
  SUPERION_ASSIGN_OR_RETURN(std::string content, ReadFile((folder / file).string()));
  SUPERION_ASSIGN_OR_RETURN(const double valence, PseudopotentialValence(species, content, file));
  if (std::abs(valence - Ld1RecipeValence(recipe)) > 1e-6) {
    return Internal("ld1.x made {} with {} valence electrons, expected {}", file, valence,
                    Ld1RecipeValence(recipe));
  }
  fs::remove_all(folder, error);
  return content;
}

}  // namespace superion
