#include "potential/ewald.h"

#include <algorithm>
#include <cmath>

#include "core/neighbor_list.h"
#include "core/units.h"

namespace superion {
namespace {

constexpr double kSqrtPi = 1.7724538509055160273;

void AddOuter(const Vec3& a, const Vec3& b, double scale, Mat3* sum) {
  for (int x = 0; x < 3; ++x) (*sum)[x] += (scale * a[x]) * b;
}

void AddIsotropic(double value, Mat3* sum) {
  for (int x = 0; x < 3; ++x) (*sum)[x][x] += value;
}

// exp(2πi h s) of every atom for h = 0 .. reach, s its fractional coordinate along one cell vector.
class Phases {
 public:
  Phases(const std::vector<Vec3>& fractional, int axis, int reach)
      : n_(fractional.size()), cos_((reach + 1) * n_, 1.0), sin_((reach + 1) * n_, 0.0) {
    for (int h = 1; h <= reach; ++h) {
      for (size_t i = 0; i < n_; ++i) {  // directly, not by recursion: no loss of digits at high orders
        const double angle = 2.0 * M_PI * h * fractional[i][axis];
        cos_[h * n_ + i] = std::cos(angle), sin_[h * n_ + i] = std::sin(angle);
      }
    }
  }
  // Of order |h|: the sine of a negative order is the negative of this.
  const double* Cos(int h) const { return cos_.data() + std::abs(h) * n_; }
  const double* Sin(int h) const { return sin_.data() + std::abs(h) * n_; }

 private:
  size_t n_;
  std::vector<double> cos_, sin_;
};

class ReciprocalSum {
 public:
  ReciprocalSum(const Structure& structure, const std::vector<double>& charges, double alpha, double largest)
      : charges_(charges), alpha_(alpha), largest_(largest), volume_(structure.Volume()) {
    const Mat3 inverse = Inverse(structure.cell);
    for (int x = 0; x < 3; ++x) {
      for (int y = 0; y < 3; ++y) reciprocal_[x][y] = 2.0 * M_PI * inverse[y][x];
      reach_[x] = static_cast<int>(largest * Norm(structure.cell[x]) / (2.0 * M_PI));
    }
    for (const Vec3& r : structure.positions) fractional_.push_back(r * inverse);
    cos_.resize(charges.size()), sin_.resize(charges.size());
  }

  // Half of the reciprocal vectors: k and -k give the same.
  void Add(ElectrostaticResult* result) {
    const Phases a(fractional_, 0, reach_[0]), b(fractional_, 1, reach_[1]), c(fractional_, 2, reach_[2]);
    for (int h = 0; h <= reach_[0]; ++h) {
      for (int k = h == 0 ? 0 : -reach_[1]; k <= reach_[1]; ++k) {
        for (int l = h == 0 && k == 0 ? 1 : -reach_[2]; l <= reach_[2]; ++l) {
          const Vec3 g = Vec3{double(h), double(k), double(l)} * reciprocal_;
          if (Dot(g, g) > largest_ * largest_) continue;
          Multiply(a.Cos(h), a.Sin(h), b.Cos(k), b.Sin(k), k < 0 ? -1.0 : 1.0, c.Cos(l), c.Sin(l),
                   l < 0 ? -1.0 : 1.0);
          AddVector(g, result);
        }
      }
    }
  }

 private:
  void Multiply(const double* ca, const double* sa, const double* cb, const double* sb, double sign_b,
                const double* cc, const double* sc, double sign_c) {
    for (size_t i = 0; i < cos_.size(); ++i) {
      const double re = ca[i] * cb[i] - sa[i] * sign_b * sb[i], im = sa[i] * cb[i] + ca[i] * sign_b * sb[i];
      cos_[i] = re * cc[i] - im * sign_c * sc[i], sin_[i] = im * cc[i] + re * sign_c * sc[i];
    }
  }

