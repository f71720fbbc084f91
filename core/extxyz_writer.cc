#include <iterator>
#include <set>

#include "core/extxyz.h"
#include "core/extxyz_comment.h"
#include "core/file.h"
#include "core/units.h"

namespace superion {
namespace {

// The shortest text that reads back to the same bits, always recognisable as a real number.
std::string Real(double x) {
  std::string text = fmt::format("{}", x);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string Matrix(const Mat3& m) {
  std::string text;
  for (const Vec3& row : m) {
    for (const double x : row) text += (text.empty() ? "" : " ") + Real(x);
  }
  return text;
}

std::string CommentLine(const Frame& frame) {
  const Structure& s = frame.structure;
  std::string line;
  if (s.cell != Mat3{}) line += fmt::format("Lattice=\"{}\" ", Matrix(s.cell));
  line += "Properties=species:S:1:pos:R:3";
  if (!frame.forces.empty()) line += ":forces:R:3";
  if (!frame.velocities.empty()) line += ":momenta:R:3";
  for (const auto& [name, values] : frame.atom_scalars) line += fmt::format(":{}:R:1", name);
  if (frame.energy) line += " energy=" + Real(*frame.energy);
  if (frame.stress) line += fmt::format(" stress=\"{}\"", Matrix(*frame.stress));
  const auto flag = [](bool periodic) { return periodic ? 'T' : 'F'; };
  line += fmt::format(" pbc=\"{} {} {}\"", flag(s.pbc[0]), flag(s.pbc[1]), flag(s.pbc[2]));
  static const std::set<std::string> own{"Lattice", "Properties", "energy", "stress", "virial", "pbc"};
  for (const auto& [key, value] : frame.info) {
    if (own.count(key) == 0) line += " " + FormatCommentItem(key, value);
  }
  return line;
}

void CheckLengths(const Frame& frame) {
  const size_t n = frame.structure.size();
  SUPERION_CHECK(frame.structure.species.size() == n);
  SUPERION_CHECK(frame.forces.empty() || frame.forces.size() == n);
  SUPERION_CHECK(frame.velocities.empty() || frame.velocities.size() == n);
  for (const auto& [name, values] : frame.atom_scalars) {
    SUPERION_CHECK(values.size() == n);
    SUPERION_CHECK(!name.empty() && name.find_first_of(" \t\n:=\"") == std::string::npos);
  }
}

// Mass times velocity unit: velocities in Å/ps times this are momenta in ASE's units, u^1/2 eV^1/2.
long double MomentumFactor(const Frame& frame, size_t i) {
  const auto masses = frame.atom_scalars.find("masses");
  const double mass = masses != frame.atom_scalars.end()
                          ? masses->second[i]
                          : AtomicMass(frame.structure.species[i]).value_or(1.0);
  return mass * std::sqrt(static_cast<long double>(units::kMassVelocity2));
}

void AppendVector(const Vec3& v, std::string* text) {
  fmt::format_to(std::back_inserter(*text), " {} {} {}", v[0], v[1], v[2]);
}

}  // namespace

std::string FormatExtxyz(const Frame& frame) {
  CheckLengths(frame);
  std::string text = fmt::format("{}\n{}\n", frame.structure.size(), CommentLine(frame));
  for (size_t i = 0; i < frame.structure.size(); ++i) {
    text += frame.structure.species[i];
    AppendVector(frame.structure.positions[i], &text);
    if (!frame.forces.empty()) AppendVector(frame.forces[i], &text);
    if (!frame.velocities.empty()) {
      // 21 digits of a long double: dividing by the same factor gives the bits of the velocity again.
      const long double factor = MomentumFactor(frame, i);
      for (const double v : frame.velocities[i]) {
        fmt::format_to(std::back_inserter(text), " {:.21g}", v * factor);
      }
    }
    for (const auto& [name, values] : frame.atom_scalars) {
      fmt::format_to(std::back_inserter(text), " {}", values[i]);
    }
    text += '\n';
  }
  return text;
}

absl::Status WriteExtxyz(const std::string& path, const std::vector<Frame>& frames) {
  std::string text;
  for (const Frame& frame : frames) text += FormatExtxyz(frame);
  return WriteFileAtomically(path, text);
}

}  // namespace superion
