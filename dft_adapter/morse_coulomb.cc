#include "dft_adapter/morse_coulomb.h"

#include <cmath>
#include <ctime>

#include "core/neighbor_list.h"

namespace superion {
namespace {

constexpr double kCoulombOfReference = 14.3998554737;  // eV Å; the value of the reference, not CODATA

struct ValueSlope {
  double value = 0.0, slope = 0.0;
};

SpeciesPair Pair(const std::string& a, const std::string& b) {
  return a < b ? SpeciesPair{a, b} : SpeciesPair{b, a};
}

ValueSlope Coulomb(double qq, double rho, double r) {
  const double x = r / rho, v = kCoulombOfReference * qq * std::erfc(x) / r;
  return {v, -v / r - kCoulombOfReference * qq * 2.0 / (std::sqrt(M_PI) * rho) * std::exp(-x * x) / r};
}

ValueSlope Morse(const MorseTerm& m, double r) {
  const double e = std::exp(m.alpha_per_angstrom * (m.rmin_angstrom - r));
  return {m.d_ev * ((e - 1.0) * (e - 1.0) - 1.0), -2.0 * m.d_ev * m.alpha_per_angstrom * (e - 1.0) * e};
}

// Everything between two species: the sum of its terms and what shifts it to zero at the cutoff.
struct PairTerm {
  bool coulomb = false;
  double qq = 0.0, rho = 1.0;
  const MorseTerm* morse = nullptr;
  ValueSlope at_cutoff;

  ValueSlope Raw(double r) const {
    ValueSlope sum;
    if (coulomb) sum = Coulomb(qq, rho, r);
    if (morse != nullptr) {
      const ValueSlope m = Morse(*morse, r);
      sum.value += m.value;
      sum.slope += m.slope;
    }
    return sum;
  }
  ValueSlope Shifted(double r, double cutoff) const {
    const ValueSlope raw = Raw(r);
    return {raw.value - at_cutoff.value - at_cutoff.slope * (r - cutoff), raw.slope - at_cutoff.slope};
  }
};

std::map<SpeciesPair, PairTerm> PairTerms(const MorseCoulombSettings& s,
                                          const std::map<std::string, double>& q) {
  std::map<SpeciesPair, PairTerm> terms;
  for (const auto& [a, qa] : q) {
    for (const auto& [b, qb] : q) {
      const SpeciesPair key = Pair(a, b);
      PairTerm term;
      term.coulomb = s.coulomb_pairs.count(key) > 0;
      term.qq = qa * qb;
      term.rho = s.ions.at(a).radius_angstrom + s.ions.at(b).radius_angstrom;
      const auto morse = s.morse.find(key);
      if (morse != s.morse.end()) term.morse = &morse->second;
      term.at_cutoff = term.Raw(s.cutoff_angstrom);
      if (term.coulomb || term.morse != nullptr) terms[key] = term;
    }
  }
  return terms;
}

struct Sum {
  double energy = 0.0;
  std::vector<Vec3> forces;
  Mat3 virial{};  // sum of r ⊗ f over pairs; stress = -virial / volume
};

void AddOuter(const Vec3& r, const Vec3& f, double scale, Mat3* virial) {
  for (int a = 0; a < 3; ++a) (*virial)[a] += (scale * r[a]) * f;
}

void AddPairs(const MorseCoulombSettings& s, const Structure& x, const std::map<SpeciesPair, PairTerm>& terms,
              const NeighborList& list, Sum* sum) {
  for (size_t i = 0; i < x.size(); ++i) {
    for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
      const size_t j = list.neighbor[p];
      const auto term = terms.find(Pair(x.species[i], x.species[j]));
      if (term == terms.end()) continue;
      const Vec3 d = x.positions[j] + list.shift[p] - x.positions[i];
      const double r = Norm(d);
      if (r > s.cutoff_angstrom) continue;  // the list may reach further, for the angular terms
      const ValueSlope v = term->second.Shifted(r, s.cutoff_angstrom);
      // Ordered pairs: each pair comes twice, so half of the energy and of the force on both atoms.
      sum->energy += 0.5 * v.value;
      const Vec3 f = (-0.5 * v.slope / r) * d;  // on j
      sum->forces[j] += f;
      sum->forces[i] = sum->forces[i] - f;
      AddOuter(d, f, 1.0, &sum->virial);
    }
  }
}

struct Arm {
  size_t atom;
  Vec3 d;
  double r;
};

std::vector<Arm> Arms(const Structure& x, const NeighborList& list, size_t i, double cutoff) {
  std::vector<Arm> arms;
  for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
    const size_t j = list.neighbor[p];
    const Vec3 d = x.positions[j] + list.shift[p] - x.positions[i];
    if (const double r = Norm(d); r < cutoff) arms.push_back({j, d, r});
  }
  return arms;
}

void AddTriple(const AngularTerm& t, size_t i, const Arm& j, const Arm& k, Sum* sum) {
  const double gj = j.r - t.cutoff_angstrom, gk = k.r - t.cutoff_angstrom;
  const double c = Dot(j.d, k.d) / (j.r * k.r), delta = c - t.gamma;
  const double radial = t.alpha_ev * std::exp(t.beta_angstrom / gj + t.beta_angstrom / gk);
  sum->energy += radial * delta * delta;
  const double along_j = -radial * delta * delta * t.beta_angstrom / (gj * gj);  // dE/dr_ij at fixed angle
  const double along_k = -radial * delta * delta * t.beta_angstrom / (gk * gk);
  const double angle = 2.0 * radial * delta;  // dE/dcos
  const Vec3 uj = (1.0 / j.r) * j.d, uk = (1.0 / k.r) * k.d;
  const Vec3 fj = -1.0 * (along_j * uj + (angle / j.r) * (uk - c * uj));
  const Vec3 fk = -1.0 * (along_k * uk + (angle / k.r) * (uj - c * uk));
  sum->forces[j.atom] += fj;
  sum->forces[k.atom] += fk;
  sum->forces[i] = sum->forces[i] - fj - fk;
  AddOuter(j.d, fj, 1.0, &sum->virial);
  AddOuter(k.d, fk, 1.0, &sum->virial);
}

