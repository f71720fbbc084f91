#include "dft_adapter/pseudopotential.h"

#include <unistd.h>

#include <filesystem>
#include <regex>
#include <sstream>

#include "absl/strings/match.h"
#include "core/file.h"
#include "core/structure.h"
#include "dft_adapter/gth_pseudopotential.h"
#include "dft_adapter/ld1_pseudopotential.h"
#include "fmt/ranges.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

std::string WithoutBlocks(std::string text, const std::string& begin, const std::string& end) {
  for (size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    const size_t stop = text.find(end, at);
    text.erase(at, stop == std::string::npos ? std::string::npos : stop + end.size() - at);
  }
  return text;
}

std::string WithoutAttribute(std::string text, const std::string& mark) {
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at)) {
    const size_t close = text.find('"', at + mark.size());
    text.erase(at, close == std::string::npos ? std::string::npos : close + 1 - at);
  }
  return text;
}

std::string UpfNumbers(std::string text) {
  text = WithoutBlocks(WithoutBlocks(std::move(text), "<PP_INFO>", "</PP_INFO>"), "<!--", "-->");
  for (const char* key : {"generated", "author", "date", "comment"}) {
    text = WithoutAttribute(std::move(text), fmt::format(" {}=\"", key));
  }
  return text;
}

// Title and date (third number of the second line) are not part of the potential.
std::string GthNumbers(const std::string& text) {
  std::istringstream lines(text);
  std::string title, charges, rest;
  std::getline(lines, title);
  std::getline(lines, charges);
  std::istringstream words(charges);
  std::string zatom, zion;
  words >> zatom >> zion;
  rest.assign(std::istreambuf_iterator<char>(lines), {});
  return zatom + " " + zion + "\n" + rest;
}

// One form for every number, so that "1.50", "1.5E+00" and "1.5D0" hash alike.
std::string CanonicalWords(const std::string& text) {
  std::istringstream words(text);
  std::string result;
  for (std::string word; words >> word;) {
    std::string number = word;
    std::replace(number.begin(), number.end(), 'D', 'E');
    char* end = nullptr;
    const double value = std::strtod(number.c_str(), &end);
    result += end == number.c_str() + number.size() ? fmt::format("{}", value) : word;
    result += '\n';
  }
  return result;
}

std::string Attribute(std::string_view header, const std::string& key) {
  const std::string mark = fmt::format(" {}=\"", key);
  const size_t at = header.find(mark);
  if (at == std::string_view::npos) return "";
  const size_t begin = at + mark.size();
  std::istringstream words(std::string(header.substr(begin, header.find('"', begin) - begin)));
  std::string word;
  words >> word;
  return word;
}

// UPF 1 has a header of lines "value   Meaning".
std::string LineValue(std::string_view header, const std::string& meaning) {
  const size_t at = header.find(meaning);
  if (at == std::string_view::npos) return "";
  const size_t begin = header.rfind('\n', at) + 1;
  std::istringstream words(std::string(header.substr(begin, at - begin)));
  std::string word;
  words >> word;
  return word;
}

absl::StatusOr<double> Valence(const std::string& text, const std::string& origin) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || end == text.c_str() || !(value > 0)) {
    return DataLoss("{}: no valence charge in the header (found \"{}\")", origin, text);
  }
  return value;
}

absl::StatusOr<double> UpfValence(const std::string& species, std::string_view content,
                                  const std::string& origin) {
  const size_t begin = content.find("<PP_HEADER");
  if (begin == std::string_view::npos || content.find("</PP_LOCAL>") == std::string_view::npos) {
    return DataLoss("{}: expected a UPF file with PP_HEADER and PP_LOCAL", origin);
  }
  const bool new_format = content[begin + 10] != '>';
  const size_t stop = content.find(new_format ? ">" : "</PP_HEADER>", begin);
  std::string header(content.substr(begin, stop - begin));
  std::replace(header.begin(), header.end(), '\n', new_format ? ' ' : '\n');
  const std::string element = new_format ? Attribute(header, "element") : LineValue(header, "Element");
  if (element != species) {
    return InvalidArgument("{}: expected a pseudopotential of {}, found one of {}", origin, species, element);
  }
  return Valence(new_format ? Attribute(header, "z_valence") : LineValue(header, "Z valence"), origin);
}

