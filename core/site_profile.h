// What belongs to a machine and not to a campaign: programs, pseudopotential folders, cores. Read from
// $SUPERION_SITE, else ~/.config/superion/site.toml, else defaults found on the machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/status.h"

namespace superion {

struct SiteProfile {
  std::string pw_command = "pw.x";
  std::string ld1_command = "ld1.x";
  // Without answer, output and CPU time for this long pw.x is taken for hung; 0: never.
  double pw_silence_min = 30.0;
  std::vector<std::string>
      pseudo_directories;  // searched in order; generated files go to the first writable one
  std::string gth_file = "/usr/share/cp2k/GTH_POTENTIALS";
  int cores = 0;                  // 0: all that the process may use
  std::string scratch_directory;  // sandboxes; empty: inside the data folder
};

absl::StatusOr<SiteProfile> ParseSiteProfile(std::string_view toml, const std::string& origin);
absl::StatusOr<SiteProfile> LoadSiteProfile();
Json ToJson(const SiteProfile& site);
absl::StatusOr<SiteProfile> SiteProfileFromJson(const Json& json);

}  // namespace superion