void AddAngular(const AngularTerm& t, const Structure& x, const NeighborList& list, Sum* sum) {
  const SpeciesPair wanted = Pair(t.first, t.second);
  for (size_t i = 0; i < x.size(); ++i) {
    if (x.species[i] != t.center) continue;
    const std::vector<Arm> arms = Arms(x, list, i, t.cutoff_angstrom);
    for (size_t a = 0; a < arms.size(); ++a) {
      for (size_t b = a + 1; b < arms.size(); ++b) {
        if (Pair(x.species[arms[a].atom], x.species[arms[b].atom]) == wanted)
          AddTriple(t, i, arms[a], arms[b], sum);
      }
    }
  }
}

class MorseCoulombLabeler : public Labeler {
 public:
  explicit MorseCoulombLabeler(const Json& checked)
      : identity_(checked), settings_(MorseCoulombSettingsFromJson(checked)) {}

  absl::StatusOr<LabelOutcome> Label(const Structure& structure, Sequence) override {
    LabelOutcome outcome;
    outcome.frame.structure = structure;
    outcome.source = "oracle";
    outcome.failure = CheckGeometry(structure);
    if (outcome.failure) return outcome;
    const std::clock_t begin = std::clock();
    SUPERION_ASSIGN_OR_RETURN(outcome.frame, ComputeMorseCoulomb(settings_, structure));
    outcome.cpu_s = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    outcome.failure = CheckNumbers(outcome.frame);
    return outcome;
  }
  Json Identity() const override { return identity_; }

 private:
  Json identity_;
  MorseCoulombSettings settings_;
};

}  // namespace

MorseCoulombSettings MorseCoulombSettingsFromJson(const Json& labeler) {
  MorseCoulombSettings s;
  s.cutoff_angstrom = labeler.at("cutoff_angstrom");
  s.stress = labeler.at("stress");
  const Json& coulomb = labeler.at("coulomb");
  s.fbvs = coulomb.at("fbvs");
  for (const auto& [symbol, ion] : coulomb.at("species").items()) {
    s.ions[symbol] = {ion.at("valence"), ion.at("radius_angstrom"), ion.at("principal_quantum_number")};
  }
  for (const Json& pair : coulomb.at("interactions")) s.coulomb_pairs.insert(Pair(pair[0], pair[1]));
  for (const Json& m : labeler.at("morse")) {
    s.morse[Pair(m.at("pair")[0], m.at("pair")[1])] = {m.at("d_ev"), m.at("alpha_per_angstrom"),
                                                       m.at("rmin_angstrom")};
  }
  for (const Json& t : labeler.value("angular", Json::array())) {
    const Json& triple = t.at("triple");
    s.angular.push_back({triple[0], triple[1], triple[2], t.at("cutoff_angstrom"), t.at("alpha_ev"),
                         t.at("beta_angstrom"), t.at("gamma")});
  }
  return s;
}

absl::StatusOr<std::map<std::string, double>> FixedCharges(const MorseCoulombSettings& settings,
                                                           const Structure& structure) {
  std::map<std::string, double> charges;
  double positive = 0.0, negative = 0.0;
  for (const std::string& symbol : structure.species) {
    const auto ion = settings.ions.find(symbol);
    if (ion == settings.ions.end()) {
      return InvalidArgument("labeler.coulomb.species: no entry for {}, which is in the structure", symbol);
    }
    const double q = ion->second.valence / std::sqrt(double(ion->second.principal_quantum_number));
    charges[symbol] = q;
    (q > 0 ? positive : negative) += std::abs(q);
  }
  const bool neutralise = positive > 0.0 && negative > 0.0;
  for (auto& [symbol, q] : charges) {
    const double scale = q > 0 ? negative / positive : positive / negative;
    q *= settings.fbvs * (neutralise ? std::sqrt(scale) : 1.0);
  }
  return charges;
}

absl::StatusOr<Frame> ComputeMorseCoulomb(const MorseCoulombSettings& settings, const Structure& structure) {
  SUPERION_ASSIGN_OR_RETURN(const auto charges, FixedCharges(settings, structure));
  double reach = settings.cutoff_angstrom;
  for (const AngularTerm& t : settings.angular) reach = std::max(reach, t.cutoff_angstrom);
  SUPERION_ASSIGN_OR_RETURN(const NeighborList list, BuildNeighborList(structure, reach));
  Sum sum;
  sum.forces.assign(structure.size(), Vec3{});
  AddPairs(settings, structure, PairTerms(settings, charges), list, &sum);
  for (const AngularTerm& t : settings.angular) AddAngular(t, structure, list, &sum);
  Frame frame;
  frame.structure = structure;
  frame.energy = sum.energy;
  frame.forces = std::move(sum.forces);
  if (settings.stress) {
    const double v = -1.0 / structure.Volume();
    frame.stress = Mat3{v * sum.virial[0], v * sum.virial[1], v * sum.virial[2]};
  }
  return frame;
}

absl::StatusOr<std::unique_ptr<Labeler>> MakeMorseCoulombLabeler(const Json& checked) {
  return std::unique_ptr<Labeler>(std::make_unique<MorseCoulombLabeler>(checked));
}

}  // namespace superion
