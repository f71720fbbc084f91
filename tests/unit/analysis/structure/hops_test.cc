// Walks on a simple cubic lattice whose rate, jump length and correlation are known.
#include "analysis/structure/hops.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

constexpr int kSide = 4;
constexpr double kEdge = 3.0, kInterval = 0.02;  // Å, ps
constexpr size_t kIons = 40, kFrames = 20000, kBlocks = 5;
const Mat3 kCell{{{kSide * kEdge, 0, 0}, {0, kSide* kEdge, 0}, {0, 0, kSide* kEdge}}};
const Vec3 kSteps[] = {{kEdge, 0, 0},  {-kEdge, 0, 0}, {0, kEdge, 0},
                       {0, -kEdge, 0}, {0, 0, kEdge},  {0, 0, -kEdge}};

std::vector<Vec3> Lattice() {
  std::vector<Vec3> out;
  for (int i = 0; i < kSide * kSide * kSide; ++i)
    out.push_back({(i % kSide) / double(kSide), (i / kSide % kSide) / double(kSide),
                   (i / kSide / kSide) / double(kSide)});
  return out;
}

HopTracker Tracker(size_t residence, size_t ions = kIons) {
  HopTracker::Options options;
  options.interval_ps = kInterval;
  options.residence_frames = residence;
  options.shortest_block = kFrames / kBlocks;
  std::vector<size_t> members(ions);
  for (size_t i = 0; i < ions; ++i) members[i] = i;
  return HopTracker(MakeSites(Lattice(), kCell, 0.45, 1.5), members, options);
}

// In every frame each ion jumps with probability p: back where it came from with probability `back`, else in
// one of the other five directions. Positions vibrate by 0.15 Å.
void Walk(double p, double back, uint64_t seed, HopTracker* tracker) {
  Random random(seed);
  std::vector<Vec3> r(kIons);
  std::vector<int> last(kIons, -1);
  for (Vec3& x : r)
    x = kEdge * Vec3{double(random.Below(kSide)), double(random.Below(kSide)), double(random.Below(kSide))};
  tracker->BeginSeed();
  for (size_t f = 0; f < kFrames; ++f) {
    std::vector<Vec3> positions = r;
    for (Vec3& x : positions) x += 0.15 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()};
    const Snapshot frame = SnapshotOf(kCell, positions, f, f * kBlocks / kFrames);
    tracker->Add({&frame, 1});
    for (size_t i = 0; i < kIons; ++i) {
      if (random.Uniform() >= p) continue;
      int step = static_cast<int>(random.Below(6));
      if (last[i] >= 0 && back > 0.0) {
        const int reverse = last[i] ^ 1;
        while (step == reverse) step = static_cast<int>(random.Below(6));
        if (random.Uniform() < back) step = reverse;
      }
      r[i] += kSteps[step];
      last[i] = step;
    }
  }
}

TEST(HopsTest, CoresTouchNoNeighbour) {
  const SiteSet sites = MakeSites(Lattice(), kCell, 0.45, 1.5);
  for (double core : sites.core_angstrom) EXPECT_NEAR(core, 0.45 * kEdge, 1e-12);
  // Alone in a small cell, its own images are the neighbours.
  const SiteSet one = MakeSites({{0, 0, 0}}, {{{2, 0, 0}, {0, 5, 0}, {0, 0, 5}}}, 0.5, 1.5);
  EXPECT_NEAR(one.core_angstrom[0], 1.0, 1e-12);
}

