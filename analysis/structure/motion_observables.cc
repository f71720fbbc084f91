// The van Hove functions with what goes with them.
#include <cmath>

#include "analysis/structure/observable.h"
#include "analysis/structure/van_hove.h"

namespace superion::analysis {
namespace {

constexpr double kLagsPerDecade = 8.0;
constexpr double kSelfRange = 10.0, kSelfBin = 0.1, kDistinctBin = 0.05;  // Å
constexpr size_t kMostOrigins = 128, kVectorsPerLength = 4;

size_t LongestLag(const StructureContext& context) {
  const double wanted = context.options.longest_lag_ps > 0.0
                            ? context.options.longest_lag_ps / context.interval_ps
                            : static_cast<double>(context.shortest_seed / 4);
  return static_cast<size_t>(std::min(wanted + 1e-9, static_cast<double>(context.shortest_seed - 1)));
}

size_t Origins(const StructureContext& context) {
  const double bytes = 72.0 * static_cast<double>(context.atoms.size());
  return static_cast<size_t>(std::clamp(0.25 * static_cast<double>(context.options.most_bytes) / bytes, 2.0,
                                        static_cast<double>(kMostOrigins)));
}

class VanHove : public Observable {
 public:
  explicit VanHove(const StructureContext& context)
      : context_(context), windows_(LongestLag(context), kLagsPerDecade, Origins(context)) {
    SelfVanHove::Options options;
    options.bins = {kSelfBin, static_cast<size_t>(std::lround(kSelfRange / kSelfBin))};
    options.wave_vectors = WaveVectors(context.mean.cell, context.options.wave_numbers, kVectorsPerLength);
    options.threads = context.options.threads;
    const DistanceBins distances{
        kDistinctBin,
        static_cast<size_t>(std::min(context.options.r_max_angstrom, InscribedRadius(context.mean.cell)) /
                            kDistinctBin)};
    for (const auto& name : Species()) {
      self_.emplace_back(context.atoms, name, windows_.lags().size(), options);
      distinct_.emplace_back(context.atoms, name, windows_.lags().size(), distances, context.options.threads);
    }
  }

  void Add(std::span<const Snapshot> frames) override {
    const auto pairs = windows_.Add(frames);
    for (auto& self : self_) self.Add(pairs);
    for (auto& distinct : distinct_) distinct.Add(pairs);
  }

  void Report(Findings* out) const override {
    Json& doc = out->document["van_hove"];
    doc = {{"definition_self",
            "G_s(r,t) = <displacements in the bin>/(4 pi/3 (r2^3 - r1^3)) per ion, 1/angstrom^3; "
            "integral of 4 pi r^2 G_s = 1; alpha2 = 3<r^4>/(5<r^2>^2) - 1; F_s = <cos q.dr>"},
           {"definition_distinct",
            "G_d(r,t)/rho = V/(N(N-1)) <j != i with |r_j(0) - r_i(t)| in the bin>/shell, nearest "
            "images of both times: 1 far away, g(r) at t = 0"},
           {"frame", "centre of mass of the framework"},
           {"origins_every_ps", static_cast<double>(windows_.origin_stride()) * context_.interval_ps}};
    for (const auto& self : self_) ReportSelf(self, out, &doc);
    for (const auto& distinct : distinct_) ReportDistinct(distinct, out);
  }

 private:
  std::vector<std::string> Species() const {
    return context_.mobile.empty() ? context_.atoms.names : context_.mobile;
  }
  double Time(size_t lag) const { return static_cast<double>(windows_.lags()[lag]) * context_.interval_ps; }

  void ReportSelf(const SelfVanHove& self, Findings* out, Json* doc) const {
    const auto& bins = self.options().bins;
    Table map{"van-hove-self-" + self.species(),
              {"t_ps", "r_angstrom", "g_s_per_angstrom3", "g_s_error"},
              std::vector<std::vector<double>>(4)};
    Table curve{"displacement-" + self.species(),
                {"t_ps", "msd_angstrom2", "msd_error", "alpha2", "alpha2_error", "beyond_last_bin"},
                std::vector<std::vector<double>>(6)};
    Table scattering{"scattering-" + self.species(),
                     {"t_ps", "q_per_angstrom", "f_s", "f_s_error"},
                     std::vector<std::vector<double>>(4)};
    for (size_t l = 1; l < self.lags().size(); ++l) {
      const auto& at = self.lags()[l];
      const auto g = at.density.Mean(), error = at.density.StandardError();
      for (size_t k = 0; k < bins.n; ++k) Row({Time(l), bins.middle(k), g[k], error[k]}, &map);
      const auto moments = at.moments.Mean();
      std::vector<double> alpha;
      for (size_t b = 0; b < at.moments.blocks(); ++b) {
        const auto m = at.moments.OfBlock(b);
        if (std::isfinite(m[0])) alpha.push_back(NonGaussian(m[0], m[1]));
      }
      Row({Time(l), moments[0], at.moments.StandardError()[0], NonGaussian(moments[0], moments[1]),
           MeanOfBlocks(alpha).error, moments[2]},
          &curve);
      const auto f = at.scattering.Mean(), f_error = at.scattering.StandardError();
      for (size_t q = 0; q < f.size(); ++q)
        Row({Time(l), Norm(self.options().wave_vectors[q]), f[q], f_error[q]}, &scattering);
    }
    (*doc)["species"][self.species()] = {{"csv_self", map.name + ".csv"},
                                         {"csv_displacement", curve.name + ".csv"},
                                         {"csv_scattering", scattering.name + ".csv"},
                                         {"csv_distinct", "van-hove-distinct-" + self.species() + ".csv"}};
    for (Table* table : {&map, &curve, &scattering}) out->tables.push_back(std::move(*table));
  }

  void ReportDistinct(const DistinctVanHove& distinct, Findings* out) const {
    Table map{"van-hove-distinct-" + distinct.species(),
              {"t_ps", "r_angstrom", "g_d_over_rho", "g_d_over_rho_error"},
              std::vector<std::vector<double>>(4)};
    for (size_t l = 0; l < distinct.lags().size(); ++l) {
      const auto g = distinct.lags()[l].Mean(), error = distinct.lags()[l].StandardError();
      if (distinct.lags()[l].blocks() == 0) continue;
      for (size_t k = 0; k < distinct.complete_bins(); ++k)
        Row({Time(l), distinct.bins().middle(k), g[k], error[k]}, &map);
    }
    out->tables.push_back(std::move(map));
  }

  static void Row(std::initializer_list<double> row, Table* table) {
    size_t c = 0;
    for (double v : row) table->values[c++].push_back(v);
  }

  const StructureContext& context_;
  DisplacementWindows windows_;
  std::vector<SelfVanHove> self_;
  std::vector<DistinctVanHove> distinct_;
};

}  // namespace

std::unique_ptr<Observable> MakeVanHove(const StructureContext& context) {
  if (context.shortest_seed < 2) return nullptr;
  return std::make_unique<VanHove>(context);
}

}  // namespace superion::analysis
