// Is this machine ready? Each check is one line with a verdict.
#pragma once

#include <string>
#include <vector>

#include "core/site_profile.h"

namespace superion {

struct CheckResult {
  enum Verdict { kOk, kWarn, kFail };
  std::string name;
  Verdict verdict = kOk;
  std::string message;
};

struct DoctorOptions {
  SiteProfile site;
  std::string program_directory;
  std::string data_directory;  // where campaigns would be kept
};

std::vector<CheckResult> RunChecks(const DoctorOptions& options);

// Pieces, for tests.
CheckResult CheckProgram(const std::string& name, const std::string& command,
                         CheckResult::Verdict when_missing);
CheckResult CheckBlas(const std::string& ldd_output);               // of pw.x
CheckResult CheckFileSystem(const std::string& folder, long type);  // statfs.f_type
CheckResult CheckSpace(const std::string& folder, double free_gib);
CheckResult CheckPseudopotentials(const SiteProfile& site);
std::string_view Name(CheckResult::Verdict verdict);

}  // namespace superion
