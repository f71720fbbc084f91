#include "report/svg_plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>

namespace superion::report {
namespace {

using testing::HasSubstr;
using testing::Not;

Plot Line(std::vector<double> x, std::vector<double> y) {
  Plot plot;
  plot.title = "test";
  plot.x.title = "x";
  plot.y.title = "y";
  plot.series.push_back({"curve", std::move(x), std::move(y)});
  return plot;
}

// Coordinates of the first line path.
std::vector<double> LinePath(const std::string& svg) {
  std::smatch match;
  EXPECT_TRUE(std::regex_search(
      svg, match, std::regex("<path d=\"(M[^\"]*)\" fill=\"none\" stroke=\"#0072B2\"[^>]*linejoin")));
  const std::string path = match[1];
  std::vector<double> numbers;
  const std::regex number("-?[0-9.]+");
  for (std::sregex_iterator it(path.begin(), path.end(), number), end; it != end; ++it)
    numbers.push_back(std::stod(it->str()));
  return numbers;
}

TEST(SvgPlot, EqualStepsAreEqualOnALinearAxis) {
  const std::vector<double> p = LinePath(Render(Line({0, 1, 2}, {0, 10, 20})));
  ASSERT_EQ(p.size(), 6u);
  EXPECT_NEAR(p[2] - p[0], p[4] - p[2], 0.11);
  EXPECT_NEAR(p[3] - p[1], p[5] - p[3], 0.11);
  EXPECT_LT(p[5], p[1]) << "larger values lie higher";
}

TEST(SvgPlot, EqualRatiosAreEqualOnALogarithmicAxis) {
  Plot plot = Line({1, 10, 100}, {1, 10, 100});
  plot.x.logarithmic = plot.y.logarithmic = true;
  const std::vector<double> p = LinePath(Render(plot));
  ASSERT_EQ(p.size(), 6u);
  EXPECT_NEAR(p[2] - p[0], p[4] - p[2], 0.11);
  EXPECT_NEAR(p[3] - p[1], p[5] - p[3], 0.11);
}

TEST(SvgPlot, PointsThatCannotBeDrawnBreakTheLine) {
  Plot plot = Line({1, 2, 3, 4, 5}, {1, 2, NAN, 4, 5});
  EXPECT_THAT(Render(plot), Not(HasSubstr("nan")));
  EXPECT_THAT(Render(plot), testing::ContainsRegex("d=\"M[0-9. ]+L[0-9. ]+M[0-9. ]+L"));
  plot = Line({1, 2}, {-1, 0});
  plot.y.logarithmic = true;
  EXPECT_FALSE(HasContent(plot));
  EXPECT_FALSE(HasContent(Plot{}));
  EXPECT_TRUE(HasContent(Line({1}, {1})));
}

TEST(SvgPlot, ConstantAndSingleAndEmptyDataHaveAxes) {
  for (const Plot& plot :
       {Line({1}, {1}), Line({1, 2}, {0, 0}), Line({}, {}), Line({1e-300, 1e300}, {-1e300, 1e300})}) {
    const std::string svg = Render(plot);
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
    EXPECT_THAT(svg, Not(HasSubstr("inf")));
    EXPECT_THAT(svg, HasSubstr("</svg>"));
  }
}

TEST(SvgPlot, EveryPartIsDrawn) {
  Plot plot = Line({1, 2, 3}, {2, 3, 4});
  plot.spans.push_back({"window", 1.5, 2.5, kYellow});
  plot.bands.push_back({"band", {1, 2, 3}, {1, 2, 3}, {3, 4, 5}});
  Series points{"points", {1, 2}, {3, 3}, Mark::kDiamond, kVermillion};
  points.low = {2, NAN};
  points.high = {4, NAN};
  plot.series.push_back(points);
  const std::string svg = Render(plot);
  for (const char* text :
       {"window", "band", "points", "curve", "<polygon", kYellow, kVermillion, "aria-label=\"test\""}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  // One error bar: the second point has none.
  EXPECT_THAT(svg, testing::ContainsRegex("d=\"M[0-9. ]+V[0-9.]+M[0-9. ]+h10M[0-9. ]+h10\" fill"));
}

TEST(SvgPlot, ASquarePlotHasTheSameRangeOnBothAxes) {
  Plot plot = Line({0, 1}, {0, 10});
  plot.square = true;
  plot.width = plot.height = 400;
  EXPECT_THAT(Render(plot), HasSubstr("class=\"diagonal\""));
  const std::vector<double> p = LinePath(Render(plot));
  EXPECT_LT(p[2] - p[0], 40) << "x must span the range of y too";
}

TEST(SvgPlot, TextIsEscaped) {
  Plot plot = Line({1, 2}, {1, 2});
  plot.title = plot.x.title = plot.y.title = plot.series[0].label = "<b>\"&";
  EXPECT_THAT(Render(plot), Not(HasSubstr("<b>")));
}

}  // namespace
}  // namespace superion::report
