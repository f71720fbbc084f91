#include "report/svg_plot.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fmt/format.h"
#include "report/markup.h"
#include "report/ticks.h"

namespace superion::report {
namespace {

constexpr double kLeft = 66, kRight = 14, kBottom = 52, kTop = 10, kLegendRow = 19;
constexpr double kCharacter = 6.7;  // mean width of a character of the legend

// Numbers of absurd size are left out too: the range of an axis must stay a number.
bool Usable(const Axis& axis, double v) {
  return std::abs(v) < 1e100 && (!axis.logarithmic || v > 1e-100);  // false for NaN
}

struct Range {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  bool empty() const { return low > high; }
  void Include(const Axis& axis, double v) {
    if (!Usable(axis, v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
};

// Maps values of one axis to coordinates of the plot area.
class Scale {
 public:
  Scale(const Axis& axis, Range range, double pixels, bool upwards)
      : logarithmic_(axis.logarithmic), whole_(axis.whole), pixels_(pixels), upwards_(upwards) {
    if (range.empty()) range.low = logarithmic_ ? 1 : 0, range.high = logarithmic_ ? 10 : 1;
    double low = T(range.low), high = T(range.high);
    if (high - low < 1e-9 * std::max(1.0, std::abs(high))) {
      const double room = logarithmic_ ? 0.3 : std::max(0.5 * std::abs(high), 1e-12);
      low -= room, high += room;
    }
    const double pad = 0.04 * (high - low);
    low_ = axis.low ? T(*axis.low) : low - pad;
    high_ = axis.high ? T(*axis.high) : high + pad;
    if (!(high_ > low_)) high_ = low_ + 1;
  }
  double operator()(double v) const {
    const double f = (T(v) - low_) / (high_ - low_);
    return pixels_ * (upwards_ ? 1 - f : f);
  }
  double low() const { return logarithmic_ ? std::pow(10, low_) : low_; }
  double high() const { return logarithmic_ ? std::pow(10, high_) : high_; }
  std::vector<Tick> Ticks() const {
    return logarithmic_ ? LogTicks(low(), high()) : LinearTicks(low(), high(), upwards_ ? 5 : 6, whole_);
  }

 private:
  double T(double v) const { return logarithmic_ ? std::log10(v) : v; }
  bool logarithmic_, whole_;
  double pixels_;
  bool upwards_;
  double low_ = 0, high_ = 1;
};

std::string MarkShape(Mark mark, double x, double y, double r) {
  switch (mark) {
    case Mark::kSquare:
      return fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>", x - r * .85,
                         y - r * .85, 1.7 * r, 1.7 * r);
    case Mark::kTriangle:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z\"/>", x, y - 1.1 * r, 1.1 * r,
                         1.9 * r, -2.2 * r);
    case Mark::kDown:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}h{:.1f}z\"/>", x, y + 1.1 * r, 1.1 * r,
                         -1.9 * r, -2.2 * r);
    case Mark::kDiamond:
      return fmt::format("<path d=\"M{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}l{:.1f} {:.1f}z\"/>", x,
                         y - 1.25 * r, 1.25 * r, 1.25 * r, -1.25 * r, 1.25 * r, -1.25 * r, -1.25 * r);
    default:
      return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\"/>", x, y, r);
  }
}

std::string StrokeStyle(const Series& s) {
  return fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"{}", s.color, s.width,
                     s.dash.empty() ? "" : fmt::format(" stroke-dasharray=\"{}\"", s.dash));
}

std::string FillStyle(const Series& s) {
  return fmt::format("fill=\"{}\" stroke=\"{}\" stroke-width=\"1.6\"", s.hollow ? "#fff" : s.color, s.color);
}

class Drawing {
 public:
  explicit Drawing(const Plot& plot)
      : plot_(plot),
        legend_(LegendEntries()),
        top_(kTop + kLegendRow * LegendRows()),
        w_(plot.width - kLeft - kRight),
        h_(plot.height - top_ - kBottom),
        x_(plot.x, XRange(), w_, false),
        y_(plot.y, YRange(), h_, true) {}

