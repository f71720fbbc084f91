#include "dft_adapter/lammps_labeler.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <sstream>

#include "core/file.h"
#include "core/units.h"
#include "lammps/library.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackagedPotentials = "/usr/share/lammps/potentials";

bool WriteAll(int fd, const void* bytes, size_t n) {
  const char* at = static_cast<const char*>(bytes);
  while (n > 0) {
    const ssize_t done = ::send(fd, at, n, MSG_NOSIGNAL);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
    n -= done;
  }
  return true;
}

bool ReadAll(int fd, void* bytes, size_t n) {
  char* at = static_cast<char*>(bytes);
  while (n > 0) {
    const ssize_t done = ::recv(fd, at, n, 0);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    at += done;
    n -= done;
  }
  return true;
}

// What goes to the child: positions and cell already in LAMMPS's orientation.
struct Question {
  Mat3 cell{};
  std::vector<int> types;
  std::vector<Vec3> positions;
};

struct Answer {
  double energy = 0.0;
  std::vector<Vec3> forces;
  std::array<double, 6> pressure_bar{};  // xx yy zz xy xz yz
  double cpu_s = 0.0;
};

bool SendQuestion(int fd, const Question& q) {
  const int64_t n = static_cast<int64_t>(q.types.size());
  return WriteAll(fd, &n, sizeof(n)) && WriteAll(fd, q.cell.data(), sizeof(q.cell)) &&
         WriteAll(fd, q.types.data(), n * sizeof(int)) && WriteAll(fd, q.positions.data(), n * sizeof(Vec3));
}

bool ReceiveQuestion(int fd, Question* q) {
  int64_t n = 0;
  if (!ReadAll(fd, &n, sizeof(n))) return false;
  q->types.resize(n);
  q->positions.resize(n);
  return ReadAll(fd, q->cell.data(), sizeof(q->cell)) && ReadAll(fd, q->types.data(), n * sizeof(int)) &&
         ReadAll(fd, q->positions.data(), n * sizeof(Vec3));
}

bool SendAnswer(int fd, const Answer& a) {
  return WriteAll(fd, &a.energy, sizeof(double)) &&
         WriteAll(fd, a.forces.data(), a.forces.size() * sizeof(Vec3)) &&
         WriteAll(fd, a.pressure_bar.data(), sizeof(a.pressure_bar)) &&
         WriteAll(fd, &a.cpu_s, sizeof(double));
}

bool ReceiveAnswer(int fd, size_t n, Answer* a) {
  a->forces.resize(n);
  return ReadAll(fd, &a->energy, sizeof(double)) && ReadAll(fd, a->forces.data(), n * sizeof(Vec3)) &&
         ReadAll(fd, a->pressure_bar.data(), sizeof(a->pressure_bar)) &&
         ReadAll(fd, &a->cpu_s, sizeof(double));
}

