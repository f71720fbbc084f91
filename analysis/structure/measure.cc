#include "analysis/structure/measure.h"

#include <algorithm>
#include <cmath>

#include "analysis/structure/seed_source.h"
#include "fmt/ranges.h"

namespace superion::analysis {
namespace {

using Maker = std::unique_ptr<Observable> (*)(const StructureContext&);

struct Named {
  std::string name;
  Maker make;
  const char* needs;  // what is missing where it cannot be made
};

const std::vector<Named>& Makers() {
  static const std::vector<Named> kMakers = {
      {"rdf", MakeRdf, ""},
      {"van-hove", MakeVanHove, "at least 2 frames"},
      {"vdos", MakeVdos, "at least 16 frames in every block"},
      {"angles", MakeAngles, "units AX4 of the framework, or empty_tetrahedra"},
      {"bond-angle", MakeBondAngle, "units AX4 of the framework and a mobile species"},
      {"coordination", MakeCoordination, "a mobile species (or coordination.centre) and another species"},
      {"density", MakeDensity, "a mobile species"},
      {"sites", MakeSitesObservable, "a mobile species"},
      {"b-factors", MakeBFactors, ""}};
  return kMakers;
}

constexpr size_t kMostBatchFrames = 256;
constexpr double kSameFramework = 1.0;     // Å, root mean square
constexpr double kMostSitePoints = 1.6e7;  // of a map in which sites are found

// What the first pass finds in the files of a seed.
struct SeedScan {
  std::vector<std::string> paths;
  size_t frames = 0;
  std::vector<Vec3> mean_places;
  Mat3 mean_cell{};
  double temperature_k = 0.0, interval_ps = 0.0;
  bool velocities = true;
  std::vector<std::string> notes;
};

class FrameOfReference {
 public:
  FrameOfReference(const AtomTable& atoms, const StructureContext& context) : masses_(atoms.masses_u) {
    bool any = false;
    for (size_t i = 0; i < atoms.size(); ++i) {
      if (context.IsMobile(atoms.species[i])) masses_[i] = 0.0;
      any = any || masses_[i] > 0.0;
    }
    if (!any) masses_ = atoms.masses_u;
    for (double m : masses_) total_ += m;
  }

  // Takes the way of the centre of mass since the first frame from all positions.
  void Apply(SourceFrame* frame) {
    Vec3 centre{};
    for (size_t i = 0; i < masses_.size(); ++i) centre += (masses_[i] / total_) * frame->unwrapped[i];
    if (frame->index == 0) first_ = centre;
    const Vec3 drift = centre - first_;
    for (Vec3& r : frame->unwrapped) r -= drift;
    for (Vec3& r : frame->positions) r -= drift;
  }

 private:
  std::vector<double> masses_;
  double total_ = 0.0;
  Vec3 first_{};
};

absl::Status CheckSame(const FrameSource& source, const StructureContext& context) {
  if (source.species() != context.atoms.species)
    return InvalidArgument("{}: holds other atoms than the first file: seeds of one system are expected",
                           source.path());
  if (std::abs(source.interval_ps() - context.interval_ps) > 1e-6 * context.interval_ps)
    return InvalidArgument(
        "{}: frames every {} ps, the first file every {} ps: seeds with the same interval are expected",
        source.path(), source.interval_ps(), context.interval_ps);
  return absl::OkStatus();
}

bool WantsSites(const StructureOptions& options) {
  const auto& wanted = options.observables;
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), "sites") != wanted.end();
}

// Maps in which the sites are found, of the species whose sites are not given.
void BeginDensities(const Mat3& cell, StructureContext* context) {
  const double finest = std::cbrt(std::abs(Determinant(cell)) / kMostSitePoints);
  for (const auto& name : context->mobile) {
    if (context->options.site_fractions.count(name) || context->densities.count(name)) continue;
    context->densities[name] = std::make_shared<DensityMap>(context->atoms, name, cell,
                                                            std::max(finest, context->options.grid_angstrom));
  }
}

