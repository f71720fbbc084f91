// Occupation of sites and hops between them, per mobile species.
#include <algorithm>
#include <cmath>

#include "analysis/structure/density_peaks.h"
#include "analysis/structure/hops.h"
#include "analysis/structure/observable.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kCm2PerS = 1e-4;  // of one Å²/ps
constexpr double kFewInCores = 0.5;
constexpr double kLargestCore = 1.5;  // Å

void Row(std::initializer_list<double> row, Table* table) {
  size_t c = 0;
  for (double v : row) table->values[c++].push_back(v);
}

class Sites : public Observable {
 public:
  explicit Sites(const StructureContext& context) : context_(context) {
    for (const auto& name : context.mobile) {
      HopTracker::Options options;
      options.interval_ps = context.interval_ps;
      options.residence_frames =
          static_cast<size_t>(context.options.residence_ps / context.interval_ps + 1e-9);
      options.shortest_block = context.shortest_block;
      trackers_.emplace_back(
          MakeSites(Places(name), context.mean.cell, context.options.core_share, kLargestCore),
          context.atoms.of.at(name), options);
    }
  }

  void BeginSeed(const std::vector<Vec3>& /*mean_places*/) override {
    for (auto& tracker : trackers_) tracker.BeginSeed();
  }
  void Add(std::span<const Snapshot> frames) override {
    for (auto& tracker : trackers_) tracker.Add(frames);
  }

  void Report(Findings* out) const override {
    Json& doc = out->document["sites"];
    doc = {
        {"definition",
         "an ion holds the site whose core it entered last, once it was seen there for the residence time "
         "without having come back: visits that end earlier are returns, not hops. Core: a sphere of "
         "core_share of the distance to the nearest other site. D of a random walk: rate <l^2>/6; "
         "correlation factor: tracer D (slope of the mean-square displacement) over that; cosines: "
         "<l_i.l_(i+k)>/<l^2> of an ion's successive jumps; of_cosine: (1 + c1)/(1 - c1), exact where only "
         "neighbouring jumps are correlated"},
        {"residence_ps", context_.options.residence_ps},
        {"core_share", context_.options.core_share},
        {"separation_angstrom", context_.options.site_separation_angstrom}};
    for (size_t k = 0; k < trackers_.size(); ++k) ReportSpecies(context_.mobile[k], trackers_[k], out);
  }

 private:
  std::vector<Vec3> Places(const std::string& name) const {
    const auto& given = context_.options.site_fractions;
    if (const auto found = given.find(name); found != given.end()) return found->second;
    const DensityMap& map = *context_.densities.at(name);
    PeakOptions options;
    options.separation_angstrom = context_.options.site_separation_angstrom;
    return DensityMaxima(map.Density(), map.shape(), map.MeanCell(), options);
  }

  Json Numbers(const std::string& name, const HopTracker& t) const {
    const Estimate random = t.RandomDiffusion(), tracer = t.TracerDiffusion();
    const auto cm2 = [](const Estimate& d) {
      return ToJson(Estimate{kCm2PerS * d.value, kCm2PerS * d.error});
    };
    Json cosines = Json::array();
    for (const Estimate& c : t.Cosines()) cosines.push_back(ToJson(c));
    const Estimate c1 = t.Cosines().front();
    const double slope = 2.0 / ((1.0 - c1.value) * (1.0 - c1.value));
    const auto window = t.TracerWindow();
    return {{"sites", t.sites().size()},
            {"ions", context_.atoms.of.at(name).size()},
            {"from", context_.options.site_fractions.count(name) ? "reference structure" : "density maxima"},
            {"share_in_cores", NumberOrNull(t.CoreShare())},
            {"hops", t.hops()},
            {"returns", t.returns()},
            {"rate_per_ion_per_ps", ToJson(t.Rate())},
            {"mean_jump_angstrom", ToJson(t.MeanLength())},
            {"mean_square_jump_angstrom2", ToJson(t.MeanSquareLength())},
            {"d_random_cm2_per_s", cm2(random)},
            {"d_tracer_cm2_per_s", cm2(tracer)},
            {"d_upper_bound_cm2_per_s",
             std::isfinite(tracer.value) ? Json() : NumberOrNull(kCm2PerS * t.DiffusionBound())},
            {"d_tracer_window_ps", {NumberOrNull(window.first), NumberOrNull(window.second)}},
            {"correlation_factor", ToJson(t.CorrelationFactor())},
            {"correlation_factor_of_cosine",
             ToJson(Estimate{(1.0 + c1.value) / (1.0 - c1.value), slope * c1.error})},
            {"jump_cosines", cosines},
            {"csv_sites", "sites-" + name + ".csv"},
            {"csv_hops", "hops-" + name + ".csv"},
            {"csv_events", "hop-events-" + name + ".csv"},
            {"csv_lengths", "jump-lengths-" + name + ".csv"}};
  }

