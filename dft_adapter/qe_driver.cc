#include "dft_adapter/qe_driver.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "core/file.h"
#include "core/units.h"
#include "dft_adapter/qe_escalation.h"
#include "dft_adapter/qe_input.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

constexpr size_t kHeader = 12;                 // every message begins with twelve characters
constexpr const char* kSocketPrefix = "ipi_";  // pw.x adds the folder and this itself
constexpr const char* kSocketFolder = "/tmp";
constexpr const char* kSocketName = "superion-";
// pw.x reads "N" as 1 + a bit field: 16 energy, 8 forces, 4 stress, 2 moving cell. N = 1 would move the cell.
constexpr int32_t kEnergyForces = 25, kEnergyForcesStress = 29;

// A driver killed between bind and accept leaves its socket behind: the next one removes those of dead
// processes.
void RemoveStaleSockets() {
  const std::string prefix = std::string(kSocketPrefix) + kSocketName;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(kSocketFolder, error)) {
    const std::string name = entry.path().filename();
    if (name.rfind(prefix, 0) != 0) continue;
    const pid_t owner = std::atoi(name.c_str() + prefix.size());
    if (owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH) fs::remove(entry.path(), error);
  }
}

struct Listener {
  int socket = -1;
  std::string name, path;
  ~Listener() {
    if (socket >= 0) ::close(socket);
    if (!path.empty()) ::unlink(path.c_str());
  }
};

absl::Status Listen(Listener* listener) {
  static std::atomic<int> counter{0};
  RemoveStaleSockets();
  listener->name = fmt::format("{}{}-{}", kSocketName, ::getpid(), counter++);
  const std::string path = fmt::format("{}/{}{}", kSocketFolder, kSocketPrefix, listener->name);
  listener->socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  if (listener->socket < 0 ||
      ::bind(listener->socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return Unavailable("cannot open the socket {} for pw.x: {}", path, std::strerror(errno));
  }
  listener->path = path;
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(listener->socket, 1) != 0) {
    return Unavailable("cannot listen on the socket {}: {}", path, std::strerror(errno));
  }
  return absl::OkStatus();
}

std::string OutputPath(const QeDriverOptions& options) { return options.directory + "/driver.out"; }

std::array<double, 9> Columns(const Mat3& rows) {
  std::array<double, 9> m;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) m[3 * i + j] = rows[j][i] / units::kBohr;
  }
  return m;
}

}  // namespace

absl::StatusOr<std::unique_ptr<QeDriver>> QeDriver::Start(const QeSettings& settings, const Structure& first,
                                                          const QeDriverOptions& options) {
  auto driver = std::unique_ptr<QeDriver>(new QeDriver());
  driver->settings_ = settings;
  driver->options_ = options;
  driver->first_ = first;
  SUPERION_ASSIGN_OR_RETURN(const std::string input, QeInput(settings, options.numerics, first,
                                                             QeTask::kDriver, options.pseudo_directory));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(options.directory + "/driver.in", input));
  Listener listener;
  SUPERION_RETURN_IF_ERROR(Listen(&listener));
  SubprocessOptions child;
  child.arguments = options.command;
  for (const std::string& word :
       {std::string("-ipi"), listener.name + ":UNIX", std::string("-i"), std::string("driver.in")}) {
    child.arguments.push_back(word);
  }
  child.working_directory = options.directory;
  child.stdout_path = OutputPath(options);
  child.stderr_path = options.directory + "/driver.err";
  // Unbuffered: what belongs to a geometry must be in the file when its result arrives.
  child.environment = {{"OMP_NUM_THREADS", "1"},
                       {"OPENBLAS_NUM_THREADS", "1"},
                       {"OMPI_MCA_ess_singleton_isolated", "1"},
                       {"GFORTRAN_UNBUFFERED_PRECONNECTED", "y"}};
  SUPERION_ASSIGN_OR_RETURN(driver->process_, Subprocess::Start(std::move(child)));
  driver->watch_.emplace(driver->process_->pid(), PwWatchOptions{OutputPath(options), options.silence_limit});
  driver->socket_ = driver->Accept(listener.socket);
  if (driver->socket_ < 0) {
    const LabelFailure lost = driver->Lost(driver->NewOutput());
    return Unavailable("pw.x did not connect to its socket: {}: {}", lost.failure_class, lost.message);
  }
  return driver;
}

QeDriver::~QeDriver() {
  if (socket_ >= 0) {
    if (alive_) SendHeader("EXIT");
    ::close(socket_);
  }
  if (process_ == nullptr) return;
  ExitState exit;
  if (!process_->WaitFor(std::chrono::milliseconds(3000), &exit))
    process_->Terminate(std::chrono::milliseconds(1000));
}

bool QeDriver::Fits(const Structure& structure) const {
  return structure.species == first_.species && structure.cell == first_.cell &&
         (computed_ > 0 || structure.positions == first_.positions);
}

bool QeDriver::AwaitSocket(int socket, short events) {
  while (true) {
    pollfd wait{socket, events, 0};
    if (::poll(&wait, 1, static_cast<int>(watch_->interval().count())) > 0) return true;
    if (!process_->Running()) return false;
    ended_ = watch_->Check();
    if (ended_) return false;
  }
}

