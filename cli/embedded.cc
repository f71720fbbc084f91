#include "cli/embedded.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/connection.h"
#include "cli/daemon_client.h"
#include "core/runner.h"

namespace superion {
namespace {

constexpr int kMostRestarts = 20;
constexpr std::chrono::milliseconds kLook(50);
constexpr int kLooks = 1200;  // one minute
constexpr std::chrono::seconds kGrace(20);

}  // namespace

absl::Status Embedded::Lock() {
  std::error_code error;
  std::filesystem::create_directories(options_.data_directory, error);
  if (error)
    return InvalidArgument("cannot create the folder {}: {}", options_.data_directory, error.message());
  const std::string file = options_.data_directory + "/run.lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return InvalidArgument("cannot write {}: {}", file, std::strerror(errno));
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    return FailedPrecondition(
        "another `superion run` works in {}; look at it with `superion watch --data-dir {}`",
        options_.data_directory, options_.data_directory);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Subprocess>> Embedded::Child(const std::string& program,
                                                            std::vector<std::string> arguments) {
  SubprocessOptions child;
  child.arguments = std::move(arguments);
  child.arguments.insert(child.arguments.begin(), options_.program_directory + "/" + program);
  child.stderr_path = Log(program);
  child.append_output = true;
  child.stdout_path = "/dev/null";
  // What the site profile and its defaults are found by.
  for (const char* name : {"XDG_CONFIG_HOME", "XDG_DATA_HOME"}) {
    if (const char* value = std::getenv(name)) child.environment[name] = value;
  }
  return Subprocess::Start(std::move(child));
}

absl::Status Embedded::Died(const std::string& program) const {
  const std::string tail = FileTail(Log(program), 1500);
  return Unavailable("{} ended{}", program, tail.empty() ? "" : "; the end of its log:\n" + tail);
}

absl::Status Embedded::StartDaemon(Interrupt* interrupt) {
  const std::string& data = options_.data_directory;
  std::error_code ignored;
  std::filesystem::remove(data + "/endpoint", ignored);
  SUPERION_ASSIGN_OR_RETURN(process_, Child("superiond", {"--data-dir", data}));
  ConnectionOptions connection;
  connection.data_directory = data;
  for (int look = 0; look < kLooks; ++look) {
    if (interrupt->WaitFor(kLook)) return absl::CancelledError("interrupted");
    const absl::StatusOr<Endpoint> endpoint = FindEndpoint(connection);
    if (endpoint.ok()) {
      auto daemon = ConnectDaemon(endpoint->server, endpoint->token);
      const absl::Status answer = daemon->Ping().status();
      if (answer.ok()) {
        server_ = endpoint->server;
        daemon_ = std::move(daemon);
        return absl::OkStatus();
      }
      if (absl::IsUnauthenticated(answer)) return answer;
    }
    if (!process_->Running()) return Died("superiond");
  }
  return Unavailable("superiond does not answer; see {}", Log("superiond"));
}

absl::Status Embedded::StartWorker() {
  std::vector<std::string> arguments = {"--server",         server_,
                                        "--token-file",     options_.data_directory + "/token",
                                        "--work-dir",       options_.work_directory,
                                        "--die-with-parent"};
  if (options_.cores > 0) arguments.insert(arguments.end(), {"--cores", std::to_string(options_.cores)});
  SUPERION_ASSIGN_OR_RETURN(worker_, Child("superion-worker", std::move(arguments)));
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Embedded>> Embedded::Start(const EmbeddedOptions& options,
                                                          Interrupt* interrupt) {
  std::unique_ptr<Embedded> embedded(new Embedded(options));
  SUPERION_RETURN_IF_ERROR(embedded->Lock());
  SUPERION_RETURN_IF_ERROR(embedded->StartDaemon(interrupt));
  SUPERION_RETURN_IF_ERROR(embedded->StartWorker());
  return embedded;
}

absl::Status Embedded::Revive(Interrupt* interrupt) {
  const bool daemon_died = !process_->Running(), worker_died = !worker_->Running();
  if (!daemon_died && !worker_died) return absl::OkStatus();
  if (++restarts_ > kMostRestarts) return Died(daemon_died ? "superiond" : "superion-worker");
  if (daemon_died) {
    std::fprintf(stderr, "superiond ended and is started again\n");
    SUPERION_RETURN_IF_ERROR(StartDaemon(interrupt));
  }
  if (worker_died) {
    std::fprintf(stderr, "superion-worker ended and is started again\n");
    SUPERION_RETURN_IF_ERROR(StartWorker());
  }
  return absl::OkStatus();
}

void Embedded::Stop() {
  if (worker_) worker_->Terminate(kGrace);
  worker_.reset();
  // A server waits for open connections, and an idle client does not notice that it should close its own.
  daemon_.reset();
  if (process_) process_->Terminate(kGrace);
  process_.reset();
}

Embedded::~Embedded() {
  Stop();
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace superion
