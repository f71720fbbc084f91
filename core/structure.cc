#include "core/structure.h"

#include <algorithm>
#include <set>

#include "core/neighbor_list.h"

namespace superion {
namespace {

bool Finite(const Vec3& v) { return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]); }

absl::Status CheckCell(const Structure& s) {
  for (int k = 0; k < 3; ++k) {
    if (!Finite(s.cell[k]))
      return InvalidArgument("cell vector {} holds a number that is not finite", "abc"[k]);
  }
  if (!s.pbc[0] && !s.pbc[1] && !s.pbc[2]) return absl::OkStatus();  // no cell is needed
  const double product = Norm(s.cell[0]) * Norm(s.cell[1]) * Norm(s.cell[2]);
  if (!(s.Volume() > 1e-6 * product)) {
    return InvalidArgument("the cell is singular: its volume is {} Å³ (expected three independent vectors)",
                           s.Volume());
  }
  return absl::OkStatus();
}

absl::Status CheckAtoms(const Structure& s) {
  if (s.size() == 0) return InvalidArgument("the structure holds no atoms");
  if (s.species.size() != s.size()) {
    return InvalidArgument("{} species for {} positions", s.species.size(), s.size());
  }
  for (size_t i = 0; i < s.size(); ++i) {
    if (!AtomicNumber(s.species[i]).ok()) {
      return InvalidArgument("atom {}: \"{}\" is not a chemical symbol", i + 1, s.species[i]);
    }
    if (!Finite(s.positions[i])) return InvalidArgument("atom {}: the position is not finite", i + 1);
  }
  return absl::OkStatus();
}

absl::Status CheckDistances(const Structure& s, double minimum_distance) {
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list, BuildNeighborList(s, minimum_distance));
  for (size_t i = 0; i < s.size(); ++i) {
    for (int k = list.first[i]; k < list.first[i + 1]; ++k) {
      const int j = list.neighbor[k];
      const double r = Norm(s.positions[j] - s.positions[i] + list.shift[k]);
      if (r >= minimum_distance) continue;
      const bool image = Norm(list.shift[k]) > 0;
      return InvalidArgument("atoms {} ({}) and {} ({}{}) are {:.4f} Å apart (expected at least {} Å)", i + 1,
                             s.species[i], j + 1, s.species[j], image ? ", periodic image" : "", r,
                             minimum_distance);
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> DistinctSpecies(const Structure& structure) {
  const std::set<std::string> names(structure.species.begin(), structure.species.end());
  std::vector<std::string> species(names.begin(), names.end());
  std::stable_sort(species.begin(), species.end(), [](const std::string& a, const std::string& b) {
    return AtomicNumber(a).value_or(1000) < AtomicNumber(b).value_or(1000);
  });
  return species;
}

absl::Status CheckStructure(const Structure& structure, double minimum_distance) {
  SUPERION_RETURN_IF_ERROR(CheckAtoms(structure));
  SUPERION_RETURN_IF_ERROR(CheckCell(structure));
  if (minimum_distance <= 0) return absl::OkStatus();
  return CheckDistances(structure, minimum_distance);
}

Structure Supercell(const Structure& structure, const std::array<int, 3>& repeats) {
  SUPERION_CHECK(repeats[0] > 0 && repeats[1] > 0 && repeats[2] > 0);
  Structure result;
  result.pbc = structure.pbc;
  for (int k = 0; k < 3; ++k) result.cell[k] = static_cast<double>(repeats[k]) * structure.cell[k];
  for (int a = 0; a < repeats[0]; ++a) {
    for (int b = 0; b < repeats[1]; ++b) {
      for (int c = 0; c < repeats[2]; ++c) {
        const Vec3 shift = Vec3{double(a), double(b), double(c)} * structure.cell;
        for (size_t i = 0; i < structure.size(); ++i) {
          result.species.push_back(structure.species[i]);
          result.positions.push_back(structure.positions[i] + shift);
        }
      }
    }
  }
  return result;
}

}  // namespace superion
