// Verlet list with a skin, for one system followed through time.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "core/structure.h"
#include "potential/density.h"

namespace superion {

struct VerletOptions {
  double cutoff = 6.0;  // Å
  double skin = 1.0;    // Å
  // Least distance allowed to two species, Å, [n_species * n_species] by species index; empty: not watched.
  std::vector<double> minimum_distance;
};

// All pairs within cutoff + skin are kept together with the integer image of the neighbor. The list stays
// complete as long as   2 max|δ_i| + (cutoff + skin) ‖F - 1‖ <= skin,   where F is the deformation of the
// cell since the last build and δ_i the displacement of atom i beyond that deformation; Update() rebuilds
// when this fails. Pairs are handed out by center, species of the neighbor, then in the order of
// core/neighbor_list.h, and only within the cutoff: what is handed out depends on positions and cell, not on
// when the list was built. The evaluator is fastest with runs of one species.
class VerletList {
 public:
  // `species_names` [n_atoms] symbols; `species` [n_atoms] indices of the model, n_species of them.
  VerletList(std::vector<std::string> species_names, std::vector<int> species, int n_species,
             VerletOptions options);

  absl::Status Update(const Mat3& cell, const std::vector<Vec3>& positions);
  // Puts the pairs within the cutoff behind the first `first_pair` of `pairs` (at most as many as there are),
  // in the place of any others, atoms counted from `first_atom`, and sets the number of atoms. Returns the
  // smallest distance as a fraction of the allowed one (infinity when not watched).
  double WritePairs(const std::vector<Vec3>& positions, int first_atom, size_t first_pair,
                    PairList* pairs) const;
  void Forget() { valid_ = false; }

  int64_t builds() const { return builds_; }
  size_t size() const { return pairs_.size(); }

 private:
  using Image = std::array<int16_t, 3>;
  // Small, as the list is read at every step: an image is shared by many pairs, unless atoms have drifted
  // apart by many cells.
  struct Pair {
    int neighbor;
    int image;  // index into images_
  };
  bool Complete(const Mat3& cell, const std::vector<Vec3>& positions) const;
  absl::Status Build(const Mat3& cell, const std::vector<Vec3>& positions);
  absl::Status FindFractions();
  absl::Status SearchByCells();
  absl::Status SearchDirectly();
  void SearchImages(int i, int j, const Vec3& reach);
  void Add(int j, const Image& image);
  void Reshift(const Mat3& cell);

  Structure built_;  // cell and positions of the last build
  std::vector<int> species_;
  std::vector<int> by_species_;  // atoms in the order of their species
  int n_species_;
  VerletOptions options_;
  std::vector<double> inverse_limit2_;  // [n_species, n_species] 1 / (allowed distance)²
  std::vector<int> first_;              // [n_atoms + 1]
  std::vector<Pair> pairs_;
  std::vector<Image> images_;  // of the neighbors, each once
  std::vector<Vec3> shifts_;   // of the images in the present cell, Å
  absl::flat_hash_map<Image, int> image_index_;
  std::vector<Vec3> fractions_;  // positions of the last build in units of the cell
  Mat3 cell_{};                  // cell of the present shifts
  Mat3 built_inverse_{};
  bool valid_ = false;
  int64_t builds_ = 0;
};

}  // namespace superion
