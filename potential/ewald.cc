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

// Atoms with one reciprocal vector, compiled for several instruction sets; which is taken is decided when the
// program is loaded.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define SUPERION_VECTOR_CLONES [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#else
#define SUPERION_VECTOR_CLONES
#endif

struct Sum {
  double re = 0.0, im = 0.0;
};

// exp(ia) exp(ib), the second conjugated when `sign` is -1, into re and im; returns the sum with the charges.
SUPERION_VECTOR_CLONES Sum Multiply(size_t n, const double* ca, const double* sa, const double* cb,
                                    const double* sb, double sign, const double* charges, double* re,
                                    double* im) {
  double sum_re = 0.0, sum_im = 0.0;
#pragma omp simd reduction(+ : sum_re, sum_im)
  for (size_t i = 0; i < n; ++i) {
    re[i] = ca[i] * cb[i] - sign * (sa[i] * sb[i]), im[i] = sa[i] * cb[i] + sign * (ca[i] * sb[i]);
    sum_re += charges[i] * re[i], sum_im += charges[i] * im[i];
  }
  return {sum_re, sum_im};
}

// Potentials, and forces along x, y, z, of a vector g whose structure factor, weighted, is `s`.
SUPERION_VECTOR_CLONES void AddToAtoms(size_t n, const Sum& s, const Vec3& g, const double* re,
                                       const double* im, const double* charges, double* potential,
                                       double* const force[3]) {
  double *fx = force[0], *fy = force[1], *fz = force[2];
  const double gx = g[0], gy = g[1], gz = g[2], s_re = s.re, s_im = s.im;
#pragma omp simd
  for (size_t i = 0; i < n; ++i) {
    potential[i] += s_re * re[i] + s_im * im[i];
    const double f = charges[i] * (s_re * im[i] - s_im * re[i]);
    fx[i] += f * gx, fy[i] += f * gy, fz[i] += f * gz;
  }
}

// exp(2πi h s) of every atom for h = 0 .. reach, s its fractional coordinate along one cell vector.
class Phases {
 public:
  Phases(const std::vector<Vec3>& fractional, int axis, int reach)
      : n_(fractional.size()), cos_((reach + 1) * n_, 1.0), sin_((reach + 1) * n_, 0.0) {
    const auto order = [&](int h) { return std::pair{cos_.data() + h * n_, sin_.data() + h * n_}; };
    for (size_t i = 0; i < n_ && reach > 0; ++i) {
      const double angle = 2.0 * M_PI * fractional[i][axis];
      order(1).first[i] = std::cos(angle), order(1).second[i] = std::sin(angle);
    }
    for (int h = 2; h <= reach; ++h) {  // from its halves, so that the rounding of few products adds up
      const auto [ca, sa] = order(h / 2);
      const auto [cb, sb] = order(h - h / 2);
      const auto [c, s] = order(h);
      for (size_t i = 0; i < n_; ++i) {
        c[i] = ca[i] * cb[i] - sa[i] * sb[i], s[i] = sa[i] * cb[i] + ca[i] * sb[i];
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

double Sign(int order) { return order < 0 ? -1.0 : 1.0; }

class ReciprocalSum {
 public:
  ReciprocalSum(const Structure& structure, const std::vector<double>& charges, double alpha, double largest)
      : n_(charges.size()),
        charges_(charges),
        alpha_(alpha),
        largest_(largest),
        volume_(structure.Volume()),
        scratch_(7 * n_, 0.0) {
    const Mat3 inverse = Inverse(structure.cell);
    for (int x = 0; x < 3; ++x) {
      for (int y = 0; y < 3; ++y) reciprocal_[x][y] = 2.0 * M_PI * inverse[y][x];
      reach_[x] = static_cast<int>(largest * Norm(structure.cell[x]) / (2.0 * M_PI));
    }
    for (const Vec3& r : structure.positions) fractional_.push_back(r * inverse);
  }

  // Half of the reciprocal vectors: k and -k give the same.
  void Add(ElectrostaticResult* result) {
    const Phases a(fractional_, 0, reach_[0]), b(fractional_, 1, reach_[1]), c(fractional_, 2, reach_[2]);
    for (int h = 0; h <= reach_[0]; ++h) {
      for (int k = h == 0 ? 0 : -reach_[1]; k <= reach_[1]; ++k) {
        Multiply(n_, a.Cos(h), a.Sin(h), b.Cos(k), b.Sin(k), Sign(k), charges_.data(), Scratch(0),
                 Scratch(1));
        for (int l = h == 0 && k == 0 ? 1 : -reach_[2]; l <= reach_[2]; ++l) {
          const Vec3 g = Vec3{double(h), double(k), double(l)} * reciprocal_;
          if (Dot(g, g) > largest_ * largest_) continue;
          const Sum s = Multiply(n_, Scratch(0), Scratch(1), c.Cos(l), c.Sin(l), Sign(l), charges_.data(),
                                 Scratch(2), Scratch(3));
          AddVector(g, s, result);
        }
      }
    }
    for (size_t i = 0; i < n_; ++i) {
      for (int x = 0; x < 3; ++x) result->forces[i][x] += Scratch(4 + x)[i];
    }
  }

 private:
  // Of one number for each atom: 0, 1 the phases of (h, k); 2, 3 those of the vector at hand; 4 to 6 forces.
  double* Scratch(int k) { return scratch_.data() + k * n_; }

  void AddVector(const Vec3& g, const Sum& s, ElectrostaticResult* result) {
    const double g2 = Dot(g, g), wide = 1.0 / (4.0 * alpha_ * alpha_);
    const double weight = 4.0 * M_PI * units::kCoulomb / volume_ * std::exp(-g2 * wide) / g2;
    const double energy = weight * (s.re * s.re + s.im * s.im);
    result->energy += energy;
    AddIsotropic(energy, &result->virial);
    AddOuter(g, g, -2.0 * energy * (1.0 / g2 + wide), &result->virial);
    double* const forces[3] = {Scratch(4), Scratch(5), Scratch(6)};
    AddToAtoms(n_, {2.0 * weight * s.re, 2.0 * weight * s.im}, g, Scratch(2), Scratch(3), charges_.data(),
               result->potentials.data(), forces);
  }

  const size_t n_;
  const std::vector<double>& charges_;
  const double alpha_, largest_, volume_;
  Mat3 reciprocal_;
  int reach_[3];
  std::vector<Vec3> fractional_;
  std::vector<double> scratch_;
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