absl::StatusOr<double> GthValence(const std::string& species, std::string_view content,
                                  const std::string& origin) {
  std::istringstream lines{std::string(content)};
  std::string title, zion;
  double zatom = 0;
  std::getline(lines, title);
  lines >> zatom >> zion;
  SUPERION_ASSIGN_OR_RETURN(const int number, AtomicNumber(species));
  if (static_cast<int>(zatom) != number) {
    return InvalidArgument("{}: expected a pseudopotential of {} (Z = {}), found Z = {}", origin, species,
                           number, zatom);
  }
  return Valence(zion, origin);
}

std::string FirstWritable(const SiteProfile& site, const std::string& work_directory) {
  for (const std::string& folder : site.pseudo_directories) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (::access(folder.c_str(), W_OK) == 0) return folder;
  }
  return work_directory;
}

// The text of a pseudopotential that can be made, or NotFound.
absl::StatusOr<std::string> Make(const std::string& species, const std::string& file, const SiteProfile& site,
                                 const std::string& work_directory) {
  if (const std::string recipe = Ld1Recipe(file); !recipe.empty()) {
    return MakeLd1Pseudopotential(species, file, recipe, site.ld1_command, work_directory);
  }
  if (absl::EndsWith(file, ".gth")) return MakeGthPseudopotential(species, file, site.gth_file);
  return NotFound("no recipe makes it (recipes: {}; GTH: \"{}.GTH-PBE-q<n>.gth\")",
                  fmt::join(Ld1RecipeNames(), ", "), species);
}

absl::StatusOr<std::string> Locate(const std::string& species, const std::string& file,
                                   const SiteProfile& site, const std::string& work_directory) {
  std::vector<std::string> folders = site.pseudo_directories;
  folders.push_back(work_directory);
  for (const std::string& folder : folders) {
    std::error_code error;
    const fs::path path = fs::path(folder) / file;
    if (fs::is_regular_file(path, error)) return fs::absolute(path).string();
  }
  const auto content = Make(species, file, site, work_directory);
  if (!content.ok()) {
    return absl::Status(
        content.status().code(),
        fmt::format("pseudopotential of {}: {} is in none of the folders of the site profile ({}), and {}",
                    species, file, fmt::join(site.pseudo_directories, ", "),
                    std::string(content.status().message())));
  }
  const fs::path path = fs::absolute(fs::path(FirstWritable(site, work_directory)) / file);
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(path.string(), *content));
  return path.string();
}

}  // namespace

std::string PseudopotentialHash(const std::string& file, std::string_view content) {
  std::string text(content);
  if (absl::EndsWith(file, ".gth")) {
    text = GthNumbers(text);
  } else if (text.find("<PP_HEADER") != std::string::npos) {
    text = UpfNumbers(std::move(text));
  }
  return Sha256(CanonicalWords(text));
}

absl::StatusOr<double> PseudopotentialValence(const std::string& species, std::string_view content,
                                              const std::string& origin) {
  if (absl::EndsWith(origin, ".gth")) return GthValence(species, content, origin);
  if (absl::EndsWithIgnoreCase(origin, ".UPF")) return UpfValence(species, content, origin);
  return 0.0;
}

absl::StatusOr<Pseudopotential> FindPseudopotential(const std::string& species, const std::string& file,
                                                    const SiteProfile& site,
                                                    const std::string& work_directory) {
  Pseudopotential found{species, file, "", 0.0, ""};
  SUPERION_ASSIGN_OR_RETURN(found.path, Locate(species, file, site, work_directory));
  SUPERION_ASSIGN_OR_RETURN(const std::string content, ReadFile(found.path));
  SUPERION_ASSIGN_OR_RETURN(found.valence, PseudopotentialValence(species, content, found.path));
  found.content_sha256 = PseudopotentialHash(file, content);
  return found;
}

Json ToJson(const std::map<std::string, Pseudopotential>& pseudopotentials) {
  Json json = Json::object();
  for (const auto& [species, p] : pseudopotentials) {
    json[species] = {{"file", p.file}, {"content_sha256", p.content_sha256}};
  }
  return json;
}

}  // namespace superion
