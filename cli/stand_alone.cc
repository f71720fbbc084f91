#include "cli/stand_alone.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "core/runner.h"
#include "core/site_profile.h"
#include "core/structure_reader.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

// The runner reports on a thread of its own.
class ProgressView {
 public:
  explicit ProgressView(std::string name) : name_(std::move(name)) {}
  void Show(const TaskProgress& progress) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (first_done_ == 0 && progress.done > 0) first_done_ = progress.done, first_ = now;
    // Much may have been done before: a training that was interrupted goes on.
    const bool later = progress.done > first_done_ && first_done_ > 0;
    const double elapsed = std::chrono::duration<double>(now - (later ? first_ : start_)).count();
    const std::string line = FormatProgress(name_, progress, elapsed, later ? first_done_ : 0.0);
    block_.Show({line}, line, "");
  }

 private:
  const std::string name_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point first_ = start_;  // when `first_done_` of the work was done
  double first_done_ = 0.0;
  std::mutex mutex_;
  LiveBlock block_{5.0};
};

std::vector<std::string> Words(const std::string& text) { return absl::StrSplit(text, ','); }

std::string Trim(const std::string& text) { return std::string(absl::StripAsciiWhitespace(text)); }

absl::StatusOr<double> ParseNumber(const std::string& text, const std::string& where) {
  double value = 0;
  const char* begin = text.data() + (!text.empty() && text[0] == '+');
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return InvalidArgument("{}: expected a number, found \"{}\"", where, text);
  }
  return value;
}

}  // namespace

