// A small plot module: axes with nice ticks (linear or logarithmic), lines, points, error bars, bands and
// shaded ranges, drawn as one SVG element that needs nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace superion::report {

// Okabe & Ito, "Color Universal Design" (2008): told apart with every common colour vision.
inline constexpr const char* kBlack = "#000000";
inline constexpr const char* kOrange = "#E69F00";
inline constexpr const char* kSky = "#56B4E9";
inline constexpr const char* kGreen = "#009E73";
inline constexpr const char* kYellow = "#F0E442";
inline constexpr const char* kBlue = "#0072B2";
inline constexpr const char* kVermillion = "#D55E00";
inline constexpr const char* kPurple = "#CC79A7";
inline constexpr const char* kGrey = "#8A8A8A";
// Colour k of a series of curves; dashes and markers differ too.
const char* CycleColor(size_t k);

struct Axis {
  std::string title;  // with its unit
  bool logarithmic = false;
  std::optional<double> low, high;  // else from the content
  bool whole = false;               // ticks at whole numbers only
};

enum class Mark {
  kLine,
  kCircle,
  kSquare,
  kTriangle,
  kDiamond,
  kCloud,
  kDown
};  // kCloud: many small dots; kDown: upper bound

// Points that are not finite (or not positive on a logarithmic axis) are left out; a line is broken there.
struct Series {
  std::string label;  // empty: not in the legend
  std::vector<double> x, y;
  Mark mark = Mark::kLine;
  std::string color = kBlue;
  std::string dash = {};  // SVG stroke-dasharray
  double width = 2.0;
  bool hollow = false;
  bool joined = false;                      // marks joined by a line
  std::vector<double> low = {}, high = {};  // ends of error bars, or empty
};

// The area between two curves.
struct Band {
  std::string label;
  std::vector<double> x, low, high;
  std::string color = kSky;
  double opacity = 0.25;
};

// A range of x over the whole height.
struct Span {
  std::string label;
  double low = 0, high = 0;
  std::string color = kYellow;
};

struct Plot {
  std::string title;  // for screen readers
  Axis x, y;
  std::vector<Span> spans;
  std::vector<Band> bands;
  std::vector<Series> series;
  double width = 520, height = 340;
  bool square = false;  // the same range on both axes, with the diagonal drawn
};

// False when no point of the plot can be drawn.
bool HasContent(const Plot& plot);
std::string Render(const Plot& plot);

}  // namespace superion::report