  // Empty where there is diffusion.
  static std::string WhyNoDiffusion(const std::string& name, const HopTracker& t) {
    if (std::isfinite(t.TracerDiffusion().value)) return "";
    const double bound = kCm2PerS * t.DiffusionBound();
    const std::string below =
        std::isfinite(bound) ? fmt::format(", D is below {:.2g} cm²/s (95 %)", bound) : "";
    if (t.hops() > 0.0)
      return fmt::format("sites: the displacement of {} shows no diffusion beyond its error{}", name, below);
    return fmt::format("sites: no hop of {} was seen in {:.4g} ps of its ions{}{}", name, t.ion_time_ps(),
                       below,
                       below.empty() ? "" : fmt::format(" for hops of {:.3g} Å", t.sites().nearest_angstrom));
  }

  void ReportSpecies(const std::string& name, const HopTracker& t, Findings* out) const {
    out->document["sites"]["species"][name] = Numbers(name, t);
    if (const std::string why = WhyNoDiffusion(name, t); !why.empty()) out->document["notes"].push_back(why);
    if (t.CoreShare() < kFewInCores)
      out->document["notes"].push_back(fmt::format(
          "sites: {} is in the core of a site for {:.0f} % of the time only: its density has no clear "
          "sites, and what counts as a hop is a matter of definition",
          name, 100.0 * t.CoreShare()));
    if (t.sites().size() < context_.atoms.of.at(name).size())
      out->document["notes"].push_back(
          fmt::format("sites: {} sites for {} ions of {}: maxima of their density closer than {} Å are one; "
                      "give the sites, "
                      "or a smaller distance",
                      t.sites().size(), context_.atoms.of.at(name).size(), name,
                      context_.options.site_separation_angstrom));
    Table sites{"sites-" + name,
                {"site", "a", "b", "c", "x_angstrom", "y_angstrom", "z_angstrom", "core_angstrom",
                 "occupation", "hops_from", "residence_ps"},
                std::vector<std::vector<double>>(11)};
    const auto occupation = t.Occupation(), from = t.HopsFrom();
    const double time = t.ion_time_ps() / static_cast<double>(context_.atoms.of.at(name).size());
    for (size_t k = 0; k < t.sites().size(); ++k) {
      const Vec3 s = t.sites().fractions[k], r = s * t.sites().cell;
      Row({static_cast<double>(k), s[0], s[1], s[2], r[0], r[1], r[2], t.sites().core_angstrom[k],
           occupation[k], from[k], from[k] > 0.0 ? occupation[k] * time / from[k] : NAN},
          &sites);
    }
    Table edges{"hops-" + name, {"from", "to", "hops"}, std::vector<std::vector<double>>(3)};
    for (const auto& [pair, hops] : t.edges())
      Row({static_cast<double>(pair.first), static_cast<double>(pair.second), hops}, &edges);
    Table events{
        "hop-events-" + name, {"seed", "t_ps", "atom", "from", "to"}, std::vector<std::vector<double>>(5)};
    for (const HopTracker::Event& e : t.events())
      Row({static_cast<double>(e.seed), context_.interval_ps * static_cast<double>(e.frame),
           static_cast<double>(e.ion), static_cast<double>(e.from), static_cast<double>(e.to)},
          &events);
    Table lengths{"jump-lengths-" + name, {"length_angstrom", "hops"}, std::vector<std::vector<double>>(2)};
    for (size_t k = 0; k < t.length_bins().size(); ++k)
      Row({0.1 * (static_cast<double>(k) + 0.5), t.length_bins()[k]}, &lengths);
    for (Table* table : {&sites, &edges, &events, &lengths}) out->tables.push_back(std::move(*table));
  }

  const StructureContext& context_;
  std::vector<HopTracker> trackers_;
};

}  // namespace

std::unique_ptr<Observable> MakeSitesObservable(const StructureContext& context) {
  if (context.mobile.empty() || context.shortest_seed < 2) return nullptr;
  for (const auto& name : context.mobile) {
    if (!context.options.site_fractions.count(name) && !context.densities.count(name)) return nullptr;
  }
  return std::make_unique<Sites>(context);
}

}  // namespace superion::analysis
