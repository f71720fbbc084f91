#include <chrono>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <mutex>

#include "core/file.h"
#include "core/task.h"

namespace superion {
namespace {

constexpr auto kProgressInterval = std::chrono::milliseconds(200);

struct Arguments {
  std::string spec, result;
};

absl::StatusOr<Arguments> ParseArguments(int argc, char** argv) {
  Arguments arguments;
  for (int k = 1; k < argc; k += 2) {
    const std::string name = argv[k];
    std::string* value = name == "--spec"     ? &arguments.spec
                         : name == "--result" ? &arguments.result
                                              : nullptr;
    if (value == nullptr) return InvalidArgument("unknown argument {}", name);
    if (k + 1 >= argc) return InvalidArgument("{} needs a path", name);
    *value = argv[k + 1];
  }
  if (arguments.spec.empty() || arguments.result.empty()) {
    return InvalidArgument("--spec and --result are both needed");
  }
  return arguments;
}

// Safe to call from several threads. The first and the last report always pass.
class ProgressPrinter {
 public:
  void operator()(const TaskProgress& progress) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    const bool last = progress.total > 0 && progress.done >= progress.total;
    if (printed_ && !last && now - last_time_ < kProgressInterval) return;
    printed_ = true;
    last_time_ = now;
    std::fprintf(stdout, "%s\n", DumpJson(ToJson(progress)).c_str());
    std::fflush(stdout);
  }

 private:
  std::mutex mutex_;
  bool printed_ = false;
  std::chrono::steady_clock::time_point last_time_;
};

absl::Status CheckArtifacts(const TaskResult& result) {
  for (const TaskArtifact& artifact : result.artifacts) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(artifact.path, error)) {
      return Internal("the task reported the artifact \"{}\" but did not write {}", artifact.name,
                      artifact.path);
    }
  }
  return absl::OkStatus();
}

TaskResult Failed(absl::Status status) {
  TaskResult result;
  result.status = std::move(status);
  return result;
}

TaskResult Call(const TaskFunction& function, const TaskSpec& spec) {
  ProgressPrinter printer;
  try {
    TaskResult result = function(spec, [&printer](const TaskProgress& progress) { printer(progress); });
    if (result.status.ok()) result.status = CheckArtifacts(result);
    return result;
  } catch (const std::bad_alloc&) {
    return Failed(ResourceExhausted("task {} ({}): out of memory", spec.task_id, spec.kind));
  } catch (const std::exception& e) {
    return Failed(Internal("task {} ({}): unexpected exception: {}", spec.task_id, spec.kind, e.what()));
  }
}

std::string KindNames(const std::map<std::string, TaskFunction>& kinds) {
  std::string names;
  for (const auto& [name, function] : kinds) names += (names.empty() ? "" : ", ") + name;
  return names;
}

absl::StatusOr<TaskSpec> ReadSpec(const std::string& path, const std::map<std::string, TaskFunction>& kinds) {
  SUPERION_ASSIGN_OR_RETURN(const Json json, ReadJson(path));
  SUPERION_ASSIGN_OR_RETURN(TaskSpec spec, TaskSpecFromJson(json));
  if (kinds.count(spec.kind) == 0) {
    return InvalidArgument("{}: this program does not run \"{}\" tasks (it runs: {})", path, spec.kind,
                           KindNames(kinds));
  }
  return spec;
}

int Unusable(const char* program, const absl::Status& status) {
  std::fprintf(stderr, "%s: %s\nusage: %s --spec spec.json --result result.json\n", program,
               std::string(status.message()).c_str(), program);
  return 2;
}

}  // namespace

int RunnerMain(int argc, char** argv, const std::map<std::string, TaskFunction>& kinds) {
  std::signal(SIGPIPE, SIG_IGN);  // a reader of progress that went away must not end the work
  const char* program = argc > 0 ? argv[0] : "runner";
  const auto arguments = ParseArguments(argc, argv);
  if (!arguments.ok()) return Unusable(program, arguments.status());
  const auto spec = ReadSpec(arguments->spec, kinds);
  if (!spec.ok()) return Unusable(program, spec.status());
  const TaskResult result = Call(kinds.at(spec->kind), *spec);
  if (!result.status.ok()) std::fprintf(stderr, "%s: %s\n", program, result.status.ToString().c_str());
  const absl::Status written = WriteFileAtomically(arguments->result, DumpJson(ToJson(result), 1) + "\n");
  if (!written.ok()) {
    std::fprintf(stderr, "%s: %s\n", program, written.ToString().c_str());
    return 1;
  }
  return result.status.ok() ? 0 : 1;
}

}  // namespace superion
