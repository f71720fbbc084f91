#include "dft_adapter/pw_watch.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "core/status.h"
#include "dft_adapter/qe_output.h"

namespace superion {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr PwWatch::Clock::duration kLongestPause = std::chrono::seconds(5);
constexpr milliseconds kLongestInterval(250);
constexpr int kLooks = 30;  // at /proc within one limit
constexpr double kLeastShare = 1e-3;
constexpr milliseconds kGrace(5000);  // mpirun wants to end its ranks

struct ProcessTimes {
  pid_t parent = 0;
  double own_s = 0.0, waited_s = 0.0;  // of itself; of children that ended
};

std::optional<ProcessTimes> ReadTimes(const std::string& pid) {
  std::ifstream in("/proc/" + pid + "/stat");
  std::string text;
  std::getline(in, text);
  const size_t end = text.rfind(')');  // the name may hold blanks
  if (end == std::string::npos) return std::nullopt;
  std::istringstream words(text.substr(end + 1));
  std::string skipped;
  ProcessTimes times;
  double user = 0, system = 0, user_waited = 0, system_waited = 0;
  words >> skipped >> times.parent;
  for (int k = 0; k < 9; ++k) words >> skipped;
  words >> user >> system >> user_waited >> system_waited;
  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  times.own_s = (user + system) / ticks;
  times.waited_s = (user_waited + system_waited) / ticks;
  return times;
}

std::map<pid_t, ProcessTimes> AllTimes() {
  std::map<pid_t, ProcessTimes> all;
  std::error_code error;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto times = ReadTimes(name)) all[std::stoi(name)] = *times;
  }
  return all;
}

std::string Words(milliseconds limit) {
  return limit >= std::chrono::minutes(1) ? fmt::format("{:.4g} min", limit.count() / 60e3)
                                          : fmt::format("{:.4g} s", limit.count() / 1e3);
}

}  // namespace

double CpuSeconds(pid_t pid) { return ReadTimes(std::to_string(pid)).value_or(ProcessTimes{}).own_s; }

double TreeCpuSeconds(pid_t root) {
  const std::map<pid_t, ProcessTimes> all = AllTimes();
  std::vector<pid_t> tree{root};
  double sum = 0.0;
  for (size_t k = 0; k < tree.size(); ++k) {
    const auto found = all.find(tree[k]);
    if (found == all.end()) continue;
    sum += found->second.own_s + found->second.waited_s;
    for (const auto& [pid, times] : all) {
      if (times.parent == tree[k] && pid != tree[k]) tree.push_back(pid);
    }
  }
  return sum;
}

PwWatch::PwWatch(pid_t pid, PwWatchOptions options, Clock::time_point now)
    : pid_(pid), options_(std::move(options)), last_check_(now) {
  OutputGrew();
  read_bytes_ = output_bytes_;
  Heard();
}

void PwWatch::Heard() {
  silent_ = {};
  next_look_ = options_.silence_limit / kLooks;
}

milliseconds PwWatch::interval() const {
  if (options_.silence_limit.count() == 0) return kLongestInterval;
  return std::clamp(options_.silence_limit / kLooks, milliseconds(1), kLongestInterval);
}

bool PwWatch::OutputGrew() {
  std::error_code error;
  const uintmax_t bytes = fs::file_size(options_.output_path, error);
  return !error && std::exchange(output_bytes_, bytes) != bytes;
}

// Whole lines: the rest of a line comes later.
void PwWatch::ReadAccuracies() {
  std::ifstream in(options_.output_path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(read_bytes_));
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  text.resize(text.rfind('\n') + 1);  // npos + 1 is 0
  read_bytes_ += text.size();
  const std::vector<double> more = ParseQeOutput(text).accuracies_ry;
  accuracies_ry_.insert(accuracies_ry_.end(), more.begin(), more.end());
}

std::optional<LabelFailure> PwWatch::Check(Clock::time_point now) {
  silent_ += std::min(now - last_check_, kLongestPause);
  last_check_ = now;
  if (!OutputGrew()) return CheckSilence();
  Heard();
  if (options_.stagnation.window == 0) return std::nullopt;
  ReadAccuracies();
  const std::optional<size_t> at = StagnatesAt(accuracies_ry_, options_.stagnation);
  if (!at) return std::nullopt;
  return LabelFailure{
      failure_class::kScf,
      fmt::format("the SCF stagnates: after {} iterations the estimated accuracy ({:.2g} Ry) no longer falls",
                  *at, accuracies_ry_[*at - 1])};
}

std::optional<LabelFailure> PwWatch::CheckSilence() {
  const milliseconds limit = options_.silence_limit;
  if (limit.count() == 0 || silent_ < next_look_) return std::nullopt;
  next_look_ = silent_ + limit / kLooks;
  const double cpu_s = TreeCpuSeconds(pid_);
  // Any difference: the time of a descendant that nobody waited for is lost to the sum.
  if (std::abs(cpu_s - cpu_s_) > kLeastShare * std::chrono::duration<double>(silent_).count()) {
    cpu_s_ = cpu_s;
    Heard();
  }
  if (silent_ < limit) return std::nullopt;
  return LabelFailure{
      failure_class::kHung,
      fmt::format("pw.x gave no sign of life for {} (no answer, no output, no CPU time) and was ended",
                  Words(limit))};
}

std::optional<LabelFailure> WaitWatched(Subprocess* process, const PwWatchOptions& options, ExitState* exit) {
  PwWatch watch(process->pid(), options);
  std::optional<LabelFailure> reason;
  while (!process->WaitFor(watch.interval(), exit)) {
    reason = watch.Check();
    if (!reason) continue;
    process->Terminate(kGrace);
    *exit = process->Wait();
    break;
  }
  return reason;
}

}  // namespace superion
