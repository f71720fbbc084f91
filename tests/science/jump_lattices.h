// Jumps on periodic lattices: single vacancies and exclusion processes, whose tracer and collective motion is
// known exactly or to many digits (T-15, T-16, T-17).
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/series/displacement.h"
#include "core/random.h"
#include "core/vec3.h"
#include "tests/science/driven_ions.h"

namespace superion::analysis {

// Sites of a torus with their neighbours; all steps have length 1.
struct JumpLattice {
  size_t dimension = 3, coordination = 0, sites = 0;
  std::vector<uint32_t> neighbor;  // [sites, coordination]
  std::vector<Vec3> step;          // [sites, coordination]

  size_t Index(size_t site, size_t k) const { return site * coordination + k; }
};

struct JumpBond {
  std::array<int, 3> offset{};  // of the cell
  int to = 0;                   // sublattice
  Vec3 step{};
};

// `bonds`: those that leave each sublattice; n cells along each of `dimension` directions.
inline JumpLattice MakeLattice(size_t dimension, size_t n, const std::vector<std::vector<JumpBond>>& bonds) {
  JumpLattice out;
  out.dimension = dimension;
  out.coordination = bonds[0].size();
  const size_t cells = dimension == 1 ? n : dimension == 2 ? n * n : n * n * n, basis = bonds.size();
  out.sites = cells * basis;
  for (size_t site = 0; site < out.sites; ++site) {
    const size_t cell = site / basis;
    const size_t at[3] = {cell % n, cell / n % n, cell / (n * n)};
    for (const JumpBond& bond : bonds[site % basis]) {
      size_t target = 0, stride = 1;
      for (size_t c = 0; c < dimension; ++c, stride *= n)
        target += stride * ((at[c] + n + static_cast<size_t>(bond.offset[c] + static_cast<int>(n))) % n);
      out.neighbor.push_back(static_cast<uint32_t>(target * basis + static_cast<size_t>(bond.to)));
      out.step.push_back((1.0 / Norm(bond.step)) * bond.step);
    }
  }
  return out;
}

// A Bravais lattice from half of its bonds, as integer offsets of the cell vectors `a`.
inline JumpLattice Bravais(size_t dimension, size_t n, const std::array<Vec3, 3>& a,
                           const std::vector<std::array<int, 3>>& half) {
  std::vector<JumpBond> bonds;
  for (const auto& o : half) {
    for (const int sign : {1, -1}) {
      JumpBond bond;
      for (size_t c = 0; c < 3; ++c) {
        bond.offset[c] = sign * o[c];
        bond.step += static_cast<double>(sign * o[c]) * a[c];
      }
      bonds.push_back(bond);
    }
  }
  return MakeLattice(dimension, n, {bonds});
}

// Two sublattices joined by bonds with the given offsets from the first, the second displaced by `tau`.
inline JumpLattice TwoSublattices(size_t dimension, size_t n, const std::array<Vec3, 3>& a, const Vec3& tau,
                                  const std::vector<std::array<int, 3>>& offsets) {
  std::vector<std::vector<JumpBond>> bonds(2);
  for (const auto& o : offsets) {
    JumpBond out{o, 1, tau}, back{{-o[0], -o[1], -o[2]}, 0, {}};
    for (size_t c = 0; c < 3; ++c) out.step += static_cast<double>(o[c]) * a[c];
    back.step = -1.0 * out.step;
    bonds[0].push_back(out);
    bonds[1].push_back(back);
  }
  return MakeLattice(dimension, n, bonds);
}

inline JumpLattice NamedLattice(const std::string& name, size_t n) {
  const std::array<Vec3, 3> cubic = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  const std::array<Vec3, 3> bcc = {{{-1, 1, 1}, {1, -1, 1}, {1, 1, -1}}};
  const std::array<Vec3, 3> fcc = {{{0, 1, 1}, {1, 0, 1}, {1, 1, 0}}};
  const std::array<Vec3, 3> hexagonal = {{{1, 0, 0}, {0.5, std::sqrt(0.75), 0}, {0, 0, 1}}};
  if (name == "ring") return Bravais(1, n, cubic, {{1, 0, 0}});
  if (name == "square") return Bravais(2, n, cubic, {{1, 0, 0}, {0, 1, 0}});
  if (name == "triangular") return Bravais(2, n, hexagonal, {{1, 0, 0}, {0, 1, 0}, {1, -1, 0}});
  if (name == "honeycomb") {
    const Vec3 tau = (1.0 / 3.0) * (hexagonal[0] + hexagonal[1]);
    return TwoSublattices(2, n, hexagonal, tau, {{0, 0, 0}, {-1, 0, 0}, {0, -1, 0}});
  }
  if (name == "bcc") return Bravais(3, n, bcc, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, 1, 1}});
  if (name == "fcc") {
    return Bravais(3, n, fcc, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}, {1, -1, 0}, {0, 1, -1}, {1, 0, -1}});
  }
  if (name == "diamond")
    return TwoSublattices(3, n, fcc, {0.5, 0.5, 0.5}, {{0, 0, 0}, {-1, 0, 0}, {0, -1, 0}, {0, 0, -1}});
  return Bravais(3, n, cubic, {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
}

// Correlation factor of a tracer that moves by one vacancy on this torus, without statistics: expected visits
// of the vacancy to the tracer's neighbours before it steps on the tracer, from a symmetric linear system by
// conjugate gradients; f = (1 + <cos θ>)/(1 - <cos θ>) (Compaan & Haven, Trans. Faraday Soc. 52, 786 (1956)).
inline double ExactVacancyCorrelation(const JumpLattice& lattice) {
  const size_t z = lattice.coordination;
  // The tracer sits on site 0 and has just come from its first neighbour, where the vacancy now is.
  const auto apply = [&](const std::vector<double>& x) {
    std::vector<double> y(x.size(), 0.0);
    for (size_t s = 1; s < lattice.sites; ++s) {
      y[s] = x[s];
      for (size_t k = 0; k < z; ++k)
        y[s] -= x[lattice.neighbor[lattice.Index(s, k)]] / static_cast<double>(z);
    }
    return y;
  };
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0.0;
    for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  std::vector<double> x(lattice.sites, 0.0), r(lattice.sites, 0.0);
  r[lattice.neighbor[0]] = 1.0;
  std::vector<double> p = r;
  for (double rr = 1.0; rr > 1e-26;) {
    const auto ap = apply(p);
    const double alpha = rr / dot(p, ap);
    for (size_t i = 0; i < x.size(); ++i) x[i] += alpha * p[i], r[i] -= alpha * ap[i];
    const double next = dot(r, r);
    for (size_t i = 0; i < x.size(); ++i) p[i] = r[i] + next / rr * p[i];
    rr = next;
  }
  double cosine = 0.0;
  for (size_t k = 0; k < z; ++k)
    cosine -= x[lattice.neighbor[k]] / static_cast<double>(z) * Dot(lattice.step[0], lattice.step[k]);
  return (1.0 + cosine) / (1.0 - cosine);
}

// Ions on a lattice, their unwrapped displacements, and a record of them every frame.
class LatticeIons {
 public:
  // Ions on the first sites after a shuffle; the rest is empty.
  LatticeIons(const JumpLattice& lattice, size_t n_ions, Random* random)
      : lattice_(lattice), random_(random) {
    std::vector<uint32_t> order(lattice.sites);
    for (size_t s = 0; s < order.size(); ++s) order[s] = static_cast<uint32_t>(s);
    for (size_t s = order.size() - 1; s > 0; --s) std::swap(order[s], order[random->Below(s + 1)]);
    site_.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n_ions));
    ion_.assign(lattice.sites, -1);
    for (size_t i = 0; i < n_ions; ++i) ion_[site_[i]] = static_cast<int>(i);
    hole_ = order.back();
    at_.assign(n_ions, Vec3{});
    record_.assign(3 * n_ions, {});
  }

  // `jumps` of the only vacancy.
  void MoveVacancy(size_t jumps) {
    for (size_t k = 0; k < jumps; ++k) {
      const size_t bond = lattice_.Index(hole_, random_->Below(lattice_.coordination));
      const int ion = ion_[lattice_.neighbor[bond]];
      at_[static_cast<size_t>(ion)] -= lattice_.step[bond];
      std::swap(ion_[hole_], ion_[lattice_.neighbor[bond]]);
      hole_ = lattice_.neighbor[bond];
    }
  }

  // Every ion tries to jump along every bond at unit rate, for a time; a taken site refuses.
  void Exclude(double time) {
    const auto tries = Poisson(time * static_cast<double>(site_.size() * lattice_.coordination), random_);
    for (int64_t k = 0; k < tries; ++k) {
      const size_t ion = random_->Below(site_.size());
      const size_t bond = lattice_.Index(site_[ion], random_->Below(lattice_.coordination));
      if (ion_[lattice_.neighbor[bond]] >= 0) continue;
      std::swap(ion_[site_[ion]], ion_[lattice_.neighbor[bond]]);
      site_[ion] = lattice_.neighbor[bond];
      at_[ion] += lattice_.step[bond];
    }
  }

  void Record() {
    for (size_t i = 0; i < at_.size(); ++i) {
      for (size_t c = 0; c < 3; ++c) record_[3 * i + c].push_back(at_[i][c]);
    }
  }
  const Components& record() const { return record_; }  // [3 n_ions][n_frames]

 private:
  const JumpLattice& lattice_;
  Random* random_;
  std::vector<uint32_t> site_;  // of each ion; not kept by MoveVacancy
  std::vector<int> ion_;        // of each site, -1: empty
  size_t hole_ = 0;
  std::vector<Vec3> at_;
  Components record_;
};

