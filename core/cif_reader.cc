#include <cmath>
#include <exception>
#include <gemmi/cif.hpp>
#include <gemmi/numb.hpp>
#include <gemmi/symmetry.hpp>
#include <numbers>

#include "core/structure_reader.h"
#include "core/text_fields.h"

namespace superion {
namespace {

namespace cif = gemmi::cif;

// Images of a site closer than this are one atom on a special position; coordinates are often rounded to 4
// digits.
constexpr double kSamePlace = 0.05;  // Å
constexpr double kOccupancyTolerance = 1e-3;

struct Site {
  std::string label, species;
  Vec3 fraction;
};

absl::StatusOr<double> CellNumber(const cif::Block& block, const std::string& tag,
                                  const std::string& origin) {
  const std::string* text = block.find_value(tag);
  const double value =
      text != nullptr ? cif::as_number(*text) : std::nan("");  // drops the uncertainty in brackets
  if (!std::isfinite(value) || value <= 0) {
    return InvalidArgument("{}: {}: expected a positive number, found {}", origin, tag,
                           text != nullptr ? *text : "nothing");
  }
  return value;
}

double CosDegrees(double angle) {
  if (angle == 90) return 0;  // right angles stay exact
  return std::cos(angle * std::numbers::pi / 180);
}

// a along x, b in the xy plane.
absl::StatusOr<Mat3> ReadCell(const cif::Block& block, const std::string& origin) {
  double length[3], cosine[3];
  static constexpr const char* kAngles[] = {"alpha", "beta", "gamma"};
  for (int k = 0; k < 3; ++k) {
    SUPERION_ASSIGN_OR_RETURN(length[k], CellNumber(block, std::string("_cell_length_") + "abc"[k], origin));
    SUPERION_ASSIGN_OR_RETURN(const double angle,
                              CellNumber(block, std::string("_cell_angle_") + kAngles[k], origin));
    cosine[k] = CosDegrees(angle);
  }
  const double sine = std::sqrt(1 - cosine[2] * cosine[2]);
  const double cy = (cosine[0] - cosine[1] * cosine[2]) / sine;
  const double cz2 = 1 - cosine[1] * cosine[1] - cy * cy;
  if (!(sine > 1e-6) || !(cz2 > 1e-9)) return InvalidArgument("{}: the cell angles span no volume", origin);
  return Mat3{{{length[0], 0, 0},
               {length[1] * cosine[2], length[1] * sine, 0},
               {length[2] * cosine[1], length[2] * cy, length[2] * std::sqrt(cz2)}}};
}

absl::Status CheckOccupancy(const std::string& label, const std::string& text, const std::string& origin) {
  const double occupancy = cif::as_number(text, 1.0);
  if (std::abs(occupancy - 1) <= kOccupancyTolerance) return absl::OkStatus();
  return InvalidArgument(
      "{}: site {} has the occupancy {} (expected 1: choose an ordered arrangement of the disordered sites)",
      origin, label, text);
}

absl::StatusOr<std::vector<Site>> ReadSites(cif::Block& block, const std::string& origin) {
  cif::Table table =
      block.find("_atom_site_", {"label", "?type_symbol", "fract_x", "fract_y", "fract_z", "?occupancy"});
  if (!table.ok() || table.length() == 0) {
    return InvalidArgument("{}: no loop of _atom_site_label and _atom_site_fract_x, _y, _z", origin);
  }
  std::vector<Site> sites;
  for (auto row : table) {
    Site site;
    site.label = cif::as_string(row[0]);
    for (int k = 0; k < 3; ++k) site.fraction[k] = cif::as_number(row[2 + k]);
    if (!std::isfinite(site.fraction[0] + site.fraction[1] + site.fraction[2])) {
      return InvalidArgument("{}: site {} has no coordinates", origin, site.label);
    }
    const std::string symbol = row.has(1) ? cif::as_string(row[1]) : "";
    const auto species = ElementOfLabel(symbol.empty() ? site.label : symbol);
    if (!species.ok()) return InvalidArgument("{}: {}", origin, species.status().message());
    site.species = *species;
    if (row.has(5)) SUPERION_RETURN_IF_ERROR(CheckOccupancy(site.label, row[5], origin));
    sites.push_back(std::move(site));
  }
  return sites;
}

const gemmi::SpaceGroup* FindSpaceGroup(const cif::Block& block, std::string* named) {
  for (const char* tag :
       {"_space_group_name_Hall", "_symmetry_space_group_name_Hall", "_space_group_name_H-M_alt",
        "_symmetry_space_group_name_H-M", "_space_group_name_H-M_full"}) {
    const std::string* value = block.find_value(tag);
    if (value == nullptr || cif::is_null(*value)) continue;
    *named = cif::as_string(*value);
    const bool hall = std::string_view(tag).ends_with("Hall");
    const gemmi::SpaceGroup* group =
        hall ? gemmi::find_spacegroup_by_ops(gemmi::symops_from_hall(named->c_str()))
             : gemmi::find_spacegroup_by_name(*named);
    if (group != nullptr) return group;
  }
  for (const char* tag : {"_space_group_IT_number", "_symmetry_Int_Tables_number"}) {
    const std::string* value = block.find_value(tag);
    if (value == nullptr || cif::is_null(*value)) continue;
    *named = *value;
    if (const auto* group = gemmi::find_spacegroup_by_number(static_cast<int>(cif::as_number(*value, 0))))
      return group;
  }
  return nullptr;
}

// The operations written out, else those of the named space group, else the identity.
absl::StatusOr<std::vector<gemmi::Op>> ReadOperations(cif::Block& block, const std::string& origin) {
  std::vector<gemmi::Op> operations;
  for (const char* tag : {"_space_group_symop_operation_xyz", "_space_group_symop.operation_xyz",
                          "_symmetry_equiv_pos_as_xyz"}) {
    for (const std::string& text : block.find_values(tag))
      operations.push_back(gemmi::parse_triplet(cif::as_string(text)));
    if (!operations.empty()) return operations;
  }
  std::string named;
  const gemmi::SpaceGroup* group = FindSpaceGroup(block, &named);
  if (group == nullptr && !named.empty()) {
    return InvalidArgument(
        "{}: the space group \"{}\" is not known and no symmetry operations are written out", origin, named);
  }
  if (group == nullptr) return std::vector<gemmi::Op>{gemmi::Op::identity()};
  for (const gemmi::Op& op : group->operations()) operations.push_back(op);
  return operations;
}

// Distance of two fractional positions through the nearest boundary of a cell that is not too skewed for it:
// places that coincide do so in every reduction.
double Distance(const Vec3& a, const Vec3& b, const Mat3& cell) {
  Vec3 d = a - b;
  for (double& x : d) x -= std::round(x);
  return Norm(d * cell);
}

Structure Expand(const std::vector<Site>& sites, const std::vector<gemmi::Op>& operations, const Mat3& cell) {
  Structure s;
  s.cell = cell;
  for (const Site& site : sites) {
    std::vector<Vec3> images;
    for (const gemmi::Op& op : operations) {
      Vec3 image = op.apply_to_xyz(site.fraction);
      bool seen = false;
      for (const Vec3& other : images) seen = seen || Distance(image, other, cell) < kSamePlace;
      if (seen) continue;
      images.push_back(image);
      for (double& x : image) x -= std::floor(x);
      s.species.push_back(site.species);
      s.positions.push_back(image * cell);
    }
  }
  return s;
}

absl::StatusOr<Structure> ReadBlock(cif::Block& block, const std::string& origin) {
  SUPERION_ASSIGN_OR_RETURN(const Mat3 cell, ReadCell(block, origin));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Site> sites, ReadSites(block, origin));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<gemmi::Op> operations, ReadOperations(block, origin));
  if (operations.size() > 192) {
    return InvalidArgument("{}: {} symmetry operations (at most 192 exist)", origin, operations.size());
  }
  return Expand(sites, operations, cell);
}

}  // namespace

absl::StatusOr<Structure> ParseCif(std::string_view text, const std::string& origin) {
  try {
    cif::Document document = cif::read_memory(text.data(), text.size(), origin.c_str());
    // Publications carry a block of text before the structures.
    for (cif::Block& block : document.blocks) {
      if (block.find_value("_cell_length_a") != nullptr && block.has_tag("_atom_site_label")) {
        return ReadBlock(block, origin);
      }
    }
    return InvalidArgument("{}: no data block with _cell_length_a and _atom_site_label", origin);
  } catch (const std::exception& e) {
    return InvalidArgument("{}: not a valid CIF: {}", origin, e.what());
  }
}

}  // namespace superion
