#include "analysis/series/fft.h"

#include <fftw3.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <mutex>

#include "core/status.h"

namespace superion::analysis {
namespace {

// FFTW's planner is not thread-safe; executing a plan is.
std::mutex& PlannerMutex() {
  static std::mutex mutex;
  return mutex;
}

struct FftwFree {
  void operator()(void* memory) const { fftw_free(memory); }
};
using RealBuffer = std::unique_ptr<double[], FftwFree>;
using ComplexBuffer = std::unique_ptr<fftw_complex[], FftwFree>;

class Plan {
 public:
  template <typename Make>
  explicit Plan(const Make& make) {
    std::lock_guard lock(PlannerMutex());
    plan_ = make();
    SUPERION_CHECK(plan_ != nullptr);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    std::lock_guard lock(PlannerMutex());
    fftw_destroy_plan(plan_);
  }
  void Execute() const { fftw_execute(plan_); }

 private:
  fftw_plan plan_ = nullptr;
};

}  // namespace

size_t FastLength(size_t n) {
  for (size_t candidate = std::max<size_t>(2, n + n % 2);; candidate += 2) {
    size_t rest = candidate;
    for (size_t prime : {2, 3, 5, 7}) {
      while (rest % prime == 0) rest /= prime;
    }
    if (rest == 1) return candidate;
  }
}

std::vector<std::complex<double>> ForwardFft(std::span<const double> x, size_t n) {
  SUPERION_CHECK(n >= x.size() && n > 0);
  RealBuffer in(fftw_alloc_real(n));
  ComplexBuffer out(fftw_alloc_complex(n / 2 + 1));
  const Plan plan(
      [&] { return fftw_plan_dft_r2c_1d(static_cast<int>(n), in.get(), out.get(), FFTW_ESTIMATE); });
  std::copy(x.begin(), x.end(), in.get());
  std::fill(in.get() + x.size(), in.get() + n, 0.0);
  plan.Execute();
  std::vector<std::complex<double>> spectrum(n / 2 + 1);
  std::memcpy(static_cast<void*>(spectrum.data()), out.get(), spectrum.size() * sizeof(fftw_complex));
  return spectrum;
}

std::vector<double> InverseFft(std::span<const std::complex<double>> spectrum, size_t n) {
  SUPERION_CHECK(spectrum.size() == n / 2 + 1);
  ComplexBuffer in(fftw_alloc_complex(spectrum.size()));
  RealBuffer out(fftw_alloc_real(n));
  const Plan plan(
      [&] { return fftw_plan_dft_c2r_1d(static_cast<int>(n), in.get(), out.get(), FFTW_ESTIMATE); });
  std::memcpy(in.get(), spectrum.data(), spectrum.size() * sizeof(fftw_complex));
  plan.Execute();
  std::vector<double> x(n);
  std::transform(out.get(), out.get() + n, x.begin(), [n](double v) { return v / static_cast<double>(n); });
  return x;
}

std::vector<double> CosineTransform(std::span<const double> x) {
  SUPERION_CHECK(x.size() >= 2);
  RealBuffer in(fftw_alloc_real(x.size())), out(fftw_alloc_real(x.size()));
  const Plan plan([&] {
    return fftw_plan_r2r_1d(static_cast<int>(x.size()), in.get(), out.get(), FFTW_REDFT00, FFTW_ESTIMATE);
  });
  std::copy(x.begin(), x.end(), in.get());
  plan.Execute();
  return {out.get(), out.get() + x.size()};
}

}  // namespace superion::analysis
