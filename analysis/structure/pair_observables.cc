// Observables of distances: pair distributions, coordination, density maps, B factors.
#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/structure/b_factor.h"
#include "analysis/structure/coordination.h"
#include "analysis/structure/density_map.h"
#include "analysis/structure/observable.h"
#include "analysis/structure/radial_distribution.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

// First maximum at least half as high as the highest, and the minimum after it, of g smoothed over ± 0.1 Å.
// Not found where it does not stand out of 1 by four errors: without it g has no shells.
struct Shell {
  size_t peak = 0, minimum = 0;
  bool found = false;
};

std::vector<double> Smoothed(const std::vector<double>& g, double width) {
  const auto half = static_cast<size_t>(std::max<long>(1, std::lround(0.1 / width)));
  std::vector<double> out(g.size(), 0.0);
  for (size_t k = 0; k < g.size(); ++k) {
    const size_t first = k < half ? 0 : k - half, last = std::min(g.size() - 1, k + half);
    for (size_t j = first; j <= last; ++j) out[k] += g[j] / static_cast<double>(last - first + 1);
  }
  return out;
}

Shell FirstShell(const std::vector<double>& g, const std::vector<double>& error, double width) {
  Shell out;
  const auto smooth = Smoothed(g, width), noise = Smoothed(error, width);
  const double bins = std::max(1.0, 0.2 / width);
  const auto stands_out = [&](size_t k) { return !(smooth[k] < 1.0 + 4.0 * noise[k] / std::sqrt(bins)); };
  const double highest = smooth.empty() ? 0.0 : *std::max_element(smooth.begin(), smooth.end());
  if (!(highest > 0.0)) return out;
  while (out.peak < g.size() && (smooth[out.peak] < 0.5 * highest || !stands_out(out.peak))) ++out.peak;
  if (out.peak == g.size()) return out;
  out.minimum = out.peak;
  // Down until it rises again by a tenth of the peak; a higher point on the way is the peak.
  for (size_t k = out.peak; k < smooth.size(); ++k) {
    if (smooth[k] > smooth[out.peak]) out.peak = out.minimum = k;
    if (smooth[k] < smooth[out.minimum]) out.minimum = k;
    out.found = smooth[k] > smooth[out.minimum] + 0.1 * smooth[out.peak];
    if (out.found) break;
  }
  return out;
}

class Rdf : public Observable {
 public:
  explicit Rdf(const StructureContext& context)
      : atoms_(context.atoms),
        rdf_(atoms_, OptionsFor(context)),
        inscribed_(InscribedRadius(context.mean.cell)) {}

  void Add(std::span<const Snapshot> frames) override { rdf_.Add(frames); }

  void Report(Findings* out) const override {
    Json& doc = out->document["rdf"];
    doc = {{"definition",
            "g_AB(r) = V/(N_A N_B') <pairs in the bin>/(4 pi/3 (r2^3 - r1^3)), N_B' = N_B - delta_AB; "
            "n_AB(r): mean "
            "number of B within r of an A, counted"},
           {"bin_angstrom", rdf_.bins().width},
           {"r_max_angstrom", rdf_.bins().inner(rdf_.complete_bins())},
           {"largest_sphere_in_cell_angstrom", inscribed_},
           {"images", rdf_.images() ? "every image, an atom's own too" : "nearest image"}};
    for (const auto& pair : rdf_.pairs()) ReportPair(pair, out, &doc);
  }

 private:
  static RadialDistribution::Options OptionsFor(const StructureContext& context) {
    const auto& o = context.options;
    // A little less than the sphere: a barostat may shrink the cell.
    const bool images = o.r_max_angstrom > InscribedRadius(context.mean.cell) * 0.97;
    return {o.r_max_angstrom, o.bin_angstrom, images, o.threads};
  }

