// What makes the error of σ larger than that of as many equal Gaussian components: unequal axes, and few
// hops.
#pragma once

#include <vector>

#include "analysis/transport/spectral.h"
#include "analysis/verdict/regime.h"

namespace superion::analysis {

// (tr S)²/tr S², S the spectral matrix of the components over the band (0, band_thz]: how many equal
// components carry the sum. d for an isotropic crystal, 1 where one axis conducts alone. Less the noise of S
// itself, whose expectation for n complex samples is tr S² (1 + 1/2n) + (tr S)²/2n (real part of a Wishart
// matrix).
double EffectiveComponents(const std::vector<DipoleTransform>& seeds, double band_thz);

// Var(σ)/σ² by which hops exceed Gaussian motion: with X = |Δp|² of n increments, [Var X - 2 tr C²]/(n <X>²),
// C their covariance and <X> = `slope` τ without vibrations. 1/N for N independent hops (compound Poisson
// process), whatever τ. Increments are as long as it takes for vibrations to be less than half of the rest,
// while there are 32 of them. `slope`: of the displacement summed over components, e² Å²/ps.
double EventVariance(const std::vector<DipoleSeries>& seeds, const DisplacementCurve& curve, double slope);

}  // namespace superion::analysis
