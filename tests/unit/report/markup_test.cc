#include "report/markup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion::report {
namespace {

using testing::HasSubstr;

TEST(Markup, EscapesEverythingThatHtmlReads) {
  EXPECT_EQ(Escape("a<b>&\"c'"), "a&lt;b&gt;&amp;&quot;c&#39;");
  EXPECT_EQ(Escape(std::string_view("x\0y\x1b", 4)), "x y ");
  EXPECT_EQ(Escape("σ in Å"), "σ in Å");
}

TEST(Markup, Formulas) {
  EXPECT_EQ(FormulaHtml("Li8S4"), "Li<sub>8</sub>S<sub>4</sub>");
  EXPECT_EQ(FormulaHtml("Li10GeP2S12"), "Li<sub>10</sub>GeP<sub>2</sub>S<sub>12</sub>");
  EXPECT_EQ(FormulaHtml("<b>2"), "&lt;b&gt;<sub>2</sub>");
  EXPECT_EQ(FormulaHtml(""), "");
}

TEST(Markup, VerdictsAreNotToldByColourAlone) {
  EXPECT_THAT(Chip("passed", true), HasSubstr("✓ passed"));
  EXPECT_THAT(Chip("open", false), HasSubstr("▲ open"));
}

TEST(Markup, TablesKeepRowsAndSetNumbersRight) {
  const std::string html = Render(Table{"", {"name", "value"}, {{"a", "1"}, {"b", "2"}}, {false, true}});
  EXPECT_THAT(html, HasSubstr("<th>name</th><th class=\"n\">value</th>"));
  EXPECT_THAT(html, HasSubstr("<tr><td>a</td><td class=\"n\">1</td></tr>"));
  EXPECT_THAT(html, HasSubstr("<tr><td>b</td><td class=\"n\">2</td></tr>"));
}

TEST(Markup, MissingPartsGiveTheReason) {
  EXPECT_EQ(Missing("D", "no <trajectory>"),
            "<p class=\"missing\"><b>D</b> not measured: no &lt;trajectory&gt;.</p>\n");
}

}  // namespace
}  // namespace superion::report