  std::string Svg() const {
    std::string svg = fmt::format(
        "<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "aria-label=\"{2}\"><title>{2}</title>",
        plot_.width, plot_.height, Escape(plot_.title));
    svg += Legend() + Axes();
    // A nested svg cuts what leaves the plot area, without an id that would have to be unique on the page.
    svg += fmt::format("<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\">", kLeft, top_, w_, h_);
    for (const Span& span : plot_.spans) svg += Draw(span);
    for (const Band& band : plot_.bands) svg += Draw(band);
    if (plot_.square) svg += Diagonal();
    for (const Series& series : plot_.series) svg += Draw(series);
    svg += "</svg>";
    svg += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></svg>", kLeft,
                       top_, w_, h_);
    return svg;
  }

 private:
  struct Entry {
    std::string label, sample;  // sample: 22 wide, around y = 0
    double width;
  };

  std::vector<Entry> LegendEntries() const {
    std::vector<Entry> entries;
    const auto add = [&entries](const std::string& label, std::string sample) {
      size_t characters = 0;
      for (const char c : label) characters += (c & 0xC0) != 0x80;
      if (!label.empty()) entries.push_back({label, std::move(sample), 26 + kCharacter * characters + 14});
    };
    for (const Series& s : plot_.series) {
      std::string sample;
      if (s.mark == Mark::kLine || s.joined) sample = fmt::format("<path d=\"M0 0h22\" {}/>", StrokeStyle(s));
      if (s.mark != Mark::kLine)
        sample += fmt::format("<g {}>{}</g>", FillStyle(s), MarkShape(s.mark, 11, 0, 4));
      add(s.label, sample);
    }
    for (const Band& b : plot_.bands) {
      add(b.label,
          fmt::format("<rect x=\"0\" y=\"-5\" width=\"22\" height=\"10\" fill=\"{}\" opacity=\"{}\"/>",
                      b.color, b.opacity));
    }
    for (const Span& s : plot_.spans) {
      add(s.label,
          fmt::format("<rect x=\"0\" y=\"-5\" width=\"22\" height=\"10\" fill=\"{}\" opacity=\"0.3\"/>",
                      s.color));
    }
    return entries;
  }

  // Calls visit(entry, x, row) for entries laid out in rows.
  template <typename Visit>
  int LayOut(Visit visit) const {
    double x = 0;
    int row = 0;
    for (const Entry& entry : legend_) {
      if (x > 0 && x + entry.width > plot_.width - kLeft - kRight + 10) x = 0, ++row;
      visit(entry, x, row);
      x += entry.width;
    }
    return legend_.empty() ? 0 : row + 1;
  }
  int LegendRows() const {
    return LayOut([](const Entry&, double, int) {});
  }
  std::string Legend() const {
    std::string svg;
    LayOut([&svg](const Entry& entry, double x, int row) {
      svg += fmt::format(
          "<g transform=\"translate({:.1f} {:.1f})\">{}<text class=\"legend\" x=\"28\" y=\"4\">{}</text></g>",
          kLeft + x, kTop + kLegendRow * row + 3, entry.sample, Escape(entry.label));
    });
    return svg;
  }

  Range XRange() const {
    Range range;
    ForEachPoint([&](double x, double y) {
      if (Usable(plot_.y, y)) range.Include(plot_.x, x);
    });
    return plot_.square ? Both(range, OwnYRange()) : range;
  }
  Range OwnYRange() const {
    Range range;
    ForEachPoint([&](double x, double y) {
      if (Usable(plot_.x, x)) range.Include(plot_.y, y);
    });
    return range;
  }
  Range YRange() const { return plot_.square ? XRange() : OwnYRange(); }
  static Range Both(Range a, const Range& b) {
    a.low = std::min(a.low, b.low);
    a.high = std::max(a.high, b.high);
    return a;
  }

  template <typename Visit>
  void ForEachPoint(Visit visit) const {
    for (const Series& s : plot_.series) {
      for (size_t k = 0; k < std::min(s.x.size(), s.y.size()); ++k) {
        visit(s.x[k], s.y[k]);
        if (k < s.low.size()) visit(s.x[k], s.low[k]);
        if (k < s.high.size()) visit(s.x[k], s.high[k]);
      }
    }
    for (const Band& b : plot_.bands) {
      for (size_t k = 0; k < std::min({b.x.size(), b.low.size(), b.high.size()}); ++k) {
        visit(b.x[k], b.low[k]);
        visit(b.x[k], b.high[k]);
      }
    }
  }

  std::string Axes() const {
    std::string svg;
    for (const Tick& tick : x_.Ticks()) {
      const double at = kLeft + x_(tick.value);
      svg += fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}v{:.1f}\"/>",
                         tick.label.empty() ? "minor" : "major", at, top_, h_);
      if (!tick.label.empty()) {
        svg += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                           at, top_ + h_ + 17, Escape(tick.label));
      }
    }
    for (const Tick& tick : y_.Ticks()) {
      const double at = top_ + y_(tick.value);
      svg += fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}h{:.1f}\"/>",
                         tick.label.empty() ? "minor" : "major", kLeft, at, w_);
      if (!tick.label.empty()) {
        svg += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                           kLeft - 7, at + 4, Escape(tick.label));
      }
    }
    svg += fmt::format("<text class=\"title\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                       kLeft + w_ / 2, plot_.height - 12, Escape(plot_.x.title));
    svg += fmt::format(
        "<text class=\"title\" text-anchor=\"middle\" transform=\"translate(16 {:.1f}) "
        "rotate(-90)\">{}</text>",
        top_ + h_ / 2, Escape(plot_.y.title));
    return svg;
  }

  std::string Draw(const Span& span) const {
    const bool open_left = plot_.x.logarithmic && span.low <= 0;  // a range from zero begins at the axis
    const double a = open_left ? 0 : std::max(0.0, x_(span.low)), b = std::min(w_, x_(span.high));
    if (!(b > a)) return "";
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"0\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" opacity=\"0.3\"/>", a,
        b - a, h_, span.color);
  }

  std::string Draw(const Band& band) const {
    std::string upper, lower;
    for (size_t k = 0; k < std::min({band.x.size(), band.low.size(), band.high.size()}); ++k) {
      if (!Usable(plot_.x, band.x[k]) || !Usable(plot_.y, band.low[k]) || !Usable(plot_.y, band.high[k]))
        continue;
      upper += fmt::format("{:.1f},{:.1f} ", x_(band.x[k]), y_(band.high[k]));
      lower.insert(0, fmt::format("{:.1f},{:.1f} ", x_(band.x[k]), y_(band.low[k])));
    }
    return fmt::format("<polygon points=\"{}{}\" fill=\"{}\" opacity=\"{}\"/>", upper, lower, band.color,
                       band.opacity);
  }

  std::string Diagonal() const {
    return fmt::format("<path class=\"diagonal\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>", x_(x_.low()),
                       y_(x_.low()), x_(x_.high()), y_(x_.high()));
  }

  std::string Draw(const Series& s) const {
    std::string svg = Whiskers(s);
    if (s.mark == Mark::kLine || s.joined) svg += Line(s);
    if (s.mark == Mark::kCloud) return svg + Cloud(s);
    if (s.mark == Mark::kLine) return svg;
    svg += fmt::format("<g {}>", FillStyle(s));
    ForEachVisible(s, [&](size_t, double x, double y) { svg += MarkShape(s.mark, x, y, 4.2); });
    return svg + "</g>";
  }

  template <typename Visit>
  void ForEachVisible(const Series& s, Visit visit) const {
    for (size_t k = 0; k < std::min(s.x.size(), s.y.size()); ++k) {
      if (Usable(plot_.x, s.x[k]) && Usable(plot_.y, s.y[k])) visit(k, x_(s.x[k]), y_(s.y[k]));
    }
  }

  std::string Line(const Series& s) const {
    std::string path;
    size_t next = 0;
    ForEachVisible(s, [&](size_t k, double x, double y) {
      path += fmt::format("{}{:.1f} {:.1f}", k == next && k > 0 ? "L" : "M", x, y);
      next = k + 1;
    });
    return fmt::format("<path d=\"{}\" {} stroke-linejoin=\"round\"/>", path, StrokeStyle(s));
  }

  // Round caps of strokes without length: a few bytes for each of thousands of dots.
  std::string Cloud(const Series& s) const {
    std::string path;
    ForEachVisible(s, [&](size_t, double x, double y) { path += fmt::format("M{:.1f} {:.1f}h0", x, y); });
    return fmt::format(
        "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"3\" stroke-linecap=\"round\" "
        "opacity=\"0.45\"/>",
        path, s.color);
  }

  std::string Whiskers(const Series& s) const {
    std::string path;
    ForEachVisible(s, [&](size_t k, double x, double) {
      if (k >= s.low.size() || k >= s.high.size()) return;
      if (!Usable(plot_.y, s.low[k]) || !Usable(plot_.y, s.high[k])) return;
      const double a = y_(s.low[k]), b = y_(s.high[k]);
      path +=
          fmt::format("M{:.1f} {:.1f}V{:.1f}M{:.1f} {:.1f}h10M{:.1f} {:.1f}h10", x, a, b, x - 5, a, x - 5, b);
    });
    if (path.empty()) return "";
    return fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.6\"/>", path, s.color);
  }

  const Plot& plot_;
  const std::vector<Entry> legend_;
  const double top_, w_, h_;
  const Scale x_, y_;
};

}  // namespace

const char* CycleColor(size_t k) {
  static constexpr const char* kCycle[] = {kBlue, kVermillion, kGreen, kPurple, kOrange, kSky, kBlack};
  return kCycle[k % 7];
}

bool HasContent(const Plot& plot) {
  for (const Series& s : plot.series) {
    for (size_t k = 0; k < std::min(s.x.size(), s.y.size()); ++k) {
      if (Usable(plot.x, s.x[k]) && Usable(plot.y, s.y[k])) return true;
    }
  }
  return false;
}

std::string Render(const Plot& plot) { return Drawing(plot).Svg(); }

}  // namespace superion::report
