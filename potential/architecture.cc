#include <algorithm>

#include "absl/strings/str_join.h"
#include "potential/density.h"
#include "potential/model.h"

namespace superion {
namespace {

// Of new models: near neighbors count for most, far ones are what small sets are learned by heart with
// (docs/training_experiments.md).
constexpr int kCutoffPower = 6;

}  // namespace

absl::StatusOr<ModelArchitecture> ArchitectureOfSize(const std::string& size,
                                                     std::vector<std::string> species,
                                                     double cutoff_angstrom) {
  ModelArchitecture a;
  a.cutoff_power = kCutoffPower;
  if (size == "S") {
    a.channels = 16, a.l_max = 3, a.n_radial = 8, a.products = 1, a.hidden = 32;
    a.invariant_pairs = {{0, 0}, {0, 1}};
  } else if (size == "M") {
    a.channels = 16, a.l_max = 4, a.n_radial = 10, a.products = 1, a.hidden = 64;
    a.invariant_pairs = {{0, 0}, {0, 1}, {1, 1}};
  } else if (size == "L") {
    a.channels = 32, a.l_max = 5, a.n_radial = 10, a.products = 2, a.hidden = 64;
    a.invariant_pairs = {{0, 0}, {0, 1}, {1, 1}, {0, 2}};
  } else {
    return InvalidArgument("model size: expected S, M or L, found \"{}\"", size);
  }
  if (!(cutoff_angstrom > 0.0) || cutoff_angstrom > 50.0) {
    return InvalidArgument("cutoff_angstrom: expected a number above 0 and up to 50, found {}",
                           cutoff_angstrom);
  }
  if (species.empty())
    return InvalidArgument("model species: expected at least one chemical symbol, found none");
  std::vector<std::pair<int, std::string>> numbered;
  for (std::string& symbol : species) {
    SUPERION_ASSIGN_OR_RETURN(const int number, AtomicNumber(symbol));
    numbered.emplace_back(number, std::move(symbol));
  }
  std::sort(numbered.begin(), numbered.end());
  numbered.erase(std::unique(numbered.begin(), numbered.end()), numbered.end());
  for (auto& [number, symbol] : numbered) a.species.push_back(std::move(symbol));
  a.cutoff_angstrom = cutoff_angstrom;
  return a;
}

absl::StatusOr<std::vector<int>> SpeciesIndices(const ModelArchitecture& architecture,
                                                const Structure& structure) {
  std::vector<int> indices(structure.size());
  for (size_t i = 0; i < structure.size(); ++i) {
    const auto& known = architecture.species;
    const auto at = std::find(known.begin(), known.end(), structure.species[i]);
    if (at == known.end()) {
      return InvalidArgument("atom {} is {}, which this model does not know; its species are {}", i + 1,
                             structure.species[i], absl::StrJoin(known, ", "));
    }
    indices[i] = static_cast<int>(at - known.begin());
  }
  return indices;
}

absl::StatusOr<PairList> MakePairList(const ModelArchitecture& architecture, const Structure& structure) {
  SUPERION_ASSIGN_OR_RETURN(const std::vector<int> species, SpeciesIndices(architecture, structure));
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list,
                            BuildNeighborList(structure, architecture.cutoff_angstrom));
  PairList pairs;
  pairs.n_atoms = static_cast<int>(structure.size());
  const size_t n_pairs = list.neighbor.size();
  pairs.center.reserve(n_pairs);
  pairs.neighbor_species.reserve(n_pairs);
  pairs.displacement.reserve(n_pairs);
  pairs.neighbor = list.neighbor;
  for (int i = 0; i < pairs.n_atoms; ++i) {
    for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
      const int j = list.neighbor[p];
      pairs.center.push_back(i);
      pairs.neighbor_species.push_back(species[j]);
      pairs.displacement.push_back(structure.positions[j] + list.shift[p] - structure.positions[i]);
    }
  }
  return pairs;
}

}  // namespace superion
