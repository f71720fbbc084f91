// superion doctor: is this machine ready?
#include <algorithm>

#include "cli/doctor_checks.h"
#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "core/subprocess.h"

namespace superion {
namespace {

void Print(const std::vector<CheckResult>& results, bool json) {
  Json list = Json::array();
  for (const CheckResult& result : results) {
    if (json) {
      list.push_back(
          {{"check", result.name}, {"verdict", Name(result.verdict)}, {"message", result.message}});
    } else {
      std::printf("%-5s %-18s %s\n", std::string(Name(result.verdict)).c_str(), result.name.c_str(),
                  result.message.c_str());
    }
  }
  if (json) PrintJson({{"schema", 1}, {"version", SUPERION_VERSION}, {"checks", list}});
}

}  // namespace

void AddDoctor(CLI::App* program, VerbTable* verbs) {
  const auto data_directory = std::make_shared<std::string>("runs");
  const auto json = std::make_shared<bool>(false);
  CLI::App* verb =
      program->add_subcommand("doctor", "check programs, pseudopotentials, disk and CPU of this machine");
  verb->add_option("--data-dir", *data_directory, "where campaigns would be kept")->capture_default_str();
  verb->add_flag("--json", *json, "print JSON");
  (*verbs)[verb] = [data_directory, json]() -> int {
    const absl::StatusOr<SiteProfile> site = LoadSiteProfile();
    if (!site.ok()) return Complain(site.status());
    const std::vector<CheckResult> results = RunChecks({*site, ProgramDirectory(), *data_directory});
    Print(results, *json);
    const bool failed = std::any_of(results.begin(), results.end(),
                                    [](const CheckResult& r) { return r.verdict == CheckResult::kFail; });
    return failed ? kExitUnavailable : kExitOk;
  };
}

}  // namespace superion