// 40 ions x 20000 frames x 0.01: 8000 hops, rates known to 1.1 %.
TEST(HopsTest, RandomWalkHasItsRateAndNoCorrelation) {
  const double p = 0.01;
  HopTracker tracker = Tracker(0);
  Walk(p, 0.0, 7, &tracker);
  const double rate = p / kInterval, d = rate * kEdge * kEdge / 6.0;
  EXPECT_NEAR(tracker.Rate().value / rate, 1.0, 0.04);
  EXPECT_LT(tracker.Rate().error / rate, 0.04);
  // The tracker knows the sites, so that a jump has their distance exactly.
  EXPECT_NEAR(tracker.MeanLength().value, kEdge, 1e-9);
  EXPECT_NEAR(tracker.MeanSquareLength().value, kEdge * kEdge, 1e-9);
  EXPECT_NEAR(tracker.RandomDiffusion().value / d, 1.0, 0.04);
  const Estimate f = tracker.CorrelationFactor();
  EXPECT_LT(f.error, 0.1);
  EXPECT_NEAR(f.value, 1.0, 3.5 * f.error + 0.01);
  EXPECT_NEAR(tracker.Cosines()[0].value, 0.0, 4.0 / std::sqrt(3.0 * 8000));
  EXPECT_EQ(tracker.returns(), 0.0);
  double occupied = 0.0;
  for (double n : tracker.Occupation()) occupied += n;
  EXPECT_NEAR(occupied, double(kIons), 1e-9);
  EXPECT_GT(tracker.CoreShare(), 0.999);
}

// <cos> = -b + (1-b)/5, f = (1 + <cos>)/(1 - <cos>).
TEST(HopsTest, BackwardJumpsLowerDiffusionByTheKnownFactor) {
  const double back = 0.5, cosine = -back + (1.0 - back) / 5.0, f = (1.0 + cosine) / (1.0 - cosine);
  HopTracker tracker = Tracker(0);
  Walk(0.01, back, 11, &tracker);
  const auto c = tracker.Cosines();
  EXPECT_NEAR(c[0].value, cosine, 0.03);
  EXPECT_NEAR(c[1].value, cosine * cosine, 0.04);  // a Markov chain of directions
  EXPECT_NEAR((1.0 + c[0].value) / (1.0 - c[0].value), f, 0.03);
  const Estimate measured = tracker.CorrelationFactor();
  EXPECT_NEAR(measured.value, f, 3.5 * measured.error + 0.01);
  EXPECT_LT(measured.error, 0.06);
}

// One vacancy on a simple cubic lattice, which changes places with a neighbour in every frame: f = 0.6531 for
// an infinite crystal, so that <cos> = -0.2099 (Compaan & Haven, Trans. Faraday Soc. 52, 786 (1956),
// doi:10.1039/TF9565200786); of 6³ sites about 0.006 more.
TEST(HopsTest, VacancyMechanism) {
  constexpr int kN = 6;
  constexpr size_t kJumps = 40000, kSites = kN * kN * kN;
  const Mat3 cell{{{kN * kEdge, 0, 0}, {0, kN * kEdge, 0}, {0, 0, kN * kEdge}}};
  const auto index = [](std::array<int, 3> s) {
    for (int& v : s) v = (v + kN) % kN;
    return static_cast<size_t>((s[0] * kN + s[1]) * kN + s[2]);
  };
  std::vector<Vec3> fractions(kSites), places;
  std::vector<int> ion_at(kSites, -1);
  for (int i = 0; i < kN; ++i) {
    for (int j = 0; j < kN; ++j) {
      for (int k = 0; k < kN; ++k) {
        const size_t site = index({i, j, k});
        fractions[site] = (1.0 / kN) * Vec3{double(i), double(j), double(k)};
        if (site == 0) continue;
        ion_at[site] = static_cast<int>(places.size());
        places.push_back(kEdge * Vec3{double(i), double(j), double(k)});
      }
    }
  }
  HopTracker::Options options;
  options.interval_ps = kInterval;
  options.shortest_block = kJumps / kBlocks;
  std::vector<size_t> members(places.size());
  for (size_t i = 0; i < members.size(); ++i) members[i] = i;
  HopTracker tracker(MakeSites(fractions, cell, 0.45, 1.5), members, options);
  tracker.BeginSeed();
  Random random(13);
  std::array<int, 3> vacancy{0, 0, 0};
  for (size_t f = 0; f < kJumps; ++f) {
    const Snapshot frame = SnapshotOf(cell, places, f, f * kBlocks / kJumps);
    tracker.Add({&frame, 1});
    const size_t axis = random.Below(3);
    const int step = random.Below(2) == 0 ? 1 : -1;
    std::array<int, 3> other = vacancy;
    other[axis] = (other[axis] + step + kN) % kN;
    const int ion = ion_at[index(other)];
    places[static_cast<size_t>(ion)][axis] -= kEdge * step;  // into the vacancy, unwrapped
    std::swap(ion_at[index(other)], ion_at[index(vacancy)]);
    vacancy = other;
  }
  EXPECT_EQ(tracker.hops(), double(kJumps - 1));
  const Estimate c1 = tracker.Cosines()[0], f = tracker.CorrelationFactor();
  EXPECT_NEAR(c1.value, -0.2099, 4.0 * c1.error + 0.006);
  EXPECT_LT(c1.error, 0.01);
  EXPECT_NEAR(f.value, 0.6531 + 0.006, 3.5 * f.error);
  EXPECT_LT(f.error, 0.05);
}

