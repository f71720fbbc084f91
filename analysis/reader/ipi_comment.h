// The comment line of an XYZ frame that i-PI wrote:
//   # CELL(abcABC):  a b c alpha beta gamma  Traj: positions{angstrom}  Step: 10  Bead: 0  cell{angstrom}
// (i-PI user guide, "output files"). Units that it does not name are atomic.
#pragma once

#include <optional>
#include <string_view>

#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

struct IpiComment {
  Mat3 cell{};            // Å
  double position = 1.0;  // Å in one unit of the positions
  std::optional<double> step;
};

// Nothing for a line of another program; InvalidArgument for a quantity that is no position, a unit that is
// not known and a cell without volume.
absl::StatusOr<std::optional<IpiComment>> ParseIpiComment(std::string_view line);

}  // namespace superion::analysis
