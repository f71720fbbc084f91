#include "analysis/structure/hops.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace superion::analysis {
namespace {

constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();
constexpr double kLengthBin = 0.1;
constexpr size_t kLengthBins = 120, kMostLevels = 40;
constexpr double kHopsBeforeDiffusion = 2.0;  // per ion, where the slope begins
constexpr double kErrorsFromZero = 2.0;       // of a slope that is diffusion
constexpr double kGrowth = 1.5;               // of the displacement over its window, where no error is known

double LargestCore(const SiteSet& sites) {
  double out = 1e-3;
  for (double r : sites.core_angstrom) out = std::max(out, r);
  return out;
}

size_t LevelsFor(size_t shortest_block) {
  size_t levels = 0;
  while (levels < kMostLevels && (size_t{1} << levels) <= shortest_block / 2) ++levels;
  return levels;
}

}  // namespace

SiteSet MakeSites(std::vector<Vec3> fractions, const Mat3& cell, double share, double largest) {
  SiteSet out{std::move(fractions), cell, {}, 0.0};
  if (out.fractions.empty()) return out;
  const NeighborCells cells(out.fractions, cell, largest / share);
  for (size_t i = 0; i < out.size(); ++i) {
    double nearest = largest / share;
    cells.ForEach(out.fractions[i], [&](size_t j, const Vec3&, double square) {
      if (j != i || square > 1e-6) nearest = std::min(nearest, std::sqrt(square));
    });
    out.core_angstrom.push_back(share * nearest);
    out.nearest_angstrom += nearest / static_cast<double>(out.size());
  }
  return out;
}

HopTracker::HopTracker(SiteSet sites, std::vector<size_t> ions, const Options& options)
    : sites_(std::move(sites)),
      inverse_(Inverse(sites_.cell)),
      members_(std::move(ions)),
      options_(options),
      cells_(sites_.fractions, sites_.cell, LargestCore(sites_)),
      cosine_(options.cosines),
      displacement_(LevelsFor(options.shortest_block)),
      occupied_(sites_.size(), 0.0),
      from_(sites_.size(), 0.0),
      lengths_(kLengthBins, 0.0) {}

void HopTracker::BeginSeed() {
  ++seeds_;
  ions_.assign(members_.size(), {});
  origins_.assign(displacement_.size(), {});
}

HopTracker::Visit HopTracker::Locate(const Vec3& fraction, uint32_t first_guess) const {
  if (first_guess != kNoSite) {
    const Vec3 d =
        MinimumImage((sites_.fractions[first_guess] - fraction) * sites_.cell, sites_.cell, inverse_);
    if (Norm(d) <= sites_.core_angstrom[first_guess]) return {first_guess, d};
  }
  Visit out;
  double nearest = std::numeric_limits<double>::infinity();
  cells_.ForEach(fraction, [&](size_t j, const Vec3& d, double square) {
    if (square >= nearest || std::sqrt(square) > sites_.core_angstrom[j]) return;
    nearest = square;
    out = {static_cast<uint32_t>(j), d};
  });
  return out;
}

void HopTracker::Count(size_t block, size_t member) {
  Ion* ion = &ions_[member];
  const uint32_t from = ion->site, to = ion->candidate;
  const Vec3 jump = ion->entry_place - ion->place;
  const double square = Dot(jump, jump), length = std::sqrt(square);
  rate_.Add(block, std::vector<double>{1.0}, 0.0);
  length_.Add(block, std::vector<double>{length, square}, 1.0);
  std::vector<double> values(options_.cosines, 0.0), weights(options_.cosines, 0.0);
  for (size_t k = 0; k < std::min(options_.cosines, ion->jumps.size()); ++k) {
    const Vec3& earlier = ion->jumps[ion->jumps.size() - 1 - k];
    values[k] = Dot(earlier, jump);
    weights[k] = Dot(earlier, earlier);
  }
  cosine_.Add(block, values, weights);
  ion->jumps.push_back(jump);
  if (ion->jumps.size() > options_.cosines) ion->jumps.erase(ion->jumps.begin());
  edges_[{from, to}] += 1.0;
  if (events_.size() < options_.most_events)
    events_.push_back({seeds_ - 1, ion->entry, static_cast<uint32_t>(members_[member]), from, to});
  from_[from] += 1.0;
  lengths_[std::min(kLengthBins - 1, static_cast<size_t>(length / kLengthBin))] += 1.0;
}

