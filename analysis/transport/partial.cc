#include "analysis/transport/partial.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "analysis/series/jackknife.h"
#include "analysis/transport/helfand.h"
#include "analysis/verdict/regime.h"

namespace superion::analysis {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

// Slopes of <dR_a·dR_b> and of sum_i |dr_i|² per species, both in the frame of the framework's centre of
// mass; Å²/ps, summed over the components.
struct Slopes {
  MatrixXd cross;
  VectorXd self;  // empty where single ions are not known
};

absl::Status Check(const PartialInput& input) {
  if (input.seeds.empty() || input.species.empty())
    return InvalidArgument("partial conductivities: no displacement was given");
  for (const auto& seed : input.seeds) {
    bool equal = seed.size() == input.species.size();
    for (const auto& r : seed) {
      equal = equal && r.size() == 3;
      for (const auto& x : r) equal = equal && x.size() == seed[0][0].size();
    }
    if (!equal)
      return InvalidArgument(
          "partial conductivities: expected three components of equal length for each of {} species",
          input.species.size());
  }
  return absl::OkStatus();
}

// R_a - N_a R_F with R_F the displacement of the framework's centre of mass (of all ions when all move).
std::vector<Components> InFrameworkFrame(const std::vector<IonSpecies>& species,
                                         std::vector<Components> seed) {
  const bool framework =
      std::any_of(species.begin(), species.end(), [](const IonSpecies& s) { return !s.mobile; });
  double mass = 0.0;
  Components centre(3, std::vector<double>(seed[0][0].size(), 0.0));
  for (size_t a = 0; a < species.size(); ++a) {
    if (framework && species[a].mobile) continue;
    mass += species[a].count * species[a].mass_u;
    for (size_t c = 0; c < 3; ++c) {
      for (size_t i = 0; i < centre[c].size(); ++i) centre[c][i] += species[a].mass_u * seed[a][c][i];
    }
  }
  for (size_t a = 0; a < species.size(); ++a) {
    for (size_t c = 0; c < 3; ++c) {
      for (size_t i = 0; i < centre[c].size(); ++i) seed[a][c][i] -= species[a].count / mass * centre[c][i];
    }
  }
  return seed;
}

// <dR_a·dR_b> from the three mean squares of R_a, R_b and R_a + R_b.
class CrossSums {
 public:
  CrossSums(const PartialInput& input, const std::vector<size_t>& lags) : n_(input.species.size()) {
    const size_t blocks = BlocksPerSeed(input.seeds.size());
    std::vector<std::vector<BlockedSums>> parts(n_ * n_);
    for (const auto& raw : input.seeds) {
      const auto seed = InFrameworkFrame(input.species, raw);
      for (size_t a = 0; a < n_; ++a) {
        for (size_t b = a; b < n_; ++b)
          parts[a * n_ + b].push_back(
              BlockedDisplacement(a == b ? seed[a] : Sum(seed[a], seed[b]), lags, blocks));
      }
    }
    for (const auto& part : parts) sums_.push_back(part.empty() ? BlockedSums() : Concatenate(part));
  }
  size_t n_blocks() const { return sums_[0].n_blocks; }

  // `block`: the one to leave out; n_blocks() for none.
  MatrixXd Slope(const HelfandFit& fit, size_t block) const {
    MatrixXd out(n_, n_);
    const auto at = [&](size_t a, size_t b) {
      return fit.Fit(sums_[a * n_ + b].MeanWithout(block), 1.0).slope;
    };
    const auto index = [](size_t i) { return static_cast<Eigen::Index>(i); };
    for (size_t a = 0; a < n_; ++a) out(index(a), index(a)) = at(a, a);
    for (size_t a = 0; a < n_; ++a) {
      for (size_t b = a + 1; b < n_; ++b) {
        const auto i = index(a), j = index(b);
        out(i, j) = out(j, i) = 0.5 * (at(a, b) - out(i, i) - out(j, j));
      }
    }
    return out;
  }

