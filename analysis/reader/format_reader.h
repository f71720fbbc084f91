// Frames as the formats hold them; FrameSource (frame_source.h) makes continuous paths of them.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/reader/input_options.h"
#include "core/status.h"
#include "core/vec3.h"

namespace superion::analysis {

struct RawFrame {
  std::vector<std::string> species;  // [n_atoms]
  std::vector<Vec3> positions;       // [n_atoms] Å
  std::vector<Vec3> velocities;      // [n_atoms] Å/ps, or empty
  std::vector<double> masses_u;      // [n_atoms], or empty
  std::vector<double> charges_e;     // [n_atoms], or empty: of options.charge_column
  Mat3 cell{};                       // Å; no volume: not in the file
  std::array<bool, 3> pbc{true, true, true};
  std::optional<double> step;     // a counter of the file
  std::optional<double> time_ps;  // nothing: the file does not say it
};

// How the positions of a format continue across the faces of the cell.
enum class Continuity {
  kUnknown,     // perhaps wrapped
  kImages,      // unwrapped by adding images of the cell of the frame
  kIntegrated,  // unwrapped by whoever integrated the motion: taken as they are
};

class FormatReader {
 public:
  virtual ~FormatReader() = default;
  // False at the end. Errors name the file, the frame and, in text, the line.
  virtual absl::StatusOr<bool> Next(RawFrame* frame) = 0;
  // After an end or an error: the file ended within a frame. After a frame: its last number may be cut.
  virtual bool truncated() const = 0;
  virtual Continuity continuity() const = 0;  // known after the first frame
  // True when `step` counts MD steps, so that a time step makes it a time.
  virtual bool counts_md_steps() const { return false; }
  virtual double temperature_k() const { return 0.0; }           // 0: not in the file
  virtual Vec3 field_v_per_angstrom() const { return {}; }       // that acted on the ions, if it is said
  virtual std::vector<std::string> notes() const { return {}; }  // what was assumed
};

enum class FileFormat { kStream, kTrajectory, kLammpsDump, kExtxyz, kXdatcar, kH5md };
// By the content; InvalidArgument when it is none of them.
absl::StatusOr<FileFormat> SniffFormat(const std::string& path);

// InvalidArgument for a stream, which holds no frames.
absl::StatusOr<std::unique_ptr<FormatReader>> OpenFormat(const std::string& path,
                                                         const InputOptions& options);

// One per format.
absl::StatusOr<std::unique_ptr<FormatReader>> OpenOwnTrajectory(const std::string& path);
absl::StatusOr<std::unique_ptr<FormatReader>> OpenExtxyz(const std::string& path,
                                                         const InputOptions& options);
// Text dumps (dump atom, dump custom), orthogonal or triclinic box. Atoms are put in order of `id`; positions
// from xu yu zu, else xsu ysu zsu, else x y z or xs ys zs with image flags ix iy iz where they are there;
// species from `element`, else from options.types.
absl::StatusOr<std::unique_ptr<FormatReader>> OpenLammpsDump(const std::string& path,
                                                             const InputOptions& options);

// VASP: symbols in the header (VASP 5) or from options.types by their place; the header may be repeated.
absl::StatusOr<std::unique_ptr<FormatReader>> OpenXdatcar(const std::string& path,
                                                          const InputOptions& options);
absl::StatusOr<bool> LooksLikeXdatcar(const std::string& path);
absl::StatusOr<bool> LooksLikeOldXdatcar(const std::string& path);  // of VASP 4
// H5MD 1.1 (de Buyl, Colberg & Höfling, Comput. Phys. Commun. 185, 1546 (2014),
// doi:10.1016/j.cpc.2014.01.018): the one group below /particles with positions; species as text, an
// enumeration, or numbers named by options.types or a list /parameters/species_names.
absl::StatusOr<std::unique_ptr<FormatReader>> OpenH5md(const std::string& path, const InputOptions& options);

}  // namespace superion::analysis
