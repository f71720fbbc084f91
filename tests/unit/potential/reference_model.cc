#include "reference_model.h"

#include <cmath>
#include <complex>
#include <numbers>

#include "core/structure.h"
#include "core/units.h"

namespace superion::reference {
namespace {

using Complex = std::complex<double>;

double Factorial(int n) { return std::tgamma(n + 1.0); }

// Racah's formula.
double Wigner3j(int a, int b, int c, int x, int y, int z) {
  if (x + y + z != 0 || c < std::abs(a - b) || c > a + b) return 0.0;
  if (std::abs(x) > a || std::abs(y) > b || std::abs(z) > c) return 0.0;
  const double triangle =
      Factorial(a + b - c) * Factorial(a - b + c) * Factorial(-a + b + c) / Factorial(a + b + c + 1);
  const double projections = Factorial(a + x) * Factorial(a - x) * Factorial(b + y) * Factorial(b - y) *
                             Factorial(c + z) * Factorial(c - z);
  double sum = 0.0;
  for (int t = 0; t <= a + b + c; ++t) {
    const int d[6] = {t, c - b + t + x, c - a + t - y, a + b - c - t, a - t - x, b - t + y};
    double product = 1.0;
    bool valid = true;
    for (const int k : d) {
      if (k < 0)
        valid = false;
      else
        product *= Factorial(k);
    }
    if (valid) sum += (t % 2 == 0 ? 1.0 : -1.0) / product;
  }
  return ((a - b - z) % 2 == 0 ? 1.0 : -1.0) * std::sqrt(triangle * projections) * sum;
}

// Real harmonic m as a combination of complex ones (Condon-Shortley inside the complex ones): coefficient of
// Y_l^mu.
Complex RealFromComplex(int m, int mu) {
  const double s = 1.0 / std::sqrt(2.0), sign = (std::abs(m) % 2 == 0 ? 1.0 : -1.0);
  if (m == 0) return mu == 0 ? 1.0 : 0.0;
  if (m > 0) return mu == m ? Complex(sign * s) : mu == -m ? Complex(s) : Complex(0);
  return mu == m ? Complex(0, s) : mu == -m ? Complex(0, -sign * s) : Complex(0);
}

double Gaunt(int l1, int m1, int l2, int m2, int l3, int m3) {
  Complex sum = 0.0;
  for (int a : {m1, -m1})
    for (int b : {m2, -m2})
      for (int c : {m3, -m3}) {
        if ((m1 == 0 && a != m1) || (m2 == 0 && b != m2) || (m3 == 0 && c != m3)) continue;
        const double weight = (m1 == 0 ? 0.5 : 1.0) * (m2 == 0 ? 0.5 : 1.0) * (m3 == 0 ? 0.5 : 1.0);
        sum += weight * RealFromComplex(m1, a) * RealFromComplex(m2, b) * RealFromComplex(m3, c) *
               Wigner3j(l1, l2, l3, 0, 0, 0) * Wigner3j(l1, l2, l3, a, b, c);
      }
  return sum.real();
}

double Silu(double x) { return x / (1.0 + std::exp(-x)); }

double ZblEnergy(const Model& model, const PairList& pairs, const Box& box, int i) {
  const ModelArchitecture& a = model.architecture;
  double energy = 0.0;
  for (size_t p = 0; p < pairs.center.size(); ++p) {
    if (pairs.center[p] != i) continue;
    const std::string &s1 = a.species[box.species[i]], &s2 = a.species[pairs.neighbor_species[p]];
    const double r = Norm(pairs.displacement[p]);
    const double range = model.zbl_scale * (CovalentRadius(s1).value() + CovalentRadius(s2).value());
    if (r >= range) continue;
    const double z1 = AtomicNumber(s1).value(), z2 = AtomicNumber(s2).value();
    const double x = r / (0.8854 * units::kBohr / (std::pow(z1, 0.23) + std::pow(z2, 0.23))), u = r / range;
    const double phi = 0.18175 * std::exp(-3.19980 * x) + 0.50986 * std::exp(-0.94229 * x) +
                       0.28022 * std::exp(-0.40290 * x) + 0.02817 * std::exp(-0.20162 * x);
    energy += 0.5 * units::kCoulomb * z1 * z2 * phi / r *
              (1 - 10 * std::pow(u, 3) + 15 * std::pow(u, 4) - 6 * std::pow(u, 5));
  }
  return energy;
}

}  // namespace

double Harmonic(int l, int m, const Vec3& unit) {
  const int mu = std::abs(m);
  const double phi = std::atan2(unit[1], unit[0]);
  // std::assoc_legendre has no Condon-Shortley phase.
  const double legendre = std::assoc_legendre(l, mu, std::max(-1.0, std::min(1.0, unit[2])));
  const double norm = std::sqrt((2 * l + 1) * Factorial(l - mu) / Factorial(l + mu) * (m == 0 ? 1.0 : 2.0));
  return norm * legendre * (m > 0 ? std::cos(mu * phi) : m < 0 ? std::sin(mu * phi) : 1.0);
}

double Radial(int n, double r, const ModelArchitecture& a) {
  if (r >= a.cutoff_angstrom) return 0.0;
  const double u = r / a.cutoff_angstrom;
  const double cut = a.cutoff_power == 0 ? 1 - 10 * std::pow(u, 3) + 15 * std::pow(u, 4) - 6 * std::pow(u, 5)
                                         : std::pow(1 - u, a.cutoff_power);
  const double s = a.smoothstep ? 10 * std::pow(u, 3) - 15 * std::pow(u, 4) + 6 * std::pow(u, 5) : u;
  return std::cos(n * std::acos(std::clamp(2 * s - 1, -1.0, 1.0))) * cut;
}

double Coupling(int l1, int m1, int l2, int m2, int l3, int m3) {
  static std::map<std::array<int, 3>, double> norms;
  double& sum = norms[{l1, l2, l3}];
  if (sum > 0.0) return Gaunt(l1, m1, l2, m2, l3, m3) * std::sqrt((2 * l3 + 1) / sum);
  for (int a = -l1; a <= l1; ++a)
    for (int b = -l2; b <= l2; ++b)
      for (int c = -l3; c <= l3; ++c) sum += std::pow(Gaunt(l1, a, l2, b, l3, c), 2);
  return Gaunt(l1, m1, l2, m2, l3, m3) * std::sqrt((2 * l3 + 1) / sum);
}

PairList Pairs(const Box& box, double cutoff) {
  const Mat3& h = box.cell;
  const double volume = std::abs(Determinant(h));
  int images[3];
  for (int a = 0; a < 3; ++a) {
    images[a] =
        static_cast<int>(std::ceil(cutoff * Norm(Cross(h[(a + 1) % 3], h[(a + 2) % 3])) / volume)) + 1;
  }
  PairList pairs;
  pairs.n_atoms = static_cast<int>(box.positions.size());
  for (int i = 0; i < pairs.n_atoms; ++i)
    for (int j = 0; j < pairs.n_atoms; ++j)
      for (int x = -images[0]; x <= images[0]; ++x)
        for (int y = -images[1]; y <= images[1]; ++y)
          for (int z = -images[2]; z <= images[2]; ++z) {
            const Vec3 d = box.positions[j] - box.positions[i] + Vec3{double(x), double(y), double(z)} * h;
            const double r = Norm(d);
            if (r > cutoff || r < 1e-9) continue;
            pairs.center.push_back(i);
            pairs.neighbor.push_back(j);
            pairs.neighbor_species.push_back(box.species[j]);
            pairs.displacement.push_back(d);
          }
  return pairs;
}

std::vector<double> Density(const ModelArchitecture& a, double density_scale, const PairList& pairs) {
  std::vector<double> density(static_cast<size_t>(pairs.n_atoms) * a.n_density(), 0.0);
  for (size_t p = 0; p < pairs.center.size(); ++p) {
    const double r = Norm(pairs.displacement[p]);
    const Vec3 unit = (1.0 / r) * pairs.displacement[p];
    for (int n = 0; n < a.n_radial; ++n)
      for (int l = 0; l <= a.l_max; ++l)
        for (int m = -l; m <= l; ++m) {
          const size_t index =
              ((static_cast<size_t>(pairs.center[p]) * a.n_species() + pairs.neighbor_species[p]) *
                   a.n_radial +
               n) *
                  a.n_lm() +
              l * l + l + m;
          density[index] += density_scale * Radial(n, r, a) * Harmonic(l, m, unit);
        }
  }
  return density;
}

std::vector<AtomResult> Atoms(const Model& model, const Box& box) {
  const ModelArchitecture& a = model.architecture;
  const PairList pairs = Pairs(box, a.cutoff_angstrom);
  const std::vector<double> density = Density(a, model.density_scale, pairs);
  const auto value = [&](const std::string& name, std::initializer_list<int> index) {
    const Tensor& tensor = model.tensors.at(name);
    size_t at = 0, axis = 0;
    for (const int k : index) at = at * tensor.shape[axis++] + k;
    return tensor.values.at(at);
  };
  const int K = a.channels, ZN = a.n_species() * a.n_radial, LM = a.n_lm(), L = a.l_max, H = a.hidden;
  using Field = std::vector<std::vector<double>>;  // [lm][k]
  std::vector<AtomResult> results;
  for (int i = 0; i < pairs.n_atoms; ++i) {
    const int c = box.species[i];
    std::vector<Field> X(1, Field(LM, std::vector<double>(K, 0.0)));
    for (int l = 0; l <= L; ++l)
      for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm)
        for (int k = 0; k < K; ++k)
          for (int zn = 0; zn < ZN; ++zn)
            X[0][lm][k] +=
                value("mix0", {c, l, zn, k}) * density[(static_cast<size_t>(i) * ZN + zn) * LM + lm];
    for (int p = 1; p <= a.products; ++p) {
      Field U(LM, std::vector<double>(K, 0.0)), V = U;
      int q = 0;
      for (int l1 = 0; l1 <= L; ++l1)
        for (int l2 = 0; l2 <= L; ++l2)
          for (int l3 = 0; l3 <= L; ++l3) {
            if (l3 < std::abs(l1 - l2) || l3 > l1 + l2 || (l1 + l2 + l3) % 2 != 0) continue;
            for (int m1 = -l1; m1 <= l1; ++m1)
              for (int m2 = -l2; m2 <= l2; ++m2)
                for (int m3 = -l3; m3 <= l3; ++m3) {
                  static std::map<std::array<int, 6>, double> cache;
                  const std::array<int, 6> key{l1, m1, l2, m2, l3, m3};
                  if (cache.count(key) == 0) cache[key] = Coupling(l1, m1, l2, m2, l3, m3);
                  const double coefficient = cache[key];
                  if (std::abs(coefficient) < 1e-12) continue;
                  for (int k = 0; k < K; ++k)
                    U[l3 * l3 + l3 + m3][k] += value("path" + std::to_string(p), {c, q, k}) * coefficient *
                                               X[p - 1][l1 * l1 + l1 + m1][k] * X[0][l2 * l2 + l2 + m2][k];
                }
            ++q;
          }
      double square = 0.0;
      for (int l = 0; l <= L; ++l)
        for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm)
          for (int k = 0; k < K; ++k) {
            for (int k2 = 0; k2 < K; ++k2)
              V[lm][k] += value("mixp" + std::to_string(p), {l, k2, k}) * U[lm][k2];
            square += V[lm][k] * V[lm][k];
          }
      for (auto& row : V)
        for (double& v : row) v /= std::sqrt(1.0 + square / (K * LM));
      X.push_back(V);
    }
    std::vector<double> f(X[0][0]);
    for (const auto& [x, y] : a.invariant_pairs)
      for (int l = 0; l <= L; ++l)
        for (int k = 0; k < K; ++k) {
          double sum = 0.0;
          for (int lm = l * l; lm < (l + 1) * (l + 1); ++lm) sum += X[x][lm][k] * X[y][lm][k];
          f.push_back(sum / (2 * l + 1));
        }
    AtomResult result;
    result.energy = value("reference_energy", {c});
    std::vector<double> h1(H), h2(H);
    for (size_t k = 0; k < f.size(); ++k) {
      f[k] = (f[k] - value("feature_mean", {c, int(k)})) / value("feature_scale", {c, int(k)});
      result.energy += model.energy_scale * value("w_lin", {c, int(k)}) * f[k];
    }
    for (int h = 0; h < H; ++h) {
      double sum = value("b1", {c, h});
      for (size_t k = 0; k < f.size(); ++k) sum += value("w1", {c, h, int(k)}) * f[k];
      h1[h] = Silu(sum);
    }
    for (int h = 0; h < H; ++h) {
      double sum = value("b2", {c, h});
      for (int k = 0; k < H; ++k) sum += value("w2", {c, h, k}) * h1[k];
      h2[h] = Silu(sum);
      result.energy += model.energy_scale * value("w3", {c, h}) * h2[h];
    }
    result.energy += ZblEnergy(model, pairs, box, i);
    result.last_layer = h2;
    result.last_layer.push_back(1.0);
    results.push_back(std::move(result));
  }
  return results;
}