struct LammpsSettings {
  std::vector<std::string> commands;
  std::vector<std::string> species;
  bool stress = true;
};

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
         1e-6 * (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

void Command(void* lammps, const std::string& text) { lammps_command(lammps, text.c_str()); }

// `set` works on atoms; everything else defines the interaction and comes before them.
bool NeedsAtoms(const std::string& command) {
  std::istringstream words(command);
  std::string first;
  words >> first;
  return first == "set";
}

void DefineSystem(void* lammps, const LammpsSettings& settings, const Question& q) {
  for (const char* text : {"clear", "units metal", "atom_style charge", "atom_modify map array sort 0 0.0",
                           "boundary p p p", "box tilt large"}) {
    Command(lammps, text);
  }
  const Mat3& c = q.cell;
  Command(lammps,
          fmt::format("region cell prism 0 {:.17g} 0 {:.17g} 0 {:.17g} {:.17g} {:.17g} {:.17g} units box",
                      c[0][0], c[1][1], c[2][2], c[1][0], c[2][0], c[2][1]));
  Command(lammps, fmt::format("create_box {} cell", settings.species.size()));
  for (size_t k = 0; k < settings.species.size(); ++k) {
    Command(lammps, fmt::format("mass {} {:.10g}", k + 1, AtomicMass(settings.species[k]).value_or(1.0)));
  }
  for (const std::string& command : settings.commands) {
    if (!NeedsAtoms(command)) Command(lammps, command);
  }
  std::vector<int> ids(q.types.size());
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int>(i) + 1;
  lammps_create_atoms(lammps, static_cast<int>(ids.size()), ids.data(), q.types.data(), q.positions[0].data(),
                      nullptr, nullptr, 0);
  for (const std::string& command : settings.commands) {
    if (NeedsAtoms(command)) Command(lammps, command);
  }
}

// Runs in the child; any error of LAMMPS ends it.
void Serve(int fd, const LammpsSettings& settings) {
  const char* arguments[] = {"superion", "-log", "none", "-nocite"};
  void* lammps = lammps_open_no_mpi(4, const_cast<char**>(arguments), nullptr);
  if (lammps == nullptr) return;
  Question q;
  while (ReceiveQuestion(fd, &q)) {
    const double begin = CpuSeconds();
    DefineSystem(lammps, settings, q);
    Command(lammps, "thermo_style custom step pe pxx pyy pzz pxy pxz pyz");
    Command(lammps, "run 0 post no");
    Answer a;
    a.energy = lammps_get_thermo(lammps, "pe");
    const char* names[6] = {"pxx", "pyy", "pzz", "pxy", "pxz", "pyz"};
    for (int k = 0; k < 6; ++k) a.pressure_bar[k] = lammps_get_thermo(lammps, names[k]);
    a.forces.resize(q.types.size());
    lammps_gather_atoms(lammps, const_cast<char*>("f"), 1, 3, a.forces.data());
    if (lammps_get_natoms(lammps) != static_cast<double>(q.types.size())) return;  // atoms were lost
    a.cpu_s = CpuSeconds() - begin;
    if (!SendAnswer(fd, a)) return;
  }
}

Mat3 Transposed(const Mat3& m) {
  return {{{m[0][0], m[1][0], m[2][0]}, {m[0][1], m[1][1], m[2][1]}, {m[0][2], m[1][2], m[2][2]}}};
}

Mat3 Product(const Mat3& a, const Mat3& b) { return {a[0] * b, a[1] * b, a[2] * b}; }

class LammpsLabeler : public Labeler {
 public:
  LammpsLabeler(Json identity, LammpsSettings settings, std::string directory)
      : identity_(std::move(identity)), settings_(std::move(settings)), directory_(std::move(directory)) {}
  ~LammpsLabeler() override { Stop(); }

  Json Identity() const override { return identity_; }

  absl::StatusOr<LabelOutcome> Label(const Structure& structure, Sequence) override {
    LabelOutcome outcome;
    outcome.frame.structure = structure;
    outcome.source = "lammps";
    outcome.failure = CheckGeometry(structure);
    if (outcome.failure) return outcome;
    const LammpsCell cell = RestrictedCell(structure.cell);
    SUPERION_ASSIGN_OR_RETURN(const Question question, Ask(structure, cell));
    if (child_ <= 0) SUPERION_RETURN_IF_ERROR(Start());
    Answer answer;
    if (SendQuestion(fd_, question) && ReceiveAnswer(fd_, structure.size(), &answer)) {
      Fill(answer, cell, &outcome.frame);
      outcome.cpu_s = answer.cpu_s;
      outcome.failure = CheckNumbers(outcome.frame);
    } else {
      Stop();
      outcome.failure = LabelFailure{failure_class::kProgram, "LAMMPS: " + LastError()};
    }
    return outcome;
  }

 private:
  absl::StatusOr<Question> Ask(const Structure& structure, const LammpsCell& cell) const {
    Question q;
    q.cell = cell.rows;
    for (size_t i = 0; i < structure.size(); ++i) {
      const auto type = std::find(settings_.species.begin(), settings_.species.end(), structure.species[i]);
      if (type == settings_.species.end()) {
        return InvalidArgument("labeler.species: no type for {}, which is in the structure",
                               structure.species[i]);
      }
      q.types.push_back(static_cast<int>(type - settings_.species.begin()) + 1);
      q.positions.push_back(structure.positions[i] * cell.to_lammps);
    }
    return q;
  }

  void Fill(const Answer& a, const LammpsCell& cell, Frame* frame) const {
    const Mat3 back = Transposed(cell.to_lammps);
    frame->energy = a.energy;
    frame->forces.clear();
    for (const Vec3& f : a.forces) frame->forces.push_back(f * back);
    if (!settings_.stress) return;
    const auto& p = a.pressure_bar;
    const Mat3 pressure{{{p[0], p[3], p[4]}, {p[3], p[1], p[5]}, {p[4], p[5], p[2]}}};
    frame->stress = Product(cell.to_lammps, Product(pressure, back));
    for (Vec3& row : *frame->stress) row = -units::kBar * row;
  }

  std::string OutputPath() const { return directory_ + "/lammps.out"; }

  absl::Status Start() {
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
      return Unavailable("cannot make a socket pair for LAMMPS: {}", std::strerror(errno));
    }
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ < 0) return Unavailable("cannot start a process for LAMMPS: {}", std::strerror(errno));
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::setenv("OMPI_MCA_ess_singleton_isolated", "1", 1);
      ::setenv("OMP_NUM_THREADS", "1", 1);
      ::setenv("LAMMPS_POTENTIALS", kPackagedPotentials, 0);
      const int out = ::open(OutputPath().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
      ::dup2(out, 1);
      ::dup2(out, 2);
      if (::chdir(directory_.c_str()) == 0) Serve(pair[1], settings_);
      ::_exit(0);
    }
    ::close(pair[1]);
    fd_ = pair[0];
    return absl::OkStatus();
  }

  void Stop() {
    if (child_ <= 0) return;
    ::close(fd_);
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }

  std::string LastError() const {
    const auto text = ReadFile(OutputPath());
    if (!text.ok()) return "the process ended";
    std::istringstream lines(*text);
    std::string error = "the process ended without saying why";
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("ERROR", 0) == 0) error = line;
    }
    return error;
  }

  Json identity_;
  LammpsSettings settings_;
  std::string directory_;
  pid_t child_ = 0;
  int fd_ = -1;
};