// Sum over the ions of their windowed square displacement, and of the square of the sum of displacements.
struct SelfAndCollective {
  std::vector<double> self, collective;  // [lag]
};
inline SelfAndCollective Displacements(const Components& record) {
  SelfAndCollective out;
  Components total(3, std::vector<double>(record[0].size(), 0.0));
  for (size_t i = 0; i < record.size(); i += 3) {
    const Components own(record.begin() + static_cast<std::ptrdiff_t>(i),
                         record.begin() + static_cast<std::ptrdiff_t>(i + 3));
    const auto msd = MeanSquareDisplacement(own);
    out.self.resize(msd.size(), 0.0);
    for (size_t m = 0; m < msd.size(); ++m) out.self[m] += msd[m];
    for (size_t c = 0; c < 3; ++c) {
      for (size_t k = 0; k < own[c].size(); ++k) total[c][k] += own[c][k];
    }
  }
  out.collective = MeanSquareDisplacement(total);
  return out;
}

struct MeanAndError {
  double mean = 0.0, s = 0.0;
};
inline MeanAndError MeanOf(const std::vector<double>& x) {
  MeanAndError out;
  const auto n = static_cast<double>(x.size());
  for (const double v : x) out.mean += v / n;
  for (const double v : x) out.s += (v - out.mean) * (v - out.mean) / (n * (n - 1.0));
  out.s = std::sqrt(out.s);
  return out;
}

}  // namespace superion::analysis
