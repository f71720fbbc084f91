#include "report/format.h"

#include <cmath>
#include <limits>

namespace superion::report {
namespace {

const Json kNull;

std::string Superscript(int exponent) {
  static constexpr const char* kDigits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text = exponent < 0 ? "⁻" : "";
  for (const char c : std::to_string(std::abs(exponent))) text += kDigits[c - '0'];
  return text;
}

// Thin spaces between groups of three digits from five digits on.
std::string Grouped(std::string text) {
  const size_t sign = text[0] == '-' ? 1 : 0;
  const size_t point = std::min(text.find('.'), text.size());
  if (point - sign >= 5) {
    for (size_t at = point; at > sign + 3;) text.insert(at -= 3, "\u2009");
  }
  if (sign == 1) text.replace(0, 1, "−");
  return text;
}

}  // namespace

const Json& At(const Json& json, Path path) {
  const Json* at = &json;
  for (const char* key : path) {
    if (!at->is_object()) return kNull;
    const auto it = at->find(key);
    if (it == at->end()) return kNull;
    at = &*it;
  }
  return *at;
}

std::optional<double> NumberAt(const Json& json, Path path) {
  const Json& value = At(json, path);
  if (!value.is_number() || !std::isfinite(value.get<double>())) return std::nullopt;
  return value.get<double>();
}

std::string TextAt(const Json& json, Path path) {
  const Json& value = At(json, path);
  if (value.is_null()) return "";
  return value.is_string() ? value.get<std::string>() : DumpJson(value);
}

std::vector<double> NumbersAt(const Json& json, Path path) {
  std::vector<double> numbers;
  const Json& list = At(json, path);
  if (!list.is_array()) return numbers;
  for (const Json& x : list) {
    numbers.push_back(x.is_number() ? x.get<double>() : std::numeric_limits<double>::quiet_NaN());
  }
  return numbers;
}

const Json& Element(const Json& list, size_t k) {
  return list.is_array() && k < list.size() ? list[k] : kNull;
}

std::string Show(std::optional<double> value, int digits) {
  if (!value || !std::isfinite(*value)) return "–";
  if (*value == 0) return "0";
  // The exponent after rounding: 999.9 is 1000 with three digits.
  const std::string scientific = fmt::format("{:.{}e}", *value, digits - 1);
  const size_t e = scientific.find('e');
  const int exponent = std::stoi(scientific.substr(e + 1));
  if (exponent < -4 || exponent > 6) {
    std::string mantissa = scientific.substr(0, e);
    if (mantissa[0] == '-') mantissa.replace(0, 1, "−");
    return mantissa + "×10" + Superscript(exponent);
  }
  return Grouped(fmt::format("{:.{}f}", *value, std::max(0, digits - 1 - exponent)));
}

std::string Show(std::optional<double> value, std::string_view unit, int digits) {
  const std::string text = Show(value, digits);
  return text == "–" ? text : fmt::format("{} {}", text, unit);
}

std::string ShowPlain(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return "–";
  const double magnitude = std::abs(*value);
  if (magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e9)) return Show(value);
  return Grouped(magnitude >= 1e6 ? fmt::format("{:.0f}", *value) : fmt::format("{:g}", *value));
}

std::string ShowInterval(const Json& interval, int digits) {
  const Json &low = Element(interval, 0), &high = Element(interval, 1);
  if (low.is_number() && high.is_number()) {
    return fmt::format("[{}, {}]", Show(low.get<double>(), digits), Show(high.get<double>(), digits));
  }
  if (high.is_number()) return "< " + Show(high.get<double>(), digits);
  if (low.is_number()) return "> " + Show(low.get<double>(), digits);
  return "–";
}

std::string ShowDuration(std::optional<double> seconds) {
  if (!seconds || *seconds < 0 || *seconds > 1e12) return "–";
  const long s = std::lround(*seconds);
  if (s < 60) return fmt::format("{} s", Show(*seconds, 2));
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  if (s < 172800) return fmt::format("{} h {} min", s / 3600, s % 3600 / 60);
  return fmt::format("{} d {} h", s / 86400, s % 86400 / 3600);
}

}  // namespace superion::report
