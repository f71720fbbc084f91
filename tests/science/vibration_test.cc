// Closed-form tests of vibrations: T-24 and T-25 of conductivity.md, section 14, and a Langevin fluid.
#include <gtest/gtest.h>

#include <cmath>

#include "analysis/vibration/entropy.h"
#include "analysis/vibration/spectrum.h"
#include "analysis/vibration/velocity_correlation.h"
#include "core/units.h"
#include "tests/science/structure_models.h"

namespace superion::analysis {
namespace {

constexpr double kPi = 3.14159265358979323846;
constexpr double kHbar = 6.582119569e-4;  // eV ps

struct Oscillators {
  double omega = 30.0, interval = 0.01, kt = 0.05, mass = 10.0;  // rad/ps, ps, eV, u
  size_t atoms = 200, frames = 2000;
};

// Positions and velocities of independent oscillators in three dimensions, amplitudes of Boltzmann.
std::vector<Snapshot> OscillatorRun(const Oscillators& o, uint64_t seed) {
  Random random(seed);
  const double speed = std::sqrt(o.kt / (o.mass * units::kMassVelocity2));
  std::vector<Vec3> cosine(o.atoms), sine(o.atoms);
  for (auto* part : {&cosine, &sine}) {
    for (Vec3& v : *part) {
      for (double& x : v) x = speed * random.Gaussian();
    }
  }
  std::vector<Snapshot> out;
  const Mat3 cell{{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}};
  for (size_t f = 0; f < o.frames; ++f) {
    Snapshot frame = SnapshotOf(cell, std::vector<Vec3>(o.atoms), f, f / ((o.frames + 3) / 4));
    frame.velocities.resize(o.atoms);
    const double c = std::cos(o.omega * o.interval * double(f)),
                 s = std::sin(o.omega * o.interval * double(f));
    for (size_t i = 0; i < o.atoms; ++i) {
      frame.velocities[i] = c * cosine[i] + (-s) * sine[i];
      frame.unwrapped[i] = (1.0 / o.omega) * (s * cosine[i] + c * sine[i]);
    }
    out.push_back(std::move(frame));
  }
  return out;
}

std::vector<double> CorrelationOf(const std::vector<Snapshot>& frames, const AtomTable& atoms,
                                  double interval, size_t longest, bool from_positions, int threads = 1) {
  VelocityCorrelation::Options options;
  options.interval_ps = interval;
  options.longest = longest;
  options.from_positions = from_positions;
  options.threads = threads;
  VelocityCorrelation correlation(atoms, options);
  // In batches of odd length: where they end must not matter.
  for (size_t f = 0; f < frames.size(); f += 37)
    correlation.Add(std::span(frames).subspan(f, std::min<size_t>(37, frames.size() - f)));
  correlation.EndSeed();
  return correlation.species().at(0).correlation.Mean();
}

// T-24: a line at ω0 with 3N modes, centre ω0, from velocities and from positions.
TEST(ScienceT24Einstein, LineAtTheFrequency) {
  const Oscillators o;
  const auto frames = OscillatorRun(o, 1);
  const auto atoms = AtomsOf({{"X", o.atoms}}, o.mass);
  for (const bool from_positions : {false, true}) {
    const auto correlation = CorrelationOf(frames, atoms, o.interval, 400, from_positions);
    const ModeDensity g = DensityOfStates(correlation, o.kt, {o.interval, from_positions});
    const double modes = 3.0 * static_cast<double>(o.atoms);
    // The kinetic energy of a frame has the relative variance 2/(3N); over time cosine and sine share it.
    EXPECT_NEAR(g.Integral() / modes, 1.0, 3.0 * std::sqrt(1.0 / modes)) << from_positions;
    EXPECT_NEAR(BandCentre(g), o.omega, 2e-3 * o.omega) << from_positions;
    size_t peak = 0;
    for (size_t k = 0; k < g.g.size(); ++k) peak = g.g[k] > g.g[peak] ? k : peak;
    EXPECT_NEAR(g.omega(peak), o.omega, g.step);
    // Nothing beyond the width of the window, 2 π/t_max.
    double line = 0.0;
    for (size_t k = 0; k < g.g.size(); ++k)
      line += std::abs(g.omega(k) - o.omega) < 3.0 * g.step ? g.g[k] * g.step : 0.0;
    EXPECT_NEAR(line / g.Integral(), 1.0, 0.01);
  }
}

// T-24: entropy of a mode 1.040652 kB at ħω = kB T, of the formula and of the whole way.
TEST(ScienceT24Einstein, Entropy) {
  EXPECT_NEAR(OscillatorEntropy(1.0), 1.040652, 1e-6);
  EXPECT_NEAR(3.0 * OscillatorEntropy(1.0), 3.12, 0.005);
  // High temperature: 1 - ln x.
  EXPECT_NEAR(OscillatorEntropy(1e-4), 1.0 - std::log(1e-4), 1e-8);
  Oscillators o;
  o.kt = kHbar * o.omega;
  const auto correlation =
      CorrelationOf(OscillatorRun(o, 2), AtomsOf({{"X", o.atoms}}, o.mass), o.interval, 400, false);
  const ModeDensity g = DensityOfStates(correlation, o.kt, {o.interval, false});
  EXPECT_NEAR(HarmonicEntropy(g, o.kt) / g.Integral(), 1.040652, 2e-3);
  // A flat density up to ω_max, of which the integral is known: ∫_0^1 s(x) dx = π²/3 - Li-type tail.
  ModeDensity flat{o.kt / kHbar / 4000.0, std::vector<double>(4001, 1.0)};
  double exact = 0.0;  // midpoints, fine
  for (int k = 0; k < 200000; ++k) exact += OscillatorEntropy((k + 0.5) / 200000.0) / 200000.0;
  EXPECT_NEAR(HarmonicEntropy(flat, o.kt) / flat.Integral(), exact, 5e-5);
}

// T-25: one-dimensional chain: the arcsine law, <ω²> = tr D/N and the sum rule with the forces.
TEST(ScienceT25Chain, ArcsineLaw) {
  const size_t n = 256, frames = 4000;
  const double omega_max = 40.0, interval = 0.02, kt = 0.04, mass = 12.0;
  Random random(3);
  std::vector<Snapshot> run;
  const Mat3 cell{{{500, 0, 0}, {0, 9, 0}, {0, 0, 9}}};
  const double speed = std::sqrt(kt / (mass * units::kMassVelocity2));
  struct Mode {
    double omega, a, b;
    size_t k;
    bool odd;
  };
  std::vector<Mode> modes;
  for (size_t k = 1; k < n; ++k) {
    const bool odd = k > n / 2;  // sin(qx) for the upper half of the wave numbers
    modes.push_back({omega_max * std::abs(std::sin(kPi * double(k) / double(n))), random.Gaussian(),
                     random.Gaussian(), k, odd});
  }
  double force2 = 0.0;
  std::vector<double> pattern(n * n);  // cas functions: an orthonormal real basis of the periodic chain
  for (size_t k = 0; k < n; ++k) {
    for (size_t x = 0; x < n; ++x) {
      const double phase = 2.0 * kPi * double(k * x % n) / double(n);
      pattern[k * n + x] = (std::cos(phase) + std::sin(phase)) / std::sqrt(double(n));
    }
  }
  for (size_t f = 0; f < frames; ++f) {
    Snapshot frame = SnapshotOf(cell, std::vector<Vec3>(n), f, f / 1000);
    frame.velocities.resize(n);
    const double t = interval * double(f);
    for (const Mode& mode : modes) {
      const double c = std::cos(mode.omega * t), s = std::sin(mode.omega * t);
      const double v = speed * (mode.a * c - mode.b * s);
      const double acceleration = -speed * mode.omega * (mode.a * s + mode.b * c);
      force2 += mass * units::kMassVelocity2 * mass * units::kMassVelocity2 * acceleration * acceleration;
      for (size_t x = 0; x < n; ++x) frame.velocities[x][0] += v * pattern[mode.k * n + x];
    }
    run.push_back(std::move(frame));
  }
  force2 /= static_cast<double>(frames);
  const auto correlation = CorrelationOf(run, AtomsOf({{"C", n}}, mass), interval, 500, false);
  const ModeDensity g = DensityOfStates(correlation, kt, {interval, false});
  const double count = static_cast<double>(n - 1), sd = std::sqrt(1.0 / count);
  EXPECT_NEAR(g.Integral() / count, 1.0, 3.0 * sd);
  // Share below ω: (2/π) asin(ω/ω_max); the amplitudes are random.
  for (double part : {0.25, 0.5, 0.75, 0.95}) {
    const double share = 2.0 / kPi * std::asin(part);
    EXPECT_NEAR(g.Integral(part * omega_max) / g.Integral(), share,
                3.0 * std::sqrt(share * (1 - share) / count) + 0.01);
  }
  EXPECT_NEAR(MeanSquareFrequency(g), 0.5 * omega_max * omega_max, 3.0 * 0.5 * omega_max * omega_max * sd);
  // The sum rule on the same data: no chance in it but that of a finite stretch.
  const double sum_rule = force2 / (mass * units::kMassVelocity2 * kt);
  EXPECT_NEAR(MeanSquareFrequency(g) * g.Integral(), sum_rule, 0.01 * sum_rule);
}

// Langevin velocities: g is Lorentzian, D = kT/(m γ); the two-phase split calls a free fluid a gas.
TEST(ScienceT25Chain, DiffusiveSpectrum) {
  const double gamma = 5.0, interval = 0.01, kt = 0.03, mass = 7.0;
  const size_t ions = 300, frames = 6000;
  Random random(4);
  const double speed = std::sqrt(kt / (mass * units::kMassVelocity2)), a = std::exp(-gamma * interval);
  std::vector<Vec3> v(ions);
  for (Vec3& x : v) x = {speed * random.Gaussian(), speed * random.Gaussian(), speed * random.Gaussian()};
  std::vector<Snapshot> run;
  for (size_t f = 0; f < frames; ++f) {
    Snapshot frame = SnapshotOf({{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}}, std::vector<Vec3>(ions), f, f / 1500);
    frame.velocities = v;
    run.push_back(std::move(frame));
    for (Vec3& x : v) {
      for (double& c : x) c = a * c + std::sqrt(1.0 - a * a) * speed * random.Gaussian();
    }
  }
  const auto atoms = AtomsOf({{"Li", ions}}, mass);
  const auto one = CorrelationOf(run, atoms, interval, 500, false, 1);
  EXPECT_EQ(one, CorrelationOf(run, atoms, interval, 500, false, 3));  // to the bit
  const ModeDensity g = DensityOfStates(one, kt, {interval, false});
  const double modes = 3.0 * static_cast<double>(ions);
  // Independent velocities: two correlation times apart.
  const double independent = modes * static_cast<double>(frames) * interval * gamma / 2.0;
  EXPECT_NEAR(g.Integral() / modes, 1.0, 3.0 * std::sqrt(2.0 / independent));
  const double exact = kt / (mass * units::kMassVelocity2 * gamma);
  // sd of a spectrum smoothed by a Hann window of 2 t_max = 10 ps: below sqrt(t_max/T/modes).
  EXPECT_NEAR(DiffusionOfZeroFrequency(g, double(ions), mass, kt) / exact, 1.0,
              3.0 * std::sqrt(5.0 / 60.0 / modes) + 0.01);
  const TwoPhase phases = SplitTwoPhase(g, double(ions), mass, 8000.0, kt);
  EXPECT_GT(phases.fluidicity, 0.0);
  EXPECT_LT(phases.fluidicity, 1.0);
  // The gas carries 3 f N modes; what lies beyond the last frequency is missing.
  EXPECT_NEAR(phases.gas.Integral() / modes, phases.fluidicity, 0.03);
  EXPECT_NEAR(phases.gas.g[0], g.g[0], 1e-12 * g.g[0]);
}

}  // namespace
}  // namespace superion::analysis