absl::StatusOr<SeedScan> Scan(const std::vector<std::string>& paths, const InputOptions& input,
                              StructureContext* context) {
  SUPERION_ASSIGN_OR_RETURN(SeedSource files, SeedSource::Open(paths, input));
  const FrameSource& source = files.first();
  const std::string& path = paths[0];
  if (context->atoms.size() == 0) {
    context->atoms = AtomTable(source.species(), source.masses_u());
    context->interval_ps = source.interval_ps();
    if (context->options.mobile.empty()) context->mobile = GuessMobile(context->atoms.names);
    for (const auto& name : context->options.mobile) {
      if (!context->atoms.of.count(name))
        return InvalidArgument("{}: holds no atoms of the mobile species {}", path, name);
      context->mobile.push_back(name);
    }
  }
  SUPERION_RETURN_IF_ERROR(CheckSame(source, *context));
  if (context->options.equilibrium_only && source.field_v_per_angstrom() != Vec3{})
    return InvalidArgument(
        "{} is a run in an electric field of ({}) V/Å, not of equilibrium: this recipe compares runs without "
        "fields (those in fields go with --nemd or the recipe lgps-nemd)",
        path, fmt::join(source.field_v_per_angstrom(), ", "));
  FrameOfReference reference(context->atoms, *context);
  SeedScan scan;
  scan.paths = paths;
  scan.interval_ps = source.interval_ps();
  scan.temperature_k = source.temperature_k();
  scan.mean_places.assign(context->atoms.size(), Vec3{});
  SourceFrame frame;
  Snapshot snapshot;
  for (;;) {
    SUPERION_ASSIGN_OR_RETURN(const bool more, files.Next(&frame));
    if (!more) break;
    reference.Apply(&frame);
    if (frame.index == 0 && WantsSites(context->options)) BeginDensities(frame.cell, context);
    for (size_t i = 0; i < scan.mean_places.size(); ++i) scan.mean_places[i] += frame.unwrapped[i];
    for (size_t k = 0; k < 3; ++k) scan.mean_cell[k] += frame.cell[k];
    scan.velocities = scan.velocities && !frame.velocities.empty();
    ++scan.frames;
    if (context->densities.empty()) continue;
    snapshot.cell = frame.cell;
    snapshot.positions = std::move(frame.positions);
    for (auto& [name, map] : context->densities) map->Add({&snapshot, 1});
  }
  if (scan.frames < 2) return DataLoss("{}: {} frames, at least 2 are needed", path, scan.frames);
  const double share = 1.0 / static_cast<double>(scan.frames);
  for (Vec3& r : scan.mean_places) r = share * r;
  for (Vec3& row : scan.mean_cell) row = share * row;
  scan.notes = files.notes();
  return scan;
}

size_t BatchFrames(const StructureContext& context) {
  const double bytes = 100.0 * static_cast<double>(context.atoms.size());
  return static_cast<size_t>(std::clamp(0.1 * static_cast<double>(context.options.most_bytes) / bytes, 1.0,
                                        static_cast<double>(kMostBatchFrames)));
}

