#include "md_runner/saddle_mode.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "core/random.h"
#include "core/units.h"

namespace superion {
namespace {

double Product(const Coordinates& a, const Coordinates& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void AddScaled(double factor, const Coordinates& from, Coordinates* to) {
  for (size_t i = 0; i < from.size(); ++i) (*to)[i] += factor * from[i];
}

// Twice, against rounding (Parlett & Kahan: "twice is enough").
void Orthogonalize(const std::vector<Coordinates>& basis, Coordinates* v) {
  for (int pass = 0; pass < 2; ++pass) {
    for (const auto& b : basis) AddScaled(-Product(b, *v), b, v);
  }
}

// Norm before; the vector is left alone when it is zero.
double Normalize(Coordinates* v) {
  const double norm = std::sqrt(Product(*v, *v));
  if (norm > 0.0) {
    for (double& x : *v) x /= norm;
  }
  return norm;
}

// Eigenvalues of a symmetric tridiagonal matrix below `x`, by the signs of its Sturm sequence.
int CountBelow(const std::vector<double>& diagonal, const std::vector<double>& off, double x) {
  int count = 0;
  double q = 1.0;
  for (size_t i = 0; i < diagonal.size(); ++i) {
    q = diagonal[i] - x - (i == 0 ? 0.0 : off[i - 1] * off[i - 1] / q);
    if (q == 0.0) q = 1e-300;
    count += q < 0.0;
  }
  return count;
}

double LowestEigenvalue(const std::vector<double>& diagonal, const std::vector<double>& off) {
  double low = 0.0, high = 0.0;
  for (size_t i = 0; i < diagonal.size(); ++i) {
    const double radius =
        (i > 0 ? std::abs(off[i - 1]) : 0.0) + (i + 1 < diagonal.size() ? std::abs(off[i]) : 0.0);
    low = i == 0 ? diagonal[i] - radius : std::min(low, diagonal[i] - radius);
    high = i == 0 ? diagonal[i] + radius : std::max(high, diagonal[i] + radius);
  }
  for (int k = 0; k < 200 && high - low > 1e-14 * std::max(std::abs(low), std::abs(high)); ++k) {
    const double middle = 0.5 * (low + high);
    (CountBelow(diagonal, off, middle) > 0 ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

// Eigenvector of a tridiagonal matrix for a known lowest eigenvalue, by two steps of inverse iteration with a
// shift just below it, where the matrix is positive definite.
Coordinates EigenvectorOf(const std::vector<double>& diagonal, const std::vector<double>& off, double value) {
  const size_t n = diagonal.size();
  const double shift = value - 1e-10 * std::max(1.0, std::abs(value));
  Coordinates v(n, 1.0);
  for (int pass = 0; pass < 4; ++pass) {
    std::vector<double> pivot(n);
    for (size_t i = 0; i < n; ++i) {
      pivot[i] = diagonal[i] - shift - (i == 0 ? 0.0 : off[i - 1] * off[i - 1] / pivot[i - 1]);
      if (std::abs(pivot[i]) < 1e-300) pivot[i] = 1e-300;
      if (i > 0) v[i] -= off[i - 1] / pivot[i - 1] * v[i - 1];
    }
    for (size_t i = n; i-- > 0;) v[i] = (v[i] - (i + 1 < n ? off[i] * v[i + 1] : 0.0)) / pivot[i];
    Normalize(&v);
  }
  return v;
}

class Lanczos {
 public:
  Lanczos(const EnergySurface& surface, const Coordinates& x, const std::vector<double>& masses,
          const ModeOptions& options)
      : surface_(surface), x_(x), options_(options) {
    for (const double m : masses) inverse_root_.push_back(1.0 / std::sqrt(m));
  }

  absl::StatusOr<Mode> Lowest(const std::vector<Coordinates>& excluded, Coordinates v) const {
    std::vector<Coordinates> basis;
    std::vector<double> diagonal, off;
    Orthogonalize(excluded, &v);
    if (Normalize(&v) == 0.0) return Internal("the start of a search for modes is a translation");
    const size_t most =
        std::min<size_t>(static_cast<size_t>(options_.max_iterations), x_.size() - excluded.size());
    for (;;) {
      basis.push_back(v);
      SUPERION_ASSIGN_OR_RETURN(Coordinates w, TimesHessian(v));
      Orthogonalize(excluded, &w);
      diagonal.push_back(Product(v, w));
      Orthogonalize(basis, &w);
      const double next = Normalize(&w);
      const double value = LowestEigenvalue(diagonal, off);
      const Coordinates ritz = EigenvectorOf(diagonal, off, value);
      const double residual = next * std::abs(ritz.back());
      if (basis.size() >= most || residual <= options_.tolerance * std::abs(value) || next < 1e-12)
        return Assemble(basis, ritz, value, residual);
      off.push_back(next);
      v = std::move(w);
    }
  }

 private:
  absl::StatusOr<Coordinates> TimesHessian(const Coordinates& v) const {
    Coordinates d(v.size());
    for (size_t i = 0; i < d.size(); ++i) d[i] = v[i] * inverse_root_[i];
    const double step = options_.displacement / std::sqrt(Product(d, d));
    Coordinates plus = x_, minus = x_;
    AddScaled(step, d, &plus);
    AddScaled(-step, d, &minus);
    SUPERION_ASSIGN_OR_RETURN(const std::vector<SurfacePoint> points, surface_({plus, minus}));
    for (size_t i = 0; i < d.size(); ++i)
      d[i] = -inverse_root_[i] * (points[0].forces[i] - points[1].forces[i]) / (2.0 * step);
    return d;
  }

  static Mode Assemble(const std::vector<Coordinates>& basis, const Coordinates& ritz, double value,
                       double residual) {
    Mode mode;
    mode.eigenvalue = value;
    mode.residual = residual;
    mode.iterations = static_cast<int>(basis.size());
    mode.vector.assign(basis[0].size(), 0.0);
    for (size_t k = 0; k < basis.size(); ++k) AddScaled(ritz[k], basis[k], &mode.vector);
    Normalize(&mode.vector);
    return mode;
  }

  const EnergySurface& surface_;
  const Coordinates& x_;
  const ModeOptions& options_;
  std::vector<double> inverse_root_;  // of the masses
};

}  // namespace

absl::StatusOr<std::vector<Mode>> LowestModes(const EnergySurface& surface, const Coordinates& x,
                                              const std::vector<double>& masses,
                                              std::vector<Coordinates> excluded, const Coordinates& start,
                                              int count, const ModeOptions& options) {
  const Lanczos lanczos(surface, x, masses, options);
  Random random(options.seed);
  std::vector<Mode> modes;
  while (static_cast<int>(modes.size()) < count && excluded.size() < x.size()) {
    // A part of every mode is in the start, most of the guess.
    Coordinates v(x.size());
    for (size_t i = 0; i < v.size(); ++i) {
      const double guess = start.empty() || !modes.empty() ? 0.0 : start[i] * std::sqrt(masses[i]);
      v[i] = guess + 0.1 / std::sqrt(static_cast<double>(v.size())) * random.Gaussian();
    }
    SUPERION_ASSIGN_OR_RETURN(Mode mode, lanczos.Lowest(excluded, std::move(v)));
    excluded.push_back(mode.vector);
    modes.push_back(std::move(mode));
  }
  return modes;
}

std::vector<Coordinates> Translations(const std::vector<double>& atom_masses) {
  const double total = std::accumulate(atom_masses.begin(), atom_masses.end(), 0.0);
  std::vector<Coordinates> out(3, Coordinates(3 * atom_masses.size(), 0.0));
  for (size_t i = 0; i < atom_masses.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) out[c][3 * i + c] = std::sqrt(atom_masses[i] / total);
  }
  return out;
}

double FrequencyThz(double eigenvalue) {
  return std::copysign(std::sqrt(std::abs(eigenvalue) / units::kMassVelocity2) / (2.0 * M_PI), eigenvalue);
}

}  // namespace superion
