#include "core/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <thread>

#include "core/spawner.h"

namespace superion {
namespace {

constexpr size_t kLongestLine = size_t{1} << 20;  // a longer line is passed in pieces

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { Reset(); }
  void Reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read, write;
};

absl::StatusOr<Pipe> MakePipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return ResourceExhausted("cannot make a pipe: {}", std::strerror(errno));
  return Pipe{Descriptor(fds[0]), Descriptor(fds[1])};
}

absl::StatusOr<Descriptor> OpenIn(const std::string& directory, const std::string& path, int flags) {
  const std::string full = (std::filesystem::path(directory) / path).string();
  Descriptor d(::open(full.c_str(), flags | O_CLOEXEC, 0644));
  if (d.get() >= 0) return d;
  if (errno == ENOENT) return NotFound("cannot open {}: {}", full, std::strerror(errno));
  return FailedPrecondition("cannot open {}: {}", full, std::strerror(errno));
}

bool Passes(std::string_view name) {
  for (const std::string_view whole : {"PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH"}) {
    if (name == whole) return true;
  }
  for (const std::string_view prefix : {"OMP_", "OPENBLAS_", "SUPERION_"}) {
    if (name.substr(0, prefix.size()) == prefix) return true;
  }
  return false;
}

std::vector<std::string> ScrubbedEnvironment(const std::map<std::string, std::string>& added) {
  std::map<std::string, std::string> all = added;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos || !Passes(text.substr(0, equals))) continue;
    all.try_emplace(std::string(text.substr(0, equals)), text.substr(equals + 1));
  }
  std::vector<std::string> environment;
  for (const auto& [name, value] : all) environment.push_back(name + "=" + value);
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Everything the child needs between fork and exec, prepared by the parent: the child of a threaded program
// may only call functions that are safe in signal handlers.
struct Launch {
  std::string program, directory;
  std::vector<std::string> arguments, environment;
  std::vector<char*> argv, envp;
  Descriptor in, out, err;  // err may be empty: inherited
  Pipe failure;             // carries errno of what went wrong before or in exec; closed by a good exec
  bool die_with_parent = true;
  pid_t parent = 0;
};

