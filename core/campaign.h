// The campaign file (TOML, schema 1) as a value. Strict: an unknown key, a missing one, a wrong type or an
// impossible number is InvalidArgument that names the key, what was given and what was expected, with a
// suggestion for misspelt keys. Every key is documented in docs/campaign_reference.md.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"
#include "core/structure.h"

namespace superion {

struct BootstrapSpec {
  std::vector<double> aimd_temperatures_k;  // one AIMD run each; may be empty
  int aimd_steps = 0;                       // per run
  double aimd_timestep_fs = 2.0;
  int aimd_sample_every = 5;                  // every n-th step becomes a training frame
  int perturbed_frames = 0;                   // random displacements of the start structure
  std::vector<double> perturbation_angstrom;  // standard deviations per component, used in turn
  double strain = 0.0;                        // largest component of a random symmetric strain; 0: fixed cell
};

struct TrainSpec {
  std::string size = "S";  // S, M, L
  double cutoff_angstrom = 6.0;
  int epochs_first = 0;  // first generation, from random weights
  int epochs_next = 0;   // warm-started generations
  int epochs_final = 0;  // last training, on everything
  int batch_frames = 4;
  double validation_fraction = 0.1;
  // Long-range electrostatics of fixed charges, this times the formal ones; 0: none.
  double charge_scale = 0.0;
};

// The cell in which a generation explores, as repeats of the campaign's structure. Larger cells hold what a
// small one cannot: neighbors that move independently of each other's images.
using Repeats = std::array<int, 3>;

struct ExploreSpec {
  std::vector<double> temperatures_k;
  int seeds = 1;  // runs per temperature and generation
  int steps = 0;  // per run
  double timestep_fs = 2.0;
  int equilibration_steps = 200;               // gated but not sampled
  std::vector<Repeats> supercells{{1, 1, 1}};  // by generation; the last one for all that follow
  int sample_every = 20;                       // steps between graded snapshots
};

struct LearningSpec {
  int min_generations = 1;
  int max_generations = 1;
  int labels_per_generation = 0;               // budget of selection
  double converged_candidate_fraction = 0.02;  // of the graded snapshots, over two generations in a row
  double max_force_rmse_mev_per_angstrom = 0;  // validation; 0: no limit
  int label_shard = 8;                         // frames per label task
};

struct HeldoutSpec {
  int frames = 0;           // over all production temperatures together
  double spacing_ps = 1.0;  // between frames of one run
  double timestep_fs = 2.0;
};

struct ProductionSpec {
  std::array<int, 3> supercell{1, 1, 1};
  std::vector<double> temperatures_k;
  int seeds = 4;  // velocity seeds per temperature
  int equilibration_steps = 0;
  int steps = 0;         // per seed and segment
  int max_repairs = 2;   // rounds of learning from runs that the gate stopped
  int event_labels = 8;  // labels of such a round
  int max_segments = 1;  // seeds * max_segments segments are the budget of a temperature
  double timestep_fs = 2.0;
  int stream_every = 5;           // steps between rows of the displacement stream
  int frame_every = 50;           // steps between frames of the trajectory
  std::string engine = "lammps";  // lammps, native
};

// What sampling alone cannot tell; all of it is optional.
struct UncertaintySpec {
  int committee = 0;                   // further potentials, trained from other seeds on the same labels
  std::vector<Repeats> sizes;          // further cells, at the highest production temperature
  std::vector<double> temperatures_k;  // of the committee; default: highest and lowest of production
  int steps = 0;                       // per seed; 0: as long as the mean seed of production
  int seeds = 4;
};

struct CampaignSpec {
  std::string name;
  uint64_t seed = 1;
  Structure structure;                    // read from structure.file when the campaign is parsed
  std::map<std::string, double> charges;  // e, formal; every species; the cell must be neutral
  std::vector<std::string> mobile;        // species; default: those of the smallest positive charge
  Json labeler;                           // checked here, consumed by dft_adapter (docs/task_contract.md)
  BootstrapSpec bootstrap;
  TrainSpec train;
  ExploreSpec explore;
  LearningSpec learning;
  HeldoutSpec heldout;
  ProductionSpec production;
  UncertaintySpec uncertainty;
  double target_s_tot = 0.10;    // standard deviation of ln sigma
  bool target_per_axis = false;  // also of the conductivity along each axis
};

// `directory` resolves relative paths inside the file.
absl::StatusOr<CampaignSpec> ParseCampaign(std::string_view toml, const std::string& origin,
                                           const std::string& directory);
absl::StatusOr<CampaignSpec> ReadCampaign(const std::string& path);

// Self-contained form that travels to the daemon (the structure is inside).
Json ToJson(const CampaignSpec& spec);
absl::StatusOr<CampaignSpec> CampaignFromJson(const Json& json);

}  // namespace superion
