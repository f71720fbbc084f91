// Partial conductivities σ_ab of species a, b, their self and distinct parts, and distinct diffusion
// coefficients, in labelled frames. conductivity.md, section 2.3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/series/displacement.h"
#include "core/status.h"

namespace superion::analysis {

struct IonSpecies {
  std::string name;
  double count = 0.0, charge = 0.0, mass_u = 0.0;  // of one ion
  bool mobile = false;
};

struct PartialInput {
  std::vector<IonSpecies> species;
  std::vector<std::vector<Components>> seeds;  // [seed][species][3][n] sum displacements R_a, any frame, Å
  double interval_ps = 0.0;
  double scale = 0.0;        // ConductivityScale
  size_t shortest_lag = 1;   // of the slopes, in samples; they reach to a quarter of the shortest seed
  std::vector<size_t> lags;  // where not empty: these instead
  // Sums over the ions of a species of |dr_i|² in the frame of the framework's centre of mass at the lags of
  // `self_indices` (the same times as `lags`, as many blocks per seed as BlocksPerSeed gives); [species],
  // empty where single ions are not known.
  std::vector<BlockedSums> self;
  std::vector<size_t> self_indices;
};

struct Measured {
  double value = 0.0, sd = 0.0;  // sd: jackknife over (seed, block)
};

// Of one pair of species a <= b; σ_ab = σ_ba enters the sum twice.
struct PartialPair {
  size_t a = 0, b = 0;
  Measured sigma;                              // S/m
  std::optional<Measured> self, distinct;      // S/m; self only for a = b
  std::optional<Measured> distinct_diffusion;  // D^d_ab, Å²/ps
};

enum class ReferenceFrame { kFrameworkMass, kFrameworkCharge, kBarycentric };
const char* FrameName(ReferenceFrame frame);  // "framework_centre_of_mass", …

struct PartialResult {
  struct InFrame {
    ReferenceFrame frame;
    std::vector<PartialPair> pairs;
  };
  std::vector<InFrame> frames;  // the framework's centre of charge only where it has a charge
  Measured sum;  // sum_ab σ_ab: σ by the same lags, the same in every frame of a neutral cell
  double first_ps = 0.0, last_ps = 0.0;  // lags of the slopes
};

// σ_ab = z_a z_b e²/(2 d V kB T) d/dt <dR_a·dR_b> with the slope by generalised least squares over the lags;
// distinct_aa = σ_aa - self_a; D^d_ab = N/(N_a N_b) (1/2d) d/dt <dR_a·dR_b - δ_ab sum_i |dr_i|²>, N all ions
// of the cell (Trullàs & Padró, Phys. Rev. B 55, 12210 (1997), doi:10.1103/PhysRevB.55.12210).
// FailedPrecondition when the seeds are too short for three lags, InvalidArgument for shapes that differ.
absl::StatusOr<PartialResult> PartialConductivities(const PartialInput& input);

}  // namespace superion::analysis
