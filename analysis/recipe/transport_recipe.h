// Recipes of studies of the conductivity itself: the study's estimators on the same runs, ours beside them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/transport_sections.h"

namespace superion::analysis {

// InvalidArgument for a name that is not "green-kubo" or "block-method".
absl::Status CheckTransportRecipe(const std::string& name);

// Key `recipe` of a document of kind analyze: {name, source, rows, curves}. `document` is the rest of it.
Json TransportRecipe(const std::string& name, const TransportInput& input, const Json& document);

// Full against tracer conductivity: Holzwarth & Lynch, "Computationally Simulating Reproducible Estimates of
// Ionic Conductivity in Electrolyte Materials" (2025).
Json GreenKuboRecipe(const TransportInput& input, const Json& document);
// Block against simple method: Lynch, "A Study of Advancements in Ionic Conductivity Methods" (2025).
Json BlockRecipe(const TransportInput& input, const Json& document);

// σ_tr(t) = scale/(2 d t) sum_i q_i² <|dr_i|²> over the mobile ions at the lags of the tracer's MSD, t > 0.
struct TracerRatio {
  std::vector<double> t_ps;
  std::vector<double> mass_frame;    // S/m, ions relative to the framework's centre of mass
  std::vector<double> charge_frame;  // to its centre of charge; empty where that does not exist
};
// Empty without ions. The centre of charge follows from the sums over species alone: with S the sum of the
// mobile ions relative to the centre of mass and X the way from the centre of charge to that of mass,
// sum_i |d(r_i + X)|² = sum_i |dr_i|² + 2 dS·dX + N |dX|².
TracerRatio TracerRatioCurve(const TransportInput& input);

// Largest |sum_D q_i (r_i - R_Q) - p| since the start, e Å: zero in a neutral cell, so that the mobile ions
// in the frame of the framework's centre of charge R_Q carry the full dipole. NaN where the framework has no
// charge.
double ChargeFrameIdentity(const TransportInput& input);

// scale <|p(t0 + t) - p(t0)|²>/(2 d t) over blocks of length t that do not overlap: what is read off at the
// end of a block. `blocks` counts them. NaN when none fits.
double BlockEndRatio(const std::vector<DipoleSeries>& seeds, double scale, double t_ps, size_t* blocks);

}  // namespace superion::analysis
