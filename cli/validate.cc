// superion validate: reads a campaign file and says what is wrong with it, or what it will do.
#include <set>

#include "cli/exit_code.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "core/campaign.h"

namespace superion {
namespace {

int64_t LabelsAtMost(const CampaignSpec& c) {
  return static_cast<int64_t>(c.bootstrap.aimd_temperatures_k.size()) *
             (c.bootstrap.aimd_steps / std::max(1, c.bootstrap.aimd_sample_every)) +
         c.bootstrap.perturbed_frames +
         int64_t{c.learning.max_generations} * c.learning.labels_per_generation + c.heldout.frames +
         int64_t{c.production.max_segments} * c.production.max_repairs * c.production.event_labels;
}

void Describe(const CampaignSpec& c) {
  std::string composition;
  for (const std::string& symbol : DistinctSpecies(c.structure)) {
    const auto n = std::count(c.structure.species.begin(), c.structure.species.end(), symbol);
    composition += fmt::format("{}{}{}", composition.empty() ? "" : " ", symbol, n);
  }
  const auto& p = c.production;
  const size_t cells = static_cast<size_t>(p.supercell[0]) * p.supercell[1] * p.supercell[2];
  std::printf("%s is a valid campaign\n", c.name.c_str());
  std::printf("structure     %zu atoms: %s\n", c.structure.size(), composition.c_str());
  std::printf("labels        at most %ld\n", static_cast<long>(LabelsAtMost(c)));
  std::printf("learning      %d to %d generations\n", c.learning.min_generations, c.learning.max_generations);
  std::printf("production    %zu atoms, %zu temperatures, %d seeds, up to %.4g ps each\n",
              c.structure.size() * cells, p.temperatures_k.size(), p.seeds,
              1e-3 * p.timestep_fs * p.steps * p.max_segments);
}

}  // namespace

void AddValidate(CLI::App* program, VerbTable* verbs) {
  const auto file = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  CLI::App* verb = program->add_subcommand("validate", "check a campaign file without starting anything");
  verb->add_option("campaign", *file, "campaign file (TOML)")->required();
  verb->add_flag("--json", *json, "print the campaign as the daemon would get it");
  (*verbs)[verb] = [file, json]() -> int {
    const absl::StatusOr<CampaignSpec> campaign = ReadCampaign(*file);
    if (!campaign.ok()) return Complain(campaign.status());
    if (*json) {
      PrintJson(ToJson(*campaign));
    } else {
      Describe(*campaign);
    }
    return kExitOk;
  };
}

}  // namespace superion
