// The density of states per species with its moments and entropies.
#include <algorithm>
#include <cmath>
#include <functional>

#include "analysis/series/filter.h"
#include "analysis/structure/observable.h"
#include "analysis/vibration/entropy.h"
#include "analysis/vibration/spectrum.h"
#include "analysis/vibration/velocity_correlation.h"
#include "core/units.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kCm2PerS = 1e-4;                     // of one Å²/ps
constexpr double kModesMissing = 0.1, kFolded = 0.2;  // shares beyond which a spectrum has no entropy

size_t LongestLag(const StructureContext& context) {
  const auto wanted = static_cast<size_t>(context.options.correlation_ps / context.interval_ps + 0.5);
  return std::max<size_t>(1, std::min(wanted, (context.shortest_block - 1) / 2));
}

class Vdos : public Observable {
 public:
  explicit Vdos(const StructureContext& context)
      : context_(context), correlation_(context.atoms, OptionsFor(context)) {}

  void Add(std::span<const Snapshot> frames) override { correlation_.Add(frames); }
  void EndSeed() override { correlation_.EndSeed(); }

  void Report(Findings* out) const override {
    const double kinetic_k = KineticTemperature();
    const double temperature_k = context_.temperature_k > 0.0 ? context_.temperature_k : kinetic_k;
    Json& doc = out->document["vdos"];
    const double interval = context_.interval_ps;
    const double resolution =
        Wavenumber(kPi / (static_cast<double>(correlation_.options().longest) * interval));
    doc = {{"definition",
            "g(w) = 2/(pi kB T) sum_i m_i int_0^inf <v_i(0).v_i(t)> cos(wt) dt, integral 3N; Wiener-Khinchin "
            "over all time "
            "origins, Hann window cos^2(pi t/(2 t_max)) on the correlation"},
           {"velocities",
            context_.velocities
                ? "of the files"
                : "differences of positions one interval apart; g divided by [sin(wh/2)/(wh/2)]^2; modes "
                  "above the last frequency would be folded into it"},
           {"t_max_ps", static_cast<double>(correlation_.options().longest) * interval},
           {"resolution_cm1", resolution},
           {"last_frequency_cm1", 0.5 / interval * kWavenumberPerThz},
           {"temperature_k", NumberOrNull(temperature_k)},
           {"temperature_from", context_.temperature_k > 0.0 ? "given or of the files" : "kinetic energy"},
           {"kinetic_temperature_k", NumberOrNull(kinetic_k)},
           {"atoms_used", correlation_.atoms_used()},
           {"smoothing_cm1", context_.options.smoothing_cm1}};
    double entropy = 0.0, atoms = 0.0;
    for (const auto& species : correlation_.species()) {
      entropy += ReportSpecies(species, temperature_k, out, &doc);
      atoms += static_cast<double>(species.atoms);
    }
    doc["entropy_kb_per_atom"] = NumberOrNull(entropy / atoms);
    doc["entropy_note"] =
        "two-phase (gas and solid) for mobile species, quantum harmonic for the others; no mixing term; each "
        "g scaled to 3N";
  }

 private:
  static VelocityCorrelation::Options OptionsFor(const StructureContext& context) {
    VelocityCorrelation::Options options;
    options.interval_ps = context.interval_ps;
    options.longest = LongestLag(context);
    options.from_positions = !context.velocities;
    options.most_bytes = context.options.most_bytes / 4;
    options.threads = context.options.threads;
    return options;
  }
  SpectrumOptions Spectrum() const { return {context_.interval_ps, !context_.velocities}; }

  double KineticTemperature() const {
    double modes = 0.0, atoms = 0.0;
    for (const auto& species : correlation_.species()) {
      modes += DensityOfStates(species.correlation.Mean(), 1.0, Spectrum()).Integral();  // 3N kT at kT = 1 eV
      atoms += static_cast<double>(species.atoms);
    }
    return modes / (3.0 * atoms) / units::kBoltzmann;
  }

