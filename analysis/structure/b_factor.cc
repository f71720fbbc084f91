#include "analysis/structure/b_factor.h"

#include <cmath>

#include "core/status.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kLatticeSum = 2.837297;  // ξ, conductivity.md, section 9

}  // namespace

void BFactor::Add(std::span<const Snapshot> frames) {
  if (sums_.empty()) sums_.assign(atoms_.names.size(), BlockMean(3));
  for (const Snapshot& frame : frames) {
    SUPERION_CHECK(mean_places_.size() == frame.unwrapped.size());
    for (size_t a = 0; a < atoms_.names.size(); ++a) {
      const auto& members = atoms_.of.at(atoms_.names[a]);
      std::array<double, 3> sum{};
      for (size_t i : members) {
        const Vec3 u = frame.unwrapped[i] - mean_places_[i];
        for (size_t c = 0; c < 3; ++c) sum[c] += u[c] * u[c];
      }
      sums_[a].Add(frame.block, sum, static_cast<double>(members.size()));
    }
  }
}

std::array<Estimate, 4> BFactor::MeanSquare(const std::string& species) const {
  std::array<Estimate, 4> out;
  for (size_t a = 0; a < sums_.size(); ++a) {
    if (atoms_.names[a] != species) continue;
    const auto mean = sums_[a].Mean(), error = sums_[a].StandardError();
    for (size_t c = 0; c < 3; ++c) out[c] = {mean[c], error[c]};
    std::vector<double> blocks;
    for (size_t b = 0; b < sums_[a].blocks(); ++b) {
      const auto m = sums_[a].OfBlock(b);
      blocks.push_back((m[0] + m[1] + m[2]) / 3.0);
    }
    out[3] = {(mean[0] + mean[1] + mean[2]) / 3.0, MeanOfBlocks(blocks).error};
  }
  return out;
}

double DebyeWallerB(double mean_square_angstrom2) { return 8.0 * kPi * kPi * mean_square_angstrom2; }

double PeriodicShortfall(double kt_ev, double length_angstrom, double modulus_ev_per_angstrom3) {
  return kLatticeSum * kt_ev / (4.0 * kPi * length_angstrom * modulus_ev_per_angstrom3);
}

double ElasticShortfall(double kt_ev, double length_angstrom, double lambda_ev_per_angstrom3,
                        double mu_ev_per_angstrom3) {
  return PeriodicShortfall(kt_ev, length_angstrom, lambda_ev_per_angstrom3 + 2.0 * mu_ev_per_angstrom3) +
         2.0 * PeriodicShortfall(kt_ev, length_angstrom, mu_ev_per_angstrom3);
}

}  // namespace superion::analysis