// An ion that enters the neighbour's core every tenth frame for two frames: no hop with three frames of
// residence, two hops per visit without the filter.
TEST(HopsTest, RattlingOverABoundaryIsNoHop) {
  for (const size_t residence : {size_t{3}, size_t{0}}) {
    HopTracker tracker = Tracker(residence, 1);
    tracker.BeginSeed();
    for (size_t f = 0; f < 1000; ++f) {
      const Snapshot frame = SnapshotOf(kCell, {{f % 10 >= 8 ? 2.0 : 0.4, 0, 0}}, f, f / 200);
      tracker.Add({&frame, 1});
    }
    if (residence > 0) {
      EXPECT_EQ(tracker.hops(), 0.0);
      EXPECT_EQ(tracker.returns(), 99.0);  // the last visit has not ended
      EXPECT_NEAR(tracker.Occupation()[0], 1.0, 1e-12);
    } else {
      EXPECT_EQ(tracker.hops(), 199.0);
      EXPECT_EQ(tracker.edges().size(), 2u);
    }
  }
}

// Between the cores an ion still holds its site; a hop over the edge of the cell has the length of a hop.
TEST(HopsTest, HopsOverTheEdgeOfTheCell) {
  HopTracker tracker = Tracker(2, 1);
  tracker.BeginSeed();
  const double path[] = {0.0, -0.5, -1.5, -2.5, -3.0, -3.0, -3.0, -1.5, -1.5};
  for (size_t f = 0; f < std::size(path); ++f) {
    const Snapshot frame = SnapshotOf(kCell, {{path[f], 0, 0}}, f, 0);
    tracker.Add({&frame, 1});
  }
  EXPECT_EQ(tracker.hops(), 1.0);
  EXPECT_NEAR(tracker.MeanLength().value, kEdge, 1e-9);
  EXPECT_EQ(tracker.edges().begin()->first, std::make_pair(0u, 3u));
  ASSERT_EQ(tracker.events().size(), 1u);
  EXPECT_EQ(tracker.events()[0].frame, 3u);  // where the core was entered
  EXPECT_EQ(tracker.events()[0].to, 3u);
}

// Ions that only vibrate: a slope of noise is no diffusion, only a bound is known.
TEST(HopsTest, WithoutHopsThereIsABoundAndNoDiffusion) {
  HopTracker tracker = Tracker(0);
  Walk(0.0, 0.0, 7, &tracker);
  EXPECT_EQ(tracker.hops(), 0.0);
  for (const Estimate& d : {tracker.TracerDiffusion(), tracker.RandomDiffusion()}) {
    EXPECT_FALSE(std::isfinite(d.value));
    EXPECT_FALSE(std::isfinite(d.error));
  }
  // ln 20 hops of 3 Å in all: 40 ions for 400 ps; the first frame ends no interval.
  EXPECT_NEAR(tracker.DiffusionBound() / (std::log(20.0) / (40.0 * 0.02 * 19999.0) * 9.0 / 6.0), 1.0, 1e-6);
}

}  // namespace
}  // namespace superion::analysis