  void ReportPair(const PairDistribution& pair, Findings* out, Json* doc) const {
    const size_t n = rdf_.complete_bins();
    const auto g = pair.g.Mean(), error = pair.g.StandardError();
    const auto ab = pair.coordination_ab.Mean(), ba = pair.coordination_ba.Mean();
    const auto ab_error = pair.coordination_ab.StandardError();
    const std::string n_ab = "n_" + pair.a + pair.b, n_ba = "n_" + pair.b + pair.a;
    Table table{"rdf-" + pair.a + "-" + pair.b, {"r_angstrom", "g", "g_error", n_ab, n_ab + "_error"}, {}};
    if (n_ba != n_ab) table.columns.push_back(n_ba);  // of one species it is the same number
    table.values.resize(table.columns.size());
    for (size_t k = 0; k < n; ++k) {
      const double row[] = {rdf_.bins().middle(k), g[k], error[k], ab[k], ab_error[k], ba[k]};
      for (size_t c = 0; c < table.values.size(); ++c) table.values[c].push_back(row[c]);
    }
    const auto complete = [n](const std::vector<double>& v) {
      return std::vector<double>(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(n));
    };
    const Shell shell = FirstShell(complete(g), complete(error), rdf_.bins().width);
    Json entry = {{"csv", table.name + ".csv"}};
    if (shell.found) {
      entry["first_peak_angstrom"] = rdf_.bins().middle(shell.peak);
      entry["first_peak_g"] = g[shell.peak];
      entry["first_minimum_angstrom"] = rdf_.bins().inner(shell.minimum + 1);
      entry["coordination_to_first_minimum"] = ToJson(Estimate{ab[shell.minimum], ab_error[shell.minimum]});
    }
    (*doc)["pairs"][pair.a + "-" + pair.b] = entry;
    out->tables.push_back(std::move(table));
  }

  AtomTable atoms_;
  RadialDistribution rdf_;
  double inscribed_;
};

class CoordinationNumbers : public Observable {
 public:
  CoordinationNumbers(const StructureContext& context, std::string centre, std::string neighbor)
      : centre_(std::move(centre)),
        neighbor_(std::move(neighbor)),
        coordination_(context.atoms, centre_, neighbor_, Cutoffs(context.options), context.options.threads) {}

  void Add(std::span<const Snapshot> frames) override { coordination_.Add(frames); }

  void Report(Findings* out) const override {
    Table table{"coordination-" + centre_ + "-" + neighbor_,
                {"cutoff_angstrom", "n", "probability", "probability_error"},
                std::vector<std::vector<double>>(4)};
    Json list = Json::array();
    for (size_t c = 0; c < coordination_.cutoffs().size(); ++c) {
      const auto p = coordination_.probability(c).Mean(),
                 error = coordination_.probability(c).StandardError();
      size_t last = 0;
      for (size_t n = 0; n < p.size(); ++n) last = p[n] > 0.0 ? n : last;
      for (size_t n = 0; n <= last; ++n) {
        const double row[] = {coordination_.cutoffs()[c], static_cast<double>(n), p[n], error[n]};
        for (size_t k = 0; k < 4; ++k) table.values[k].push_back(row[k]);
      }
      list.push_back({{"cutoff_angstrom", coordination_.cutoffs()[c]},
                      {"mean", ToJson(coordination_.Mean(c))},
                      {"s_config_kb", ToJson(coordination_.LabelEntropy(c))},
                      {"probability",
                       std::vector<double>(p.begin(), p.begin() + static_cast<std::ptrdiff_t>(last) + 1)}});
    }
    out->document["coordination"] = {{"definition",
                                      "P(n; rc): share of centre ions with n neighbours within rc, over ions "
                                      "and frames, n from 0. s_config = -sum P "
                                      "ln P: entropy of the label n of one ion; depends on rc, not a "
                                      "thermodynamic configurational entropy"},
                                     {"centre", centre_},
                                     {"neighbor", neighbor_},
                                     {"cutoffs", list},
                                     {"csv", table.name + ".csv"}};
    out->tables.push_back(std::move(table));
  }

 private:
  static std::vector<double> Cutoffs(const StructureOptions& options) {
    if (!options.coordination_cutoffs.empty()) return options.coordination_cutoffs;
    std::vector<double> out;
    for (int k = 0; k <= 12; ++k) out.push_back(2.5 + 0.05 * k);
    return out;
  }
  std::string centre_, neighbor_;
  Coordination coordination_;
};

