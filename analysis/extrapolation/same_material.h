// Whether analyses that are fitted together are of one material.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/json.h"
#include "core/status.h"

namespace superion::analysis {

// What a document of the kind `analyze` says of the material it measured.
struct Material {
  std::string origin;  // the file, for messages
  double temperature_k = 0.0;
  double volume_angstrom3 = 0.0;              // 0: not said
  std::map<std::string, double> composition;  // ions of the cell; empty: a current, whose ions are not known
  std::map<std::string, double> charges;      // e; empty likewise
  std::vector<std::string> mobile;            // sorted; empty likewise
  size_t content = 0;                         // hash of the whole document

  double ions() const;
};

Material MaterialOf(const Json& document, const std::string& origin);

// By how much the volume per ion may differ before two cells are not of one material, as a ratio minus one.
struct DensityRule {
  double noted = 0.0, refused = 0.0;
};
constexpr DensityRule kAcrossTemperatures{0.005, 0.2};  // thermal expansion, also over a transition
constexpr DensityRule kAcrossSizes{0.002, 0.02};        // one temperature: one density

// InvalidArgument names both files and what differs: the same analysis twice, other ions (shares that differ
// by more than 1 %), other charges, other mobile species, another density. What may differ for a good reason,
// or cannot be compared because a current does not name its ions, is said in `notes`.
absl::Status CheckOneMaterial(const std::vector<Material>& materials, const DensityRule& density,
                              std::vector<std::string>* notes);

}  // namespace superion::analysis