  // A number of every block, and of all together.
  Estimate Of(const VelocityCorrelation::Species& species, double kt,
              const std::function<double(const ModeDensity&)>& number) const {
    std::vector<double> blocks;
    for (size_t b = 0; b < species.correlation.blocks(); ++b) {
      const double value = number(DensityOfStates(species.correlation.OfBlock(b), kt, Spectrum()));
      if (std::isfinite(value)) blocks.push_back(value);
    }
    return {number(DensityOfStates(species.correlation.Mean(), kt, Spectrum())), MeanOfBlocks(blocks).error};
  }

  static ModeDensity Normalised(ModeDensity density, double modes) {
    const double scale = modes / density.Integral();
    for (double& g : density.g) g *= scale;
    return density;
  }

  // Scaled to 3N, any spectrum has an entropy: not where modes are missing or folded into others.
  std::string WhyNoEntropy(const std::string& name, const Estimate& modes, const ModeDensity& mean,
                           double temperature_k) const {
    const std::string sampling =
        fmt::format("frames every {:.4g} ps show frequencies up to {:.4g} cm⁻¹", context_.interval_ps,
                    0.5 / context_.interval_ps * kWavenumberPerThz);
    if (std::abs(modes.value - 1.0) > kModesMissing + 3.0 * modes.error)
      return fmt::format(
          "the modes of {} add to {:.3f} of 3N: its velocities are not those of {:.0f} K, or frames are too "
          "far "
          "apart for its vibrations ({}); no entropy is given",
          name, modes.value, temperature_k, sampling);
    const double ratio = LastTenth(mean);
    if (ratio <= kFolded) return "";
    return fmt::format(
        "the modes of {} have not ended at the last frequency, the density there is {:.2f} of its mean: {}, "
        "and "
        "what lies beyond is folded into them; no entropy is given",
        name, ratio, sampling);
  }

  // Mean of g over the last tenth of the frequencies in units of its mean over all.
  static double LastTenth(const ModeDensity& density) {
    const size_t n = density.g.size(), from = n - std::max<size_t>(1, n / 10);
    double last = 0.0, all = 0.0;
    for (size_t k = 0; k < n; ++k) {
      all += density.g[k];
      if (k >= from) last += density.g[k];
    }
    return last / static_cast<double>(n - from) / (all / static_cast<double>(n));
  }