class Density : public Observable {
 public:
  explicit Density(const StructureContext& context) : context_(context) {
    for (const auto& name : context.mobile)
      maps_.emplace_back(context_.atoms, name, context.mean.cell, context.options.grid_angstrom);
  }
  void Add(std::span<const Snapshot> frames) override {
    for (auto& map : maps_) map.Add(frames);
  }
  void Report(Findings* out) const override {
    Json& doc = out->document["density"];
    doc = {{"definition",
            "ions per cubic Bohr radius on a grid along the cell vectors (Gaussian cube files), in the "
            "frame of the framework; half_share: part of the cell that holds half of the ions, boxes of "
            "highest density first"}};
    for (size_t k = 0; k < maps_.size(); ++k) {
      const std::string file = "density-" + context_.mobile[k] + ".cube";
      doc["species"][context_.mobile[k]] = {{"cube", file},
                                            {"shape", maps_[k].shape()},
                                            {"spacing_angstrom", maps_[k].Spacing()},
                                            {"half_share", maps_[k].HalfShare()}};
      out->cubes.emplace_back(file, maps_[k].CubeText());
    }
  }

 private:
  const StructureContext& context_;
  std::vector<DensityMap> maps_;
};

class BFactors : public Observable {
 public:
  explicit BFactors(const StructureContext& context) : context_(context), b_(context.atoms) {}
  void BeginSeed(const std::vector<Vec3>& mean_places) override { b_.BeginSeed(mean_places); }
  void Add(std::span<const Snapshot> frames) override { b_.Add(frames); }
  void Report(Findings* out) const override {
    Json& doc = out->document["b_factors"];
    doc = {{"definition",
            "B = 8 pi^2 <u_x^2>, u from the mean place of each atom over its seed, frame of the framework; "
            "of a periodic "
            "cell: too small by 8 pi^2 xi kB T/(12 pi L) [1/(lambda+2mu) + 2/mu], xi = 2.837297"},
           {"species", Json::object()}};
    for (const auto& name : context_.atoms.names) {
      if (context_.IsMobile(name)) continue;
      const auto u2 = b_.MeanSquare(name);
      doc["species"][name] = {
          {"b_angstrom2", ToJson(Estimate{DebyeWallerB(u2[3].value), DebyeWallerB(u2[3].error)})},
          {"u2_angstrom2", {ToJson(u2[0]), ToJson(u2[1]), ToJson(u2[2])}}};
    }
  }

 private:
  const StructureContext& context_;
  BFactor b_;
};

// The species that most atoms besides `centre` and the mobile ones belong to.
std::string Commonest(const StructureContext& context, const std::string& centre) {
  std::string best;
  size_t most = 0;
  for (const auto& name : context.atoms.names) {
    const size_t n = context.atoms.of.at(name).size();
    if (name != centre && !context.IsMobile(name) && n > most) most = n, best = name;
  }
  return best;
}

}  // namespace

std::unique_ptr<Observable> MakeRdf(const StructureContext& context) {
  return std::make_unique<Rdf>(context);
}

std::unique_ptr<Observable> MakeCoordination(const StructureContext& context) {
  std::string centre = context.options.coordination_centre;
  if (centre.empty() && !context.mobile.empty()) centre = context.mobile[0];
  std::string neighbor = context.options.coordination_neighbor;
  if (neighbor.empty()) neighbor = Commonest(context, centre);
  if (!context.atoms.of.count(centre) || !context.atoms.of.count(neighbor)) return nullptr;
  return std::make_unique<CoordinationNumbers>(context, centre, neighbor);
}

std::unique_ptr<Observable> MakeDensity(const StructureContext& context) {
  if (context.mobile.empty()) return nullptr;
  return std::make_unique<Density>(context);
}

std::unique_ptr<Observable> MakeBFactors(const StructureContext& context) {
  return std::make_unique<BFactors>(context);
}

}  // namespace superion::analysis
