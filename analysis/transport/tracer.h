// Motion of the single ions in the frame of the framework's centre of mass: tracer diffusion, Nernst-Einstein
// conductivity, Haven ratio. conductivity.md, sections 2.2, 2.4, 3.6.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/series/ion_trajectory.h"
#include "analysis/verdict/regime.h"
#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

struct TracerOptions {
  std::map<std::string, double> charges;
  std::vector<std::string> mobile;
  double site_distance_angstrom = 0.0;  // hop length a
  double scale = 0.0;                   // ConductivityScale
  double tau_min_ps = 0.0;              // shortest lag of the fit
  int threads = 1;
};

struct SpeciesMotion {
  std::string species;
  size_t ions = 0;
  bool mobile = false;
  DisplacementCurve curve;  // MSD per ion, Å² (sums over ions)
  LocalExponent exponent;
  std::vector<double> alpha2;                // [lags] non-Gaussian parameter
  std::optional<double> d_angstrom2_per_ps;  // D*, defined only where the tracer is not subdiffusive
  double s_d = 0.0;                          // of ln D*
  double hops = 0.0;                         // ions x 6 D* S T / a²
  std::string note;                          // why D* is not defined
};

struct TracerResult {
  std::vector<SpeciesMotion> species;
  double fit_first_ps = 0.0, fit_last_ps = 0.0;
  std::optional<double> sigma_ne;  // S/m
  double s_ne = 0.0;               // of ln σ_NE
  double haven_s = 0.0;            // of ln(σ_NE/σ), jackknife over (seed, block)
  double haven_dof = 0.0;          // blocks - 1
  bool framework_measured = false, framework_stable = true;
  double framework_exponent = 0.0;  // largest β_F beyond 5 ps
  std::string framework_note;
};

// InvalidArgument when the seeds differ in atoms or interval, or have fewer than 8 frames; DataLoss when
// paths that lie in a file cannot be read back.
absl::StatusOr<TracerResult> AnalyzeTracer(const std::vector<IonTrajectory>& seeds,
                                           const TracerOptions& options);

// Series of the framework's centre of mass, [3][n_frames]; of all atoms when every species is mobile.
std::vector<std::vector<double>> FrameworkCentre(const IonTrajectory& seed,
                                                 const std::vector<std::string>& mobile);

// Mean distance from an ion to its nearest neighbour in one frame, minimum image; at most 500 ions are looked
// at. 0 for fewer than 2 ions.
double MeanNearestDistance(const std::vector<Vec3>& positions, const Mat3& cell);

}  // namespace superion::analysis
