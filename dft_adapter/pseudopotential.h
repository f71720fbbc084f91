// Pseudopotentials: found in the folders of the site, or made on demand (ld1.x recipes of this room, GTH
// parameters of CP2K), and identified by a hash of their numbers.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/site_profile.h"

namespace superion {

struct Pseudopotential {
  std::string species;
  std::string file;      // name without folder
  std::string path;      // absolute
  double valence = 0.0;  // electrons; 0 for formats that are not read here (RRKJ3, van)
  std::string content_sha256;
};

// SHA-256 of the numerical content: PP_INFO, comments, date, author, title and the layout of white space and
// of numbers do not count (ld1.x writes the date into every file).
std::string PseudopotentialHash(const std::string& file, std::string_view content);

// Valence charge of a UPF or .gth text. DataLoss when it is not one, InvalidArgument when it is for another
// element than `species`; the message names `origin`.
absl::StatusOr<double> PseudopotentialValence(const std::string& species, std::string_view content,
                                              const std::string& origin);

// The exact file `file` in one of the site's folders; else made from a recipe or from GTH parameters
// ("Sb.GTH-PBE-q5.gth") into the first writable of them, else into `work_directory`. NotFound names species,
// file and folders searched.
absl::StatusOr<Pseudopotential> FindPseudopotential(const std::string& species, const std::string& file,
                                                    const SiteProfile& site,
                                                    const std::string& work_directory);

// {species: {file, content_sha256}}.
Json ToJson(const std::map<std::string, Pseudopotential>& pseudopotentials);

}  // namespace superion
