#include "md_runner/hop.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "md_runner/potential_surface.h"

namespace superion {
namespace {

constexpr double kSamePlace = 0.05;  // Å, of the atom that moves most
constexpr double kSameCell = 1e-6;   // Å

absl::Status CheckEnds(const Structure& initial, const Structure& final) {
  if (initial.species.size() != final.species.size())
    return InvalidArgument("the ends of the path hold {} and {} atoms", initial.size(), final.size());
  for (size_t i = 0; i < initial.species.size(); ++i) {
    if (initial.species[i] != final.species[i])
      return InvalidArgument(
          "the ends of the path need the same atoms in the same order: atom {} is {} in one, {} in the other",
          i + 1, initial.species[i], final.species[i]);
  }
  for (size_t a = 0; a < 3; ++a) {
    if (Norm(initial.cell[a] - final.cell[a]) > kSameCell)
      return InvalidArgument("the ends of the path need one cell: vector {} differs by {:.4g} Å", a + 1,
                             Norm(initial.cell[a] - final.cell[a]));
  }
  return absl::OkStatus();
}

absl::StatusOr<Minimum> RelaxEnd(const char* name, const EnergySurface& surface, const Structure& structure,
                                 const MinimizeOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(Minimum minimum, Minimize(surface, ToCoordinates(structure.positions), options));
  if (minimum.converged) return minimum;
  return FailedPrecondition(
      "the {} structure did not relax: the largest force is {:.3g} eV/Å after {} steps, wanted is {:.3g}",
      name, minimum.max_force, minimum.steps, options.force_tolerance);
}

absl::StatusOr<std::vector<Mode>> ModesAtSaddle(const Hop& hop, const EnergySurface& surface,
                                                const std::vector<double>& atom_masses) {
  std::vector<double> masses;
  for (const double m : atom_masses) masses.insert(masses.end(), 3, m);
  const auto top = static_cast<size_t>(hop.band.saddle);
  return LowestModes(surface, hop.band.images[top], masses, Translations(atom_masses), hop.band.tangents[top],
                     2, {});
}

}  // namespace

double Hop::barrier_forward() const {
  const size_t top = band.saddle < 0 ? band.points.size() - 1 : static_cast<size_t>(band.saddle);
  return std::max(0.0, band.points[top].energy - band.points.front().energy);
}

double Hop::barrier_backward() const {
  const size_t top = band.saddle < 0 ? 0 : static_cast<size_t>(band.saddle);
  return std::max(0.0, band.points[top].energy - band.points.back().energy);
}

EnergyProfile Hop::profile() const {
  std::vector<double> energies;
  for (const SurfacePoint& p : band.points) energies.push_back(p.energy - band.points.front().energy);
  return EnergyProfile(band.arc, std::move(energies), band.tangential);
}

absl::StatusOr<Hop> FindHop(const Structure& initial, const Structure& final, ForceProvider* forces,
                            const HopOptions& options) {
  SUPERION_RETURN_IF_ERROR(CheckEnds(initial, final));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<double> masses, AtomicMasses(initial.species));
  Hop hop;
  const EnergySurface surface = MakePotentialSurface(forces, initial.cell, &hop.max_grade);
  SUPERION_ASSIGN_OR_RETURN(hop.initial, RelaxEnd("initial", surface, initial, options.ends));
  SUPERION_ASSIGN_OR_RETURN(hop.final, RelaxEnd("final", surface, final, options.ends));
  const std::vector<Vec3> start = ToPositions(hop.initial.x);
  hop.final.x = ToCoordinates(NearestImages(start, ToPositions(hop.final.x), initial.cell));
  Coordinates moved(hop.final.x.size());
  for (size_t i = 0; i < moved.size(); ++i) moved[i] = hop.final.x[i] - hop.initial.x[i];
  if (const double most = LargestBlock(moved, 3); most < kSamePlace)
    return InvalidArgument("both ends relax to one minimum: no atom moves by more than {:.3g} Å", most);
  SUPERION_ASSIGN_OR_RETURN(hop.band, FindPath(surface, hop.initial.x, hop.final.x, options.band));
  if (options.verify && hop.band.saddle >= 0 && hop.band.converged) {
    SUPERION_ASSIGN_OR_RETURN(hop.modes, ModesAtSaddle(hop, surface, masses));
  }
  return hop;
}

}  // namespace superion
