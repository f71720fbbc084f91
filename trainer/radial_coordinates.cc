#include "trainer/radial_coordinates.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "potential/pair_terms.h"
#include "trainer/reference_energy.h"

namespace superion::trainer {
namespace {

constexpr double kSmallestShare = 0.25;  // of a block's root mean square in the typical one around the center
constexpr double kSmallestOfDegree =
    1e-3;  // of a degree's root mean square in all: crystals without displacements
constexpr double kSmallestVariance = 1e-4;  // of μ_a in μ_0, for the scale of φ_a: bounds the norms
constexpr double kRounding = 1e-13;
constexpr int kGrid = 600;

using Matrix = std::vector<double>;  // [n, n] row-major

Matrix Multiply(int n, const Matrix& a, const Matrix& b) {
  Matrix c(a.size(), 0.0);
  for (int i = 0; i < n; ++i)
    for (int k = 0; k < n; ++k)
      for (int j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
  return c;
}

double Radial(int n, const ModelArchitecture& a, double u) {
  double f, x, slope;
  u = std::clamp(u, 0.0, 1.0);
  CutoffFunction(a.cutoff_power, u, &f, &slope);
  ChebyshevArgument(a.smoothstep, u, &x, &slope);
  return std::cos(n * std::acos(std::clamp(x, -1.0, 1.0))) * f;
}

// ∫ B_n B_m + (B_n'' Å²)(B_m'' Å²) dr / r_c over [0, r_c].
Matrix SobolevNorm(const ModelArchitecture& a) {
  const int n_radial = a.n_radial;
  constexpr double h = 1.0 / kGrid;
  Matrix norm(static_cast<size_t>(n_radial) * n_radial, 0.0);
  std::vector<double> value(n_radial), curvature(n_radial);
  for (int i = 1; i < kGrid; ++i) {
    for (int n = 0; n < n_radial; ++n) {
      value[n] = Radial(n, a, i * h);
      curvature[n] = (Radial(n, a, (i - 1) * h) - 2 * value[n] + Radial(n, a, (i + 1) * h)) /
                     (h * h * a.cutoff_angstrom * a.cutoff_angstrom);
    }
    for (int n = 0; n < n_radial; ++n)
      for (int m = 0; m < n_radial; ++m)
        norm[n * n_radial + m] += h * (value[n] * value[m] + curvature[n] * curvature[m]);
  }
  return norm;
}

// a^(-1/2), symmetric. Where f_c falls early the functions are nearly dependent: no eigenvalue counts as less
// than what rounding leaves of it.
Matrix InverseRoot(int n, const Matrix& a) {
  std::vector<double> values, vectors;
  SymmetricEigen(a, n, &values, &vectors);
  const double smallest = kRounding * *std::max_element(values.begin(), values.end());
  Matrix root(a.size(), 0.0);
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j)
        root[i * n + j] += vectors[k * n + i] * vectors[k * n + j] / std::sqrt(std::max(values[k], smallest));
  return root;
}

// R and its inverse up to a factor: R = Q^(-1/2) V D with eigenvectors V of Q^(-1/2) S Q^(-1/2).
struct Pair {
  Matrix r, inverse;
};
Pair Diagonalise(int n, const Matrix& root, const Matrix& norm, const Matrix& gram) {
  std::vector<double> values, vectors;
  SymmetricEigen(Multiply(n, Multiply(n, root, gram), root), n, &values, &vectors);
  std::vector<int> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int a, int b) { return values[a] > values[b]; });
  const double largest = values[order[0]];
  Pair out{Matrix(root.size(), 0.0), Matrix(root.size(), 0.0)};
  const Matrix square_root = Multiply(n, norm, root);  // Q^(1/2)
  for (int k = 0; k < n; ++k) {
    const double* v = &vectors[static_cast<size_t>(order[k]) * n];
    const double scale = std::pow(std::max(values[order[k]] / largest, kSmallestVariance), -0.25);
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        out.r[i * n + k] += root[i * n + j] * v[j] * scale;
        out.inverse[k * n + i] += v[j] * square_root[j * n + i] / scale;
      }
  }
  return out;
}

double Trace(int n, const double* m) {
  double sum = 0;
  for (int i = 0; i < n; ++i) sum += m[i * n + i];
  return sum;
}

// Mean square of the columns Rᵀ A.
double MeanSquare(int n, const Matrix& r, const double* gram) {
  double sum = 0;
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) sum += r[i * n + k] * gram[i * n + j] * r[j * n + k];
  return sum / n;
}

}  // namespace

