// Conductivity from the steady current of runs in an electric field (conductivity.md, section 7).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/transport/spectral.h"
#include "core/status.h"
#include "core/units.h"

namespace superion::analysis {

// σ in S/m of a current density of 1 e/(Å² ps) in a field of 1 V/Å.
inline constexpr double kCurrentPerField = units::kConductivity * units::kBoltzmann;

// The dipole along the field of one run, from where its current is steady.
struct SteadyCurrent {
  double kept_ps = 0.0, discarded_ps = 0.0;
  double rate = 0.0;          // mean dp/dt, e Å/ps
  Periodogram fluctuation;    // of the current about its mean, scale 2: Var(dp)/t in e² Å²/ps at f -> 0
  double tau_c_ps = 0.0;      // after which displacements about the drift are uncorrelated
  bool uncorrelated = false;  // false: that time is longer than a sixteenth of the run
  double geweke_z = 0.0;      // drift of the current that is left
};
// `p` in e Å every `interval_ps`. Discards at least five relaxation times of the current and what Chodera's
// rule asks for. FailedPrecondition for fewer than 100 samples.
absl::StatusOr<SteadyCurrent> AnalyzeSteadyCurrent(const std::vector<double>& p, double interval_ps);

// A run in a field along the common direction; `field` carries the sign, V/Å.
struct FieldRun {
  double field = 0.0;
  SteadyCurrent current;
};

// All runs of one field strength.
struct FieldPoint {
  double field = 0.0;   // V/Å, > 0
  bool paired = false;  // runs of both signs: `current` is the odd part, else that of the one sign
  size_t runs = 0;
  double time_ps = 0.0;
  double current = 0.0, s = 0.0;  // e/(Å² ps)
  double even = 0.0;              // [J(+E) + J(-E)]/2, same s: zero but for noise where ±E are equivalent
  double dof = 0.0;               // of s
  double p_seeds = 1.0;           // that runs of one field and sign differ as much as they do
  // Temperature that the noise has by Var(J) = 2 σ kB T/(V t), K: that of the run in the linear regime. 0
  // where the current is not along the field.
  double noise_temperature_k = 0.0;
  double scatter = 0.0;  // Var(dp)/t of one run, e² Å²/ps
  double tau_c_ps = 0.0;
  bool steady = true, uncorrelated = true;
};
// Sorted by field. Runs of zero field are ignored. The noise is the Whittle-Lepski estimate (section 3.3) of
// the fluctuations of all runs of one strength: blocks just long enough to look uncorrelated give error bars
// a fifth too small. FailedPrecondition where the current does not fluctuate.
absl::StatusOr<std::vector<FieldPoint>> PoolFields(const std::vector<FieldRun>& runs,
                                                   double volume_angstrom3);

// Weighted least squares of J_odd = σ E (+ σ3 E³).
struct PowerFit {
  double sigma = 0.0, s_sigma = 0.0;    // S/m
  double sigma3 = 0.0, s_sigma3 = 0.0;  // S/m per (V/Å)²
  double covariance = 0.0;              // of both
  double chi2 = 0.0;
  int dof = 0;
};
// J_odd = σ E sinh(bE)/(bE): hops over a charge-length q a = 2 kT b whose rates are G exp(±q E a/2kT).
struct SinhFit {
  double sigma = 0.0, s_sigma = 0.0;  // S/m
  double b = 0.0, s_b = 0.0;          // Å/V; 0 where the current grows no faster than the field
  double chi2 = 0.0;
  double charge_length(double temperature_k) const {  // e Å
    return 2.0 * units::kBoltzmann * temperature_k * b;
  }
};

enum class Linearity { kNotTested, kLinear, kNonlinear, kUndecided };
const char* LinearityName(Linearity linearity);  // NOT_TESTED, LINEAR, NONLINEAR, UNDECIDED

struct NemdFit {
  PowerFit linear;
  std::optional<PowerFit> cubic;  // with two field strengths or more
  std::optional<SinhFit> sinh;
  // σ3 E²/σ at the largest field and its standard deviation.
  double nonlinearity = 0.0, s_nonlinearity = 0.0;
  // LINEAR: |nonlinearity| < 0.05, known to 0.05, and χ²/dof < 2. NONLINEAR: at least 0.05 and two standard
  // deviations. UNDECIDED: the noise does not let tell.
  Linearity linearity = Linearity::kNotTested;

  const PowerFit& best() const { return cubic ? *cubic : linear; }
};
// FailedPrecondition for no point or one without noise.
absl::StatusOr<NemdFit> FitCurrent(const std::vector<FieldPoint>& points);

// Field above which NEMD needs less time than EMD for the same precision, sqrt(kT/(V σ τ_c)), V/Å.
double BreakEvenField(double sigma_s_per_m, double volume_angstrom3, double temperature_k, double tau_c_ps);
// Power σ E² in W/m³, and the rate at which it would heat a crystal of 3 kB per atom without a thermostat.
double JoulePower(double sigma_s_per_m, double field);                                            // W/m³
double HeatingRate(double sigma_s_per_m, double field, double volume_angstrom3, double n_atoms);  // K/ns

}  // namespace superion::analysis