  // Its entropy in kB, of all its atoms; no number where the spectrum allows none.
  double ReportSpecies(const VelocityCorrelation::Species& species, double temperature_k, Findings* out,
                       Json* doc) const {
    const double kt = units::kBoltzmann * temperature_k, atoms = static_cast<double>(species.atoms);
    const double volume = context_.mean.Volume(), mass = species.mass_u;
    const auto split = [&](const ModeDensity& g) {
      return SplitTwoPhase(Normalised(g, 3.0 * atoms), atoms, mass, volume, kt);
    };
    const auto centre = [](const ModeDensity& g) { return Wavenumber(BandCentre(g)); };
    const bool diffusive = context_.IsMobile(species.name) || context_.mobile.empty();
    Json entry = {{"atoms", species.atoms},
                  {"csv", "vdos-" + species.name + ".csv"},
                  {"integral_over_3n",
                   ToJson(Of(species, kt, [&](const auto& g) { return g.Integral() / (3.0 * atoms); }))},
                  {"band_centre_cm1", ToJson(Of(species, kt, centre))},
                  {"band_centre_range_cm1", {0.0, 0.5 / context_.interval_ps * kWavenumberPerThz}},
                  {"band_centre_without_diffusive_cm1",
                   ToJson(Of(species, kt, [&](const auto& g) { return centre(split(g).solid); }))},
                  {"rms_frequency_cm1",
                   ToJson(Of(species, kt,
                             [](const auto& g) { return Wavenumber(std::sqrt(MeanSquareFrequency(g))); }))},
                  {"d_of_zero_frequency_cm2_per_s", ToJson(Of(species, kt, [&](const auto& g) {
                     return kCm2PerS * DiffusionOfZeroFrequency(g, atoms, mass, kt);
                   }))}};
    const auto harmonic = [&](const ModeDensity& g) {
      return HarmonicEntropy(Normalised(g, 3.0 * atoms), kt) / atoms;
    };
    const auto two_phase = [&](const ModeDensity& g) { return split(g).entropy() / atoms; };
    const ModeDensity mean = DensityOfStates(species.correlation.Mean(), kt, Spectrum());
    const TwoPhase phases = split(mean);
    const Estimate modes = Of(species, kt, [&](const auto& g) { return g.Integral() / (3.0 * atoms); });
    const std::string unusable = WhyNoEntropy(species.name, modes, mean, temperature_k);
    if (!unusable.empty()) out->document["notes"].push_back("vdos: " + unusable);
    const auto entropy = [&](const std::function<double(const ModeDensity&)>& number) {
      return unusable.empty() ? ToJson(Of(species, kt, number))
                              : Json{{"value", nullptr}, {"error", nullptr}};
    };
    const auto part = [&](double value) { return unusable.empty() ? NumberOrNull(value) : Json(); };
    entry["entropy_harmonic_kb_per_atom"] = entropy(harmonic);
    entry["two_phase"] = {
        {"fluidicity", ToJson(Of(species, kt, [&](const auto& g) { return split(g).fluidicity; }))},
        {"entropy_kb_per_atom", entropy(two_phase)},
        {"gas_kb_per_atom", part(phases.gas_entropy / atoms)},
        {"solid_kb_per_atom", part(phases.solid_entropy / atoms)},
        {"gas_with_ln_z_kb_per_atom", part(phases.published_gas_entropy / atoms)}};
    entry["entropy_used"] = !unusable.empty() ? "none" : diffusive ? "two_phase" : "harmonic";
    if (!unusable.empty()) entry["entropy_unusable"] = unusable;
    (*doc)["species"][species.name] = entry;
    AddTable(species, mean, phases, kt, out);
    if (!unusable.empty()) return std::nan("");
    return atoms * (diffusive ? two_phase(mean) : harmonic(mean));
  }

  // Per atom and THz: the integral over frequency is 3.
  void AddTable(const VelocityCorrelation::Species& species, const ModeDensity& mean, const TwoPhase& phases,
                double kt, Findings* out) const {
    const double scale = 2.0 * kPi / static_cast<double>(species.atoms);
    BlockMean blocks(mean.g.size());
    for (size_t b = 0; b < species.correlation.blocks(); ++b) {
      const auto g = DensityOfStates(species.correlation.OfBlock(b), kt, Spectrum()).g;
      if (std::isfinite(g[0])) blocks.Add(b, g, 1.0);
    }
    const auto error = blocks.StandardError();
    const double per_point = Wavenumber(mean.step);
    const auto half = static_cast<size_t>(std::max(1.0, 0.5 * context_.options.smoothing_cm1 / per_point));
    const auto smooth = SavitzkyGolay(mean.g, half, 2);
    Table table{"vdos-" + species.name,
                {"wavenumber_cm1", "frequency_thz", "g_per_thz_atom", "g_error", "g_smoothed_for_display",
                 "gas_part", "solid_part"},
                std::vector<std::vector<double>>(7)};
    for (size_t k = 0; k < mean.g.size(); ++k) {
      const double row[] = {Wavenumber(mean.omega(k)), mean.omega(k) / (2.0 * kPi), scale * mean.g[k],
                            scale * error[k],          scale * smooth[k],           scale * phases.gas.g[k],
                            scale * phases.solid.g[k]};
      for (size_t c = 0; c < 7; ++c) table.values[c].push_back(row[c]);
    }
    out->tables.push_back(std::move(table));
  }

  const StructureContext& context_;
  VelocityCorrelation correlation_;
};

}  // namespace

std::unique_ptr<Observable> MakeVdos(const StructureContext& context) {
  if (context.shortest_block < 16) return nullptr;
  return std::make_unique<Vdos>(context);
}

}  // namespace superion::analysis
