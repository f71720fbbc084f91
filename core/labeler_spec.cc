#include "core/labeler_spec.h"

#include <algorithm>
#include <sstream>

#include "core/file.h"
#include "core/strict_section.h"
#include "core/structure.h"
#include "fmt/ranges.h"

namespace superion {
namespace {

constexpr auto kRequired = StrictSection::kRequired;
constexpr auto kOptional = StrictSection::kOptional;

bool Contains(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

// Names of files only: where they lie is a matter of the site.
bool IsPlainFileName(const std::string& name) {
  return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isgraph(c) && c != '\'' && c != '"'; });
}

absl::StatusOr<Json> CheckQe(const TomlDocument& document, const std::string& path,
                             const std::vector<std::string>& species) {
  StrictSection s(document, path);
  std::string kind, mode = "auto", functional = "PBE";
  double ecutwfc_ry = 0, ecutrho_ry = 0, conv_thr_ry = 1e-7, smearing_ev = 0, total_charge = 0;
  std::array<int, 3> kpoints{1, 1, 1}, kshift{0, 0, 0};
  bool stress = false;
  std::map<std::string, std::string> pseudopotentials;
  for (const char* key :
       {"pw_command", "command", "pseudo_dir", "pseudo_directories", "outdir", "mpi_command"}) {
    s.Refuse(key, "belongs to the site profile (docs/campaign_reference.md), not to a campaign");
  }
  s.Text("kind", &kind, kRequired);
  s.Text("mode", &mode, kOptional, {"process", "driver", "auto"});
  s.Text("functional", &functional, kOptional);
  s.Number("ecutwfc_ry", &ecutwfc_ry, kRequired, AtLeast(5, 1000));
  s.Number("ecutrho_ry", &ecutrho_ry, kOptional, Positive(10000));
  s.Integers3("kpoints", &kpoints, kOptional, AtLeast(1, 100));
  s.Integers3("kshift", &kshift, kOptional, AtLeast(0, 1));
  s.Number("conv_thr_ry", &conv_thr_ry, kOptional, AtLeast(1e-16, 1e-3));
  s.Number("smearing_ev", &smearing_ev, kOptional, AtLeast(0, 10));
  s.Number("total_charge", &total_charge, kOptional, AtLeast(-100, 100));
  s.Flag("stress", &stress, kOptional);
  s.TextTable("pseudopotentials", &pseudopotentials, kRequired);
  const bool functional_ok =
      !functional.empty() && std::all_of(functional.begin(), functional.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '+' || c == '-' || c == '_';
      });
  if (!functional_ok)
    s.Fail("functional", fmt::format("expected a name such as PBE, found \"{}\"", functional));
  if (ecutrho_ry != 0 && ecutrho_ry < 4 * ecutwfc_ry) {
    s.Fail("ecutrho_ry",
           fmt::format("expected at least 4 * ecutwfc_ry = {}, found {}", 4 * ecutwfc_ry, ecutrho_ry));
  }
  if (stress && ecutwfc_ry < 40) {
    s.Fail(
        "stress",
        fmt::format("stress labels need ecutwfc_ry >= 40, found {}: below, the basis changes with the cell "
                    "and no conservative model fits energy and stress together",
                    ecutwfc_ry));
  }
  for (const auto& [symbol, file] : pseudopotentials) {
    if (!AtomicNumber(symbol).ok()) s.Fail("pseudopotentials." + symbol, "not a chemical symbol");
    if (!IsPlainFileName(file)) {
      s.Fail("pseudopotentials." + symbol, fmt::format("expected the name of a file without a folder "
                                                       "(folders belong to the site profile), found \"{}\"",
                                                       file));
    }
  }
  for (const std::string& symbol : species) {
    if (pseudopotentials.count(symbol) == 0) {
      s.Fail("pseudopotentials", fmt::format("no pseudopotential for {}, which is in the structure", symbol));
    }
  }
  SUPERION_RETURN_IF_ERROR(s.Finish());
  return Json{{"kind", "qe"},
              {"mode", mode},
              {"functional", functional},
              {"ecutwfc_ry", ecutwfc_ry},
              {"ecutrho_ry", ecutrho_ry == 0 ? Json() : Json(ecutrho_ry)},
              {"kpoints", kpoints},
              {"kshift", kshift},
              {"conv_thr_ry", conv_thr_ry},
              {"smearing_ev", smearing_ev},
              {"total_charge", total_charge},
              {"stress", stress},
              {"pseudopotentials", pseudopotentials}};
}