void MarkInheritedDescriptors() {
#ifdef SYS_close_range
  constexpr unsigned kCloseOnExec = 1u << 2;  // CLOSE_RANGE_CLOEXEC
  if (::syscall(SYS_close_range, 3u, ~0u, kCloseOnExec) == 0) return;
#endif
  for (int fd = 3; fd < 1024; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

void ResetSignals() {
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD, SIGUSR1, SIGUSR2}) {
    ::signal(signal, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void Fail(const Launch& launch) {
  const int error = errno;
  [[maybe_unused]] const ssize_t n = ::write(launch.failure.write.get(), &error, sizeof error);
  ::_exit(127);
}

// dup2 onto itself would keep close-on-exec.
void Place(const Launch& launch, int from, int to) {
  if (from < 0) return;
  const bool same = from == to;
  if (same ? ::fcntl(from, F_SETFD, 0) < 0 : ::dup2(from, to) < 0) Fail(launch);
}

[[noreturn]] void RunChild(const Launch& launch) {
  ::setpgid(0, 0);
  ResetSignals();
  if (launch.die_with_parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != launch.parent) ::_exit(127);  // the parent died before the line above
  }
  Place(launch, launch.in.get(), 0);
  Place(launch, launch.out.get(), 1);
  Place(launch, launch.err.get(), 2);
  MarkInheritedDescriptors();
  if (::chdir(launch.directory.c_str()) != 0) Fail(launch);
  ::execve(launch.program.c_str(), launch.argv.data(), launch.envp.data());
  Fail(launch);
}

absl::StatusOr<pid_t> Fork(Launch* launch) {
  pid_t pid = -1;
  int fork_error = 0;
  // The kernel sends the death signal when the *thread* that forked ends, so one that never ends does it.
  RunOnSpawnerThread([&] {
    pid = ::fork();
    fork_error = errno;
    if (pid == 0) RunChild(*launch);
  });
  if (pid < 0) return ResourceExhausted("cannot start {}: {}", launch->program, std::strerror(fork_error));
  ::setpgid(pid, pid);  // in both processes: whoever comes first
  launch->failure.write.Reset();
  int error = 0;
  ssize_t n;
  do {
    n = ::read(launch->failure.read.get(), &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  if (n == 0) return pid;
  ::waitpid(pid, nullptr, 0);
  if (error == ENOENT)
    return NotFound("cannot start {} in {}: {}", launch->program, launch->directory, std::strerror(error));
  return FailedPrecondition("cannot start {} in {}: {}", launch->program, launch->directory,
                            std::strerror(error));
}

// What this machine lacks: to try again will not help, and no input is to blame.
absl::Status MissingProgram(const std::string& message) { return absl::UnimplementedError(message); }

bool IsProgram(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

absl::StatusOr<std::string> ResolveProgram(const std::string& name) {
  if (name.find('/') == std::string::npos) return FindProgram(name);
  const std::string path = std::filesystem::absolute(name).string();
  if (IsProgram(path)) return path;
  return MissingProgram(fmt::format(
      "cannot start {}: {}", path,
      std::filesystem::exists(path) ? "it is not a program that may be executed" : "no such file"));
}

absl::StatusOr<Launch> Prepare(const SubprocessOptions& options, Descriptor out) {
  SUPERION_CHECK(!options.arguments.empty());
  Launch launch;
  SUPERION_ASSIGN_OR_RETURN(launch.program, ResolveProgram(options.arguments[0]));
  launch.directory = options.working_directory;
  launch.arguments = options.arguments;
  launch.environment = ScrubbedEnvironment(options.environment);
  launch.argv = Pointers(&launch.arguments);
  launch.envp = Pointers(&launch.environment);
  const std::string in = options.stdin_path.empty() ? "/dev/null" : options.stdin_path;
  SUPERION_ASSIGN_OR_RETURN(launch.in, OpenIn(options.working_directory, in, O_RDONLY));
  launch.out = std::move(out);
  const int mode = O_WRONLY | O_CREAT | O_APPEND | (options.append_output ? 0 : O_TRUNC);
  if (!options.stdout_path.empty()) {
    SUPERION_ASSIGN_OR_RETURN(launch.out, OpenIn(options.working_directory, options.stdout_path, mode));
  }
  if (!options.stderr_path.empty()) {
    SUPERION_ASSIGN_OR_RETURN(launch.err, OpenIn(options.working_directory, options.stderr_path, mode));
  }
  SUPERION_ASSIGN_OR_RETURN(launch.failure, MakePipe());
  launch.die_with_parent = options.die_with_parent;
  launch.parent = ::getpid();
  return launch;
}

}  // namespace

struct Subprocess::Impl {
  pid_t pid = -1;
  std::function<void(std::string_view)> on_line;
  Descriptor out;   // read end of the child's stdout; empty when it goes to a file
  Descriptor done;  // event: the child was reaped, so that nothing more will come
  std::thread reader, watcher;

  std::mutex mutex;
  std::condition_variable ended;
  bool reaped = false;    // pid must not be signalled any more
  bool finished = false;  // reaped, and every line was delivered
  ExitState exit_state;

  void ReadLines();
  void Watch();
  void Reap();
  void SignalGroup(int signal);
};

void Subprocess::Impl::SignalGroup(int signal) {
  const std::lock_guard lock(mutex);
  if (!reaped) ::kill(-pid, signal);
}

// Ends when every writer closed the pipe, or when the child is gone and the pipe is empty: a grandchild that
// left the group may keep it open for ever.
void Subprocess::Impl::ReadLines() {
  ::fcntl(out.get(), F_SETFL, O_NONBLOCK);
  std::string pending;
  char buffer[1 << 14];
  while (true) {
    pollfd fds[2] = {{out.get(), POLLIN, 0}, {done.get(), POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0 && errno == EINTR) continue;
    const bool last = (fds[1].revents & POLLIN) != 0;
    ssize_t n;
    while ((n = ::read(out.get(), buffer, sizeof buffer)) > 0) {
      pending.append(buffer, n);
      size_t begin = 0;
      for (size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
        on_line(std::string_view(pending).substr(begin, end - begin));
      }
      pending.erase(0, begin);
      if (pending.size() >= kLongestLine) {
        on_line(pending);
        pending.clear();
      }
    }
    const bool drained = n < 0 && (errno == EAGAIN || errno == EINTR);
    if (!drained || last) break;
  }
  if (!pending.empty()) on_line(pending);
}

void Subprocess::Impl::Reap() {
  siginfo_t info;
  while (::waitid(P_PID, pid, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex);
  // While the leader is a zombie its id cannot be given to another group: what it left behind is ended here.
  ::kill(-pid, SIGKILL);
  int status = 0;
  rusage usage{};
  while (::wait4(pid, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  reaped = true;
  exit_state.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  exit_state.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  const auto seconds = [](const timeval& t) { return t.tv_sec + 1e-6 * t.tv_usec; };
  exit_state.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void Subprocess::Impl::Watch() {
  Reap();
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(done.get(), &one, sizeof one);
  if (reader.joinable()) reader.join();
  const std::lock_guard lock(mutex);
  finished = true;
  ended.notify_all();
}

absl::StatusOr<std::unique_ptr<Subprocess>> Subprocess::Start(SubprocessOptions options) {
  Pipe pipe;
  if (options.stdout_path.empty()) {
    SUPERION_ASSIGN_OR_RETURN(pipe, MakePipe());
  }
  SUPERION_ASSIGN_OR_RETURN(Launch launch, Prepare(options, std::move(pipe.write)));
  auto impl = std::make_unique<Impl>();
  impl->done = Descriptor(::eventfd(0, EFD_CLOEXEC));
  if (impl->done.get() < 0) return ResourceExhausted("cannot make an event: {}", std::strerror(errno));
  SUPERION_ASSIGN_OR_RETURN(impl->pid, Fork(&launch));
  launch.out.Reset();  // the reader must see the end when the child closes its copy
  impl->out = std::move(pipe.read);
  impl->on_line = options.on_stdout_line ? std::move(options.on_stdout_line) : [](std::string_view) {};
  Impl* raw = impl.get();
  if (raw->out.get() >= 0) raw->reader = std::thread([raw] { raw->ReadLines(); });
  raw->watcher = std::thread([raw] { raw->Watch(); });
  return std::unique_ptr<Subprocess>(new Subprocess(std::move(impl)));
}

Subprocess::Subprocess(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Subprocess::~Subprocess() {
  impl_->SignalGroup(SIGKILL);
  impl_->watcher.join();
}

pid_t Subprocess::pid() const { return impl_->pid; }

bool Subprocess::Running() {
  const std::lock_guard lock(impl_->mutex);
  return !impl_->finished;
}

ExitState Subprocess::Wait() {
  std::unique_lock lock(impl_->mutex);
  impl_->ended.wait(lock, [this] { return impl_->finished; });
  return impl_->exit_state;
}

bool Subprocess::WaitFor(std::chrono::milliseconds timeout, ExitState* exit_state) {
  std::unique_lock lock(impl_->mutex);
  if (!impl_->ended.wait_for(lock, timeout, [this] { return impl_->finished; })) return false;
  if (exit_state != nullptr) *exit_state = impl_->exit_state;
  return true;
}

void Subprocess::Terminate(std::chrono::milliseconds grace) {
  impl_->SignalGroup(SIGTERM);
  if (WaitFor(grace, nullptr)) return;
  impl_->SignalGroup(SIGKILL);
  Wait();
}

absl::StatusOr<std::string> FindProgram(const std::string& name) {
  if (name.empty()) return InvalidArgument("cannot find a program without a name");
  if (name.find('/') != std::string::npos) return ResolveProgram(name);
  const char* variable = std::getenv("PATH");
  const std::string path = variable != nullptr ? variable : "/usr/local/bin:/usr/bin:/bin";
  for (size_t begin = 0; begin <= path.size();) {
    const size_t end = std::min(path.find(':', begin), path.size());
    const std::string directory = path.substr(begin, end - begin);
    const std::string candidate = (directory.empty() ? "." : directory) + "/" + name;
    if (IsProgram(candidate)) return std::filesystem::absolute(candidate).string();
    begin = end + 1;
  }
  return MissingProgram(fmt::format("the program {} was not found in PATH ({})", name, path));
}

std::string ProgramDirectory() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

}  // namespace superion
