// Observables of tetrahedra: their angles, how fast these turn, and where mobile ions sit around their bonds.
#include <cmath>

#include "analysis/structure/bond_angle_map.h"
#include "analysis/structure/observable.h"
#include "analysis/structure/tetrahedra.h"
#include "analysis/vibration/spectrum.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

struct TetrahedronKind {
  std::string name;  // "P-S4", or "I4" for empty ones
  std::string centre, corner;
  std::vector<Tetrahedron> members;
  size_t ambiguous = 0;
};

// Units AX4 of the framework in the mean structure: A with four clear neighbours X for at least half of its
// atoms, X the species of the shortest bonds; and the empty ones that were asked for.
std::vector<TetrahedronKind> FindTetrahedra(const StructureContext& context) {
  std::vector<TetrahedronKind> out;
  const auto& names = context.atoms.names;
  for (const auto& centre : names) {
    if (context.IsMobile(centre)) continue;
    for (const auto& corner : names) {
      if (corner == centre || context.IsMobile(corner)) continue;
      // As many corners as four per centre: the anion, not the other way round.
      if (context.atoms.of.at(corner).size() < 4 * context.atoms.of.at(centre).size()) {
        size_t cations = 0;
        for (const auto& other : names)
          cations += other != corner && !context.IsMobile(other) ? context.atoms.of.at(other).size() : 0;
        if (context.atoms.of.at(corner).size() < 2 * cations) continue;
      }
      TetrahedronKind kind{centre + "-" + corner + "4", centre, corner, {}, 0};
      kind.members = BondedTetrahedra(context.atoms, context.mean, centre, corner, &kind.ambiguous);
      if (2 * kind.members.size() >= context.atoms.of.at(centre).size()) out.push_back(std::move(kind));
    }
  }
  const auto& options = context.options;
  if (!options.empty_tetrahedra_species.empty()) {
    TetrahedronKind kind{options.empty_tetrahedra_species + "4", "", options.empty_tetrahedra_species, {}, 0};
    kind.members = EmptyTetrahedra(context.atoms, context.mean, options.empty_tetrahedra_species,
                                   options.empty_tetrahedra_edge_angstrom);
    if (!kind.members.empty()) out.push_back(std::move(kind));
  }
  return out;
}

class Angles : public Observable {
 public:
  Angles(const StructureContext& context, std::vector<TetrahedronKind> kinds)
      : context_(context), kinds_(std::move(kinds)) {
    for (const auto& kind : kinds_) motions_.emplace_back(kind.members, OptionsFor(kind.members.size()));
  }
  void Add(std::span<const Snapshot> frames) override {
    for (auto& motion : motions_) motion.Add(frames);
  }
  void EndSeed() override {
    for (auto& motion : motions_) motion.EndSeed();
  }
  void Report(Findings* out) const override {
    Json& doc = out->document["angles"];
    doc = {{"definition",
            "the 12 angles corner-corner-corner of a tetrahedron (4 faces of 3), degrees: 60 in an ideal AX4 "
            "(109.47 is corner-centre-corner); empty tetrahedra of a bcc lattice: 8 of 54.74, 4 of 70.53. "
            "Angular velocity: [theta(t+h) - theta(t-h)]/(2h), h the interval of frames"},
           {"interval_fs", context_.interval_ps * 1000.0},
           {"low_pass_cm1", context_.options.low_pass_cm1}};
    const double period_ps = kWavenumberPerThz / context_.options.low_pass_cm1;
    if (static_cast<double>(context_.shortest_block) * context_.interval_ps < 2.0 * period_ps) {
      out->document["notes"].push_back(
          fmt::format("angles: the low pass needs blocks of two periods, {:.3g} ps; what it leaves here is "
                      "hardly more than "
                      "the mean",
                      2.0 * period_ps));
    }
    for (size_t k = 0; k < kinds_.size(); ++k) ReportKind(kinds_[k], motions_[k], out, &doc);
  }

 private:
  TetrahedronMotion::Options OptionsFor(size_t tetrahedra) const {
    TetrahedronMotion::Options options;
    options.interval_ps = context_.interval_ps;
    options.cutoff_thz = context_.options.low_pass_cm1 / kWavenumberPerThz;
    options.threads = context_.options.threads;
    const double bytes = 48.0 * static_cast<double>(tetrahedra);
    options.segment = static_cast<size_t>(
        std::clamp(0.1 * static_cast<double>(context_.options.most_bytes) / bytes, 64.0, 65536.0));
    return options;
  }

