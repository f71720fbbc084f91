#include "cli/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace superion {
namespace {

constexpr int kBarCells = 24;

size_t TerminalColumns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string FormatCount(double x) {
  return x == std::floor(x) ? fmt::format("{:.0f}", x) : fmt::format("{:.1f}", x);
}

}  // namespace

std::string FormatDuration(double seconds) {
  if (!(seconds >= 0) || seconds > 1e9) return "–";
  const auto s = static_cast<int64_t>(std::llround(seconds));
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{}:{:02}", s / 60, s % 60);
  return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string FormatBar(double done, double total, int width) {
  const double fraction = total > 0 ? std::clamp(done / total, 0.0, 1.0) : 0.0;
  const int full = static_cast<int>(std::floor(fraction * width + 1e-9));
  return "[" + std::string(full, '#') + std::string(width - full, '-') + "]";
}

std::string FormatProgress(const std::string& name, const TaskProgress& progress, double elapsed_s,
                           double done_before) {
  if (progress.total <= 0) return fmt::format("{} starts, {}", name, FormatDuration(elapsed_s));
  const double fraction = std::clamp(progress.done / progress.total, 0.0, 1.0);
  const double done = progress.done - done_before, left = std::max(0.0, progress.total - progress.done);
  const double eta = done > 0 ? elapsed_s * left / done : -1;
  std::string line = fmt::format("{} {} {:3.0f} %  {}/{} {}  eta {}", name,
                                 FormatBar(progress.done, progress.total, kBarCells),
                                 std::floor(100 * fraction), FormatCount(progress.done),
                                 FormatCount(progress.total), progress.unit, FormatDuration(eta));
  if (!progress.message.empty()) line += "  " + progress.message;
  return line;
}

size_t DisplayWidth(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string CutToWidth(const std::string& text, size_t width) {
  if (DisplayWidth(text) <= width) return text;
  size_t cells = 0, end = 0;
  while (end < text.size()) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (starts && cells + 1 >= width) break;
    cells += starts;
    ++end;
  }
  return text.substr(0, end) + "…";
}

LiveBlock::LiveBlock(double plain_interval_s)
    : terminal_(::isatty(STDERR_FILENO) != 0), plain_interval_s_(plain_interval_s) {
  const char* kind = std::getenv("TERM");
  if (kind != nullptr && std::strcmp(kind, "dumb") == 0) terminal_ = false;
}

void LiveBlock::Show(const std::vector<std::string>& lines, const std::string& plain,
                     const std::string& key) {
  if (!terminal_) {
    const double now = Now();
    if (key == last_key_ && now - last_plain_s_ < plain_interval_s_) return;
    last_key_ = key;
    last_plain_s_ = now;
    std::fprintf(stderr, "%s\n", plain.c_str());
    return;
  }
  std::string text = drawn_ > 0 ? fmt::format("\x1b[{}F", drawn_) : "";
  const size_t columns = TerminalColumns();
  for (const std::string& line : lines) text += CutToWidth(line, columns - 1) + "\x1b[K\n";
  text += "\x1b[J";
  drawn_ = lines.size();
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

void LiveBlock::Finish() { drawn_ = 0; }

}  // namespace superion
