#include "core/site_profile.h"

#include <cstdlib>
#include <filesystem>

#include "core/file.h"
#include "core/strict_section.h"

namespace superion {
namespace {

constexpr auto kOptional = StrictSection::kOptional;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string UserFolder(const char* xdg_variable, const std::string& below_home) {
  if (std::string folder = FromEnvironment(xdg_variable); !folder.empty()) return folder;
  const std::string home = FromEnvironment("HOME");
  return (home.empty() ? "." : home) + "/" + below_home;
}

// First the folder of the user, where generated pseudopotentials go, then Debian's.
std::vector<std::string> DefaultPseudoDirectories() {
  return {UserFolder("XDG_DATA_HOME", ".local/share") + "/superion/pseudo", "/usr/share/espresso/pseudo"};
}

absl::Status ReadProfile(const TomlDocument& document, SiteProfile* site) {
  StrictSection s(document, "");
  int schema = 1;
  s.Integer("schema", &schema, kOptional);
  if (schema != 1) s.Fail("schema", fmt::format("expected 1, found {}", schema));
  s.Text("pw_command", &site->pw_command, kOptional);
  s.Text("ld1_command", &site->ld1_command, kOptional);
  s.Number("pw_silence_min", &site->pw_silence_min, kOptional, AtLeast(0, 1e5));
  s.Texts("pseudo_directories", &site->pseudo_directories, kOptional);
  s.Text("gth_file", &site->gth_file, kOptional);
  s.Integer("cores", &site->cores, kOptional, AtLeast(0, 100000));
  s.Text("scratch_directory", &site->scratch_directory, kOptional);
  if (site->pw_command.empty()) s.Fail("pw_command", "expected a program, found an empty text");
  if (site->ld1_command.empty()) s.Fail("ld1_command", "expected a program, found an empty text");
  if (site->pseudo_directories.empty()) s.Fail("pseudo_directories", "expected at least one folder");
  return s.Finish();
}

}  // namespace

absl::StatusOr<SiteProfile> ParseSiteProfile(std::string_view toml, const std::string& origin) {
  SUPERION_ASSIGN_OR_RETURN(const TomlDocument document, ParseToml(toml, origin));
  SiteProfile site;
  site.pseudo_directories = DefaultPseudoDirectories();
  SUPERION_RETURN_IF_ERROR(ReadProfile(document, &site));
  return site;
}

absl::StatusOr<SiteProfile> LoadSiteProfile() {
  std::string path = FromEnvironment("SUPERION_SITE");
  const bool named = !path.empty();
  if (!named) path = UserFolder("XDG_CONFIG_HOME", ".config") + "/superion/site.toml";
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (absl::IsNotFound(text.status()) && !named) return ParseSiteProfile("", "defaults");
  if (!text.ok()) return text.status();
  return ParseSiteProfile(*text, path);
}

Json ToJson(const SiteProfile& site) {
  return {{"pw_command", site.pw_command},
          {"ld1_command", site.ld1_command},
          {"pw_silence_min", site.pw_silence_min},
          {"pseudo_directories", site.pseudo_directories},
          {"gth_file", site.gth_file},
          {"cores", site.cores},
          {"scratch_directory", site.scratch_directory}};
}

absl::StatusOr<SiteProfile> SiteProfileFromJson(const Json& json) {
  TomlDocument document;
  document.origin = "site";
  if (!json.is_object()) return InvalidArgument("site: expected a JSON object");
  document.root = json;
  SiteProfile site;
  site.pseudo_directories = DefaultPseudoDirectories();
  SUPERION_RETURN_IF_ERROR(ReadProfile(document, &site));
  return site;
}

}  // namespace superion
