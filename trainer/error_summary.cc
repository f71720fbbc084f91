#include "trainer/error_summary.h"

#include <cmath>

namespace superion::trainer {
namespace {

constexpr double kMilli = 1e3;

Json ToJson(const std::map<std::string, ErrorSummary::Part>& parts, bool energies) {
  Json json = Json::object();
  for (const auto& [name, part] : parts) {
    Json& one = json[name];
    one = {{"force_mae_mev_per_angstrom", part.force_mae},
           {"force_rmse_mev_per_angstrom", part.force_rmse},
           {energies ? "frames" : "atoms", part.count}};
    if (energies) one["energy_mae_mev_per_atom"] = part.energy_mae;
  }
  return json;
}

}  // namespace

void ErrorSums::Add(double deviation) {
  absolute += std::abs(deviation);
  square += deviation * deviation;
  count += 1;
}

double ErrorSums::rmse() const { return count > 0 ? std::sqrt(square / count) : 0.0; }

ErrorCollector::ErrorCollector(std::vector<std::string> species, std::vector<std::string> sources)
    : species_names_(std::move(species)),
      source_names_(std::move(sources)),
      species_(species_names_.size()),
      source_force_(source_names_.size()),
      source_energy_(source_names_.size()) {}

void ErrorCollector::AddForces(const PreparedFrame& frame, const double* forces) {
  for (int i = 0; i < 3 * frame.n_atoms; ++i) {
    const double deviation = forces[i] - frame.forces[i];
    force_.Add(deviation);
    species_[frame.species[i / 3]].Add(deviation);
    source_force_[frame.source].Add(deviation);
  }
  force_square_ += frame.force_square;
}

template <typename Real>
void ErrorCollector::Add(const Batch<Real>& batch, const Prediction& prediction) {
  for (size_t k = 0; k < batch.frames.size(); ++k) {
    const PreparedFrame& frame = *batch.frames[k];
    const double energy = (prediction.energies[k] - frame.energy) / frame.n_atoms;
    energy_.Add(energy);
    source_energy_[frame.source].Add(energy);
    AddForces(frame, prediction.forces.data() + 3 * batch.first_atom[k]);
    if (prediction.virials.empty() || !frame.virial.has_value()) continue;
    ++stress_frames_;
    for (int i = 0; i < 9; ++i)
      stress_.Add((prediction.virials[9 * k + i] - (*frame.virial)[i / 3][i % 3]) / frame.volume);
  }
}

ErrorSummary ErrorCollector::Summary() const {
  ErrorSummary e;
  e.frames = static_cast<int>(energy_.count);
  if (e.frames == 0) return e;
  e.stress_frames = stress_frames_;
  e.energy_mae = kMilli * energy_.mae(), e.energy_rmse = kMilli * energy_.rmse();
  e.force_mae = kMilli * force_.mae(), e.force_rmse = kMilli * force_.rmse();
  e.force_rms = kMilli * std::sqrt(force_square_ / force_.count);
  e.stress_mae = kMilli * stress_.mae();
  for (size_t c = 0; c < species_.size(); ++c) {
    const ErrorSums& f = species_[c];
    if (f.count > 0)
      e.species[species_names_[c]] = {0.0, kMilli * f.mae(), kMilli * f.rmse(),
                                      static_cast<int>(f.count / 3)};
  }
  for (size_t s = 0; s < source_names_.size(); ++s) {
    const ErrorSums &f = source_force_[s], &energy = source_energy_[s];
    if (f.count > 0)
      e.sources[source_names_[s]] = {kMilli * energy.mae(), kMilli * f.mae(), kMilli * f.rmse(),
                                     static_cast<int>(energy.count)};
  }
  return e;
}

template void ErrorCollector::Add(const Batch<float>&, const Prediction&);
template void ErrorCollector::Add(const Batch<double>&, const Prediction&);

Json ToJson(const ErrorSummary& e) {
  Json json = {{"energy_mae_mev_per_atom", e.energy_mae},   {"energy_rmse_mev_per_atom", e.energy_rmse},
               {"force_mae_mev_per_angstrom", e.force_mae}, {"force_rmse_mev_per_angstrom", e.force_rmse},
               {"force_rms_mev_per_angstrom", e.force_rms}, {"frames", e.frames}};
  if (e.stress_frames > 0) json["stress_mae_mev_per_angstrom3"] = e.stress_mae;
  if (!e.species.empty()) json["per_species"] = ToJson(e.species, false);
  if (e.sources.size() > 1) json["per_source"] = ToJson(e.sources, true);
  return json;
}

}  // namespace superion::trainer
