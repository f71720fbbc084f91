#include "report/ticks.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace superion::report {
namespace {

// Decades on an axis: below the first 1, 2 and 5 are labelled, below the second every digit.
constexpr double kFewDecades = 2.0, kNarrow = 0.7;
constexpr long kFewestLabels = 3;

// With as many digits as tell ticks `step` apart from each other.
std::string Label(double value, double step) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  const int last = static_cast<int>(std::floor(std::log10(step) + 1e-9));  // decimal place of the step
  const int digits = std::max(1, static_cast<int>(std::floor(std::log10(size) + 1e-9)) - last + 1);
  std::string text = size >= 1e6 || size < 1e-4 ? fmt::format("{:.{}g}", value, std::max(3, digits))
                                                : fmt::format("{:.{}f}", value, std::max(0, -last));
  if (text[0] == '-') text.replace(0, 1, "−");
  return text;
}

// "0.02", "5", "10³" written with a superscript that SVG shows everywhere.
std::string DecadeLabel(double value) {
  const int exponent = static_cast<int>(std::lround(std::log10(value)));
  if (exponent >= -2 && exponent <= 3) return fmt::format("{:g}", value);
  static constexpr const char* kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "10⁻" : "10";
  for (const char c : std::to_string(std::abs(exponent))) text += kDigits[c - '0'];
  return text;
}

std::vector<Tick> DecadeTicks(double low, double high) {
  const double decades = std::log10(high / low);
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / 8)));
  std::vector<Tick> ticks;
  const int first = static_cast<int>(std::floor(std::log10(low))),
            last = static_cast<int>(std::ceil(std::log10(high)));
  for (int d = first; d <= last; ++d) {
    for (int m = 1; m <= 9; ++m) {
      const double value = m * std::pow(10.0, d);
      if (value < low * (1 - 1e-9) || value > high * (1 + 1e-9)) continue;
      std::string label;
      if (m == 1 && (d % stride == 0 || decades < kFewDecades)) label = DecadeLabel(value);
      if (decades < kFewDecades && (m == 2 || m == 5)) {
        label = value < 1e-3 || value > 1e4 ? fmt::format("{:.0e}", value) : fmt::format("{:g}", value);
      }
      if (decades < kNarrow && m != 1) label = fmt::format("{:g}", value);
      if (stride == 1 || m == 1) ticks.push_back({value, label});
    }
  }
  return ticks;
}

}  // namespace

std::vector<Tick> LinearTicks(double low, double high, int count, bool whole) {
  const double raw = (high - low) / std::max(1, count);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  const double ratio = raw / power;
  double step = power * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
  if (whole) step = std::max(1.0, step);
  std::vector<Tick> ticks;
  for (double k = std::ceil(low / step - 1e-9); k * step <= high + 1e-9 * step && ticks.size() < 100; ++k) {
    ticks.push_back({k * step, Label(k * step, step)});
  }
  return ticks;
}

std::vector<Tick> LogTicks(double low, double high) {
  std::vector<Tick> ticks = DecadeTicks(low, high);
  const auto labelled =
      std::count_if(ticks.begin(), ticks.end(), [](const Tick& tick) { return !tick.label.empty(); });
  // Between two round numbers: equal steps, as on any axis of a narrow range.
  if (labelled < kFewestLabels && std::log10(high / low) < kNarrow) return LinearTicks(low, high, 4);
  return ticks;
}

}  // namespace superion::report
