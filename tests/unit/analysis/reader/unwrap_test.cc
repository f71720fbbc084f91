#include "analysis/reader/unwrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/random.h"

namespace superion::analysis {
namespace {

Vec3 Wrap(const Vec3& r, const Mat3& cell) {
  Vec3 s = r * Inverse(cell);
  for (double& v : s) v -= std::floor(v);
  return s * cell;
}

// T-30: wrapped copies of a walk over many cells, triclinic: the way comes back.
TEST(Unwrap, ScienceT30TriclinicWalkIsRecovered) {
  const Mat3 cell = {{{10, 0, 0}, {3, 9, 0}, {-2, 1, 8}}};
  Random random(30);
  std::vector<Vec3> r(5, Vec3{1, 2, 3}), start;
  Unwrapper unwrapper;
  Vec3 offset{};
  for (int k = 0; k < 4000; ++k) {
    std::vector<Vec3> wrapped;
    for (const Vec3& x : r) wrapped.push_back(Wrap(x, cell));
    const auto out = unwrapper.Next(wrapped, cell);
    ASSERT_TRUE(out.ok()) << out.status();
    if (k == 0) offset = r[0] - (*out)[0];
    for (size_t i = 0; i < r.size(); ++i) EXPECT_NEAR(Norm((*out)[i] + offset - r[i]), 0.0, 1e-9);
    for (Vec3& x : r)
      x += Vec3{0.05 + 0.4 * random.Gaussian(), 0.4 * random.Gaussian(), 0.4 * random.Gaussian()};
  }
  EXPECT_GT(std::abs(r[0][0]), 100.0) << "ten cells are crossed";
}

TEST(Unwrap, ScienceT30LongStepsAreRefused) {
  const Mat3 cell = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
  Unwrapper unwrapper;
  ASSERT_TRUE(unwrapper.Next({{1, 1, 1}, {5, 5, 5}}, cell).ok());
  ASSERT_TRUE(unwrapper.Next({{1, 1, 1}, {8.4, 5, 5}}, cell).ok());
  const auto bad = unwrapper.Next({{1, 1, 1}, {8.4, 5, 9}}, cell);
  EXPECT_EQ(bad.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(bad.status().message(), testing::HasSubstr("atom 2"));
  EXPECT_THAT(bad.status().message(), testing::HasSubstr("frames 2 and 3"));
}

// T-31: an immobile lattice in a breathing box does not diffuse.
TEST(Unwrap, ScienceT31BreathingBoxStaysBounded) {
  Unwrapper unwrapper;
  std::vector<Vec3> first;
  double largest = 0.0;
  for (int k = 0; k < 2000; ++k) {
    const double a = 10.0 * (1.0 + 0.02 * std::sin(0.37 * k));
    const Mat3 cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
    // An atom that vibrates across the face of the cell.
    const double s = 0.999 + 0.002 * (k % 2);
    const auto out = unwrapper.Next({Wrap({s * a, 0.5 * a, 0.1 * a}, cell)}, cell);
    ASSERT_TRUE(out.ok());
    if (k == 0) first = *out;
    largest = std::max(largest, Norm((*out)[0] - first[0]));
  }
  EXPECT_LT(largest, 1.0);
}

}  // namespace
}  // namespace superion::analysis