// LAMMPS input can run programs (shell, python, variables) and read any file: only what defines an
// interaction may travel in a campaign.
std::string RefusedLammpsCommand(const std::string& command) {
  static const std::vector<std::string> allowed = {"pair_style",    "pair_coeff",   "pair_modify",
                                                   "special_bonds", "kspace_style", "kspace_modify",
                                                   "dielectric",    "set"};
  if (command.find_first_of("$&\"'`\n\r") != std::string::npos)
    return "variables, quotes and line breaks are refused";
  std::istringstream words(command);
  std::string first, word;
  words >> first;
  if (!Contains(allowed, first)) return fmt::format("expected one of {}", fmt::join(allowed, ", "));
  while (words >> word) {
    if (word.find("..") != std::string::npos || word[0] == '/')
      return "paths outside the potential folder are refused";
    if (word == "python" || word == "python/omp" || word.rfind("v_", 0) == 0)
      return fmt::format("\"{}\" is refused", word);
  }
  return "";
}

absl::StatusOr<Json> CheckLammps(const TomlDocument& document, const std::string& path,
                                 const std::vector<std::string>& species) {
  StrictSection s(document, path);
  std::string kind;
  std::vector<std::string> commands, types;
  bool stress = true;
  s.Text("kind", &kind, kRequired);
  s.Texts("commands", &commands, kRequired);
  s.Texts("species", &types, kRequired);
  s.Flag("stress", &stress, kOptional);
  if (commands.empty()) s.Fail("commands", "expected at least a pair_style");
  for (const std::string& command : commands) {
    if (const std::string reason = RefusedLammpsCommand(command); !reason.empty()) {
      s.Fail("commands", fmt::format("\"{}\": {}", command, reason));
    }
  }
  for (const std::string& symbol : types) {
    if (!AtomicNumber(symbol).ok()) s.Fail("species", fmt::format("\"{}\" is not a chemical symbol", symbol));
  }
  for (const std::string& symbol : species) {
    if (!Contains(types, symbol))
      s.Fail("species", fmt::format("no type for {}, which is in the structure", symbol));
  }
  SUPERION_RETURN_IF_ERROR(s.Finish());
  return Json{{"kind", "lammps"}, {"commands", commands}, {"species", types}, {"stress", stress}};
}

// A list of two or three species that all have a valence.
void CheckSpeciesList(StrictSection* s, const std::string& key, size_t n, const Json& valences) {
  std::vector<std::string> names;
  s->Texts(key, &names, kRequired);
  if (names.size() != n) return s->Fail(key, fmt::format("expected {} species", n));
  for (const std::string& name : names) {
    if (!valences.contains(name)) s->Fail(key, fmt::format("\"{}\" is not in coulomb.species", name));
  }
}