// Only the process that we started may be the peer.
int QeDriver::Accept(int listener) {
  while (AwaitSocket(listener, POLLIN)) {
    const int connection = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    ucred peer{};
    socklen_t size = sizeof(peer);
    if (connection < 0 || ::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
    if (peer.uid == ::getuid()) return connection;
    ::close(connection);
  }
  return -1;
}

bool QeDriver::Send(const void* bytes, size_t n) {
  const char* at = static_cast<const char*>(bytes);
  while (n > 0) {
    if (!AwaitSocket(socket_, POLLOUT)) return false;
    const ssize_t sent = ::send(socket_, at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent <= 0) return false;
    at += sent;
    n -= sent;
  }
  return true;
}

bool QeDriver::SendHeader(const std::string& header) {
  std::string padded = header;
  padded.resize(kHeader, ' ');
  return Send(padded.data(), kHeader);
}

// A pw.x that does not converge crashes: then the connection ends here.
bool QeDriver::Receive(void* bytes, size_t n) {
  char* at = static_cast<char*>(bytes);
  while (n > 0) {
    if (!AwaitSocket(socket_, POLLIN)) return false;
    const ssize_t got = ::recv(socket_, at, n, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    watch_->Heard();
    at += got;
    n -= got;
  }
  return true;
}

std::string QeDriver::Status() {
  char text[kHeader];
  if (!SendHeader("STATUS") || !Receive(text, kHeader)) return "";
  const std::string header(text, kHeader);
  return header.substr(0, header.find_last_not_of(' ') + 1);
}

bool QeDriver::SendGeometry(const Structure& structure) {
  if (!SendHeader("POSDATA")) return false;
  if (computed_ == 0) {  // pw.x reads the cell block once; later it would take it for positions
    const auto cell = Columns(structure.cell), inverse = Columns(Inverse(structure.cell));
    if (!Send(cell.data(), sizeof(cell)) || !Send(inverse.data(), sizeof(inverse))) return false;
  }
  std::vector<double> bohr;
  for (const Vec3& r : structure.positions) {
    for (int a = 0; a < 3; ++a) bohr.push_back(r[a] / units::kBohr);
  }
  const int32_t n = static_cast<int32_t>(structure.size());
  return Send(&n, sizeof(n)) && Send(bohr.data(), bohr.size() * sizeof(double));
}

bool QeDriver::ReceiveReply(QeDriverReply* reply) {
  char header[kHeader];
  int32_t n = 0, extra = 0;
  if (!SendHeader("GETFORCE") || !Receive(header, kHeader) || std::memcmp(header, "FORCEREADY", 10) != 0)
    return false;
  if (!Receive(&reply->energy_ha, sizeof(double)) || !Receive(&n, sizeof(n))) return false;
  if (n != static_cast<int32_t>(first_.size())) return false;
  reply->forces_ha_per_bohr.resize(n);
  if (!Receive(reply->forces_ha_per_bohr.data(), 24 * static_cast<size_t>(n))) return false;
  if (settings_.stress) {
    reply->virial_ha.emplace();
    if (!Receive(reply->virial_ha->data(), 72)) return false;
  }
  if (!Receive(&extra, sizeof(extra)) || extra < 0 || extra > (1 << 20)) return false;
  std::string ignored(extra, ' ');
  return Receive(ignored.data(), ignored.size());
}

std::string QeDriver::NewOutput() {
  std::ifstream in(OutputPath(options_), std::ios::binary);
  in.seekg(static_cast<std::streamoff>(output_offset_));
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  output_offset_ += text.size();
  return text;
}

LabelFailure QeDriver::Lost(const std::string& output) {
  alive_ = false;
  ExitState exit;
  if (ended_ || !process_->WaitFor(std::chrono::milliseconds(5000), &exit)) {
    process_->Terminate(std::chrono::milliseconds(1000));
    exit = process_->Wait();
  }
  cpu_s_ = std::max(cpu_s_, exit.cpu_s);
  if (ended_) return *ended_;
  return ClassifyQeFailure(ParseQeOutput(output + NewOutput()), exit);
}

QeDriver::Outcome QeDriver::Compute(Sequence sequence, Frame* frame) {
  SUPERION_CHECK(alive_ && Fits(frame->structure));
  Outcome outcome;
  const double cpu_before = cpu_s_;
  NewOutput();  // whatever was printed before belongs to the last geometry
  watch_.emplace(process_->pid(), PwWatchOptions{OutputPath(options_), options_.silence_limit,
                                                 StagnationRuleOf(0, settings_.conv_thr_ry)});
  if (sequence == Sequence::kIndependent) ++replica_;  // a new replica forgets the extrapolation history
  const int32_t init[2] = {replica_, settings_.stress ? kEnergyForcesStress : kEnergyForces};
  QeDriverReply reply;
  const bool answered = Status() == "NEEDINIT" && SendHeader("INIT") && Send(init, sizeof(init)) &&
                        Send("", 1) && Status() == "READY" && SendGeometry(frame->structure) &&
                        Status() == "HAVEDATA" && ReceiveReply(&reply);
  ++computed_;
  const std::string output = NewOutput();
  if (answered) {
    cpu_s_ = std::max(cpu_s_, CpuSeconds(process_->pid()));
    outcome.failure = AcceptQeDriverReply(reply, ParseQeOutput(output), settings_, frame);
  } else {
    outcome.failure = Lost(output);
  }
  outcome.cpu_s = cpu_s_ - cpu_before;
  return outcome;
}

}  // namespace superion