  void ReportKind(const TetrahedronKind& kind, const TetrahedronMotion& motion, Findings* out,
                  Json* doc) const {
    const auto& o = motion.options();
    const auto middle = [](double low, double width, size_t k) {
      return low + (static_cast<double>(k) + 0.5) * width;
    };
    const auto table = [&](const std::string& stem, const std::string& x, const char* per, double low,
                           double width, const BlockMean& first, const BlockMean* second) {
      Table t{stem + kind.name,
              {x, std::string("density_") + per, "error"},
              {{}, first.Mean(), first.StandardError()}};
      for (size_t k = 0; k < first.size(); ++k) t.values[0].push_back(middle(low, width, k));
      if (second != nullptr) {
        t.columns.insert(t.columns.end(), {"density_low_passed", "error_low_passed"});
        t.values.push_back(second->Mean());
        t.values.push_back(second->StandardError());
      }
      out->tables.push_back(std::move(t));
      return stem + kind.name + ".csv";
    };
    const double bins = static_cast<double>(o.velocity_bins);
    Json entry = {{"tetrahedra", kind.members.size()}, {"left_out_as_ambiguous", kind.ambiguous}};
    entry["csv"] = table("angle-", "angle_degrees", "per_degree", 0.0, o.angle_bin, motion.angle(),
                         &motion.slow_angle());
    entry["csv_angular_velocity_unfiltered"] =
        table("angular-velocity-unfiltered-", "degrees_per_fs", "fs_per_degree", -o.velocity_max,
              2.0 * o.velocity_max / bins, motion.velocity(), nullptr);
    entry["csv_angular_velocity_low_passed"] =
        table("angular-velocity-low-passed-", "degrees_per_fs", "fs_per_degree", -o.slow_velocity_max,
              2.0 * o.slow_velocity_max / bins, motion.slow_velocity(), nullptr);
    entry["angle_degrees"] = Moments(motion.angle_moments(), motion.angle(), o.angle_bin);
    entry["angular_velocity_unfiltered_degrees_per_fs"] =
        Moments(motion.velocity_moments(), motion.velocity(), 2.0 * o.velocity_max / bins);
    entry["angular_velocity_low_passed_degrees_per_fs"] =
        Moments(motion.slow_velocity_moments(), motion.slow_velocity(), 2.0 * o.slow_velocity_max / bins);
    (*doc)["kinds"][kind.name] = entry;
  }

  static Json Moments(const MeanAndSpread& moments, const BlockMean& density, double width) {
    double inside = 0.0;
    for (double p : density.Mean()) inside += p * width;
    return {{"mean", ToJson(moments.mean)},
            {"sd", ToJson(moments.sd)},
            {"share_within_bins", NumberOrNull(inside)}};
  }

  const StructureContext& context_;
  std::vector<TetrahedronKind> kinds_;
  std::vector<TetrahedronMotion> motions_;
};

class BondAngle : public Observable {
 public:
  BondAngle(const StructureContext& context, std::vector<TetrahedronKind> kinds)
      : kinds_(std::move(kinds)), mobile_(context.mobile[0]) {
    BondAngleMap::Options options;
    options.threads = context.options.threads;
    for (const auto& kind : kinds_) maps_.emplace_back(context.atoms, kind.members, mobile_, options);
  }
  void Add(std::span<const Snapshot> frames) override {
    for (auto& map : maps_) map.Add(frames);
  }
  void Report(Findings* out) const override {
    Json& doc = out->document["bond_angle"];
    doc = {
        {"definition",
         "r = |ion - X|, phi = bond angle A-X-ion of every bond A-X; raw: probability density per angstrom "
         "and degree; reduced: divided by that of ions spread evenly (r^2 sin phi): 1 for an ideal gas"}};
    for (size_t k = 0; k < kinds_.size(); ++k) {
      const auto& map = maps_[k];
      const auto raw = map.raw().Mean(), reduced = map.reduced().Mean(),
                 error = map.reduced().StandardError();
      Table table{"bond-angle-" + kinds_[k].name + "-" + mobile_,
                  {"r_angstrom", "phi_degrees", "raw_per_angstrom_degree", "reduced", "reduced_error"},
                  {{}, {}, raw, reduced, error}};
      for (size_t i = 0; i < raw.size(); ++i) {
        table.values[0].push_back(map.r(i / map.angle_bins()));
        table.values[1].push_back(map.angle(i % map.angle_bins()));
      }
      doc["kinds"][kinds_[k].name] = {{"mobile", mobile_}, {"csv", table.name + ".csv"}};
      out->tables.push_back(std::move(table));
    }
  }

 private:
  std::vector<TetrahedronKind> kinds_;
  std::string mobile_;
  std::vector<BondAngleMap> maps_;
};

}  // namespace

std::unique_ptr<Observable> MakeAngles(const StructureContext& context) {
  auto kinds = FindTetrahedra(context);
  if (kinds.empty()) return nullptr;
  return std::make_unique<Angles>(context, std::move(kinds));
}

std::unique_ptr<Observable> MakeBondAngle(const StructureContext& context) {
  auto kinds = FindTetrahedra(context);
  std::erase_if(kinds, [](const TetrahedronKind& kind) { return kind.centre.empty(); });
  if (kinds.empty() || context.mobile.empty()) return nullptr;
  return std::make_unique<BondAngle>(context, std::move(kinds));
}

}  // namespace superion::analysis