  void AddVector(const Vec3& g, ElectrostaticResult* result) const {
    double re = 0.0, im = 0.0;  // structure factor of the charges
    for (size_t i = 0; i < cos_.size(); ++i) re += charges_[i] * cos_[i], im += charges_[i] * sin_[i];
    const double g2 = Dot(g, g), wide = 1.0 / (4.0 * alpha_ * alpha_);
    const double weight = 4.0 * M_PI * units::kCoulomb / volume_ * std::exp(-g2 * wide) / g2;
    const double energy = weight * (re * re + im * im);
    result->energy += energy;
    AddIsotropic(energy, &result->virial);
    AddOuter(g, g, -2.0 * energy * (1.0 / g2 + wide), &result->virial);
    for (size_t i = 0; i < cos_.size(); ++i) {
      result->potentials[i] += 2.0 * weight * (re * cos_[i] + im * sin_[i]);
      result->forces[i] += (2.0 * weight * charges_[i] * (re * sin_[i] - im * cos_[i])) * g;
    }
  }

  const std::vector<double>& charges_;
  const double alpha_, largest_, volume_;
  Mat3 reciprocal_;
  int reach_[3];
  std::vector<Vec3> fractional_;
  std::vector<double> cos_, sin_;  // of k·r_i for the vector at hand
};

absl::Status AddPairs(const Structure& structure, const std::vector<double>& charges, double alpha,
                      double cutoff, ElectrostaticResult* result) {
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list, BuildNeighborList(structure, cutoff));
  for (size_t i = 0; i < structure.size(); ++i) {
    for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
      const size_t j = list.neighbor[p];
      const Vec3 d = structure.positions[j] + list.shift[p] - structure.positions[i];
      const double r = Norm(d), v = units::kCoulomb * std::erfc(alpha * r) / r;
      const double slope =
          -v / r - units::kCoulomb * 2.0 * alpha / kSqrtPi * std::exp(-alpha * alpha * r * r) / r;
      // Ordered pairs: each comes twice, so half of the energy and of the force on both atoms.
      const double qq = charges[i] * charges[j];
      result->energy += 0.5 * qq * v;
      result->potentials[i] += charges[j] * v;
      const Vec3 f = (-0.5 * qq * slope / r) * d;  // on j
      result->forces[j] += f;
      result->forces[i] -= f;
      AddOuter(d, f, 1.0, &result->virial);
    }
  }
  return absl::OkStatus();
}

absl::Status Check(const Structure& structure, const std::vector<double>& charges) {
  if (structure.pbc != std::array<bool, 3>{true, true, true})
    return InvalidArgument("electrostatics: expected a structure that is periodic in three directions");
  if (charges.size() != structure.size())
    return InvalidArgument("electrostatics: expected {} charges, found {}", structure.size(), charges.size());
  for (size_t i = 0; i < charges.size(); ++i) {
    if (!std::isfinite(charges[i]))
      return InvalidArgument("electrostatics: the charge of atom {} is {}", i + 1, charges[i]);
  }
  if (!(structure.Volume() > 0.0))
    return InvalidArgument("electrostatics: expected a cell of finite volume, found {} Å³",
                           structure.Volume());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ElectrostaticResult> EwaldSum(const Structure& structure, const std::vector<double>& charges,
                                             const EwaldOptions& options) {
  SUPERION_RETURN_IF_ERROR(Check(structure, charges));
  const double n = static_cast<double>(structure.size()), volume = structure.Volume();
  const double alpha = options.alpha > 0.0
                           ? options.alpha
                           : kSqrtPi * std::pow(std::max(n, 1.0) / (volume * volume), 1.0 / 6.0);
  const double digits = std::sqrt(-std::log(options.accuracy));
  ElectrostaticResult result;
  result.potentials.assign(charges.size(), 0.0);
  result.forces.assign(charges.size(), Vec3{});
  ReciprocalSum(structure, charges, alpha, 2.0 * alpha * digits).Add(&result);
  double total = 0.0, squares = 0.0;
  for (size_t i = 0; i < charges.size(); ++i) {
    total += charges[i], squares += charges[i] * charges[i];
    result.potentials[i] -= 2.0 * units::kCoulomb * alpha / kSqrtPi * charges[i];
  }
  result.energy -= units::kCoulomb * alpha / kSqrtPi * squares;
  if (!options.real_space) return result;
  SUPERION_RETURN_IF_ERROR(AddPairs(structure, charges, alpha, digits / alpha, &result));
  const double background = -M_PI * units::kCoulomb / (2.0 * volume * alpha * alpha) * total;
  for (double& potential : result.potentials) potential += 2.0 * background;
  result.energy += background * total;
  AddIsotropic(background * total, &result.virial);
  return result;
}

}  // namespace superion
