#include "analysis/transport/tracer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <set>
#include <span>
#include <thread>

#include "analysis/series/distributions.h"
#include "analysis/series/jackknife.h"
#include "analysis/transport/tracer_window.h"

namespace superion::analysis {
namespace {

constexpr double kFrameworkFromPs = 5.0, kMeltExponent = 0.5;
constexpr size_t kIonsPerTask = 16;  // fixed, so that the sums do not depend on the number of threads

bool Contains(const std::vector<std::string>& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

absl::Status CheckSeeds(const std::vector<IonTrajectory>& seeds) {
  if (seeds.empty()) return InvalidArgument("tracer diffusion: no trajectory was given");
  for (const auto& seed : seeds) {
    if (seed.n_frames() < 8)
      return InvalidArgument("tracer diffusion: {} has {} frames, at least 8 are needed", seed.origin,
                             seed.n_frames());
    if (seed.species != seeds[0].species)
      return InvalidArgument("tracer diffusion: the atoms of {} are not those of {} in the same order",
                             seed.origin, seeds[0].origin);
    if (std::abs(seed.interval_ps / seeds[0].interval_ps - 1.0) > 1e-6)
      return InvalidArgument("tracer diffusion: {} has a frame every {} ps, {} every {} ps", seed.origin,
                             seed.interval_ps, seeds[0].origin, seeds[0].interval_ps);
  }
  return absl::OkStatus();
}

// Sums over the ions `atoms` of one seed, their positions relative to `centre`.
absl::StatusOr<BlockedSums> SumOverIons(const IonTrajectory& seed,
                                        const std::vector<std::vector<double>>& centre,
                                        const std::vector<size_t>& atoms, const std::vector<size_t>& lags,
                                        size_t n_blocks, int threads) {
  const size_t n_tasks = (atoms.size() + kIonsPerTask - 1) / kIonsPerTask;
  std::vector<BlockedSums> partial(n_tasks);
  std::vector<absl::Status> status(n_tasks);
  std::atomic<size_t> next{0};
  auto work = [&] {
    Components relative(3);
    for (size_t task = next++; task < n_tasks; task = next++) {
      for (size_t k = task * kIonsPerTask; k < std::min(atoms.size(), (task + 1) * kIonsPerTask); ++k) {
        for (size_t c = 0; c < 3; ++c) {
          status[task].Update(seed.Path(3 * atoms[k] + c, &relative[c]));
          for (size_t i = 0; i < relative[c].size(); ++i) relative[c][i] -= centre[c][i];
        }
        partial[task].Add(BlockedDisplacement(relative, lags, n_blocks));
      }
    }
  };
  std::vector<std::thread> pool;
  for (int t = 1; t < std::min<int>(threads, static_cast<int>(n_tasks)); ++t) pool.emplace_back(work);
  work();
  for (auto& thread : pool) thread.join();
  BlockedSums total;
  for (size_t task = 0; task < n_tasks; ++task) {
    SUPERION_RETURN_IF_ERROR(status[task]);
    total.Add(partial[task]);
  }
  return total;
}

// ln of the slope of `msd` over [t/2, t] to that over [t/4, t/2]; t in samples, linear between lags. 0 for
// diffusion with any bounded offset, -ln(2)/2 where the displacement goes as the root of time.
double OctaveRatio(const std::vector<double>& msd, const std::vector<size_t>& lags, double t) {
  const auto at = [&](double lag) { return AtLag(msd, lags, lag); };
  const double late = at(t) - at(t / 2), early = 2.0 * (at(t / 2) - at(t / 4));
  return std::log(std::max(late, 1e-300) / std::max(early, 1e-300));
}

// D* is refused where the slope of the MSD still falls over the last four octaves of lags: the ratios of
// neighbouring octaves, pooled by their errors, lie below -0.1 by two standard errors, and the last two go on
// falling (a cage that is left by then does not). Of single files (-0.35) four seeds let one in a hundred
// through, of normal diffusion fewer are refused (test ScienceT17SingleFile).
std::string SubdiffusionNote(const SpeciesMotion& motion) {
  const BlockedSums& sums = motion.curve.sums;
  const auto longest = static_cast<double>(sums.lags.back());
  if (longest < 64.0) return "";
  std::vector<std::vector<double>> without(3);
  double pooled[2] = {}, weights[2] = {};  // of the last two pairs of octaves, of all three
  double weight[3];
  for (size_t k = 0; k < 3; ++k) {
    const double t = longest / std::pow(2.0, static_cast<double>(k));
    for (size_t b = 0; b < sums.n_blocks; ++b)
      without[k].push_back(OctaveRatio(sums.MeanWithout(b), sums.lags, t));
    weight[k] = 1.0 / std::max(1e-12, std::pow(JackknifeSd(without[k]), 2.0));
    const double ratio = OctaveRatio(sums.Mean(), sums.lags, t);
    for (const size_t set : {size_t{0}, size_t{1}}) {
      if (set == 0 && k == 2) continue;
      pooled[set] += weight[k] * ratio, weights[set] += weight[k];
    }
  }
  std::vector<double> together;
  for (size_t b = 0; b < sums.n_blocks; ++b) {
    double sum = 0.0;
    for (size_t k = 0; k < 3; ++k) sum += weight[k] * without[k][b] / weights[1];
    together.push_back(sum);
  }
  const double late = pooled[0] / weights[0], all = pooled[1] / weights[1];
  if (all + 2.0 * JackknifeSd(together) > -0.1 || late > -0.1) return "";
  return fmt::format(
      "not defined: subdiffusive, the slope of the displacement falls by {:.0f} % per octave up to "
      "{:.3g} ps",
      100.0 * (1.0 - std::exp(all)), motion.curve.lag_ps(sums.lags.size() - 1));
}

// Empty where the displacement shows diffusion.
std::string WhyNoMotion(const DisplacementCurve& curve) {
  if (!LongEnough(curve))
    return fmt::format("not measured: no lag reaches {} ps, below which vibrations look like motion",
                       kSlowestVibrationPs);
  if (!DiffusionResolved(curve))
    return "no diffusion resolved: the displacement never exceeds twice its vibrational plateau";
  return "";
}

// `shift`: change of ln D* over the last step of the window's start.
void FitSpecies(const TracerWindow& window, double shift, const TracerOptions& options,
                SpeciesMotion* motion) {
  motion->note = SubdiffusionNote(*motion);
  if (!motion->note.empty()) return;
  const BlockedSums& sums = motion->curve.sums;
  const double d = window.Slope(sums.Mean()) / 6.0;
  if (!(d > 0.0)) {
    motion->note = "not defined: the fitted slope is not positive";
    return;
  }
  motion->d_angstrom2_per_ps = d;
  motion->s_d = std::hypot(JackknifeSd(window.LogSlopes(sums)), shift);
  const double a2 = options.site_distance_angstrom * options.site_distance_angstrom;
  if (a2 > 0.0) {
    motion->hops = static_cast<double>(motion->ions) * 6.0 * d * motion->curve.total_time_ps / a2;
    // He, Zhu, Epstein & Mo, npj Comput. Mater. 4, 18 (2018), doi:10.1038/s41524-018-0074-y.
    motion->s_d = std::max(motion->s_d, 3.43 / std::sqrt(motion->hops) + 0.04);
  }
}

void CheckFramework(TracerResult* out) {
  for (const auto& motion : out->species) {
    if (motion.mobile) continue;
    const auto mean = motion.curve.sums.Mean();
    if (mean.empty()) continue;
    // Shorter runs cannot show that a framework stays, but that it melts.
    const double from =
        std::clamp(motion.curve.lag_ps(mean.size() - 1) / 3.0, kSlowestVibrationPs, kFrameworkFromPs);
    std::vector<double> x, y;
    for (size_t l = 0; l < mean.size(); ++l) {
      if (motion.curve.lag_ps(l) >= from && mean[l] > 0.0) {
        x.push_back(std::log(motion.curve.lag_ps(l)));
        y.push_back(std::log(mean[l]));
      }
    }
    if (mean.back() == 0.0 && motion.curve.lag_ps(mean.size() - 1) >= 10.0) {
      out->framework_measured = true;
      continue;
    }
    if (x.size() < 4 || x.back() - x.front() < std::log(2.0)) continue;
    double mx = 0.0, my = 0.0, xx = 0.0, xy = 0.0;
    const auto n = static_cast<double>(x.size());
    for (size_t i = 0; i < x.size(); ++i) mx += x[i] / n, my += y[i] / n;
    for (size_t i = 0; i < x.size(); ++i) xx += (x[i] - mx) * (x[i] - mx), xy += (x[i] - mx) * (y[i] - my);
    const double beta = xy / xx;
    if (from < kFrameworkFromPs && beta < kMeltExponent) continue;
    out->framework_measured = true;
    // Below a tenth of an Ångström nothing diffuses, whatever the shape of the curve.
    if (mean.back() < 0.01) continue;
    if (beta > out->framework_exponent) out->framework_exponent = beta;
    if (beta >= 0.2) {
      out->framework_stable = false;
      const double plateau = std::exp(y.front());
      double crossing = motion.curve.lag_ps(mean.size() - 1);
      for (size_t l = mean.size(); l-- > 0;) {
        if (mean[l] > 2.0 * plateau) crossing = motion.curve.lag_ps(l);
      }
      out->framework_note += fmt::format(
          "{}{} moves: beta = {:.2f} beyond {:.3g} ps, twice the displacement there after {:.3g} ps",
          out->framework_note.empty() ? "" : "; ", motion.species, beta, from, crossing);
    }
  }
}

// Jackknife of ln(σ_NE/σ) over (seed, block): both from the same lags of the same trajectories.
void FitHaven(const std::vector<IonTrajectory>& seeds, const TracerWindow& window,
              const TracerOptions& options, TracerResult* out) {
  std::vector<BlockedSums> parts;
  const auto& lags = out->species[0].curve.sums.lags;
  for (const auto& seed : seeds) {
    Components p(3, std::vector<double>(seed.n_frames(), 0.0));
    for (const SpeciesPath& path : SpeciesPaths(seed)) {
      const double q = options.charges.at(path.species);
      for (size_t c = 0; c < 3; ++c) {
        for (size_t i = 0; i < p[c].size(); ++i) p[c][i] += q * path.displacement[c][i];
      }
    }
    parts.push_back(BlockedDisplacement(p, lags, BlocksPerSeed(seeds.size())));
  }
  const BlockedSums collective = Concatenate(parts);
  std::vector<double> ratios, nernst_einstein;
  for (size_t b = 0; b < collective.n_blocks; ++b) {
    double ne = 0.0;
    for (const auto& motion : out->species) {
      if (!motion.d_angstrom2_per_ps) continue;
      const double z = options.charges.at(motion.species);
      const double d = window.Slope(motion.curve.sums.MeanWithout(b)) / 6.0;
      ne += static_cast<double>(motion.ions) * z * z * d;
    }
    const double full = window.Slope(collective.MeanWithout(b)) / 6.0;
    ratios.push_back(std::log(std::max(ne, 1e-300) / std::max(full, 1e-300)));
    nernst_einstein.push_back(std::log(std::max(ne, 1e-300)));
  }
  out->haven_s = JackknifeSd(ratios);
  out->haven_dof = static_cast<double>(ratios.size() - 1);
  out->s_ne = JackknifeSd(nernst_einstein);
}

// D* of the species that move, and what follows from all of them.
void FitMoving(const std::vector<IonTrajectory>& seeds, const TracerOptions& options, size_t n_increments,
               TracerResult* out) {
  const double interval = seeds[0].interval_ps;
  const auto first = static_cast<size_t>(std::max(1.0, std::ceil(options.tau_min_ps / interval - 1e-9)));
  // A species that stays has no slope, and must not choose the window of those that move.
  std::vector<SpeciesMotion*> moving;
  std::vector<const BlockedSums*> displacements;
  bool all_move = true;
  for (auto& motion : out->species) {
    if (!motion.mobile) continue;
    if (motion.note = WhyNoMotion(motion.curve); motion.note.empty()) {
      moving.push_back(&motion);
      displacements.push_back(&motion.curve.sums);
    } else {
      all_move = false;
    }
  }
  if (moving.empty()) return;
  const auto choice = ChooseTracerWindow(displacements, interval, n_increments, first, (n_increments) / 4);
  if (!choice.ok()) {
    for (auto& motion : out->species) motion.note = "too few frames for a slope";
    return;
  }
  out->fit_first_ps = interval * static_cast<double>(choice->window.fit.lags().front());
  out->fit_last_ps = interval * static_cast<double>(choice->window.fit.lags().back());
  out->haven_dof = static_cast<double>(displacements[0]->n_blocks - 1);  // of every jackknife here
  bool defined = all_move;
  double ne = 0.0, s_ne = 0.0;
  for (size_t s = 0; s < moving.size(); ++s) {
    FitSpecies(choice->window, choice->shift[s], options, moving[s]);
    if (!moving[s]->d_angstrom2_per_ps) {
      defined = false;
      continue;
    }
    const double z = options.charges.at(moving[s]->species);
    const double part = static_cast<double>(moving[s]->ions) * z * z * *moving[s]->d_angstrom2_per_ps;
    ne += part;
    s_ne += part * moving[s]->s_d;
  }
  if (defined) {
    out->sigma_ne = options.scale * ne;
    FitHaven(seeds, choice->window, options, out);
    out->s_ne = std::max(out->s_ne, s_ne / ne);
  }
}

}  // namespace

std::vector<std::vector<double>> FrameworkCentre(const IonTrajectory& seed,
                                                 const std::vector<std::string>& mobile) {
  bool framework = false;
  for (const auto& s : seed.species) framework = framework || !Contains(mobile, s);
  std::vector<std::vector<double>> centre(3, std::vector<double>(seed.n_frames(), 0.0));
  double mass = 0.0;
  for (const SpeciesPath& path : SpeciesPaths(seed)) {
    if (framework && Contains(mobile, path.species)) continue;
    mass += path.mass_u * static_cast<double>(path.count);
    for (size_t c = 0; c < 3; ++c) {
      for (size_t i = 0; i < centre[c].size(); ++i)
        centre[c][i] += path.mass_u * (path.start[c] + path.displacement[c][i]);
    }
  }
  for (auto& c : centre) {
    for (double& v : c) v /= mass;
  }
  return centre;
}

double MeanNearestDistance(const std::vector<Vec3>& positions, const Mat3& cell) {
  if (positions.size() < 2) return 0.0;
  const Mat3 inverse = Inverse(cell);
  const size_t looked_at = std::min<size_t>(500, positions.size());
  double sum = 0.0;
  for (size_t i = 0; i < looked_at; ++i) {
    double nearest = 1e300;
    for (size_t j = 0; j < positions.size(); ++j) {
      if (i == j) continue;
      Vec3 s = (positions[j] - positions[i]) * inverse;
      for (double& v : s) v -= std::round(v);
      nearest = std::min(nearest, Norm(s * cell));
    }
    sum += nearest;
  }
  return sum / static_cast<double>(looked_at);
}

absl::StatusOr<TracerResult> AnalyzeTracer(const std::vector<IonTrajectory>& seeds,
                                           const TracerOptions& options) {
  SUPERION_RETURN_IF_ERROR(CheckSeeds(seeds));
  size_t shortest = seeds[0].n_frames(), longest = 0;
  double total_time = 0.0;
  for (const auto& seed : seeds) {
    shortest = std::min(shortest, seed.n_frames());
    longest = std::max(longest, seed.n_frames());
    total_time += seed.interval_ps * static_cast<double>(seed.n_frames() - 1);
  }
  const auto lags = LogSpacedLags(longest / 4, kLagsPerDecade);
  const double interval = seeds[0].interval_ps;
  TracerResult out;
  std::vector<std::vector<std::vector<double>>> centres;
  for (const auto& seed : seeds) centres.push_back(FrameworkCentre(seed, options.mobile));
  for (const std::string& name : std::set<std::string>(seeds[0].species.begin(), seeds[0].species.end())) {
    SpeciesMotion& motion = out.species.emplace_back();
    motion.species = name;
    motion.mobile = Contains(options.mobile, name);
    std::vector<size_t> atoms;
    for (size_t a = 0; a < seeds[0].species.size(); ++a) {
      if (seeds[0].species[a] == name) atoms.push_back(a);
    }
    motion.ions = atoms.size();
    std::vector<BlockedSums> parts;
    for (size_t s = 0; s < seeds.size(); ++s) {
      SUPERION_ASSIGN_OR_RETURN(auto part, SumOverIons(seeds[s], centres[s], atoms, lags,
                                                       BlocksPerSeed(seeds.size()), options.threads));
      parts.push_back(std::move(part));
    }
    motion.curve = {interval, total_time, 3.0, Concatenate(parts)};
    motion.exponent = ComputeLocalExponent(motion.curve, false);
    const auto mean = motion.curve.sums.Mean();
    for (size_t l = 0; l < lags.size(); ++l) {
      const double r2 = mean[l];
      motion.alpha2.push_back(r2 > 0.0 ? 3.0 * motion.curve.sums.Fourth(l) / (5.0 * r2 * r2) - 1.0 : 0.0);
    }
  }
  CheckFramework(&out);
  FitMoving(seeds, options, shortest - 1, &out);
  return out;
}

}  // namespace superion::analysis
