#include "workers/work_directory.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "core/file.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

bool IsPlainName(const std::string& name) {
  return !name.empty() && name.size() <= 200 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
}

bool IsSha256(const std::string& hash) {
  return hash.size() == 64 &&
         std::all_of(hash.begin(), hash.end(), [](unsigned char c) { return std::isxdigit(c); });
}

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error == std::errc::no_space_on_device)
    return ResourceExhausted("cannot create {}: {}", path, error.message());
  if (error) return FailedPrecondition("cannot create the folder {}: {}", path, error.message());
  return absl::OkStatus();
}

// Start time of a process in clock ticks since boot, field 22 of its stat; empty when it is gone. Together
// with the pid it names a process for good.
std::string StartTime(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string text;
  std::getline(file, text);
  const size_t end_of_name = text.rfind(')');
  if (end_of_name == std::string::npos) return "";
  std::istringstream fields(text.substr(end_of_name + 1));
  std::string field;
  for (int k = 0; k < 20; ++k) fields >> field;
  return field;
}

void EndFormerProcess(const std::string& sandbox) {
  std::ifstream file(sandbox + "/process");
  int pid = 0;
  std::string start;
  if (!(file >> pid >> start) || pid <= 1 || StartTime(pid) != start) return;
  ::kill(-pid, SIGKILL);
}

// Runners choose their readers by the end of a name.
std::string Extension(const TaskInput& input) {
  static const std::map<std::string, std::string> by_name = {
      {"model", ".superion"}, {"init", ".superion"},   {"stream", ".stream"},   {"trajectory", ".trajectory"},
      {"analysis", ".json"},  {"restart", ".restart"}, {"calibration", ".json"}};
  if (const std::string given = fs::path(input.path).extension().string();
      IsPlainName("x" + given) && !given.empty()) {
    return given;
  }
  const auto known = by_name.find(input.name);
  return known == by_name.end() ? ".xyz" : known->second;
}

absl::Status LinkOrCopy(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (!error) return absl::OkStatus();
  error.clear();
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error == std::errc::no_space_on_device)
    return ResourceExhausted("cannot copy {} to {}: disk full", from, to);
  if (error) return Internal("cannot copy {} to {}: {}", from, to, error.message());
  return absl::OkStatus();
}

absl::Status DescribeArtifact(const std::string& sandbox, TaskArtifact* artifact) {
  const fs::path path = fs::path(artifact->path).lexically_normal();
  if (path.empty() || path.is_absolute() || *path.begin() == "..") {
    return Internal("artifact {}: the path {} is not inside the sandbox", artifact->name, artifact->path);
  }
  std::error_code error;
  const fs::path real = fs::canonical(fs::path(sandbox) / path, error);
  if (error || !fs::is_regular_file(real, error) ||
      real.string().rfind(fs::canonical(sandbox, error).string() + "/", 0) != 0) {
    return Internal("artifact {}: {} is not a file inside the sandbox", artifact->name, artifact->path);
  }
  artifact->path = path.string();
  artifact->size_bytes = static_cast<int64_t>(fs::file_size(real, error));
  SUPERION_ASSIGN_OR_RETURN(artifact->sha256, Sha256File(real.string()));
  return absl::OkStatus();
}

absl::StatusOr<FinishedTask> ReadOutcome(const std::string& sandbox) {
  SUPERION_ASSIGN_OR_RETURN(const Json json, ReadJson(sandbox + "/outcome.json"));
  FinishedTask task;
  SUPERION_ASSIGN_OR_RETURN(task.task_id, GetString(json, "task_id", "outcome"));
  SUPERION_ASSIGN_OR_RETURN(const int64_t attempt, GetInteger(json, "attempt", "outcome"));
  task.attempt = static_cast<int>(attempt);
  if (!json.contains("result")) return DataLoss("{}/outcome.json: no result", sandbox);
  SUPERION_ASSIGN_OR_RETURN(task.result, TaskResultFromJson(json["result"]));
  return task;
}

}  // namespace

void RememberProcess(const std::string& sandbox, int pid) {
  std::ofstream(sandbox + "/process") << pid << " " << StartTime(pid) << "\n";
}

absl::StatusOr<WorkDirectory> WorkDirectory::Open(const std::string& path) {
  SUPERION_RETURN_IF_ERROR(MakeFolder(path + "/tasks"));
  SUPERION_RETURN_IF_ERROR(MakeFolder(path + "/cache"));
  const std::string file = path + "/lock";
  const int lock = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return FailedPrecondition("cannot open {}: {}", file, std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return FailedPrecondition("another worker uses the folder {}; give this one a --work-dir of its own",
                              path);
  }
  return WorkDirectory(fs::absolute(path).lexically_normal().string(), lock);
}

WorkDirectory::WorkDirectory(WorkDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

WorkDirectory::~WorkDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

absl::StatusOr<std::string> WorkDirectory::WorkerId(const std::string& wanted) {
  const std::string file = path_ + "/worker_id";
  std::string id = wanted;
  if (id.empty()) {
    const absl::StatusOr<std::string> known = ReadFile(file);
    if (known.ok() && IsPlainName(*known)) return *known;
    char host[256] = "host";
    ::gethostname(host, sizeof host - 1);
    std::random_device random;
    id = fmt::format("{}-{:08x}", IsPlainName(host) ? host : "host", random());
  }
  if (!IsPlainName(id))
    return InvalidArgument("worker name \"{}\": expected letters, digits, '_', '-', '.'", id);
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(file, id));
  return id;
}

