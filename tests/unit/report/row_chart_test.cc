#include "report/row_chart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>

namespace superion::report {
namespace {

ChartRow Row(const std::string& label, double value) {
  ChartRow row;
  row.label = label;
  row.value = value;
  return row;
}

// Widths of the bars, in order.
std::vector<double> Bars(const std::string& svg) {
  static const std::regex kBar(
      R"re(<rect x="[0-9.]+" y="[0-9.]+" width="([0-9.]+)" height="[0-9.]+" fill="#)re");
  std::vector<double> widths;
  for (std::sregex_iterator it(svg.begin(), svg.end(), kBar), end; it != end; ++it)
    widths.push_back(std::stod((*it)[1]));
  return widths;
}

TEST(RowChart, BarsAreInProportion) {
  RowChart chart;
  chart.rows = {Row("a", 0.1), Row("b", 0.05), Row("c", 0.2)};
  const auto widths = Bars(Render(chart));
  ASSERT_EQ(widths.size(), 3u);
  EXPECT_NEAR(widths[0] / widths[1], 2.0, 0.01);
  EXPECT_NEAR(widths[2] / widths[0], 2.0, 0.01);
}

TEST(RowChart, WhatHasNoValueIsWrittenNotDrawn) {
  RowChart chart;
  chart.rows = {Row("a", 0.1), {}};
  chart.rows[1].label = "potential <x>";
  const std::string svg = Render(chart);
  EXPECT_EQ(Bars(svg).size(), 1u);
  EXPECT_THAT(svg, testing::HasSubstr("not measured"));
  EXPECT_THAT(svg, testing::HasSubstr("potential &lt;x&gt;"));
  EXPECT_TRUE(HasContent(chart));
  chart.rows.erase(chart.rows.begin());
  EXPECT_FALSE(HasContent(chart));
}

TEST(RowChart, ALongIntervalDoesNotSqueezeTheBars) {
  RowChart chart;
  chart.rows = {Row("a", 0.1)};
  const double alone = Bars(Render(chart))[0];
  chart.rows[0].low = 0.0, chart.rows[0].high = 1e6;
  EXPECT_GT(Bars(Render(chart))[0], 0.4 * alone);
}

TEST(RowChart, LogarithmicRowsArePointsWithIntervals) {
  RowChart chart;
  chart.x.logarithmic = true;
  chart.rows = {Row("a", 1e-6), Row("b", 1e-3)};
  chart.rows[0].low = 1e-9, chart.rows[0].high = 1e-4;
  const std::string svg = Render(chart);
  EXPECT_TRUE(Bars(svg).empty());
  EXPECT_THAT(svg, testing::HasSubstr("<circle"));
  chart.rows[1].value = -1.0;
  chart.rows[0].value = NAN;
  EXPECT_FALSE(HasContent(chart));
}

TEST(RowChart, CsvHasOneLinePerRow) {
  RowChart chart;
  chart.x.title = "sd";
  chart.rows = {Row("a \"b\"", 0.5), {}};
  chart.rows[0].low = 0.25, chart.rows[0].high = 1.0;
  EXPECT_EQ(CsvOf(chart), "row,\"sd\",low,high\n\"a \"\"b\"\"\",0.5,0.25,1\n\"\",,,\n");
}

}  // namespace
}  // namespace superion::report
