#include "core/runner.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/file.h"

namespace superion {
namespace {

constexpr size_t kTailBytes = 1500;
constexpr std::uintmax_t kFullDiskBytes = 1 << 20;

// OpenBLAS 0.3.21 takes CPUs that it does not know for Haswell; half of their speed is lost.
bool CpuHasAvx512() {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

bool DiskIsFull(const std::string& directory) {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(directory, error);
  return !error && space.available < kFullDiskBytes;
}

}  // namespace

absl::StatusOr<std::string> RunnerProgram(const std::string& kind) {
  static const std::map<std::string, std::string> programs = {{"preflight", "superion-dft"},
                                                              {"aimd", "superion-dft"},
                                                              {"label", "superion-dft"},
                                                              {"train", "superion-train"},
                                                              {"md", "superion-md"},
                                                              {"neb", "superion-md"},
                                                              {"analyze", "superion-analyze"},
                                                              {"nemd", "superion-analyze"},
                                                              {"divergence", "superion-analyze"},
                                                              {"arrhenius", "superion-analyze"},
                                                              {"finite_size", "superion-analyze"},
                                                              {"error_budget", "superion-analyze"},
                                                              {"perturb", "superion-learn"},
                                                              {"eval", "superion-learn"},
                                                              {"select", "superion-learn"},
                                                              {"calibrate", "superion-learn"},
                                                              {"bench", "superion-learn"},
                                                              {"structure", "superion-analyze"}};
  const auto program = programs.find(kind);
  if (program == programs.end()) return InvalidArgument("no program runs tasks of the kind \"{}\"", kind);
  return program->second;
}

std::map<std::string, std::string> RunnerEnvironment(const std::string& kind, int threads) {
  const absl::StatusOr<std::string> program = RunnerProgram(kind);
  const bool dft = program.ok() && *program == "superion-dft";
  const std::string n = std::to_string(dft ? 1 : std::max(1, threads));
  std::map<std::string, std::string> environment = {
      {"OMP_NUM_THREADS", n}, {"OPENBLAS_NUM_THREADS", n}, {"OMPI_MCA_ess_singleton_isolated", "1"}};
  if (CpuHasAvx512()) environment["OPENBLAS_CORETYPE"] = "SkylakeX";
  return environment;
}

std::optional<TaskProgress> ParseProgressLine(std::string_view line) {
  if (line.empty() || line.front() != '{') return std::nullopt;
  const Json json = Json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::nullopt;
  absl::StatusOr<TaskProgress> progress = TaskProgressFromJson(json);
  if (!progress.ok()) return std::nullopt;
  return *std::move(progress);
}

std::string FileTail(const std::string& path, size_t bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return "";
  const auto size = static_cast<size_t>(file.tellg());
  const size_t begin = size > bytes ? size - bytes : 0;
  file.seekg(static_cast<std::streamoff>(begin));
  std::string tail(size - begin, '\0');
  file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  tail.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  const size_t line = tail.find('\n');
  if (begin > 0 && line != std::string::npos) tail.erase(0, line + 1);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  return tail;
}

absl::StatusOr<std::unique_ptr<Runner>> Runner::Start(const TaskSpec& spec, Options options) {
  SUPERION_ASSIGN_OR_RETURN(const std::string program, RunnerProgram(spec.kind));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(options.directory + "/spec.json", DumpJson(ToJson(spec))));
  std::error_code ignored;
  std::filesystem::remove(options.directory + "/result.json", ignored);
  SubprocessOptions process;
  process.arguments = {options.program_directory + "/" + program, "--spec", "spec.json", "--result",
                       "result.json"};
  process.working_directory = options.directory;
  process.stderr_path = options.directory + "/stderr.log";
  process.environment = RunnerEnvironment(spec.kind, spec.threads);
  process.on_stdout_line = [report = options.on_progress](std::string_view line) {
    if (!report) return;
    if (const std::optional<TaskProgress> progress = ParseProgressLine(line)) report(*progress);
  };
  SUPERION_ASSIGN_OR_RETURN(std::unique_ptr<Subprocess> started, Subprocess::Start(std::move(process)));
  return std::unique_ptr<Runner>(new Runner(std::move(started), std::move(options)));
}

TaskResult Runner::Wait() {
  const ExitState exit = process_->Wait();
  TaskResult result = ResultOf(exit);
  if (options_.count_cpu && !result.metrics.contains("cpu_s")) result.metrics["cpu_s"] = exit.cpu_s;
  return result;
}

TaskResult Runner::ResultOf(const ExitState& exit) const {
  TaskResult result;
  const absl::StatusOr<Json> json = ReadJson(options_.directory + "/result.json");
  if (json.ok() && exit.signal == 0) {
    absl::StatusOr<TaskResult> parsed = TaskResultFromJson(*json);
    if (parsed.ok()) return *std::move(parsed);
    result.status =
        Internal("the runner wrote a result that is none: {}", std::string(parsed.status().message()));
    return result;
  }
  result.status = Explain(exit);
  return result;
}

absl::Status Runner::Explain(const ExitState& exit) const {
  const std::string tail = FileTail(options_.directory + "/stderr.log", kTailBytes);
  const std::string said = tail.empty() ? "it said nothing on stderr" : "the end of its stderr:\n" + tail;
  const bool no_space =
      tail.find("No space left on device") != std::string::npos || DiskIsFull(options_.directory);
  if (no_space) return ResourceExhausted("the disk of {} is full; {}", options_.directory, said);
  if (exit.signal != 0) {
    return absl::AbortedError(
        fmt::format("signal {} ({}) ended the runner; {}", exit.signal, strsignal(exit.signal), said));
  }
  return Internal("the runner ended with exit code {} and no result; {}", exit.exit_code, said);
}

void Runner::Terminate(std::chrono::milliseconds grace) { process_->Terminate(grace); }

}  // namespace superion
