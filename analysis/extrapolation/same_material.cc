#include "analysis/extrapolation/same_material.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "fmt/ranges.h"

namespace superion::analysis {
namespace {

constexpr double kShareNoted = 1e-6, kShareRefused = 0.01;  // of the share of a species in all ions
constexpr double kChargeRefused = 1e-3;                     // e

std::map<std::string, double> Numbers(const Json& document, const char* key) {
  std::map<std::string, double> out;
  const auto found = document.find(key);
  if (found == document.end() || !found->is_object()) return out;
  for (const auto& [name, value] : found->items()) {
    if (value.is_number()) out[name] = value.get<double>();
  }
  return out;
}

// "Li16 Cl16"
std::string Formula(const Material& m) {
  std::string out;
  for (const auto& [name, n] : m.composition) out += fmt::format("{}{}{:g}", out.empty() ? "" : " ", name, n);
  return out;
}

std::string Named(const Material& m) { return fmt::format("{} ({:g} K)", m.origin, m.temperature_k); }

double Share(const Material& m, const std::string& species) {
  const auto found = m.composition.find(species);
  return found == m.composition.end() ? 0.0 : found->second / m.ions();
}

double LargestShareDifference(const Material& a, const Material& b) {
  double largest = 0.0;
  for (const Material* m : {&a, &b}) {
    for (const auto& [species, n] : m->composition)
      largest = std::max(largest, std::abs(Share(a, species) / Share(b, species) - 1.0));
  }
  return largest;  // infinite where one has none
}

absl::Status CheckIons(const Material& a, const Material& b, std::vector<std::string>* notes) {
  if (a.composition.empty() || b.composition.empty()) return absl::OkStatus();
  const double difference = LargestShareDifference(a, b);
  if (!(difference <= kShareRefused))
    return InvalidArgument("{} holds {}, {} holds {}: analyses of one material are wanted", Named(a),
                           Formula(a), Named(b), Formula(b));
  if (difference > kShareNoted)
    notes->push_back(fmt::format("the shares of the ions of {} ({}) and {} ({}) differ by up to {:.2g} %",
                                 Named(a), Formula(a), Named(b), Formula(b), 100.0 * difference));
  for (const auto& [species, q] : a.charges) {
    const auto other = b.charges.find(species);
    if (other != b.charges.end() && std::abs(other->second - q) > kChargeRefused)
      return InvalidArgument(
          "{} was analysed with {} = {:+g} e, {} with {:+g} e: one set of charges is wanted", Named(a),
          species, q, Named(b), other->second);
  }
  if (a.mobile != b.mobile && !a.mobile.empty() && !b.mobile.empty())
    return InvalidArgument(
        "{} was analysed with the mobile species {}, {} with {}: D* and the Nernst-Einstein σ would mean "
        "different things",
        Named(a), fmt::join(a.mobile, ","), Named(b), fmt::join(b.mobile, ","));
  return absl::OkStatus();
}

// Of two cells whose ions are known.
absl::Status CheckDensity(const Material& a, const Material& b, const DensityRule& rule, double* largest) {
  if (a.composition.empty() || b.composition.empty() || !(a.volume_angstrom3 > 0.0) ||
      !(b.volume_angstrom3 > 0.0))
    return absl::OkStatus();
  const double per_ion_a = a.volume_angstrom3 / a.ions(), per_ion_b = b.volume_angstrom3 / b.ions();
  const double ratio = std::max(per_ion_a / per_ion_b, per_ion_b / per_ion_a) - 1.0;
  if (ratio > rule.refused)
    return InvalidArgument(
        "{} has {:.4g} Å3 per ion, {} has {:.4g} Å3: {:.0f} % apart, expected at most {:g} % of one material",
        Named(a), per_ion_a, Named(b), per_ion_b, 100.0 * ratio, 100.0 * rule.refused);
  *largest = std::max(*largest, ratio);
  return absl::OkStatus();
}

absl::Status CheckDistinct(const std::vector<Material>& materials) {
  for (size_t k = 1; k < materials.size(); ++k) {
    for (size_t j = 0; j < k; ++j) {
      if (materials[j].content == materials[k].content)
        return InvalidArgument(
            "{} and {} are the same analysis: counted twice, the errors would be too small",
            materials[j].origin, Named(materials[k]));
    }
  }
  return absl::OkStatus();
}

// What was not compared, because nobody knows it.
void NoteUnknown(const std::vector<Material>& materials, std::vector<std::string>* notes) {
  std::vector<std::string> unknown;
  for (const Material& m : materials) {
    if (m.composition.empty()) unknown.push_back(m.origin);
  }
  if (unknown.empty()) return;
  notes->push_back(
      fmt::format("{} not say {} ions (a current or a dipole does not): that all are of one material and "
                  "density was not checked",
                  unknown.size() == materials.size()
                      ? "the analyses do"
                      : fmt::format("{} do{}", fmt::join(unknown, ", "), unknown.size() == 1 ? "es" : ""),
                  unknown.size() == 1 ? "its" : "their"));
}

}  // namespace

double Material::ions() const {
  double n = 0.0;
  for (const auto& [species, count] : composition) n += count;
  return n;
}

Material MaterialOf(const Json& document, const std::string& origin) {
  Material out;
  out.origin = origin;
  out.temperature_k = document.value("temperature_k", 0.0);
  if (const auto volume = document.find("volume_angstrom3"); volume != document.end() && volume->is_number())
    out.volume_angstrom3 = volume->get<double>();
  out.composition = Numbers(document, "composition");
  std::erase_if(out.composition, [](const auto& entry) { return !(entry.second > 0.0); });
  out.charges = Numbers(document, "charges");
  if (const auto mobile = document.find("mobile"); mobile != document.end() && mobile->is_array()) {
    for (const Json& name : *mobile) {
      if (name.is_string()) out.mobile.push_back(name.get<std::string>());
    }
    std::sort(out.mobile.begin(), out.mobile.end());
  }
  Json measured = document;
  measured.erase("cpu_s");  // of the computer, in documents printed by older programs
  out.content = std::hash<std::string>{}(DumpJson(measured));
  return out;
}

absl::Status CheckOneMaterial(const std::vector<Material>& materials, const DensityRule& density,
                              std::vector<std::string>* notes) {
  SUPERION_RETURN_IF_ERROR(CheckDistinct(materials));
  double largest = 0.0;
  const auto known = std::find_if(materials.begin(), materials.end(),
                                  [](const Material& m) { return !m.composition.empty(); });
  for (const Material& m : materials) {
    if (known == materials.end() || &m == &*known) continue;
    SUPERION_RETURN_IF_ERROR(CheckIons(*known, m, notes));
    for (const Material& other : materials)
      SUPERION_RETURN_IF_ERROR(CheckDensity(other, m, density, &largest));
  }
  if (largest > density.noted)
    notes->push_back(
        fmt::format("the volume per ion differs by up to {:.2g} % between the analyses", 100.0 * largest));
  NoteUnknown(materials, notes);
  return absl::OkStatus();
}

}  // namespace superion::analysis
