// Entropies from the density of states: quantum harmonic oscillators, and two phases (gas and solid) for
// species that diffuse (conductivity.md, section 10).
#pragma once

#include "analysis/vibration/spectrum.h"

namespace superion::analysis {

// Entropy of one oscillator in kB, x = ħω/(kB T): x/(e^x - 1) - ln(1 - e^-x).
double OscillatorEntropy(double x);

// ∫ g(ω) s(ħω/(kB T)) dω in kB, of all modes. The mean of s over the half step next to ω = 0, where s has a
// logarithmic pole, is taken exactly.
double HarmonicEntropy(const ModeDensity& density, double kt_ev);

// Decomposition of Lin, Blanco & Goddard, J. Chem. Phys. 119, 11792 (2003), doi:10.1063/1.1624057: g = gas +
// solid, the gas that of hard spheres with the diffusion constant of g(0).
struct TwoPhase {
  double fluidicity = 0.0;     // f, share of the modes in the gas
  ModeDensity gas, solid;      // solid = g - gas
  double packing = 0.0;        // y of the hard spheres
  double solid_entropy = 0.0;  // kB, of all modes
  double gas_entropy = 0.0;  // kB: ideal gas of f N atoms plus the excess at constant volume of hard spheres
                             // (Carnahan & Starling 1969, doi:10.1063/1.1672048)
  double published_gas_entropy = 0.0;  // kB: with the further ln z(y) of the paper, which belongs
                                       // to constant pressure
  double entropy() const { return solid_entropy + gas_entropy; }
};
// `density` has 3 atoms modes; volume Å³ of the cell.
TwoPhase SplitTwoPhase(const ModeDensity& density, double atoms, double mass_u, double volume_angstrom3,
                       double kt_ev);

// f of 2 Δ^-9/2 f^15/2 - 6 Δ^-3 f^5 - Δ^-3/2 f^7/2 + 6 Δ^-3/2 f^5/2 + 2 f - 2 = 0, in 0 .. 1.
double Fluidicity(double delta);

}  // namespace superion::analysis