absl::StatusOr<std::string> WorkDirectory::CreateSandbox(const TaskSpec& spec) {
  if (!IsPlainName(spec.task_id))
    return InvalidArgument("task id \"{}\" cannot name a sandbox", spec.task_id);
  const std::string sandbox = fmt::format("{}/tasks/{}.{}", path_, spec.task_id, spec.attempt);
  RemoveSandbox(sandbox);
  SUPERION_RETURN_IF_ERROR(MakeFolder(sandbox + "/inputs"));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(sandbox + "/assignment.json", DumpJson(ToJson(spec))));
  return sandbox;
}

absl::Status WorkDirectory::KeepOutcome(const std::string& sandbox, FinishedTask* task) {
  for (TaskArtifact& artifact : task->result.artifacts) {
    SUPERION_RETURN_IF_ERROR(DescribeArtifact(sandbox, &artifact));
  }
  const Json json = {
      {"task_id", task->task_id}, {"attempt", task->attempt}, {"result", ToJson(task->result)}};
  return WriteFileAtomically(sandbox + "/outcome.json", DumpJson(json));
}

void WorkDirectory::RemoveSandbox(const std::string& sandbox) {
  std::error_code ignored;
  fs::remove_all(sandbox, ignored);
}

std::vector<WorkDirectory::Unreported> WorkDirectory::Recover() {
  std::vector<std::string> sandboxes;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(path_ + "/tasks", error))
    sandboxes.push_back(entry.path().string());
  std::sort(sandboxes.begin(), sandboxes.end());
  std::vector<Unreported> unreported;
  for (const std::string& sandbox : sandboxes) {
    EndFormerProcess(sandbox);
    absl::StatusOr<FinishedTask> task = ReadOutcome(sandbox);
    if (task.ok()) {
      unreported.push_back({sandbox, *std::move(task)});
    } else {
      RemoveSandbox(sandbox);
    }
  }
  return unreported;
}

absl::StatusOr<std::string> WorkDirectory::Cached(Coordinator* coordinator, const std::string& sha256) {
  const std::string folder = fmt::format("{}/cache/{}", path_, sha256.substr(0, 2));
  const std::string path = folder + "/" + sha256;
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    const absl::StatusOr<std::string> found = Sha256File(path);
    if (found.ok() && *found == sha256) {
      fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
      return path;
    }
    fs::remove(path, ignored);
  }
  SUPERION_RETURN_IF_ERROR(MakeFolder(folder));
  // Two tasks may fetch the same input at once.
  static std::atomic<unsigned> serial{0};
  const std::string part = fmt::format("{}.part.{}", path, serial++);
  absl::Status status = coordinator->Fetch(sha256, part);
  if (status.ok()) {
    const absl::StatusOr<std::string> found = Sha256File(part);
    if (!found.ok()) status = found.status();
    if (found.ok() && *found != sha256) {
      status = DataLoss("artifact {}: what was fetched has the hash {}", sha256, *found);
    }
  }
  if (!status.ok()) {
    fs::remove(part, ignored);
    return status;
  }
  fs::permissions(part, fs::perms::owner_read | fs::perms::group_read | fs::perms::others_read, ignored);
  std::error_code error;
  fs::rename(part, path, error);
  if (error) return Internal("cannot rename {} to {}: {}", part, path, error.message());
  return path;
}

absl::Status WorkDirectory::Stage(Coordinator* coordinator, const std::string& sandbox, TaskSpec* spec) {
  std::map<std::string, int> seen;
  for (TaskInput& input : spec->inputs) {
    if (!IsPlainName(input.name)) return InvalidArgument("input name \"{}\" cannot name a file", input.name);
    if (!IsSha256(input.sha256))
      return InvalidArgument("input {}: \"{}\" is no SHA-256", input.name, input.sha256);
    const int k = seen[input.name]++;
    const std::string stem = k == 0 ? input.name : fmt::format("{}.{}", input.name, k);
    const std::string path = "inputs/" + stem + Extension(input);
    SUPERION_ASSIGN_OR_RETURN(const std::string cached, Cached(coordinator, input.sha256));
    std::error_code ignored;
    fs::remove(sandbox + "/" + path, ignored);
    SUPERION_RETURN_IF_ERROR(LinkOrCopy(cached, sandbox + "/" + path));
    input.path = path;
  }
  return absl::OkStatus();
}

void WorkDirectory::PruneCache(uint64_t bytes) {
  struct Entry {
    fs::file_time_type used;
    uint64_t size;
    fs::path path;
  };
  std::vector<Entry> entries;
  uint64_t total = 0;
  std::error_code error;
  for (const auto& file : fs::recursive_directory_iterator(path_ + "/cache", error)) {
    if (!file.is_regular_file(error)) continue;
    entries.push_back({file.last_write_time(error), file.file_size(error), file.path()});
    total += entries.back().size;
  }
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
  for (const Entry& entry : entries) {
    if (total <= bytes) return;
    if (fs::remove(entry.path, error)) total -= entry.size;
  }
}

}  // namespace superion
