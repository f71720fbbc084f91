// Labelers: what gives energy, forces and stress of a structure. One interface for Quantum ESPRESSO, LAMMPS
// potentials and the built-in oracle. A calculation that does not converge is a *result* (a class and a
// message), not an error: an error Status means that the labeler itself cannot work (program or
// pseudopotential missing, disk full).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/json.h"
#include "core/site_profile.h"
#include "core/structure.h"

namespace superion {

// Classes of failures, as they appear in failures.jsonl.
namespace failure_class {
inline constexpr const char* kGeometry = "geometry";  // atoms too close, cell not periodic
inline constexpr const char* kScf = "scf_not_converged";
inline constexpr const char* kAccuracy = "scf_accuracy";  // "converged", but worse than conv_thr
inline constexpr const char* kDiagonalization = "diagonalization";
inline constexpr const char* kTimeLimit = "time_limit";
inline constexpr const char* kStopped = "stopped";    // by request or by a signal
inline constexpr const char* kHung = "hung";          // no sign of life for too long
inline constexpr const char* kInput = "input";        // the program refused its input
inline constexpr const char* kProgram = "program";    // any other error of the program
inline constexpr const char* kOutput = "output";      // missing, stale or unreadable output
inline constexpr const char* kMismatch = "mismatch";  // atoms or cell are not those asked for
inline constexpr const char* kNotFinite = "not_finite";
inline constexpr const char* kUnphysical = "unphysical";  // net force or pressure beyond reason
}  // namespace failure_class

struct LabelFailure {
  std::string failure_class;
  std::string message;
};

struct LabelOutcome {
  Frame frame;  // the structure; with energy, forces (and stress) when `failure` is empty
  std::optional<LabelFailure> failure;
  int attempts = 1;  // calculations started for this label
  double cpu_s = 0.0;
  std::string source;  // "process", "driver", "lammps", "oracle"
};

// How a structure relates to the one before it: nearby geometries let the driver extrapolate wave functions.
enum class Sequence { kIndependent, kNearby };

class Labeler {
 public:
  virtual ~Labeler() = default;
  // Never changes `structure`: positions in the outcome are those asked for, bit by bit.
  virtual absl::StatusOr<LabelOutcome> Label(const Structure& structure, Sequence sequence) = 0;
  // What the labels are made of: canonical settings and the content of pseudopotentials. How the answer is
  // computed (process or driver, escalation) is not part of it.
  virtual Json Identity() const = 0;
  // SHA-256 of the canonical Identity(); goes into every labelled frame.
  std::string LabelHash() const;
};

struct LabelerOptions {
  SiteProfile site;
  std::string work_directory = ".";  // scratch files of the calculations; the caller owns it
};

// From the labeler object of docs/task_contract.md, strict: an unknown key is InvalidArgument. Unimplemented
// when a program is missing, NotFound when a pseudopotential is and cannot be made.
absl::StatusOr<std::unique_ptr<Labeler>> MakeLabeler(const Json& labeler, const LabelerOptions& options);

// Why this structure is not worth a calculation: not fully periodic, singular cell, or two atoms closer than
// half the sum of their covalent radii (a strained geometry converges without complaint to an absurd energy).
std::optional<LabelFailure> CheckGeometry(const Structure& structure);

// Why these numbers are no label: not finite, forces incomplete, a net force above 0.05 eV/Å or a pressure
// above 1 TPa.
std::optional<LabelFailure> CheckNumbers(const Frame& frame);

}  // namespace superion
