// Internal units: Å, ps, eV, u (g/mol), e, K, eV/Å³ (stress positive in tension). Constants: CODATA 2018.
#pragma once

namespace superion::units {

inline constexpr double kBoltzmann = 8.617333262e-5;          // eV/K
inline constexpr double kBohr = 0.529177210903;               // Å
inline constexpr double kHartree = 27.211386245988;           // eV
inline constexpr double kRydberg = 13.605693122994;           // eV
inline constexpr double kCoulomb = 14.399645478;              // e²/(4πε₀), eV Å
inline constexpr double kMassVelocity2 = 1.0364269656262e-4;  // 1 u Å²/ps² in eV
inline constexpr double kBar = 6.241509074e-7;                // 1 bar in eV/Å³
inline constexpr double kFsPerPs = 1000.0;
// e²/kB · 1e22: σ[S/m] = kConductivity · slope[e² Å²/ps] / (2 d V[Å³] T[K])  (conductivity.md, section 0)
inline constexpr double kConductivity = 1.602176634e-19 * 1.602176634e-19 / 1.380649e-23 * 1e22;

}  // namespace superion::units
