#include "cli/doctor_checks.h"

#include <sys/statfs.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "core/network_filesystem.h"
#include "core/subprocess.h"

namespace superion {
namespace {

namespace fs = std::filesystem;
using Verdict = CheckResult::Verdict;

constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
constexpr long kFuse = 0x65735546, k9p = 0x01021997;  // magic numbers of statfs(2)
constexpr double kLittleSpaceGib = 5.0, kNoSpaceGib = 0.5;

// What a program prints on stdout; empty when it cannot be started.
std::string OutputOf(std::vector<std::string> arguments) {
  std::string output;
  SubprocessOptions options;
  options.arguments = std::move(arguments);
  options.stderr_path = "/dev/null";
  options.on_stdout_line = [&output](std::string_view line) { output += std::string(line) + "\n"; };
  absl::StatusOr<std::unique_ptr<Subprocess>> process = Subprocess::Start(std::move(options));
  if (!process.ok()) return "";
  ExitState exit;
  if (!(*process)->WaitFor(std::chrono::seconds(10), &exit))
    (*process)->Terminate(std::chrono::milliseconds(100));
  return output;
}

std::string FirstLineWith(const std::string& text, const std::string& word) {
  const size_t at = text.find(word);
  if (at == std::string::npos) return "";
  const size_t begin = text.rfind('\n', at) == std::string::npos ? 0 : text.rfind('\n', at) + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

// The nearest folder that exists: a data folder is made on its first use.
std::string Existing(const std::string& folder) {
  fs::path path = fs::absolute(folder).lexically_normal();
  std::error_code error;
  while (!fs::exists(path, error) && path.has_parent_path() && path != path.root_path())
    path = path.parent_path();
  return path.string();
}

CheckResult CheckCpu() {
  std::ifstream file("/proc/cpuinfo");
  std::string line, flags;
  while (flags.empty() && std::getline(file, line)) {
    if (line.rfind("flags", 0) == 0) flags = line + " ";
  }
  const bool avx2 = flags.find(" avx2 ") != std::string::npos,
             avx512 = flags.find(" avx512f ") != std::string::npos;
  return {"cpu", avx2 ? CheckResult::kOk : CheckResult::kWarn,
          fmt::format("{} cores, {}", std::thread::hardware_concurrency(),
                      avx512 ? "AVX-512"
                      : avx2 ? "AVX2"
                             : "no AVX2: the potential will be slow")};
}

CheckResult CheckGpu() {
  std::string gpu = OutputOf({"nvidia-smi", "--query-gpu=name", "--format=csv,noheader"});
  if (gpu.empty()) return {"gpu", CheckResult::kOk, "none (not needed)"};
  return {"gpu", CheckResult::kOk, gpu.substr(0, gpu.find('\n'))};
}

CheckResult CheckSlurm() {
  if (!FindProgram("sbatch").ok()) return {"slurm", CheckResult::kOk, "not here (not needed)"};
  std::string version = OutputOf({"sinfo", "--version"});
  return {"slurm", CheckResult::kOk, version.substr(0, version.find('\n'))};
}

CheckResult CheckOurs(const std::string& folder, const std::string& program, Verdict when_missing) {
  const std::string path = folder + "/" + program;
  if (::access(path.c_str(), X_OK) == 0) return {program, CheckResult::kOk, path};
  return {program, when_missing, fmt::format("missing in {}", folder)};
}

CheckResult CheckDataFolder(const std::string& folder) {
  const std::string existing = Existing(folder);
  struct statfs state {};
  if (::statfs(existing.c_str(), &state) != 0)
    return {"data folder", CheckResult::kFail, existing + " cannot be looked at"};
  if (::access(existing.c_str(), W_OK) != 0)
    return {"data folder", CheckResult::kFail, existing + " is not writable"};
  return CheckFileSystem(existing, state.f_type);
}

}  // namespace

std::string_view Name(Verdict verdict) {
  return verdict == CheckResult::kOk ? "ok" : verdict == CheckResult::kWarn ? "warn" : "fail";
}

CheckResult CheckProgram(const std::string& name, const std::string& command, Verdict when_missing) {
  const std::string program = command.substr(0, command.find(' '));
  const absl::StatusOr<std::string> path = FindProgram(program);
  if (path.ok()) return {name, CheckResult::kOk, *path};
  return {name, when_missing,
          fmt::format("{} is not in the PATH; install it or name it in the site profile", program)};
}

CheckResult CheckBlas(const std::string& ldd_output) {
  if (ldd_output.empty()) return {"blas of pw.x", CheckResult::kWarn, "ldd says nothing"};
  const std::string blas = FirstLineWith(ldd_output, "blas");
  const bool open = ldd_output.find("openblas") != std::string::npos;
  if (open) return {"blas of pw.x", CheckResult::kOk, "OpenBLAS"};
  return {
      "blas of pw.x", CheckResult::kWarn,
      fmt::format("not OpenBLAS ({}): DFT takes up to four times as long; install libopenblas0-serial",
                  blas.empty() ? "no BLAS library is listed" : blas.substr(blas.find_first_not_of("\t ")))};
}

CheckResult CheckFileSystem(const std::string& folder, long type) {
  if (const std::string name = NetworkFilesystemName(type); !name.empty()) {
    return {"data folder", CheckResult::kFail,
            fmt::format("{} is on {}: the database needs a local disk (its locks are not safe there); give "
                        "--data-dir a folder on one",
                        folder, name)};
  }
  // Either may lead to a local disk or over a network; the daemon takes them.
  if (type == kFuse || type == k9p) {
    return {"data folder", CheckResult::kWarn,
            fmt::format("{} is on {}: make sure that it is not on another machine (the locks of the database "
                        "would not be safe)",
                        folder, type == kFuse ? "FUSE" : "9p")};
  }
  return {"data folder", CheckResult::kOk, folder + " is on a local disk"};
}

CheckResult CheckSpace(const std::string& folder, double free_gib) {
  const Verdict verdict = free_gib < kNoSpaceGib       ? CheckResult::kFail
                          : free_gib < kLittleSpaceGib ? CheckResult::kWarn
                                                       : CheckResult::kOk;
  return {"disk space", verdict, fmt::format("{:.1f} GiB free in {}", free_gib, folder)};
}

CheckResult CheckPseudopotentials(const SiteProfile& site) {
  size_t files = 0;
  std::string folders;
  bool writable = false;
  for (const std::string& folder : site.pseudo_directories) {
    std::error_code error;
    size_t here = 0;
    for (const auto& entry : fs::directory_iterator(folder, error)) here += entry.is_regular_file(error);
    files += here;
    folders += fmt::format("{}{} ({})", folders.empty() ? "" : ", ", folder,
                           error && here == 0 ? "not there yet" : std::to_string(here));
    const std::string existing = Existing(folder);
    writable = writable || (fs::is_directory(existing, error) && ::access(existing.c_str(), W_OK) == 0);
  }
  if (files > 0) return {"pseudopotentials", CheckResult::kOk, folders};
  return {"pseudopotentials", writable ? CheckResult::kOk : CheckResult::kFail,
          folders + (writable ? "; those with a recipe are made when a campaign wants them"
                              : "; none can be made: no folder is writable")};
}

std::vector<CheckResult> RunChecks(const DoctorOptions& options) {
  std::vector<CheckResult> results;
  for (const char* program : {"superiond", "superion-worker", "superion-dft", "superion-train", "superion-md",
                              "superion-learn", "superion-analyze"}) {
    results.push_back(CheckOurs(options.program_directory, program, CheckResult::kFail));
  }
  results.push_back(CheckProgram("pw.x", options.site.pw_command, CheckResult::kWarn));
  if (const auto pw = FindProgram(options.site.pw_command); pw.ok())
    results.push_back(CheckBlas(OutputOf({"ldd", *pw})));
  results.push_back(CheckProgram("ld1.x", options.site.ld1_command, CheckResult::kWarn));
  results.push_back(CheckPseudopotentials(options.site));
  results.push_back(CheckDataFolder(options.data_directory));
  const std::string existing = Existing(options.data_directory);
  std::error_code error;
  const fs::space_info space = fs::space(existing, error);
  if (!error) results.push_back(CheckSpace(existing, static_cast<double>(space.available) / kGib));
  results.push_back(CheckCpu());
  results.push_back(CheckGpu());
  results.push_back(CheckSlurm());
  return results;
}

}  // namespace superion
