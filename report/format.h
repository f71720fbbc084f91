// Reading values out of a document that may lack any of them, and writing numbers for people.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace superion::report {

using Path = std::initializer_list<const char*>;

// The value at a path of object keys; JSON null when any step is missing.
const Json& At(const Json& json, Path path);
std::optional<double> NumberAt(const Json& json, Path path);
// Text as it is (not escaped); numbers and flags are written out; "" when absent.
std::string TextAt(const Json& json, Path path);
// Numbers of a list, NaN where an element is none; empty when absent.
std::vector<double> NumbersAt(const Json& json, Path path);
// Element k of a list, null when absent.
const Json& Element(const Json& list, size_t k);

// Three significant digits (or `digits`): "0.0123", "1 250", "1.23×10⁻⁷"; "–" without a value.
std::string Show(std::optional<double> value, int digits = 3);
// The same with a unit after it; "–" without a value.
std::string Show(std::optional<double> value, std::string_view unit, int digits = 3);
// Counts, settings and temperatures: at most six digits and no zeros at the end, "240", "0.1", "1562.5".
std::string ShowPlain(std::optional<double> value);
// "[1.2, 3.4]", "< 3.4" when only the upper end is known, "–" without any.
std::string ShowInterval(const Json& interval, int digits = 3);
// "3 h 20 min", "45 s".
std::string ShowDuration(std::optional<double> seconds);

}  // namespace superion::report