absl::Status Replay(const SeedScan& scan, const InputOptions& input, const StructureContext& context,
                    size_t first_block, size_t blocks,
                    const std::vector<std::unique_ptr<Observable>>& observables,
                    const std::function<void(size_t)>& done) {
  SUPERION_ASSIGN_OR_RETURN(SeedSource source, SeedSource::Open(scan.paths, input));
  FrameOfReference reference(context.atoms, context);
  for (const auto& observable : observables) observable->BeginSeed(scan.mean_places);
  std::vector<Snapshot> batch;
  const size_t size = BatchFrames(context);
  for (bool more = true; more;) {
    SourceFrame frame;
    SUPERION_ASSIGN_OR_RETURN(more, source.Next(&frame));
    if (more) {
      reference.Apply(&frame);
      Snapshot& snapshot = batch.emplace_back();
      snapshot.frame = frame.index;
      snapshot.block = first_block + std::min(blocks - 1, frame.index * blocks / scan.frames);
      snapshot.cell = frame.cell;
      snapshot.positions = std::move(frame.positions);
      snapshot.unwrapped = std::move(frame.unwrapped);
      if (context.velocities) snapshot.velocities = std::move(frame.velocities);
    }
    if (batch.size() < size && more) continue;
    for (const auto& observable : observables) observable->Add(batch);
    done(batch.size());
    batch.clear();
  }
  for (const auto& observable : observables) observable->EndSeed();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::unique_ptr<Observable>>> Make(const StructureContext& context, Json* notes) {
  std::vector<std::unique_ptr<Observable>> out;
  const auto& wanted = context.options.observables;
  for (const Named& named : Makers()) {
    const bool asked = std::find(wanted.begin(), wanted.end(), named.name) != wanted.end();
    if (!wanted.empty() && !asked) continue;
    auto observable = named.make(context);
    if (observable == nullptr && asked)
      return InvalidArgument("{}: cannot be measured here, it needs {}", named.name, named.needs);
    if (observable == nullptr) {
      notes->push_back(named.name + " not measured: needs " + named.needs);
    } else {
      out.push_back(std::move(observable));
    }
  }
  return out;
}

void Summarise(const std::vector<SeedScan>& scans, const StructureContext& context, size_t blocks,
               Json* doc) {
  size_t frames = 0;
  std::vector<size_t> per_seed;
  for (const SeedScan& scan : scans) {
    frames += scan.frames;
    per_seed.push_back(scan.frames);
    for (const auto& note : scan.notes) (*doc)["notes"].push_back(note);
  }
  (*doc)["seeds"] = scans.size();
  (*doc)["frames"] = frames;
  (*doc)["frames_per_seed"] = per_seed;
  (*doc)["interval_ps"] = context.interval_ps;
  (*doc)["atoms"] = context.atoms.size();
  for (const auto& name : context.atoms.names) (*doc)["composition"][name] = context.atoms.of.at(name).size();
  (*doc)["mobile"] = context.mobile;
  (*doc)["temperature_k"] = context.temperature_k > 0.0 ? Json(context.temperature_k) : Json(nullptr);
  (*doc)["volume_angstrom3"] = context.mean.Volume();
  (*doc)["blocks"] = blocks;
  (*doc)["errors"] = "sd of block means/sqrt(blocks); a block is " +
                     std::string(blocks == scans.size() ? "a seed" : "a stretch of a seed");
  (*doc)["frame_of_reference"] =
      context.mobile.empty() ? "centre of mass of all atoms" : "centre of mass of the framework";
}

// Seeds whose frameworks lie elsewhere share no sites: the maxima of their density would mix.
void NoteShiftedFrameworks(const std::vector<SeedScan>& scans, const StructureContext& context, Json* notes) {
  if (context.densities.empty()) return;
  const Mat3 &cell = context.mean.cell, inverse = Inverse(cell);
  for (const SeedScan& scan : scans) {
    double square = 0.0, n = 0.0;
    for (size_t i = 0; i < scan.mean_places.size(); ++i) {
      if (context.IsMobile(context.atoms.species[i])) continue;
      const Vec3 d = MinimumImage(scan.mean_places[i] - context.mean.unwrapped[i], cell, inverse);
      square += Dot(d, d), n += 1.0;
    }
    if (n > 0.0 && std::sqrt(square / n) > kSameFramework)
      notes->push_back(fmt::format(
          "sites: the framework of {} lies {:.2f} Å from that of {}: the maxima of the density mix both",
          scan.paths[0], std::sqrt(square / n), scans[0].paths[0]));
  }
}

// The files of every seed: those of a group, or each by itself.
absl::StatusOr<std::vector<std::vector<std::string>>> Seeds(const std::vector<std::string>& paths,
                                                            const std::vector<std::vector<size_t>>& groups) {
  std::vector<std::vector<std::string>> out;
  if (groups.empty()) {
    for (const auto& path : paths) out.push_back({path});
    return out;
  }
  std::vector<bool> used(paths.size(), false);
  for (const auto& group : groups) {
    if (group.empty()) continue;
    out.emplace_back();
    for (const size_t index : group) {
      if (index >= paths.size())
        return InvalidArgument("groups: index {} but only {} trajectories", index, paths.size());
      if (used[index]) return InvalidArgument("groups: {} is in them twice", paths[index]);
      used[index] = true;
      out.back().push_back(paths[index]);
    }
  }
  if (out.empty()) return InvalidArgument("groups: they name no trajectory");
  return out;
}

}  // namespace