double Energy(const Model& model, const Box& box) {
  double sum = 0.0;
  for (const AtomResult& atom : Atoms(model, box)) sum += atom.energy;
  return sum;
}

Model RandomModel(const ModelArchitecture& architecture, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> gauss;
  Model model;
  model.architecture = architecture;
  model.density_scale = architecture.cutoff_power == 0 ? 0.13 : 1.3;  // f_c falls early
  model.energy_scale = 0.2;
  for (const auto& [name, shape] : TensorShapes(architecture)) {
    Tensor tensor;
    tensor.shape = shape;
    size_t size = 1;
    for (const int64_t extent : shape) size *= extent;
    // Weights are scaled by the inverse root of the inputs they sum over, so every stage stays of order one.
    double scale = 1.0;
    if (name == "mix0") scale = 1.0 / std::sqrt(shape[2]);
    if (name == "w1" || name == "w2" || name == "w_lin" || name == "w3")
      scale = 1.0 / std::sqrt(shape.back());
    if (name.rfind("mixp", 0) == 0) scale = 1.0 / std::sqrt(shape[1]);
    if (name.rfind("path", 0) == 0) scale = 0.5;
    for (size_t k = 0; k < size; ++k) {
      const double g = gauss(engine);
      tensor.values.push_back(name == "feature_scale" ? std::exp(0.3 * g) : scale * g);
    }
    model.tensors[name] = std::move(tensor);
  }
  return model;
}

Model RandomModel(const std::string& size, const std::vector<std::string>& species, double cutoff,
                  unsigned seed) {
  return RandomModel(ArchitectureOfSize(size, species, cutoff).value(), seed);
}

Box RandomBox(int n_atoms, int n_species, double edge, double spacing, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  Box box;
  box.cell = {{{edge, 0.1 * edge, 0}, {-0.07 * edge, 1.1 * edge, 0.05 * edge}, {0.2 * edge, 0, 0.95 * edge}}};
  while (static_cast<int>(box.positions.size()) < n_atoms) {
    box.positions.push_back(Vec3{uniform(engine), uniform(engine), uniform(engine)} * box.cell);
    box.species.push_back(static_cast<int>(box.positions.size()) % n_species);
    for (const Vec3& d : Pairs(box, spacing).displacement) {
      if (Norm(d) < spacing) {
        box.positions.pop_back();
        box.species.pop_back();
        break;
      }
    }
  }
  return box;
}

}  // namespace superion::reference