void HopTracker::Follow(const Snapshot& frame, const Visit& visit, size_t member) {
  Ion* ion = &ions_[member];
  if (visit.site != kNoSite) {
    const Vec3 place = frame.unwrapped[members_[member]] + visit.to_site;
    // The same site in another image of the cell is another site.
    const bool home = visit.site == ion->site && Norm(place - ion->place) < sites_.core_angstrom[visit.site];
    const bool known =
        visit.site == ion->candidate && Norm(place - ion->entry_place) < sites_.core_angstrom[visit.site];
    if (ion->site == kNoSite) {
      ion->site = visit.site;
      ion->place = place;
    } else if (home) {
      returns_ += ion->candidate != kNoSite ? 1.0 : 0.0;
      ion->candidate = kNoSite;
      ion->place = place;
    } else if (!known) {
      returns_ += ion->candidate != kNoSite ? 1.0 : 0.0;
      ion->candidate = visit.site;
      ion->entry = frame.frame;
      ion->entry_place = place;
    }
  }
  // Seen in the core: a passage that ends between the cores is no stay.
  if (ion->candidate == kNoSite || visit.site != ion->candidate ||
      frame.frame - ion->entry < options_.residence_frames)
    return;
  Count(frame.block, member);
  ion->site = ion->candidate;
  ion->place = ion->entry_place;
  ion->candidate = kNoSite;
}

void HopTracker::AddDisplacements(const Snapshot& frame) {
  std::vector<double> sums(displacement_.size(), 0.0), weights(displacement_.size(), 0.0);
  bool any = false;
  for (size_t level = 0; level < origins_.size(); ++level) {
    if (frame.frame % (size_t{1} << level) != 0) break;
    auto& origin = origins_[level];
    for (size_t k = 0; k < members_.size(); ++k) {
      const Vec3& r = frame.unwrapped[members_[k]];
      if (origin.size() < members_.size()) {
        origin.push_back(r);
        continue;
      }
      const Vec3 d = r - origin[k];
      sums[level] += Dot(d, d);
      weights[level] += 1.0;
      origin[k] = r;
      any = true;
    }
  }
  if (any) displacement_.Add(frame.block, sums, weights);
}

void HopTracker::Add(std::span<const Snapshot> frames) {
  for (const Snapshot& frame : frames) {
    const Mat3 inverse = Inverse(frame.cell);
    for (size_t k = 0; k < members_.size(); ++k) {
      Ion& ion = ions_[k];
      const Visit visit = Locate(frame.positions[members_[k]] * inverse, ion.site);
      Follow(frame, visit, k);
      if (ion.site != kNoSite) occupied_[ion.site] += 1.0;
      inside_ += visit.site != kNoSite ? 1.0 : 0.0;
    }
    sights_ += static_cast<double>(members_.size());
    const double time = frame.frame == 0 ? 0.0 : options_.interval_ps * static_cast<double>(members_.size());
    ion_time_ps_ += time;
    rate_.Add(frame.block, std::vector<double>{0.0}, time);
    AddDisplacements(frame);
  }
}

double HopTracker::hops() const {
  double sum = 0.0;
  for (double n : from_) sum += n;
  return sum;
}

template <typename Number>
Estimate HopTracker::OfBlocks(const Number& number) const {
  const auto all = [](const BlockMean& b) { return b.Mean(); };
  std::vector<double> values;
  // A block without hops has no lengths.
  const auto of = [](const BlockMean& m, size_t b) {
    return b < m.blocks() ? m.OfBlock(b) : std::vector<double>(m.size(), kNotKnown);
  };
  for (size_t b = 0; b < std::max(rate_.blocks(), displacement_.blocks()); ++b) {
    const double v = number([&](const BlockMean& m) { return of(m, b); });
    if (std::isfinite(v)) values.push_back(v);
  }
  return {number(all), MeanOfBlocks(values).error};
}

Estimate HopTracker::Rate() const { return {rate_.MeanAt(0), rate_.StandardError()[0]}; }