absl::StatusOr<ScratchFolder> ScratchFolder::Beside(const std::string& target) {
  const fs::path parent = fs::absolute(target).parent_path();
  std::error_code error;
  fs::create_directories(parent, error);
  std::string pattern = (parent / ".superion-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    return InvalidArgument("cannot write into the folder {}: {}", parent.string(), std::strerror(errno));
  return ScratchFolder(pattern);
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

namespace {

// What the runner of a user cannot read is a file of that user.
absl::Status OfUser(const absl::Status& status) {
  return absl::IsDataLoss(status) ? absl::InvalidArgumentError(status.message()) : status;
}

}  // namespace

TaskResult RunStandAlone(TaskSpec spec, const std::string& folder) {
  TaskResult failed;
  absl::StatusOr<SiteProfile> site = LoadSiteProfile();
  if (!site.ok()) {
    failed.status = site.status();
    return failed;
  }
  spec.site = ToJson(*site);
  if (spec.task_id.empty()) spec.task_id = spec.kind;
  if (spec.threads <= 0) spec.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  ProgressView view(spec.kind);
  std::mutex mutex;
  std::shared_ptr<Runner> runner;
  bool interrupted = false;
  Interrupt interrupt([&] {
    std::shared_ptr<Runner> running;
    {
      const std::lock_guard lock(mutex);
      interrupted = true;
      running = runner;
    }
    if (running) running->Terminate(std::chrono::seconds(5));
  });
  Runner::Options options{folder, ProgramDirectory(),
                          [&view](const TaskProgress& progress) { view.Show(progress); }};
  options.count_cpu = false;  // the same input prints the same
  absl::StatusOr<std::unique_ptr<Runner>> started = Runner::Start(spec, std::move(options));
  if (!started.ok()) {
    failed.status = started.status();
    return failed;
  }
  std::shared_ptr<Runner> running = *std::move(started);
  bool stop;
  {
    const std::lock_guard lock(mutex);
    runner = running;
    stop = interrupted;
  }
  if (stop) running->Terminate(std::chrono::seconds(5));
  TaskResult result = running->Wait();
  if (interrupt.Requested() && !result.status.ok()) result.status = absl::CancelledError("interrupted");
  result.status = OfUser(result.status);
  return result;
}

absl::StatusOr<std::string> ArtifactPath(const TaskResult& result, const std::string& folder,
                                         const std::string& name) {
  for (const TaskArtifact& artifact : result.artifacts) {
    if (artifact.name == name) return folder + "/" + artifact.path;
  }
  return Internal("the runner left no \"{}\"", name);
}

absl::Status CheckOutputFile(const std::string& option, const std::string& path) {
  std::error_code error;
  if (path.empty()) return absl::OkStatus();
  if (fs::is_directory(path, error) || path.back() == '/')
    return InvalidArgument("{}: {} is a folder, expected the name of a file", option, path);
  if (fs::exists(path, error) && ::access(path.c_str(), W_OK) != 0)
    return InvalidArgument("{}: {} cannot be written: {}", option, path, std::strerror(errno));
  return absl::OkStatus();
}

absl::Status MoveFile(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return absl::OkStatus();
  error.clear();
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (error) return FailedPrecondition("cannot write {}: {}", to, error.message());
  return absl::OkStatus();
}

absl::StatusOr<TaskInput> UserInput(const std::string& name, const std::string& path) {
  std::error_code error;
  // "file.xyz#3" is a frame of a file.
  const std::string file = fs::exists(path, error) ? path : path.substr(0, path.rfind('#'));
  if (!fs::exists(file, error)) return InvalidArgument("{}: no file \"{}\"", name, path);
  return TaskInput{name, "", fs::absolute(path).lexically_normal().string()};
}

namespace {

constexpr Range kCharges{-100, 100};

absl::Status AddCharge(const std::string& symbol, const std::string& value, Json* charges) {
  if (!AtomicNumber(symbol).ok())
    return InvalidArgument("--charges: \"{}\" is not a chemical symbol", symbol);
  if (charges->contains(symbol)) return InvalidArgument("--charges: {} is there twice", symbol);
  SUPERION_ASSIGN_OR_RETURN(const double charge, ParseNumber(value, "--charges " + symbol));
  if (!kCharges.Holds(charge)) {
    return InvalidArgument("--charges {}: expected a charge in e {}, found {}", symbol, kCharges.Describe(),
                           value);
  }
  (*charges)[symbol] = charge;
  return absl::OkStatus();
}

// Lines of a symbol and a charge; '#' begins a comment.
absl::StatusOr<Json> ChargesOfFile(const std::string& path) {
  std::ifstream file(path);
  Json charges = Json::object();
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string symbol, value, more;
    if (!(words >> symbol)) continue;
    if (!(words >> value) || words >> more)
      return InvalidArgument("--charges: {}: expected lines such as \"Li 1\", found \"{}\"", path, line);
    SUPERION_RETURN_IF_ERROR(AddCharge(symbol, value, &charges));
  }
  if (charges.empty()) return InvalidArgument("--charges: {} holds none", path);
  return charges;
}

}  // namespace

absl::StatusOr<Json> ParseCharges(const std::string& text) {
  if (text.find('=') == std::string::npos && std::filesystem::is_regular_file(text))
    return ChargesOfFile(text);
  Json charges = Json::object();
  for (const std::string& entry : Words(text)) {
    const size_t equals = entry.find('=');
    if (equals == std::string::npos)
      return InvalidArgument("--charges: expected Li=1,S=-2 or a file of such lines, found \"{}\"", text);
    SUPERION_RETURN_IF_ERROR(
        AddCharge(Trim(entry.substr(0, equals)), Trim(entry.substr(equals + 1)), &charges));
  }
  return charges;
}

absl::StatusOr<Json> ParseSpecies(const std::string& text) {
  Json runs = Json::array();
  if (fs::is_regular_file(text)) {
    SUPERION_ASSIGN_OR_RETURN(const Structure structure, ReadStructure(text));
    for (const std::string& symbol : structure.species) {
      if (runs.empty() || runs.back()[0] != symbol) runs.push_back({symbol, 0});
      runs.back()[1] = runs.back()[1].get<int>() + 1;
    }
    return runs;
  }
  for (const std::string& word : Words(text)) {
    const std::string entry = Trim(word);
    const size_t digits = std::min(entry.find_first_of("0123456789"), entry.size());
    int64_t n = 0;
    if (!AtomicNumber(entry.substr(0, digits)).ok() || !absl::SimpleAtoi(entry.substr(digits), &n) || n < 1)
      return InvalidArgument(
          "--species: expected Li64,S32 (symbol and number of atoms, in the order of the file) or a "
          "structure "
          "file, found \"{}\"",
          text);
    runs.push_back({entry.substr(0, digits), n});
  }
  return runs;
}

absl::StatusOr<std::vector<double>> ParseNumbers(const std::string& option, const std::string& text,
                                                 size_t count, const Range& range) {
  std::vector<double> numbers;
  for (const std::string& word : Words(text)) {
    SUPERION_ASSIGN_OR_RETURN(const double x, ParseNumber(Trim(word), option));
    if (!range.Holds(x))
      return InvalidArgument("{}: expected numbers {}, found \"{}\"", option, range.Describe(), text);
    numbers.push_back(x);
  }
  if (count != 0 && numbers.size() != count) {
    return InvalidArgument("{}: expected {} numbers separated by commas, found \"{}\"", option, count, text);
  }
  return numbers;
}

}  // namespace superion
