// Filters of evenly spaced series that keep phases.
#pragma once

#include <span>
#include <vector>

namespace superion::analysis {

// What is slower than `cutoff` cycles per sample (0 .. 0.5), by cutting the Fourier transform of the series
// continued by its mirror image, so that the ends do not jump. Zero phase.
std::vector<double> LowPass(std::span<const double> x, double cutoff);

// Least-squares polynomial of `degree` over the 2 half_width + 1 points around each (fewer at the ends, where
// the polynomial of the outermost window is used). Savitzky & Golay, Anal. Chem. 36, 1627 (1964),
// doi:10.1021/ac60214a047. For display: moments and integrals are taken from the raw curve.
std::vector<double> SavitzkyGolay(std::span<const double> y, size_t half_width, size_t degree);

}  // namespace superion::analysis