absl::Status CheckTerms(const TomlDocument& document, const std::string& path, bool angular,
                        const Json& valences, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const std::string place = fmt::format("{}[{}]", path, i);
    StrictSection s(document, place);
    double value = 0;
    if (angular) {
      CheckSpeciesList(&s, "triple", 3, valences);
      s.Number("cutoff_angstrom", &value, kRequired, Positive(20));
      s.Number("alpha_ev", &value, kRequired, AtLeast(-1000, 1000));
      s.Number("beta_angstrom", &value, kRequired, Positive(100));
      s.Number("gamma", &value, kRequired, AtLeast(-10, 10));
    } else {
      CheckSpeciesList(&s, "pair", 2, valences);
      s.Number("d_ev", &value, kRequired, AtLeast(0, 1000));
      s.Number("alpha_per_angstrom", &value, kRequired, Positive(100));
      s.Number("rmin_angstrom", &value, kRequired, Positive(20));
    }
    SUPERION_RETURN_IF_ERROR(s.Finish());
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> CheckCoulomb(const TomlDocument& document, const std::string& path,
                                  const std::vector<std::string>& species) {
  StrictSection s(document, path);
  double fbvs = 1.0;
  s.Number("fbvs", &fbvs, kOptional, Positive(10));
  const Json* table = s.Raw("species", kRequired);
  const Json* interactions = s.Raw("interactions", kRequired);
  SUPERION_RETURN_IF_ERROR(s.Finish());
  if (!table->is_object()) return InvalidArgument("{}.species: expected a table of species", path);
  for (const std::string& symbol : species) {
    if (!table->contains(symbol))
      s.Fail("species", fmt::format("no entry for {}, which is in the structure", symbol));
  }
  for (const auto& [symbol, entry] : table->items()) {
    if (!AtomicNumber(symbol).ok()) s.Fail("species." + symbol, "not a chemical symbol");
    StrictSection ion(document, path + ".species." + symbol);
    double valence = 0, radius = 0;
    int shell = 0;
    ion.Number("valence", &valence, kRequired, AtLeast(-10, 10));
    ion.Number("radius_angstrom", &radius, kRequired, Positive(10));
    ion.Integer("principal_quantum_number", &shell, kRequired, AtLeast(1, 7));
    SUPERION_RETURN_IF_ERROR(ion.Finish());
  }
  for (const Json& pair : interactions->is_array() ? *interactions : Json::array({Json()})) {
    const bool fits = pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string() &&
                      table->contains(pair[0].get<std::string>()) &&
                      table->contains(pair[1].get<std::string>());
    if (!fits) s.Fail("interactions", "expected pairs of species that are in coulomb.species");
  }
  SUPERION_RETURN_IF_ERROR(s.Finish());
  return Json{{"species", *table}, {"fbvs", fbvs}, {"interactions", *interactions}};
}

absl::StatusOr<Json> CheckOracle(const TomlDocument& document, const std::string& path,
                                 const std::vector<std::string>& species) {
  StrictSection s(document, path);
  std::string kind, form;
  double cutoff = 0;
  bool stress = true;
  s.Text("kind", &kind, kRequired);
  s.Text("form", &form, kRequired, {"morse_coulomb"});
  s.Number("cutoff_angstrom", &cutoff, kRequired, Positive(20));
  s.Flag("stress", &stress, kOptional);
  s.Raw("coulomb", kRequired);
  const Json* morse = s.Raw("morse", kRequired);
  const Json* angular = s.Raw("angular", kOptional);
  SUPERION_RETURN_IF_ERROR(s.Finish());
  if (!morse->is_array())
    return InvalidArgument("{}.morse: expected a list of tables ([[labeler.morse]])", path);
  if (angular != nullptr && !angular->is_array())
    return InvalidArgument("{}.angular: expected a list of tables", path);
  SUPERION_ASSIGN_OR_RETURN(Json coulomb,
                            CheckCoulomb(document, path.empty() ? "coulomb" : path + ".coulomb", species));
  const std::string prefix = path.empty() ? "" : path + ".";
  SUPERION_RETURN_IF_ERROR(CheckTerms(document, prefix + "morse", false, coulomb["species"], morse->size()));
  Json result = {{"kind", "oracle"}, {"form", form},    {"cutoff_angstrom", cutoff},
                 {"stress", stress}, {"morse", *morse}, {"coulomb", std::move(coulomb)}};
  if (angular != nullptr) {
    SUPERION_RETURN_IF_ERROR(
        CheckTerms(document, prefix + "angular", true, result["coulomb"]["species"], angular->size()));
    result["angular"] = *angular;
  }
  return result;
}

}  // namespace

absl::StatusOr<Json> CheckLabeler(const TomlDocument& document, const std::string& path,
                                  const std::vector<std::string>& species) {
  StrictSection s(document, path);
  std::string kind;
  s.Text("kind", &kind, kRequired, {"qe", "lammps", "oracle"});
  if (kind == "qe") return CheckQe(document, path, species);
  if (kind == "lammps") return CheckLammps(document, path, species);
  if (kind == "oracle") return CheckOracle(document, path, species);
  // Everything else is unknown until the kind is: say only that.
  s.KnowAll();
  return s.Finish();
}

absl::StatusOr<Json> ReadLabeler(const std::string& file, const std::vector<std::string>& species) {
  if (!file.empty() && file.front() == '{') {
    TomlDocument inline_object;
    inline_object.origin = "labeler";
    SUPERION_ASSIGN_OR_RETURN(inline_object.root, ParseJson(file, "labeler"));
    return CheckLabeler(inline_object, "", species);
  }
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(file));
  if (file.size() > 5 && file.compare(file.size() - 5, 5, ".toml") == 0) {
    SUPERION_ASSIGN_OR_RETURN(const TomlDocument document, ParseToml(text, file));
    if (!document.root.contains("labeler")) return InvalidArgument("{}: no [labeler] table", file);
    return CheckLabeler(document, "labeler", species);
  }
  TomlDocument document;
  document.origin = file;
  SUPERION_ASSIGN_OR_RETURN(document.root, ParseJson(text, file));
  return CheckLabeler(document, "", species);
}

}  // namespace superion
