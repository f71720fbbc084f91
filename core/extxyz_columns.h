// Names in extended XYZ: the columns of `Properties`, and the families of labels that files may hold.
#pragma once

#include <string>
#include <vector>

#include "core/status.h"

namespace superion {

// Programs keep ab initio labels apart from those of a model by a prefix: energy, REF_energy, DFT_energy. A
// frame's labels are taken from one family: the first in this order (no prefix, REF_, DFT_) with an energy.
inline constexpr int kLabelFamilies = 3;

struct LabelName {
  int family = 0;
  std::string quantity;  // without the prefix, in small letters; virials -> virial
};
LabelName LabelNameOf(const std::string& key);

enum class Role {
  kSpecies,
  kAtomicNumber,
  kPosition,
  kForce,
  kMomentum,
  kVelocity,
  kScalar,
  kLogical,
  kIgnored
};

struct Column {
  std::string name;
  Role role;
  int count;
};

// "species:S:1:pos:R:3" -> columns. Some may have the same role. InvalidArgument says what is missing or
// impossible.
absl::StatusOr<std::vector<Column>> ParseProperties(const std::string& text);

// The same columns with at most one for every role that can be filled once; the others are ignored. Forces
// are those of the family, else those of the first that has any ("forces" before "force").
std::vector<Column> ChosenColumns(std::vector<Column> columns, int family);

bool HasRole(const std::vector<Column>& columns, Role role);

}  // namespace superion
