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

namespace superion {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr PwWatch::Clock::duration kLongestPause = std::chrono::seconds(5);
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

PwWatch::PwWatch(pid_t pid, std::string output_path, milliseconds silence_limit, Clock::time_point now)
    : pid_(pid), output_path_(std::move(output_path)), limit_(silence_limit), last_check_(now) {
  OutputGrew();
  Heard();
}

void PwWatch::Heard() {
  silent_ = {};
  next_look_ = limit_ / kLooks;
}

milliseconds PwWatch::interval() const {
  if (limit_.count() == 0) return milliseconds(1000);
  return std::clamp(limit_ / kLooks, milliseconds(1), milliseconds(1000));
}

bool PwWatch::OutputGrew() {
  std::error_code error;
  const uintmax_t bytes = fs::file_size(output_path_, error);
  return !error && std::exchange(output_bytes_, bytes) != bytes;
}

std::optional<LabelFailure> PwWatch::Check(Clock::time_point now) {
  silent_ += std::min(now - last_check_, kLongestPause);
  last_check_ = now;
  if (OutputGrew()) Heard();
  if (limit_.count() == 0 || silent_ < next_look_) return std::nullopt;
  next_look_ = silent_ + limit_ / kLooks;
  const double cpu_s = TreeCpuSeconds(pid_);
  // Any difference: the time of a descendant that nobody waited for is lost to the sum.
  if (std::abs(cpu_s - cpu_s_) > kLeastShare * std::chrono::duration<double>(silent_).count()) {
    cpu_s_ = cpu_s;
    Heard();
  }
  if (silent_ < limit_) return std::nullopt;
  return LabelFailure{
      failure_class::kHung,
      fmt::format("pw.x gave no sign of life for {} (no answer, no output, no CPU time) and was ended",
                  Words(limit_))};
}

std::optional<LabelFailure> WaitWatched(Subprocess* process, const std::string& output_path,
                                        milliseconds silence_limit, ExitState* exit) {
  PwWatch watch(process->pid(), output_path, silence_limit);
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
