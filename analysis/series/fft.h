// Real Fourier transforms of any length through FFTW. Plans are made with FFTW_ESTIMATE, so that the same
// input gives the same bits in every run; every function may be called from several threads.
#pragma once

#include <complex>
#include <span>
#include <vector>

namespace superion::analysis {

// Smallest product of 2, 3, 5 and 7 that is even and at least `n`.
size_t FastLength(size_t n);

// F_k = sum_i x_i exp(-2πi ik/n), k = 0 .. n/2, of x zero-padded to `n` >= x.size().
std::vector<std::complex<double>> ForwardFft(std::span<const double> x, size_t n);

// Inverse of ForwardFft including the factor 1/n: the real series of length `n`.
std::vector<double> InverseFft(std::span<const std::complex<double>> spectrum, size_t n);

// Type-I cosine transform Y_n = x_0 + (-1)^n x_{N-1} + 2 sum_{k=1}^{N-2} x_k cos(π nk/(N-1)); N >= 2.
std::vector<double> CosineTransform(std::span<const double> x);

}  // namespace superion::analysis
