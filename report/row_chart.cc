#include "report/row_chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "fmt/format.h"
#include "report/format.h"
#include "report/markup.h"
#include "report/plot_data.h"
#include "report/ticks.h"

namespace superion::report {
namespace {

constexpr double kLabels = 158, kValues = 78, kRow = 30, kTop = 6, kBottom = 48;

bool Usable(const RowChart& chart, std::optional<double> v) {
  return v && std::abs(*v) < 1e100 && (!chart.x.logarithmic || *v > 1e-100);
}

class Drawing {
 public:
  explicit Drawing(const RowChart& chart) : chart_(chart) {
    w_ = chart.width - kLabels - kValues;
    h_ = kRow * static_cast<double>(chart.rows.size());
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const ChartRow& row : chart.rows) {
      if (!Usable(chart, row.value)) continue;
      for (const auto& v : {row.value, row.low, row.high}) {
        if (!Usable(chart, v) || (!chart.x.logarithmic && v != row.value)) continue;
        low = std::min(low, *v);
        high = std::max(high, *v);
      }
    }
    // An interval much longer than every bar is cut off rather than squeezing the bars.
    const double longest = 2 * high;
    for (const ChartRow& row : chart.rows) {
      if (!chart.x.logarithmic && Usable(chart, row.value) && Usable(chart, row.high))
        high = std::max(high, std::min(*row.high, longest));
    }
    if (chart.x.logarithmic) {
      low_ = std::log10(low), high_ = std::log10(high);
      const double pad = std::max(0.05, 0.06 * (high_ - low_));
      low_ -= pad, high_ += pad;
    } else {
      low_ = std::min(0.0, low);
      high_ = std::max(high, 1e-12) * 1.06;
    }
  }

  std::string Svg() const {
    const double height = kTop + h_ + kBottom;
    std::string svg = fmt::format(
        "<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
        "aria-label=\"{2}\"><title>{2}</title>",
        chart_.width, height, Escape(chart_.title));
    svg += Axis();
    for (size_t k = 0; k < chart_.rows.size(); ++k)
      svg += Row(chart_.rows[k], kTop + kRow * (static_cast<double>(k) + 0.5));
    svg += fmt::format("<rect class=\"frame\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></svg>", kLabels,
                       kTop, w_, h_);
    return svg;
  }

 private:
  double X(double v) const {
    const double t = chart_.x.logarithmic ? std::log10(v) : v;
    return kLabels + w_ * std::clamp((t - low_) / (high_ - low_), 0.0, 1.0);
  }

  std::string Axis() const {
    const auto ticks = chart_.x.logarithmic ? LogTicks(std::pow(10, low_), std::pow(10, high_))
                                            : LinearTicks(low_, high_, 5);
    std::string svg;
    for (const Tick& tick : ticks) {
      svg += fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}v{:.1f}\"/>",
                         tick.label.empty() ? "minor" : "major", X(tick.value), kTop, h_);
      if (!tick.label.empty())
        svg += fmt::format("<text class=\"tick\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                           X(tick.value), kTop + h_ + 17, Escape(tick.label));
    }
    svg += fmt::format("<text class=\"title\" text-anchor=\"middle\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>",
                       kLabels + w_ / 2, kTop + h_ + 38, Escape(chart_.x.title));
    return svg;
  }

  std::string Row(const ChartRow& row, double y) const {
    const char* weight = row.strong ? " font-weight=\"700\"" : "";
    std::string svg =
        fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>",
                    kLabels - 8, y + 4, weight, Escape(row.label));
    if (!Usable(chart_, row.value)) {
      return svg +
             fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\" font-style=\"italic\">{}</text>",
                         kLabels + 8, y + 4, Escape(row.note.empty() ? "not measured" : row.note));
    }
    svg += chart_.x.logarithmic ? Point(row, y) : Bar(row, y);
    return svg + fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>", kLabels + w_ + 8,
                             y + 4, weight, Escape(Show(row.value, 2)));
  }

  std::string Bar(const ChartRow& row, double y) const {
    const double zero = X(0.0), end = X(*row.value), half = row.strong ? 9 : 7;
    return fmt::format(
               "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" "
               "stroke=\"#1c2430\" "
               "stroke-width=\"0.8\"/>",
               zero, y - half, std::max(1.5, end - zero), 2 * half, row.color) +
           Whisker(row, y, "#1c2430");
  }

  std::string Point(const ChartRow& row, double y) const {
    return Whisker(row, y, row.color) +
           fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"/>", X(*row.value), y,
                       row.strong ? 5.5 : 4.2, row.color);
  }

  std::string Whisker(const ChartRow& row, double y, const std::string& color) const {
    if (!Usable(chart_, row.low) || !Usable(chart_, row.high) || !(*row.high > *row.low)) return "";
    return fmt::format(
        "<path d=\"M{0:.1f} {2:.1f}H{1:.1f}M{0:.1f} {3:.1f}v8M{1:.1f} {3:.1f}v8\" fill=\"none\" "
        "stroke=\"{4}\" "
        "stroke-width=\"{5}\"/>",
        X(*row.low), X(*row.high), y, y - 4, color, row.strong ? 2.4 : 1.6);
  }

  const RowChart& chart_;
  double w_ = 0, h_ = 0, low_ = 0, high_ = 1;
};

std::string Field(std::optional<double> v) { return v && std::isfinite(*v) ? fmt::format("{:.6g}", *v) : ""; }

}  // namespace

bool HasContent(const RowChart& chart) {
  return std::any_of(chart.rows.begin(), chart.rows.end(),
                     [&](const ChartRow& row) { return Usable(chart, row.value); });
}

std::string Render(const RowChart& chart) { return Drawing(chart).Svg(); }

std::string CsvOf(const RowChart& chart) {
  std::string csv = fmt::format("row,\"{}\",low,high\n", chart.x.title);
  for (const ChartRow& row : chart.rows) {
    std::string label;
    for (const char c : row.label) label += c == '"' ? "\"\"" : std::string(1, c);
    csv += fmt::format("\"{}\",{},{},{}\n", label, Field(row.value), Field(row.low), Field(row.high));
  }
  return csv;
}

std::string ChartFigure(const RowChart& chart, const std::string& caption_html) {
  return Figure(Render(chart), caption_html + CsvLink(chart.title, CsvOf(chart)));
}

}  // namespace superion::report
