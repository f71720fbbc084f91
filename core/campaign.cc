#include "core/campaign.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/file.h"
#include "core/labeler_spec.h"
#include "core/strict_section.h"
#include "core/structure_reader.h"
#include "fmt/ranges.h"

namespace superion {
namespace {

constexpr auto kRequired = StrictSection::kRequired;
constexpr auto kOptional = StrictSection::kOptional;
constexpr Range kTimestepFs{limits::kTimestepFs.low, 10};  // of unbiased dynamics
constexpr Range kSteps{1, 2e9};
constexpr Range kEpochs{1, 1e6};
constexpr double kLeastStressCutoffRy = 40;  // see docs/campaign_reference.md, strain

const std::vector<std::string>& Sections() {
  static const std::vector<std::string> names = {"structure",  "charges",     "labeler",  "bootstrap",
                                                 "train",      "explore",     "learning", "heldout",
                                                 "production", "uncertainty", "target"};
  return names;
}

void CheckAtoms(const std::string& key, size_t atoms, const Repeats& cell, StrictSection* s) {
  const double n = static_cast<double>(atoms) * cell[0] * cell[1] * cell[2];
  if (n > limits::kAtoms) s->Fail(key, fmt::format("{} atoms, expected at most {}", n, limits::kAtoms));
}

// Tasks are named by their temperature in six digits ("1250K").
void CheckDistinct(const std::string& key, const std::vector<double>& temperatures_k, StrictSection* s) {
  std::set<std::string> names;
  for (const double t : temperatures_k) {
    if (!names.insert(fmt::format("{:g}", t)).second)
      s->Fail(key, fmt::format("the same temperature twice: {:g} K", t));
  }
}

absl::Status ReadTop(const TomlDocument& document, CampaignSpec* spec) {
  StrictSection s(document, "");
  int schema = 0;
  s.Integer("schema", &schema, kRequired);
  if (s.Has("schema") && schema != 1) s.Fail("schema", fmt::format("expected 1, found {}", schema));
  s.Text("name", &spec->name, kRequired);
  s.Seed("seed", &spec->seed, kOptional);
  for (const std::string& section : Sections()) s.Known(section);
  for (const char* section :
       {"structure", "charges", "labeler", "bootstrap", "train", "explore", "learning", "production"}) {
    s.Raw(section, kRequired);
  }
  for (const char* key :
       {"site", "pw_command", "pseudo_directories", "command", "partition", "scratch_directory", "cores"}) {
    s.Refuse(key, "belongs to the site profile (docs/campaign_reference.md), not to a campaign");
  }
  const bool name_ok = !spec->name.empty() && spec->name.size() <= 64 && spec->name[0] != '.' &&
                       std::all_of(spec->name.begin(), spec->name.end(), [](unsigned char c) {
                         return std::isalnum(c) || c == '_' || c == '-' || c == '.';
                       });
  if (s.Has("name") && !name_ok) {
    s.Fail("name", fmt::format("expected up to 64 letters, digits, '_', '-', '.', found \"{}\"", spec->name));
  }
  return s.Finish();
}

absl::Status ReadCharges(const TomlDocument& document, CampaignSpec* spec) {
  StrictSection s(document, "charges");
  const std::vector<std::string> species = DistinctSpecies(spec->structure);
  for (const auto& [key, value] : document.root["charges"].items()) {
    if (AtomicNumber(key).ok()) {
      s.Refuse(key, fmt::format("not in the structure, which has {}", fmt::join(species, ", ")));
    }
  }
  double total = 0;
  for (const std::string& symbol : species) {
    double charge = 0;
    s.Number(symbol, &charge, kRequired, AtLeast(-10, 10));
    spec->charges[symbol] = charge;
    total += charge * static_cast<double>(
                          std::count(spec->structure.species.begin(), spec->structure.species.end(), symbol));
  }
  s.Texts("mobile", &spec->mobile, kOptional);
  for (const std::string& symbol : spec->mobile) {
    if (spec->charges.count(symbol) == 0) {
      s.Fail("mobile",
             fmt::format("\"{}\" is not in the structure, which has {}", symbol, fmt::join(species, ", ")));
    }
  }
  if (std::abs(total) > 1e-6) {
    s.Fail("",
           fmt::format("the cell is not neutral: its formal charges add up to {:+g} e, expected 0", total));
  }
  SUPERION_RETURN_IF_ERROR(s.Finish());
  if (!spec->mobile.empty()) return absl::OkStatus();
  double smallest = kInfinity;
  for (const auto& [symbol, charge] : spec->charges) {
    if (charge > 0) smallest = std::min(smallest, charge);
  }
  for (const auto& [symbol, charge] : spec->charges) {
    if (charge == smallest) spec->mobile.push_back(symbol);
  }
  if (spec->mobile.empty())
    return InvalidArgument("{}: charges: no species has a positive charge; name `mobile`", document.origin);
  return absl::OkStatus();
}

absl::Status ReadBootstrap(const TomlDocument& document, BootstrapSpec* b) {
  StrictSection s(document, "bootstrap");
  s.Numbers("aimd_temperatures_k", &b->aimd_temperatures_k, kOptional, limits::kTemperatureK);
  CheckDistinct("aimd_temperatures_k", b->aimd_temperatures_k, &s);
  const bool aimd = !b->aimd_temperatures_k.empty();
  s.Integer("aimd_steps", &b->aimd_steps, aimd ? kRequired : kOptional, kSteps);
  s.Number("aimd_timestep_fs", &b->aimd_timestep_fs, kOptional, kTimestepFs);
  s.Integer("aimd_sample_every", &b->aimd_sample_every, kOptional, kSteps);
  s.Integer("perturbed_frames", &b->perturbed_frames, kOptional, AtLeast(0, 1e6));
  s.Numbers("perturbation_angstrom", &b->perturbation_angstrom,
            b->perturbed_frames > 0 ? kRequired : kOptional, Positive(1));
  s.Number("strain", &b->strain, kOptional, AtLeast(0, 0.2));
  if (aimd && b->aimd_steps < b->aimd_sample_every) {
    s.Fail("aimd_steps", fmt::format("{} steps give no frame when only every {}-th is taken", b->aimd_steps,
                                     b->aimd_sample_every));
  }
  if (!aimd && b->perturbed_frames == 0) {
    s.Fail("", "no first training data: expected aimd_temperatures_k or perturbed_frames");
  }
  return s.Finish();
}

absl::Status ReadTrain(const TomlDocument& document, TrainSpec* t) {
  StrictSection s(document, "train");
  s.Text("size", &t->size, kOptional, {"S", "M", "L"});
  s.Number("cutoff_angstrom", &t->cutoff_angstrom, kOptional, AtLeast(2, 12));
  s.Integer("epochs_first", &t->epochs_first, kRequired, kEpochs);
  s.Integer("epochs_next", &t->epochs_next, kRequired, kEpochs);
  s.Integer("epochs_final", &t->epochs_final, kRequired, kEpochs);
  s.Integer("batch_frames", &t->batch_frames, kOptional, AtLeast(1, 100000));
  s.Number("validation_fraction", &t->validation_fraction, kOptional, Positive(0.5));
  s.Number("charge_scale", &t->charge_scale, kOptional, AtLeast(0, 2));
  return s.Finish();
}

absl::Status ReadExplore(const TomlDocument& document, size_t atoms, ExploreSpec* e) {
  StrictSection s(document, "explore");
  s.Numbers("temperatures_k", &e->temperatures_k, kRequired, limits::kTemperatureK);
  CheckDistinct("temperatures_k", e->temperatures_k, &s);
  s.Integer("seeds", &e->seeds, kOptional, AtLeast(1, 10000));
  s.Integer("steps", &e->steps, kRequired, kSteps);
  s.Number("timestep_fs", &e->timestep_fs, kOptional, kTimestepFs);
  s.Integer("sample_every", &e->sample_every, kOptional, kSteps);
  s.Integer("equilibration_steps", &e->equilibration_steps, kOptional, AtLeast(0, kSteps.high));
  s.ListOfIntegers3("supercells", &e->supercells, kOptional, limits::kRepeats);
  for (const Repeats& cell : e->supercells) CheckAtoms("supercells", atoms, cell, &s);
  if (e->sample_every > e->steps) {
    s.Fail("sample_every", fmt::format("expected at most steps = {}, found {}", e->steps, e->sample_every));
  }
  return s.Finish();
}

absl::Status ReadLearning(const TomlDocument& document, LearningSpec* l) {
  StrictSection s(document, "learning");
  s.Integer("min_generations", &l->min_generations, kOptional, AtLeast(1, 1000));
  s.Integer("max_generations", &l->max_generations, kOptional, AtLeast(1, 1000));
  s.Integer("labels_per_generation", &l->labels_per_generation, kRequired, AtLeast(1, 1e6));
  s.Number("converged_candidate_fraction", &l->converged_candidate_fraction, kOptional, AtLeast(0, 1));
  s.Number("max_force_rmse_mev_per_angstrom", &l->max_force_rmse_mev_per_angstrom, kOptional,
           AtLeast(0, 1e6));
  s.Integer("label_shard", &l->label_shard, kOptional, AtLeast(1, 10000));
  if (l->max_generations < l->min_generations) {
    s.Fail("max_generations", fmt::format("expected at least min_generations = {}, found {}",
                                          l->min_generations, l->max_generations));
  }
  return s.Finish();
}

absl::Status ReadHeldout(const TomlDocument& document, HeldoutSpec* h) {
  StrictSection s(document, "heldout");
  s.Integer("frames", &h->frames, kOptional, AtLeast(0, 100000));
  s.Number("spacing_ps", &h->spacing_ps, kOptional, Positive(1000));
  s.Number("timestep_fs", &h->timestep_fs, kOptional, kTimestepFs);
  const double steps = h->frames * h->spacing_ps * 1000 / h->timestep_fs;
  if (!limits::kSteps.Holds(steps)) {
    s.Fail("frames", fmt::format("{} frames {} ps apart are {:g} steps of {} fs, expected at most {:g}",
                                 h->frames, h->spacing_ps, steps, h->timestep_fs, limits::kSteps.high));
  }
  return s.Finish();
}

absl::Status ReadProduction(const TomlDocument& document, size_t atoms, ProductionSpec* p) {
  StrictSection s(document, "production");
  s.Integers3("supercell", &p->supercell, kOptional, limits::kRepeats);
  s.Numbers("temperatures_k", &p->temperatures_k, kRequired, limits::kTemperatureK);
  s.Integer("seeds", &p->seeds, kOptional, AtLeast(1, 10000));
  s.Integer("equilibration_steps", &p->equilibration_steps, kOptional, AtLeast(0, kSteps.high));
  s.Integer("steps", &p->steps, kRequired, kSteps);
  s.Integer("max_segments", &p->max_segments, kOptional, AtLeast(1, 100000));
  s.Integer("max_repairs", &p->max_repairs, kOptional, AtLeast(0, 100));
  s.Integer("event_labels", &p->event_labels, kOptional, AtLeast(1, 10000));
  s.Number("timestep_fs", &p->timestep_fs, kOptional, kTimestepFs);
  s.Integer("stream_every", &p->stream_every, kOptional, kSteps);
  s.Integer("frame_every", &p->frame_every, kOptional, AtLeast(0, kSteps.high));
  s.Text("engine", &p->engine, kOptional, {"lammps", "native"});
  CheckDistinct("temperatures_k", p->temperatures_k, &s);
  if (p->stream_every > p->steps) {
    s.Fail("stream_every", fmt::format("expected at most steps = {}, found {}", p->steps, p->stream_every));
  }
  CheckAtoms("supercell", atoms, p->supercell, &s);
  return s.Finish();
}

// Other cells and temperatures at which the conductivity is measured again.
absl::Status ReadUncertainty(const TomlDocument& document, const ProductionSpec& production, size_t atoms,
                             UncertaintySpec* u) {
  StrictSection s(document, "uncertainty");
  s.Integer("committee", &u->committee, kOptional, AtLeast(0, 100));
  s.ListOfIntegers3("sizes", &u->sizes, kOptional, limits::kRepeats);
  s.Numbers("temperatures_k", &u->temperatures_k, kOptional, limits::kTemperatureK);
  s.Integer("steps", &u->steps, kOptional, AtLeast(0, kSteps.high));
  s.Integer("seeds", &u->seeds, kOptional, AtLeast(1, 10000));
  const auto& measured = production.temperatures_k;
  if (u->committee == 1) s.Fail("committee", "expected 0, or 2 and more: two potentials tell no spread");
  for (const double t : u->temperatures_k) {
    if (std::find(measured.begin(), measured.end(), t) == measured.end())
      s.Fail("temperatures_k", fmt::format("expected temperatures of production, found {} K", t));
  }
  if (u->temperatures_k.empty() && !measured.empty()) {
    const auto [low, high] = std::minmax_element(measured.begin(), measured.end());
    u->temperatures_k = {*low};
    if (*high > *low) u->temperatures_k.push_back(*high);
  }
  std::set<std::array<int, 3>> cells = {production.supercell};
  for (const Repeats& cell : u->sizes) {
    CheckAtoms("sizes", atoms, cell, &s);
    if (!cells.insert(cell).second)
      s.Fail("sizes",
             fmt::format("[{}] is given twice, or is the cell of production", fmt::join(cell, ", ")));
  }
  if (u->sizes.size() == 1)
    s.Fail("sizes", "expected two or more beside the cell of production: a line in 1/L needs three");
  return s.Finish();
}

absl::Status ReadTarget(const TomlDocument& document, CampaignSpec* spec) {
  StrictSection s(document, "target");
  std::string precision = "default";
  s.Number("s_tot", &spec->target_s_tot, kOptional, Positive(10));
  s.Text("precision", &precision, kOptional, {"default", "tight"});
  s.Flag("per_axis", &spec->target_per_axis, kOptional);
  if (s.Has("precision") && s.Has("s_tot"))
    s.Fail("precision", "expected either precision or s_tot, found both");
  if (precision == "tight") spec->target_s_tot = 0.05;
  return s.Finish();
}

absl::Status CheckStrain(const TomlDocument& document, const CampaignSpec& spec) {
  if (spec.bootstrap.strain == 0 || spec.labeler["kind"] != "qe") return absl::OkStatus();
  const double cutoff = spec.labeler["ecutwfc_ry"].get<double>();
  if (cutoff >= kLeastStressCutoffRy) return absl::OkStatus();
  StrictSection s(document, "bootstrap");
  s.Fail(
      "strain",
      fmt::format("strained cells need labeler.ecutwfc_ry >= {}, found {}: below, the plane-wave basis "
                  "changes with the cell and energies and stress contradict each other; expected strain = 0",
                  kLeastStressCutoffRy, cutoff));
  s.KnowAll();
  return s.Finish();
}

// Everything but [structure], which the file and the wire say in different ways.
absl::Status ReadSections(const TomlDocument& document, CampaignSpec* spec) {
  SUPERION_RETURN_IF_ERROR(ReadCharges(document, spec));
  SUPERION_ASSIGN_OR_RETURN(spec->labeler,
                            CheckLabeler(document, "labeler", DistinctSpecies(spec->structure)));
  SUPERION_RETURN_IF_ERROR(ReadBootstrap(document, &spec->bootstrap));
  SUPERION_RETURN_IF_ERROR(ReadTrain(document, &spec->train));
  SUPERION_RETURN_IF_ERROR(ReadExplore(document, spec->structure.size(), &spec->explore));
  SUPERION_RETURN_IF_ERROR(ReadLearning(document, &spec->learning));
  SUPERION_RETURN_IF_ERROR(ReadHeldout(document, &spec->heldout));
  SUPERION_RETURN_IF_ERROR(ReadProduction(document, spec->structure.size(), &spec->production));
  SUPERION_RETURN_IF_ERROR(
      ReadUncertainty(document, spec->production, spec->structure.size(), &spec->uncertainty));
  SUPERION_RETURN_IF_ERROR(ReadTarget(document, spec));
  return CheckStrain(document, *spec);
}

absl::Status CheckCampaignStructure(const Structure& structure, const std::string& origin) {
  if (structure.size() == 0) return InvalidArgument("{}: structure: no atoms", origin);
  if (structure.size() > limits::kAtoms) {
    return InvalidArgument("{}: structure: {} atoms, expected at most {}", origin, structure.size(),
                           limits::kAtoms);
  }
  if (structure.pbc != std::array<bool, 3>{true, true, true}) {
    return InvalidArgument("{}: structure: expected a cell that is periodic in all three directions", origin);
  }
  const absl::Status status = CheckStructure(structure);
  if (!status.ok()) return InvalidArgument("{}: structure: {}", origin, std::string(status.message()));
  return absl::OkStatus();
}

absl::StatusOr<Structure> StructureOfFile(const TomlDocument& document, const std::string& directory) {
  StrictSection s(document, "structure");
  std::string file;
  std::array<int, 3> supercell{1, 1, 1};
  s.Text("file", &file, kRequired);
  s.Integers3("supercell", &supercell, kOptional, limits::kRepeats);
  SUPERION_RETURN_IF_ERROR(s.Finish());
  const std::string path = (std::filesystem::path(directory) / file).string();
  absl::StatusOr<Structure> structure = ReadStructure(path);
  if (!structure.ok()) {
    s.Fail("file", std::string(structure.status().message()));
    return s.Finish();
  }
  CheckAtoms("supercell", structure->size(), supercell, &s);
  SUPERION_RETURN_IF_ERROR(s.Finish());
  return Supercell(*structure, supercell);
}

absl::StatusOr<Vec3> VectorFromJson(const Json& json) {
  Vec3 v{};
  if (!json.is_array() || json.size() != 3)
    return InvalidArgument("campaign: structure: expected three numbers");
  for (size_t i = 0; i < 3; ++i) {
    if (!json[i].is_number()) return InvalidArgument("campaign: structure: expected three numbers");
    v[i] = json[i].get<double>();
  }
  return v;
}

absl::StatusOr<Structure> StructureOfJson(const TomlDocument& document) {
  StrictSection s(document, "structure");
  Structure structure;
  s.Texts("species", &structure.species, kRequired);
  const Json* cell = s.Raw("cell", kRequired);
  const Json* positions = s.Raw("positions", kRequired);
  SUPERION_RETURN_IF_ERROR(s.Finish());
  if (!cell->is_array() || cell->size() != 3)
    return InvalidArgument("campaign: structure.cell: expected three vectors");
  for (size_t i = 0; i < 3; ++i) {
    SUPERION_ASSIGN_OR_RETURN(structure.cell[i], VectorFromJson((*cell)[i]));
  }
  if (!positions->is_array() || positions->size() != structure.species.size()) {
    return InvalidArgument("campaign: structure.positions: expected one vector for each of {} species",
                           structure.species.size());
  }
  for (const Json& position : *positions) {
    SUPERION_ASSIGN_OR_RETURN(const Vec3 v, VectorFromJson(position));
    structure.positions.push_back(v);
  }
  return structure;
}

}  // namespace

absl::StatusOr<CampaignSpec> ParseCampaign(std::string_view toml, const std::string& origin,
                                           const std::string& directory) {
  SUPERION_ASSIGN_OR_RETURN(const TomlDocument document, ParseToml(toml, origin));
  CampaignSpec spec;
  SUPERION_RETURN_IF_ERROR(ReadTop(document, &spec));
  SUPERION_ASSIGN_OR_RETURN(spec.structure, StructureOfFile(document, directory));
  SUPERION_RETURN_IF_ERROR(CheckCampaignStructure(spec.structure, origin));
  SUPERION_RETURN_IF_ERROR(ReadSections(document, &spec));
  return spec;
}

absl::StatusOr<CampaignSpec> ReadCampaign(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseCampaign(text, path, std::filesystem::path(path).parent_path().string());
}

Json ToJson(const CampaignSpec& spec) {
  const BootstrapSpec& b = spec.bootstrap;
  const TrainSpec& t = spec.train;
  const ExploreSpec& e = spec.explore;
  const LearningSpec& l = spec.learning;
  const HeldoutSpec& h = spec.heldout;
  const ProductionSpec& p = spec.production;
  const UncertaintySpec& u = spec.uncertainty;
  Json charges = spec.charges;
  charges["mobile"] = spec.mobile;
  Json bootstrap = {
      {"aimd_temperatures_k", b.aimd_temperatures_k},     {"aimd_timestep_fs", b.aimd_timestep_fs},
      {"aimd_sample_every", b.aimd_sample_every},         {"perturbed_frames", b.perturbed_frames},
      {"perturbation_angstrom", b.perturbation_angstrom}, {"strain", b.strain}};
  if (b.aimd_steps > 0) bootstrap["aimd_steps"] = b.aimd_steps;
  Json train = {{"size", t.size},
                {"cutoff_angstrom", t.cutoff_angstrom},
                {"epochs_first", t.epochs_first},
                {"epochs_next", t.epochs_next},
                {"epochs_final", t.epochs_final},
                {"batch_frames", t.batch_frames},
                {"validation_fraction", t.validation_fraction}};
  // Left out where it is not set: a campaign of before stays the same campaign.
  if (t.charge_scale > 0) train["charge_scale"] = t.charge_scale;
  Json uncertainty = {{"committee", u.committee},
                      {"temperatures_k", u.temperatures_k},
                      {"steps", u.steps},
                      {"seeds", u.seeds}};
  if (!u.sizes.empty()) uncertainty["sizes"] = u.sizes;
  return {{"schema", 1},
          {"name", spec.name},
          {"seed", spec.seed},
          {"structure",
           {{"cell", spec.structure.cell},
            {"species", spec.structure.species},
            {"positions", spec.structure.positions}}},
          {"charges", charges},
          {"labeler", spec.labeler},
          {"bootstrap", bootstrap},
          {"train", train},
          {"explore",
           {{"temperatures_k", e.temperatures_k},
            {"seeds", e.seeds},
            {"steps", e.steps},
            {"timestep_fs", e.timestep_fs},
            {"sample_every", e.sample_every},
            {"equilibration_steps", e.equilibration_steps},
            {"supercells", e.supercells}}},
          {"learning",
           {{"min_generations", l.min_generations},
            {"max_generations", l.max_generations},
            {"labels_per_generation", l.labels_per_generation},
            {"converged_candidate_fraction", l.converged_candidate_fraction},
            {"max_force_rmse_mev_per_angstrom", l.max_force_rmse_mev_per_angstrom},
            {"label_shard", l.label_shard}}},
          {"heldout", {{"frames", h.frames}, {"spacing_ps", h.spacing_ps}, {"timestep_fs", h.timestep_fs}}},
          {"production",
           {{"supercell", p.supercell},
            {"temperatures_k", p.temperatures_k},
            {"seeds", p.seeds},
            {"equilibration_steps", p.equilibration_steps},
            {"steps", p.steps},
            {"max_segments", p.max_segments},
            {"max_repairs", p.max_repairs},
            {"event_labels", p.event_labels},
            {"timestep_fs", p.timestep_fs},
            {"stream_every", p.stream_every},
            {"frame_every", p.frame_every},
            {"engine", p.engine}}},
          {"uncertainty", uncertainty},
          {"target", {{"s_tot", spec.target_s_tot}, {"per_axis", spec.target_per_axis}}}};
}

absl::StatusOr<CampaignSpec> CampaignFromJson(const Json& json) {
  TomlDocument document;
  document.origin = "campaign";
  if (!json.is_object()) return InvalidArgument("campaign: expected a JSON object");
  document.root = json;
  CampaignSpec spec;
  SUPERION_RETURN_IF_ERROR(ReadTop(document, &spec));
  SUPERION_ASSIGN_OR_RETURN(spec.structure, StructureOfJson(document));
  SUPERION_RETURN_IF_ERROR(CheckCampaignStructure(spec.structure, document.origin));
  SUPERION_RETURN_IF_ERROR(ReadSections(document, &spec));
  return spec;
}

}  // namespace superion
