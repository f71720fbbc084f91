#include "potential/electrostatics.h"

#include "potential/ewald.h"

namespace superion {
namespace {

constexpr double kAccuracy = 1e-7;

absl::StatusOr<ElectrostaticResult> Sum(const Electrostatics& electrostatics, const std::vector<int>& species,
                                        const Structure& structure, std::vector<double>* charges) {
  charges->clear();
  for (const int c : species) charges->push_back(electrostatics.charges[c]);
  EwaldOptions options;
  options.alpha = electrostatics.alpha_per_angstrom;
  options.real_space = false;
  options.accuracy = kAccuracy;
  return EwaldSum(structure, *charges, options);
}

}  // namespace

double ElectrostaticAlpha(double cutoff_angstrom) { return 3.0 / cutoff_angstrom; }

absl::Status AddElectrostatics(const Model& model, const std::vector<int>& species,
                               const Structure& structure, Evaluation* result) {
  if (!model.electrostatics) return absl::OkStatus();
  std::vector<double> charges;
  SUPERION_ASSIGN_OR_RETURN(const ElectrostaticResult sum,
                            Sum(*model.electrostatics, species, structure, &charges));
  result->energy += sum.energy;
  for (size_t i = 0; i < charges.size(); ++i) {
    result->atom_energies[i] += 0.5 * charges[i] * sum.potentials[i];
    result->forces[i] += sum.forces[i];
  }
  for (int a = 0; a < 3; ++a) result->virial[a] += sum.virial[a];
  return absl::OkStatus();
}

absl::Status SubtractElectrostatics(const ModelArchitecture& architecture,
                                    const Electrostatics& electrostatics, Frame* frame) {
  SUPERION_ASSIGN_OR_RETURN(const std::vector<int> species, SpeciesIndices(architecture, frame->structure));
  std::vector<double> charges;
  SUPERION_ASSIGN_OR_RETURN(const ElectrostaticResult sum,
                            Sum(electrostatics, species, frame->structure, &charges));
  if (frame->energy) *frame->energy -= sum.energy;
  for (size_t i = 0; i < frame->forces.size(); ++i) frame->forces[i] -= sum.forces[i];
  if (frame->stress) {
    const double scale = 1.0 / frame->structure.Volume();  // stress = -virial / volume
    for (int a = 0; a < 3; ++a) (*frame->stress)[a] += scale * sum.virial[a];
  }
  return absl::OkStatus();
}

}  // namespace superion
