#include "tests/unit/trainer/morse_crystal.h"

#include "core/neighbor_list.h"
#include "core/random.h"

namespace superion::trainer {
namespace {

constexpr double kCutoff = 4.6;

// Value and slope of D ((1 - e^(-α(r - r0)))² - 1) f_c(r/r_c)
void Morse(const std::string& a, const std::string& b, double r, double* value, double* slope) {
  const bool like = a == b, sodium = a == "Na" || b == "Na";
  const double depth = like ? 0.05 : 0.7, alpha = 1.3, r0 = like ? 3.7 : (sodium ? 2.75 : 2.5);
  const double e = std::exp(-alpha * (r - r0)), well = depth * ((1 - e) * (1 - e) - 1);
  const double dwell = 2 * depth * alpha * e * (1 - e), u = r / kCutoff, v = 1 - u;
  const double f = v * v * v * (1 + u * (3 + 6 * u)), df = -30 * u * u * v * v / kCutoff;
  *value = well * f;
  *slope = dwell * f + well * df;
}

}  // namespace

Frame MorseFrame(Structure structure) {
  const auto list = BuildNeighborList(structure, kCutoff);
  SUPERION_CHECK(list.ok());
  Frame frame;
  frame.forces.assign(structure.size(), Vec3{});
  double energy = 0;
  Mat3 stress{};
  for (size_t i = 0; i < structure.size(); ++i)
    for (int p = list->first[i]; p < list->first[i + 1]; ++p) {
      const int j = list->neighbor[p];
      const Vec3 d = structure.positions[j] + list->shift[p] - structure.positions[i];
      const double r = Norm(d);
      double value, slope;
      Morse(structure.species[i], structure.species[j], r, &value, &slope);
      energy += 0.5 * value;
      frame.forces[i] += (slope / r) * d;
      for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) stress[a][b] += 0.5 * slope / r * d[a] * d[b] / structure.Volume();
    }
  for (const std::string& symbol : structure.species) energy += symbol == "Cl" ? -400.0 : -200.0;
  frame.energy = energy;
  frame.stress = stress;
  frame.structure = std::move(structure);
  return frame;
}

std::vector<Frame> MorseFrames(int n, double amplitude, uint64_t seed, const std::string& cation) {
  Random random(seed);
  std::vector<Frame> frames;
  for (int k = 0; k < n; ++k) {
    const double a = (cation == "Na" ? 5.6 : 5.14) * (1 + 0.04 * (random.Uniform() - 0.5));
    Structure s;
    s.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
    for (int site = 0; site < 8; ++site) {
      const Vec3 ideal = {site & 1 ? 0.5 * a : 0.0, site & 2 ? 0.5 * a : 0.0, site & 4 ? 0.5 * a : 0.0};
      const bool anion = (site & 1) ^ (site >> 1 & 1) ^ (site >> 2 & 1);
      s.species.push_back(anion ? "Cl" : cation);
      s.positions.push_back(ideal +
                            amplitude * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()});
    }
    frames.push_back(MorseFrame(std::move(s)));
  }
  return frames;
}

Dataset MorseDataset(int n_train, int n_valid, const std::string& cation, double amplitude) {
  Dataset dataset;
  dataset.train = MorseFrames(n_train, amplitude, 1, cation);
  dataset.valid = MorseFrames(n_valid, amplitude, 2, cation);
  dataset.species = {cation, "Cl"};
  dataset.content_sha256 = "of " + cation;
  return dataset;
}

}  // namespace superion::trainer
