#include "md_runner/model_force.h"

#include <algorithm>
#include <utility>

#include "md_runner/verlet_list.h"
#include "potential/electrostatics.h"

namespace superion {
namespace {

// Half the sum of covalent radii is never reached in a crystal or melt below some thousand kelvin (the
// shortest bond, O-H, has a ratio of 1.0), and above it the ZBL core still acts.
constexpr double kFractionOfCovalentRadii = 0.5;

class ModelForce : public ForceProvider {
 public:
  ModelForce(std::unique_ptr<Evaluator> evaluator, std::vector<std::string> names, std::vector<int> species,
             VerletOptions options)
      : evaluator_(std::move(evaluator)),
        names_(std::move(names)),
        species_(std::move(species)),
        options_(std::move(options)) {
    structure_.species = names_;
  }

  absl::Status Compute(const std::vector<ForceRequest>& requests) override {
    if (requests.empty()) return absl::OkStatus();
    int first_atom = 0;
    size_t first_pair = 0;
    for (const ForceRequest& request : requests) {
      VerletList& list = List(request.replica);
      SUPERION_RETURN_IF_ERROR(list.Update(*request.cell, *request.positions));
      request.result->closest = list.WritePairs(*request.positions, first_atom, first_pair, &pairs_);
      first_atom = pairs_.n_atoms, first_pair = pairs_.center.size();
    }
    StackSpecies(requests.size());
    evaluator_->Evaluate(stacked_species_, pairs_, &evaluation_);
    for (size_t k = 0; k < requests.size(); ++k)
      SUPERION_RETURN_IF_ERROR(Distribute(k, requests.size() == 1, requests[k]));
    return absl::OkStatus();
  }

  void Forget(int replica) override { List(replica).Forget(); }

 private:
  VerletList& List(int replica) {
    while (lists_.size() <= static_cast<size_t>(replica)) {
      lists_.emplace_back(names_, species_, evaluator_->model().architecture.n_species(), options_);
    }
    return lists_[replica];
  }

  void StackSpecies(size_t frames) {
    if (stacked_species_.size() == frames * species_.size()) return;
    stacked_species_.clear();
    for (size_t k = 0; k < frames; ++k) {
      stacked_species_.insert(stacked_species_.end(), species_.begin(), species_.end());
    }
  }

  // The result of one frame: its part of what was evaluated together, and its electrostatics.
  absl::Status Distribute(size_t frame, bool alone, const ForceRequest& request) {
    ForceResult* result = request.result;
    const size_t n = species_.size(), first = frame * n;
    const auto forces = evaluation_.forces.begin() + first;
    part_.forces.assign(forces, forces + n);
    part_.atom_energies.assign(n, 0.0);
    part_.energy = 0.0;
    if (alone) {
      part_.energy = evaluation_.energy;
      part_.virial = evaluation_.virial;
    } else {
      for (size_t i = 0; i < n; ++i) part_.energy += evaluation_.atom_energies[first + i];
      part_.virial = {};
    }
    structure_.cell = *request.cell, structure_.positions = *request.positions;
    SUPERION_RETURN_IF_ERROR(AddElectrostatics(evaluator_->model(), species_, structure_, &part_));
    std::swap(result->forces, part_.forces);
    RemoveNetForce(&result->forces);
    result->energy = part_.energy;
    result->virial = alone ? part_.virial : Mat3{};
    result->max_grade = 0.0;
    result->grades.clear();
    if (evaluation_.grades.empty()) return absl::OkStatus();
    result->grades.assign(evaluation_.grades.begin() + first, evaluation_.grades.begin() + first + n);
    result->max_grade = *std::max_element(result->grades.begin(), result->grades.end());
    return absl::OkStatus();
  }

  // The pair forces of the single-precision kernel cancel to rounding only (1e-8 of their size); left in, the
  // rest would set the centre of mass in motion over millions of steps.
  static void RemoveNetForce(std::vector<Vec3>* forces) {
    Vec3 net{};
    for (const Vec3& f : *forces) net += f;
    const Vec3 share = (1.0 / static_cast<double>(forces->size())) * net;
    for (Vec3& f : *forces) f -= share;
  }

  std::unique_ptr<Evaluator> evaluator_;
  std::vector<std::string> names_;
  std::vector<int> species_;
  VerletOptions options_;
  std::vector<VerletList> lists_;
  std::vector<int> stacked_species_;
  PairList pairs_;
  Evaluation evaluation_, part_;
  Structure structure_;  // of the frame at hand
};

}  // namespace

absl::StatusOr<std::vector<double>> MinimumDistances(const std::vector<std::string>& symbols,
                                                     double distance) {
  std::vector<double> radii;
  for (const std::string& symbol : symbols) {
    SUPERION_ASSIGN_OR_RETURN(const double radius, CovalentRadius(symbol));
    radii.push_back(radius);
  }
  std::vector<double> least;
  for (const double a : radii) {
    for (const double b : radii)
      least.push_back(distance > 0.0 ? distance : kFractionOfCovalentRadii * (a + b));
  }
  return least;
}

absl::StatusOr<std::unique_ptr<ForceProvider>> MakeModelForce(const Model& model,
                                                              const std::vector<std::string>& species,
                                                              const ModelForceOptions& options) {
  Structure atoms;
  atoms.species = species;
  atoms.positions.resize(species.size());
  SUPERION_ASSIGN_OR_RETURN(std::vector<int> indices, SpeciesIndices(model.architecture, atoms));
  SUPERION_ASSIGN_OR_RETURN(std::unique_ptr<Evaluator> evaluator,
                            Evaluator::Create(model, options.evaluator));
  VerletOptions verlet;
  verlet.cutoff = model.architecture.cutoff_angstrom;
  verlet.skin = options.skin;
  SUPERION_ASSIGN_OR_RETURN(verlet.minimum_distance,
                            MinimumDistances(model.architecture.species, options.minimum_distance_angstrom));
  return std::make_unique<ModelForce>(std::move(evaluator), species, std::move(indices), std::move(verlet));
}

}  // namespace superion