const std::vector<std::string>& ObservableNames() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const Named& named : Makers()) names.push_back(named.name);
    return names;
  }();
  return kNames;
}

std::vector<std::string> GuessMobile(const std::vector<std::string>& species) {
  for (const char* carrier : {"Li", "Na", "Ag", "Cu", "K", "Rb", "Cs", "Mg", "H", "F", "O"}) {
    if (species.size() > 1 && std::find(species.begin(), species.end(), carrier) != species.end())
      return {carrier};
  }
  return {};
}

absl::StatusOr<Findings> MeasureStructure(const std::vector<std::string>& paths, const InputOptions& input,
                                          const StructureOptions& options,
                                          const std::function<void(double)>& progress) {
  for (const auto& name : options.observables) {
    const auto& known = ObservableNames();
    if (std::find(known.begin(), known.end(), name) == known.end())
      return InvalidArgument("observables: \"{}\" is not one of {}", name, fmt::join(known, ", "));
  }
  StructureContext context;
  context.options = options;
  std::vector<SeedScan> scans;
  SUPERION_ASSIGN_OR_RETURN(const auto seeds, Seeds(paths, input.groups));
  for (const auto& files : seeds) {
    SUPERION_ASSIGN_OR_RETURN(scans.emplace_back(), Scan(files, input, &context));
    progress(0.3 * static_cast<double>(scans.size()) / static_cast<double>(seeds.size()));
  }
  const size_t blocks = options.blocks_per_seed > 0 ? options.blocks_per_seed : (scans.size() >= 4 ? 1 : 5);
  context.velocities = true;
  context.shortest_seed = scans[0].frames;
  size_t total = 0;
  for (const SeedScan& scan : scans) {
    context.velocities = context.velocities && scan.velocities;
    context.shortest_seed = std::min(context.shortest_seed, scan.frames);
    total += scan.frames;
    if (context.temperature_k == 0.0) context.temperature_k = scan.temperature_k;
  }
  if (options.temperature_k > 0.0) context.temperature_k = options.temperature_k;
  context.shortest_block = context.shortest_seed / blocks;
  context.mean.cell = scans[0].mean_cell;
  context.mean.positions = context.mean.unwrapped = scans[0].mean_places;

  Findings out;
  out.document["notes"] = Json::array();
  Summarise(scans, context, blocks * scans.size(), &out.document);
  NoteShiftedFrameworks(scans, context, &out.document["notes"]);
  SUPERION_ASSIGN_OR_RETURN(const auto observables, Make(context, &out.document["notes"]));
  size_t done = 0;
  for (size_t s = 0; s < scans.size(); ++s) {
    SUPERION_RETURN_IF_ERROR(
        Replay(scans[s], input, context, s * blocks, blocks, observables, [&](size_t frames) {
          done += frames;
          progress(0.3 + 0.7 * static_cast<double>(done) / static_cast<double>(total));
        }));
  }
  for (const auto& observable : observables) observable->Report(&out);
  return out;
}

}  // namespace superion::analysis
