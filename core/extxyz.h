// Extended XYZ in ASE's conventions: `Lattice`, `Properties`, `pbc` as "T T T" or [T, T, T], `energy` (or
// `free_energy`), `forces` or `force`, `stress` in eV/Å³ positive in tension (9 or 6 Voigt numbers), `virial`
// = -V·stress; where there is no such energy, the same names with the prefix REF_ or DFT_ (small letters and
// capitals are the same in all names); `momenta`/`velocities` (ASE units converted to Å/ps). Atoms are named
// by a text column species, element, symbol or type, or by atomic numbers `Z`. Further real, integer and
// logical columns of width 1 become atom_scalars; text columns and wider ones are not kept. Without
// `Properties` the columns are a species and a position. What is written is read back by ASE and OVITO.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/line_source.h"
#include "core/structure.h"

namespace superion {

// All frames of the text. InvalidArgument names `origin`, the frame and the line (both from 1), what was
// found and what was expected.
absl::StatusOr<std::vector<Frame>> ParseExtxyz(std::string_view text, const std::string& origin);
absl::StatusOr<std::vector<Frame>> ReadExtxyz(const std::string& path);

// Streams the frames of a file (it may be compressed, see OpenLines) in order with the memory of one frame;
// stops at the first error, of the file or of `visit`.
absl::Status ForEachExtxyzFrame(const std::string& path, const std::function<absl::Status(Frame)>& visit);

// One frame after the other, from lines of any origin.
class ExtxyzReader {
 public:
  ExtxyzReader(std::unique_ptr<LineSource> lines, std::string origin);
  ExtxyzReader(ExtxyzReader&&) noexcept;
  ~ExtxyzReader();
  // No frame at the end; errors as those of ParseExtxyz.
  absl::StatusOr<std::optional<Frame>> Next();
  // True when the file ended within the last frame that Next read or refused, or on a line without a line
  // break, so that its last number may have been cut.
  bool truncated() const;
  const std::string& comment() const;  // line of the frame that Next read last, as it stands

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Reading back gives the same bits. Velocities are written as `momenta` in ASE's units.
std::string FormatExtxyz(const Frame& frame);
absl::Status WriteExtxyz(const std::string& path,
                         const std::vector<Frame>& frames);  // atomically, see core/file.h

}  // namespace superion