RadialCoordinates::RadialCoordinates(const ModelArchitecture& a, const std::vector<double>& gram)
    : n_species_(a.n_species()), n_degrees_(a.l_max + 1), n_radial_(a.n_radial), channels_(a.channels) {
  const int n = n_radial_, nn = n * n;
  matrices_.assign(gram.size(), 0.0);
  inverses_.assign(gram.size(), 0.0);
  seen_.assign(gram.size() / nn, false);
  const Matrix norm = SobolevNorm(a), root = InverseRoot(n, norm);
  for (int c = 0; c < n_species_; ++c) {
    std::vector<double> smallest(n_degrees_, 0.0);  // mean square that a column counts as at least
    for (int l = 0; l < n_degrees_; ++l)
      for (int z = 0; z < n_species_; ++z)
        smallest[l] +=
            kSmallestShare * kSmallestShare * Trace(n, gram.data() + Number(c, l, z) * nn) / (n_species_ * n);
    const double of_all = *std::max_element(smallest.begin(), smallest.end());
    for (double& one : smallest) one = std::max(one, kSmallestOfDegree * kSmallestOfDegree * of_all);
    for (int z = 0; z < n_species_; ++z) {
      Matrix pooled(nn, 0.0);
      for (int l = 1; l < n_degrees_; ++l)
        for (int i = 0; i < nn; ++i) pooled[i] += gram[Number(c, l, z) * nn + i];
      const bool seen = Trace(n, gram.data() + Number(c, 0, z) * nn) > 0;
      const bool smooth = seen && Trace(n, pooled.data()) > 0;
      const Pair pair = smooth ? Diagonalise(n, root, norm, pooled) : Pair{};
      for (int l = 0; l < n_degrees_; ++l) {
        const size_t block = Number(c, l, z);
        seen_[block] = seen;
        const double* g = gram.data() + block * nn;
        if (l > 0 && smooth)
          SetSmooth(block, pair.r, pair.inverse, g, smallest[l]);
        else
          SetSizes(block, g, seen ? smallest[l] : 0.0);
      }
    }
  }
}

// Columns as they are, in units of their root mean square.
void RadialCoordinates::SetSizes(size_t block, const double* gram, double smallest) {
  const int n = n_radial_;
  for (int i = 0; i < n; ++i) {
    const double square = std::max(gram[i * n + i], smallest), rms = square > 0 ? std::sqrt(square) : 1.0;
    inverses_[(block * n + i) * n + i] = rms;
    matrices_[(block * n + i) * n + i] = 1 / rms;
  }
}

void RadialCoordinates::SetSmooth(size_t block, const std::vector<double>& r,
                                  const std::vector<double>& inverse, const double* gram, double smallest) {
  const int n = n_radial_;
  const double mean = std::max(Trace(n, gram) / n, 1e-300);
  const double square = MeanSquare(n, r, gram) * std::max(1.0, smallest / mean);
  const double scale = 1.0 / std::sqrt(std::max(square, 1e-300));
  for (int i = 0; i < n * n; ++i) {
    matrices_[block * n * n + i] = scale * r[i];
    inverses_[block * n * n + i] = inverse[i] / scale;
  }
}

std::vector<double> RadialCoordinates::Seen() const {
  std::vector<double> seen;
  for (const bool block : seen_) seen.insert(seen.end(), n_radial_, block ? 1.0 : 0.0);
  return seen;
}

const double* RadialCoordinates::block(int center, int degree, int neighbor) const {
  return matrices_.data() + ((static_cast<size_t>(center) * n_degrees_ + degree) * n_species_ + neighbor) *
                                n_radial_ * n_radial_;
}

namespace {

// rows [N, K] of every block = m · rows, or mᵀ · rows.
template <typename Real>
void Apply(const std::vector<double>& matrices, int n, int channels, bool transposed, Real* rows) {
  std::vector<Real> out(static_cast<size_t>(n) * channels);
  const size_t size = static_cast<size_t>(n) * n;
  for (size_t begin = 0; begin < matrices.size(); begin += size, rows += out.size()) {
    const double* m = matrices.data() + begin;
    std::fill(out.begin(), out.end(), Real(0));
    for (int i = 0; i < n; ++i)
      for (int j = 0; j < n; ++j) {
        const Real weight = static_cast<Real>(transposed ? m[j * n + i] : m[i * n + j]);
        for (int k = 0; k < channels; ++k) out[i * channels + k] += weight * rows[j * channels + k];
      }
    std::copy(out.begin(), out.end(), rows);
  }
}

}  // namespace

template <typename Real>
void RadialCoordinates::ToWeights(Real* mix0) const {
  Apply(matrices_, n_radial_, channels_, false, mix0);
}
template <typename Real>
void RadialCoordinates::GradientToCoordinates(Real* mix0) const {
  Apply(matrices_, n_radial_, channels_, true, mix0);
}
void RadialCoordinates::FromWeights(double* mix0) const {
  Apply(inverses_, n_radial_, channels_, false, mix0);
}

template void RadialCoordinates::ToWeights(float*) const;
template void RadialCoordinates::ToWeights(double*) const;
template void RadialCoordinates::GradientToCoordinates(float*) const;
template void RadialCoordinates::GradientToCoordinates(double*) const;

}  // namespace superion::trainer
