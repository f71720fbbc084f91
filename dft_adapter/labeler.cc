#include "dft_adapter/labeler.h"

#include "core/file.h"
#include "core/labeler_spec.h"
#include "core/neighbor_list.h"
#include "core/units.h"
#include "dft_adapter/lammps_labeler.h"
#include "dft_adapter/morse_coulomb.h"
#include "dft_adapter/qe_labeler.h"

namespace superion {
namespace {

constexpr double kClosest = 0.5;                 // of the sum of covalent radii
constexpr double kNetForce = 0.05;               // eV/Å
constexpr double kPressure = 1e7 * units::kBar;  // 1 TPa in eV/Å³

LabelFailure Geometry(std::string message) { return {failure_class::kGeometry, std::move(message)}; }

absl::StatusOr<std::vector<double>> Radii(const Structure& structure) {
  std::vector<double> radii;
  for (const std::string& symbol : structure.species) {
    SUPERION_ASSIGN_OR_RETURN(const double radius, CovalentRadius(symbol));
    radii.push_back(radius);
  }
  return radii;
}

bool Finite(const Vec3& v) { return std::isfinite(v[0]) && std::isfinite(v[1]) && std::isfinite(v[2]); }

std::optional<LabelFailure> NotFinite(const std::string& what) {
  return LabelFailure{failure_class::kNotFinite, fmt::format("the {} is not finite or not complete", what)};
}

}  // namespace

std::string Labeler::LabelHash() const { return Sha256(Identity().dump()); }

absl::StatusOr<std::unique_ptr<Labeler>> MakeLabeler(const Json& labeler, const LabelerOptions& options) {
  TomlDocument document;
  document.origin = "labeler";
  document.root = labeler;
  if (!labeler.is_object())
    return InvalidArgument("params.labeler: expected an object, found {}", labeler.dump());
  SUPERION_ASSIGN_OR_RETURN(const Json checked, CheckLabeler(document, "", {}));
  const std::string kind = checked["kind"];
  if (kind == "qe") return MakeQeLabeler(checked, options);
  if (kind == "lammps") return MakeLammpsLabeler(checked, options);
  return MakeMorseCoulombLabeler(checked);
}

std::optional<LabelFailure> CheckGeometry(const Structure& structure) {
  if (structure.size() == 0) return Geometry("the structure has no atoms");
  if (structure.pbc != std::array<bool, 3>{true, true, true}) {
    return Geometry("expected pbc=\"T T T\": labels are computed for fully periodic cells");
  }
  if (const absl::Status status = CheckStructure(structure, 0.0); !status.ok()) {
    return Geometry(std::string(status.message()));
  }
  const auto radii = Radii(structure);
  if (!radii.ok()) return Geometry(std::string(radii.status().message()));
  const double largest = *std::max_element(radii->begin(), radii->end());
  const auto list = BuildNeighborList(structure, kClosest * 2.0 * largest);
  if (!list.ok()) return Geometry(std::string(list.status().message()));
  for (size_t i = 0; i < structure.size(); ++i) {
    for (int p = list->first[i]; p < list->first[i + 1]; ++p) {
      const size_t j = list->neighbor[p];
      const double r = Norm(structure.positions[j] + list->shift[p] - structure.positions[i]);
      const double least = kClosest * ((*radii)[i] + (*radii)[j]);
      if (r < least) {
        return Geometry(
            fmt::format("atoms {} ({}) and {} ({}) are {:.3f} Å apart, expected at least {:.3f} Å", i + 1,
                        structure.species[i], j + 1, structure.species[j], r, least));
      }
    }
  }
  return std::nullopt;
}

std::optional<LabelFailure> CheckNumbers(const Frame& frame) {
  if (!frame.energy || !std::isfinite(*frame.energy)) return NotFinite("energy");
  if (frame.forces.size() != frame.structure.size()) return NotFinite("list of forces");
  Vec3 net{};
  for (const Vec3& force : frame.forces) {
    if (!Finite(force)) return NotFinite("list of forces");
    net += force;
  }
  if (Norm(net) > kNetForce) {
    return LabelFailure{
        failure_class::kUnphysical,
        fmt::format("the net force is {:.4f} eV/Å, expected at most {}", Norm(net), kNetForce)};
  }
  if (!frame.stress) return std::nullopt;
  for (const Vec3& row : *frame.stress) {
    if (!Finite(row)) return NotFinite("stress");
  }
  const Mat3& s = *frame.stress;
  const double pressure = -(s[0][0] + s[1][1] + s[2][2]) / 3.0;
  if (std::abs(pressure) > kPressure) {
    return LabelFailure{
        failure_class::kUnphysical,
        fmt::format("the pressure is {:.3g} bar, expected at most 1e7", pressure / units::kBar)};
  }
  return std::nullopt;
}

}  // namespace superion
