#include "report/plot_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace superion::report {
namespace {

Plot Sample() {
  Plot plot;
  plot.title = "Mean Squared, of \"each\"";
  plot.x.title = "time (ps)";
  plot.y.title = "MSD (Å²)";
  Series s{"Li", {1, 2, 3}, {0.5, NAN, 1e-7}};
  s.low = {0.4, 0, 0};
  s.high = {0.6, 0, 0};
  plot.series = {s};
  plot.bands = {{"band", {1}, {2}, {3}}};
  return plot;
}

TEST(PlotData, CsvHoldsEveryPointAndItsErrorBar) {
  EXPECT_EQ(CsvOf(Sample()),
            "series,\"time (ps)\",\"MSD (Å²)\",low,high\n"
            "\"Li\",1,0.5,0.4,0.6\n"
            "\"Li\",3,1e-07,0,0\n"
            "\"band\",1,,2,3\n");
}

TEST(PlotData, TheLinkIsTextThatSavesAFile) {
  const std::string html = CsvLink("Mean Squared, of \"each\" <b>", "a,b\n1,\"x<y\"\n");
  EXPECT_THAT(html, testing::HasSubstr("download=\"mean-squared-of-each-b.csv\""));
  EXPECT_THAT(html, testing::HasSubstr("data:text/csv;charset=utf-8,a,b%0A1,%22x%3Cy%22%0A"));
  EXPECT_EQ(html.find("<b>"), std::string::npos);
}

TEST(PlotData, AFigureHasPlotCaptionAndData) {
  const std::string html = PlotFigure(Sample(), "caption");
  for (const char* part : {"<figure>", "<svg", "caption", "class=\"csv\""})
    EXPECT_THAT(html, testing::HasSubstr(part));
}

}  // namespace
}  // namespace superion::report
