#include "report/format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace superion::report {
namespace {

TEST(Format, NumbersForPeople) {
  EXPECT_EQ(Show(1.23456), "1.23");
  EXPECT_EQ(Show(0.0123456), "0.0123");
  EXPECT_EQ(Show(12.3456), "12.3");
  EXPECT_EQ(Show(123.456), "123");
  EXPECT_EQ(Show(999.96), "1000");
  EXPECT_EQ(Show(12345.6, 5), "12\u2009346");
  EXPECT_EQ(Show(-1234567.0, 7), "−1\u2009234\u2009567");
  EXPECT_EQ(Show(1.23456e-7), "1.23×10⁻⁷");
  EXPECT_EQ(Show(-6.5e12, 2), "−6.5×10¹²");
  EXPECT_EQ(Show(0.0), "0");
  EXPECT_EQ(Show(std::nullopt), "–");
  EXPECT_EQ(Show(std::nan("")), "–");
  EXPECT_EQ(Show(2.5, "S/m", 2), "2.5 S/m");
  EXPECT_EQ(Show(std::nullopt, "S/m"), "–");
}

TEST(Format, PlainNumbers) {
  EXPECT_EQ(ShowPlain(240.0), "240");
  EXPECT_EQ(ShowPlain(0.1), "0.1");
  EXPECT_EQ(ShowPlain(1562.5), "1562.5");
  EXPECT_EQ(ShowPlain(12345678.0), "12\u2009345\u2009678");
  EXPECT_EQ(ShowPlain(0.0), "0");
  EXPECT_EQ(ShowPlain(std::nullopt), "–");
}

TEST(Format, Intervals) {
  EXPECT_EQ(ShowInterval(Json::array({1, 2.5})), "[1.00, 2.50]");
  EXPECT_EQ(ShowInterval(Json::array({nullptr, 2.5})), "< 2.50");
  EXPECT_EQ(ShowInterval(Json::array({1, nullptr})), "> 1.00");
  for (const Json& none : {Json::array({nullptr, nullptr}), Json(), Json("x"), Json::array()}) {
    EXPECT_EQ(ShowInterval(none), "–");
  }
}

TEST(Format, Durations) {
  EXPECT_EQ(ShowDuration(4.25), "4.2 s");
  EXPECT_EQ(ShowDuration(742.0), "12 min 22 s");
  EXPECT_EQ(ShowDuration(7260.0), "2 h 1 min");
  EXPECT_EQ(ShowDuration(200000.0), "2 d 7 h");
  EXPECT_EQ(ShowDuration(std::nullopt), "–");
  EXPECT_EQ(ShowDuration(-1.0), "–");
}

TEST(Format, PathsThatLeadNowhereAreNull) {
  const Json json = {{"a", {{"b", 3}, {"t", "x"}, {"l", {1, nullptr, "y"}}}}};
  EXPECT_EQ(NumberAt(json, {"a", "b"}), 3);
  EXPECT_EQ(NumberAt(json, {"a", "t"}), std::nullopt);
  EXPECT_EQ(NumberAt(json, {"a", "b", "c"}), std::nullopt);
  EXPECT_EQ(TextAt(json, {"a", "t"}), "x");
  EXPECT_EQ(TextAt(json, {"a", "b"}), "3");
  EXPECT_EQ(TextAt(json, {"z"}), "");
  const std::vector<double> numbers = NumbersAt(json, {"a", "l"});
  ASSERT_EQ(numbers.size(), 3u);
  EXPECT_EQ(numbers[0], 1);
  EXPECT_TRUE(std::isnan(numbers[1]) && std::isnan(numbers[2]));
  EXPECT_TRUE(Element(json["a"]["l"], 9).is_null());
  EXPECT_TRUE(At(Json(3), {"a"}).is_null());
}

}  // namespace
}  // namespace superion::report
