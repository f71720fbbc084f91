// The stages before any estimate: which ions there are, their dipole, what of the start is discarded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/reader/inputs.h"
#include "analysis/verdict/verdict.h"

namespace superion::analysis {

// Species of the charge nearest to zero, cations where an anion has as much: Li⁺ of Li6PS5Cl, F⁻ of CaF2.
// InvalidArgument when all charges are zero.
absl::StatusOr<std::vector<std::string>> MobileSpecies(const std::map<std::string, double>& charges);

// InvalidArgument for a species without charge and for a cell that is not neutral.
absl::Status CheckCharges(const SpeciesSums& sums, const std::map<std::string, double>& charges);

// InvalidArgument for seeds of other ions, temperatures or volumes than the first.
absl::Status CheckSameSystem(const std::vector<SpeciesSums>& sums);

// p(t) = sum_a q_a R_a(t).
DipoleSeries DipoleOf(const SpeciesSums& sums, const std::map<std::string, double>& charges);

// Discards the start of every seed up to the time found from its scalars, from `dipoles`, displacements and
// scalars alike; tests what is left for drift. `sums` may be empty where only dipoles are known.
Equilibration Equilibrate(std::vector<SpeciesSums>* sums, std::vector<DipoleSeries>* dipoles);

// Which seed is in another phase by its energy; "" when none is or no energies are there.
std::string OddPhase(const std::vector<SpeciesSums>& sums, double temperature_k);

// The trajectories without what was discarded.
void DiscardFrames(double discarded_ps, std::vector<IonTrajectory>* ions);

// Length of a hop: mean distance between neighbouring mobile ions, or their mean spacing in `volume`.
double SiteDistance(const AnalysisInput& input, const std::vector<std::string>& mobile, double volume,
                    double n_mobile);

}  // namespace superion::analysis