 private:
  static Components Sum(Components a, const Components& b) {
    for (size_t c = 0; c < a.size(); ++c) {
      for (size_t i = 0; i < a[c].size(); ++i) a[c][i] += b[c][i];
    }
    return a;
  }
  size_t n_;
  std::vector<BlockedSums> sums_;  // [a][b], b >= a
};

// Displacement of the frame, as a linear combination of the R_a in the framework's frame.
VectorXd FrameWeights(const std::vector<IonSpecies>& species, ReferenceFrame frame) {
  VectorXd w = VectorXd::Zero(static_cast<Eigen::Index>(species.size()));
  double norm = 0.0;
  for (size_t a = 0; a < species.size() && frame != ReferenceFrame::kFrameworkMass; ++a) {
    if (frame == ReferenceFrame::kFrameworkCharge && species[a].mobile) continue;
    const double part = frame == ReferenceFrame::kBarycentric ? species[a].mass_u : species[a].charge;
    w(static_cast<Eigen::Index>(a)) = part;
    norm += part * species[a].count;
  }
  return norm == 0.0 ? w : VectorXd(w / norm);
}

Slopes InFrame(const std::vector<IonSpecies>& species, const Slopes& slopes, const VectorXd& w) {
  const auto n = static_cast<Eigen::Index>(species.size());
  VectorXd count(n);
  for (Eigen::Index a = 0; a < n; ++a) count(a) = species[static_cast<size_t>(a)].count;
  const MatrixXd t = MatrixXd::Identity(n, n) - count * w.transpose();
  Slopes out{t * slopes.cross * t.transpose(), slopes.self};
  // |dr_i - dX|² summed over the ions.
  if (slopes.self.size() > 0) out.self += count * (w.dot(slopes.cross * w)) - 2.0 * (slopes.cross * w);
  return out;
}

// Value of all data, and jackknife over the values that leave one block out.
template <typename Value>
Measured Jackknifed(const std::vector<Slopes>& slopes, const Value& value) {
  std::vector<double> without;
  for (size_t b = 1; b < slopes.size(); ++b) without.push_back(value(slopes[b]));
  return {value(slopes[0]), JackknifeSd(without)};
}

PartialPair PairOf(const PartialInput& input, const std::vector<Slopes>& slopes, size_t a, size_t b) {
  const IonSpecies &first = input.species[a], &second = input.species[b];
  const auto i = static_cast<Eigen::Index>(a), j = static_cast<Eigen::Index>(b);
  const double charge = input.scale * first.charge * second.charge / 6.0;
  double n = 0.0;
  for (const auto& s : input.species) n += s.count;
  const double per_ion = n / (first.count * second.count) / 6.0;
  const auto distinct = [&](const Slopes& s) { return s.cross(i, j) - (a == b ? s.self(i) : 0.0); };
  PartialPair out{a, b, {}, {}, {}, {}};
  out.sigma = Jackknifed(slopes, [&](const Slopes& s) { return charge * s.cross(i, j); });
  if (slopes[0].self.size() == 0 && a == b) return out;
  if (a == b) out.self = Jackknifed(slopes, [&](const Slopes& s) { return charge * s.self(i); });
  out.distinct = Jackknifed(slopes, [&](const Slopes& s) { return charge * distinct(s); });
  out.distinct_diffusion = Jackknifed(slopes, [&](const Slopes& s) { return per_ion * distinct(s); });
  return out;
}

// Element 0: of all data; the others: without one block each.
std::vector<Slopes> AllSlopes(const PartialInput& input, const HelfandFit& fit) {
  const CrossSums sums(input, fit.lags());
  const bool known = !input.self.empty() && input.self[0].n_blocks == sums.n_blocks();
  std::vector<Slopes> out;
  for (size_t k = 0; k <= sums.n_blocks(); ++k) {
    const size_t block = k == 0 ? sums.n_blocks() : k - 1;
    Slopes slopes{sums.Slope(fit, block), VectorXd(known ? input.species.size() : 0)};
    for (size_t a = 0; known && a < input.species.size(); ++a) {
      const auto mean = input.self[a].MeanWithout(block);
      std::vector<double> picked;
      for (size_t l : input.self_indices) picked.push_back(mean[l]);
      slopes.self(static_cast<Eigen::Index>(a)) = input.species[a].count * fit.Fit(picked, 1.0).slope;
    }
    out.push_back(std::move(slopes));
  }
  return out;
}

double FrameworkCharge(const std::vector<IonSpecies>& species) {
  double charge = 0.0;
  for (const auto& s : species) charge += s.mobile ? 0.0 : s.count * s.charge;
  return charge;
}

}  // namespace

const char* FrameName(ReferenceFrame frame) {
  switch (frame) {
    case ReferenceFrame::kFrameworkMass:
      return "framework_centre_of_mass";
    case ReferenceFrame::kFrameworkCharge:
      return "framework_centre_of_charge";
    case ReferenceFrame::kBarycentric:
      break;
  }
  return "barycentric";
}

absl::StatusOr<PartialResult> PartialConductivities(const PartialInput& input) {
  SUPERION_RETURN_IF_ERROR(Check(input));
  size_t shortest = input.seeds[0][0][0].size();
  for (const auto& seed : input.seeds) shortest = std::min(shortest, seed[0][0].size());
  const auto lags = input.lags.empty() ? HelfandLags(input.shortest_lag, (shortest - 1) / 4) : input.lags;
  SUPERION_ASSIGN_OR_RETURN(const HelfandFit fit, HelfandFit::Create(lags, input.interval_ps, shortest - 1));
  const auto slopes = AllSlopes(input, fit);
  PartialResult out;
  out.first_ps = input.interval_ps * static_cast<double>(lags.front());
  out.last_ps = input.interval_ps * static_cast<double>(lags.back());
  const size_t n = input.species.size();
  for (ReferenceFrame frame :
       {ReferenceFrame::kFrameworkMass, ReferenceFrame::kFrameworkCharge, ReferenceFrame::kBarycentric}) {
    if (frame == ReferenceFrame::kFrameworkCharge && std::abs(FrameworkCharge(input.species)) < 1e-9)
      continue;
    const VectorXd w = FrameWeights(input.species, frame);
    std::vector<Slopes> moved;
    for (const auto& s : slopes) moved.push_back(InFrame(input.species, s, w));
    auto& here = out.frames.emplace_back(PartialResult::InFrame{frame, {}});
    for (size_t a = 0; a < n; ++a) {
      for (size_t b = a; b < n; ++b) here.pairs.push_back(PairOf(input, moved, a, b));
    }
  }
  VectorXd charges(static_cast<Eigen::Index>(n));
  for (size_t a = 0; a < n; ++a) charges(static_cast<Eigen::Index>(a)) = input.species[a].charge;
  out.sum =
      Jackknifed(slopes, [&](const Slopes& s) { return input.scale / 6.0 * charges.dot(s.cross * charges); });
  return out;
}

}  // namespace superion::analysis