Estimate HopTracker::MeanLength() const { return {length_.MeanAt(0), length_.StandardError()[0]}; }

Estimate HopTracker::MeanSquareLength() const { return {length_.MeanAt(1), length_.StandardError()[1]}; }

std::vector<Estimate> HopTracker::Cosines() const {
  const auto mean = cosine_.Mean(), error = cosine_.StandardError();
  std::vector<Estimate> out;
  for (size_t k = 0; k < mean.size(); ++k) out.push_back({mean[k], error[k]});
  return out;
}

Estimate HopTracker::RandomDiffusion() const {
  if (!(hops() > 0.0)) return {kNotKnown, kNotKnown};
  return OfBlocks([&](const auto& of) {
    const double rate = of(rate_)[0];
    return rate == 0.0 ? 0.0 : rate * of(length_)[1] / 6.0;
  });
}

// Lags from two hops per ion on; at least the last three.
std::pair<size_t, size_t> HopTracker::Levels() const {
  const size_t n = displacement_.size();
  const double frames = kHopsBeforeDiffusion / (rate_.MeanAt(0) * options_.interval_ps);
  size_t first = 0;
  while (first < n && static_cast<double>(size_t{1} << first) < frames) ++first;
  return {std::min(first, n < 3 ? 0 : n - 3), n};
}

// Least squares with intercept, each lag t by t^-3: the variance of windows that do not overlap grows so.
double HopTracker::SlopeOf(const std::vector<double>& msd) const {
  const auto [first, end] = Levels();
  double w = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;
  for (size_t level = first; level < end; ++level) {
    if (!std::isfinite(msd[level])) continue;
    const double t = std::ldexp(options_.interval_ps, static_cast<int>(level)), weight = 1.0 / (t * t * t);
    w += weight, x += weight * t, y += weight * msd[level];
    xx += weight * t * t, xy += weight * t * msd[level];
  }
  const double spread = w * xx - x * x;
  return spread > 0.0 ? (w * xy - x * y) / spread : kNotKnown;
}

Estimate HopTracker::SlopeDiffusion() const {
  return OfBlocks([&](const auto& of) { return SlopeOf(of(displacement_)) / 6.0; });
}

Estimate HopTracker::TracerDiffusion() const {
  const Estimate d = SlopeDiffusion();
  // Not told from zero by its own error; with no error, the displacement must have grown in its window.
  bool resolved = d.value > kErrorsFromZero * d.error;
  if (!std::isfinite(d.error)) {
    const auto [first, end] = Levels();
    resolved = first < end && displacement_.MeanAt(end - 1) > kGrowth * displacement_.MeanAt(first);
  }
  if (hops() > 0.0 && resolved) return d;
  return {kNotKnown, kNotKnown};
}

double HopTracker::DiffusionBound() const {
  const double square = sites_.nearest_angstrom * sites_.nearest_angstrom;
  if (!(hops() > 0.0)) return ion_time_ps_ > 0.0 ? std::log(20.0) / ion_time_ps_ * square / 6.0 : kNotKnown;
  const Estimate d = SlopeDiffusion();
  return std::max(0.0, d.value) + kErrorsFromZero * d.error;
}

Estimate HopTracker::CorrelationFactor() const {
  if (!std::isfinite(TracerDiffusion().value)) return {kNotKnown, kNotKnown};
  return OfBlocks(
      [&](const auto& of) { return SlopeOf(of(displacement_)) / (of(rate_)[0] * of(length_)[1]); });
}

std::pair<double, double> HopTracker::TracerWindow() const {
  const auto [first, end] = Levels();
  if (end == 0) return {kNotKnown, kNotKnown};
  return {std::ldexp(options_.interval_ps, static_cast<int>(first)),
          std::ldexp(options_.interval_ps, static_cast<int>(end) - 1)};
}

std::vector<double> HopTracker::Occupation() const {
  std::vector<double> out = occupied_;
  const double frames = sights_ / static_cast<double>(std::max<size_t>(1, members_.size()));
  for (double& n : out) n /= frames;
  return out;
}

std::vector<double> HopTracker::HopsFrom() const { return from_; }

double HopTracker::CoreShare() const { return inside_ / sights_; }

}  // namespace superion::analysis