// Files named in the commands lie in the sandbox, in a folder of the site, or in LAMMPS's own; their content
// is a part of what the labels are.
Json HashFiles(const LammpsSettings& settings, const LabelerOptions& options, const std::string& directory) {
  std::vector<std::string> folders = {directory, "."};
  for (const std::string& folder : options.site.pseudo_directories) folders.push_back(folder);
  const char* own = std::getenv("LAMMPS_POTENTIALS");
  folders.push_back(own != nullptr ? own : kPackagedPotentials);
  Json hashes = Json::object();
  for (const std::string& command : settings.commands) {
    std::istringstream words(command);
    for (std::string word; words >> word;) {
      for (const std::string& folder : folders) {
        std::error_code error;
        const fs::path path = fs::absolute(fs::path(folder) / word);
        if (hashes.contains(word) || !fs::is_regular_file(path, error)) continue;
        if (const auto hash = Sha256File(path.string()); hash.ok()) hashes[word] = *hash;
        fs::create_symlink(path, fs::path(directory) / word, error);
      }
    }
  }
  return hashes;
}

}  // namespace

LammpsCell RestrictedCell(const Mat3& cell) {
  const Vec3 &a = cell[0], &b = cell[1], &c = cell[2];
  const double ax = Norm(a), bx = Dot(a, b) / ax, by = std::sqrt(Dot(b, b) - bx * bx);
  const double cx = Dot(a, c) / ax, cy = (Dot(b, c) - bx * cx) / by;
  const double cz = std::sqrt(Dot(c, c) - cx * cx - cy * cy);
  LammpsCell result;
  result.rows = Mat3{{{ax, 0, 0}, {bx, by, 0}, {cx, cy, cz}}};
  result.to_lammps = Product(Inverse(cell), result.rows);
  return result;
}

absl::StatusOr<std::unique_ptr<Labeler>> MakeLammpsLabeler(const Json& checked,
                                                           const LabelerOptions& options) {
  LammpsSettings settings;
  settings.commands = checked.at("commands").get<std::vector<std::string>>();
  settings.species = checked.at("species").get<std::vector<std::string>>();
  settings.stress = checked.at("stress");
  std::error_code error;
  const std::string directory = fs::absolute(fs::path(options.work_directory) / "lammps").string();
  fs::create_directories(directory, error);
  Json identity = checked;
  identity["files"] = HashFiles(settings, options, directory);
  return std::unique_ptr<Labeler>(
      std::make_unique<LammpsLabeler>(std::move(identity), std::move(settings), directory));
}

}  // namespace superion
