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

enum class Transform { kForward, kInverse, kCosine };

class Plan {
 public:
  // Called with the planner's mutex held.
  Plan(Transform kind, size_t n) : kind_(kind), n_(n) {
    const RealBuffer real(fftw_alloc_real(n)), other(fftw_alloc_real(kind == Transform::kCosine ? n : 1));
    const ComplexBuffer complex(fftw_alloc_complex(n / 2 + 1));
    const int length = static_cast<int>(n);
    if (kind == Transform::kForward)
      plan_ = fftw_plan_dft_r2c_1d(length, real.get(), complex.get(), FFTW_ESTIMATE);
    else if (kind == Transform::kInverse)
      plan_ = fftw_plan_dft_c2r_1d(length, complex.get(), real.get(), FFTW_ESTIMATE);
    else
      plan_ = fftw_plan_r2r_1d(length, real.get(), other.get(), FFTW_REDFT00, FFTW_ESTIMATE);
    SUPERION_CHECK(plan_ != nullptr);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    std::lock_guard lock(PlannerMutex());
    fftw_destroy_plan(plan_);
  }
  bool Is(Transform kind, size_t n) const { return kind_ == kind && n_ == n; }
  fftw_plan get() const { return plan_; }

 private:
  Transform kind_;
  size_t n_;
  fftw_plan plan_ = nullptr;
};

// The last few plans are kept: making one costs as much as executing it, and an analysis transforms many
// series of one length.
std::shared_ptr<const Plan> PlanFor(Transform kind, size_t n) {
  constexpr size_t kKept = 6;
  static std::vector<std::shared_ptr<const Plan>> recent;
  std::shared_ptr<const Plan> oldest;  // destroyed after the lock is released, because that locks again
  std::lock_guard lock(PlannerMutex());
  const auto found =
      std::find_if(recent.begin(), recent.end(), [&](const auto& plan) { return plan->Is(kind, n); });
  if (found != recent.end()) {
    std::rotate(found, found + 1, recent.end());
    return recent.back();
  }
  if (recent.size() == kKept) {
    oldest = recent.front();
    recent.erase(recent.begin());
  }
  recent.push_back(std::make_shared<const Plan>(kind, n));
  return recent.back();
}

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
  const auto plan = PlanFor(Transform::kForward, n);
  std::copy(x.begin(), x.end(), in.get());
  std::fill(in.get() + x.size(), in.get() + n, 0.0);
  fftw_execute_dft_r2c(plan->get(), in.get(), out.get());
  std::vector<std::complex<double>> spectrum(n / 2 + 1);
  std::memcpy(static_cast<void*>(spectrum.data()), out.get(), spectrum.size() * sizeof(fftw_complex));
  return spectrum;
}

std::vector<double> InverseFft(std::span<const std::complex<double>> spectrum, size_t n) {
  SUPERION_CHECK(spectrum.size() == n / 2 + 1);
  ComplexBuffer in(fftw_alloc_complex(spectrum.size()));
  RealBuffer out(fftw_alloc_real(n));
  const auto plan = PlanFor(Transform::kInverse, n);
  std::memcpy(in.get(), spectrum.data(), spectrum.size() * sizeof(fftw_complex));
  fftw_execute_dft_c2r(plan->get(), in.get(), out.get());
  std::vector<double> x(n);
  std::transform(out.get(), out.get() + n, x.begin(), [n](double v) { return v / static_cast<double>(n); });
  return x;
}

std::vector<double> CosineTransform(std::span<const double> x) {
  SUPERION_CHECK(x.size() >= 2);
  RealBuffer in(fftw_alloc_real(x.size())), out(fftw_alloc_real(x.size()));
  const auto plan = PlanFor(Transform::kCosine, x.size());
  std::copy(x.begin(), x.end(), in.get());
  fftw_execute_r2r(plan->get(), in.get(), out.get());
  return {out.get(), out.get() + x.size()};
}

}  // namespace superion::analysis
