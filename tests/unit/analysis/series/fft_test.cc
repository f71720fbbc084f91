#include "analysis/series/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "core/random.h"

namespace superion::analysis {
namespace {

std::vector<double> Noise(size_t n) {
  Random random(n);
  std::vector<double> x(n);
  for (double& v : x) v = random.Gaussian();
  return x;
}

TEST(Fft, EqualsTheDefinition) {
  for (size_t n : {1u, 2u, 7u, 30u}) {
    const auto x = Noise(n);
    const auto f = ForwardFft(x, n + 3);
    ASSERT_EQ(f.size(), (n + 3) / 2 + 1);
    for (size_t k = 0; k < f.size(); ++k) {
      std::complex<double> sum = 0.0;
      for (size_t i = 0; i < n; ++i)
        sum += x[i] * std::polar(1.0, -2.0 * M_PI * static_cast<double>(i * k) / static_cast<double>(n + 3));
      EXPECT_NEAR(std::abs(f[k] - sum), 0.0, 1e-12);
    }
    const auto back = InverseFft(f, n + 3);
    for (size_t i = 0; i < n + 3; ++i) EXPECT_NEAR(back[i], i < n ? x[i] : 0.0, 1e-13);
  }
}

TEST(Fft, CosineTransformEqualsTheDefinition) {
  const auto x = Noise(9);
  const auto y = CosineTransform(x);
  for (size_t n = 0; n < 9; ++n) {
    double sum = x[0] + (n % 2 == 0 ? x[8] : -x[8]);
    for (size_t k = 1; k < 8; ++k) sum += 2.0 * x[k] * std::cos(M_PI * static_cast<double>(n * k) / 8.0);
    EXPECT_NEAR(y[n], sum, 1e-12);
  }
}

TEST(Fft, FastLengthHasSmallFactorsOnly) {
  EXPECT_EQ(FastLength(1), 2u);
  EXPECT_EQ(FastLength(11), 12u);
  EXPECT_EQ(FastLength(1000), 1000u);
  EXPECT_EQ(FastLength(1001), 1008u);
}

TEST(Fft, ThreadsGetTheSameBits) {
  const auto x = Noise(1009);
  const auto alone = ForwardFft(x, 2018);
  std::vector<std::vector<std::complex<double>>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) threads.emplace_back([&] { result = ForwardFft(x, 2018); });
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, alone);
}

}  // namespace
}  // namespace superion::analysis
