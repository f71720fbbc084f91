#include "trainer/train_options.h"

#include "core/file.h"

namespace superion::trainer {

std::string TrainingFingerprint(const TrainOptions& o, const Dataset& dataset, const Model* init) {
  const ModelArchitecture& a = o.architecture;
  std::string text = fmt::format("coordinates 8 {} {} {} {} {} {} {}", dataset.content_sha256, o.epochs,
                                 o.batch_frames, o.learning_rate, o.stress, o.seed, o.max_time_s);
  text += fmt::format(" {} {} {} {} {} {} {} {}", a.cutoff_angstrom, a.cutoff_power, a.smoothstep, a.n_radial,
                      a.l_max, a.channels, a.products, a.hidden);
  text += fmt::format(" {} {} {} {} {}", dataset.n_new, o.optimizer.average, o.early.energy, o.late.energy,
                      o.cycles);
  // A state that reached its target is kept though it is not annealed: no start for a training without.
  if (o.target_force_mae > 0 || o.target_energy_mae > 0)
    text += fmt::format(" target {} {}", o.target_force_mae, o.target_energy_mae);
  for (const std::string& symbol : a.species) text += " " + symbol;
  if (init != nullptr) text += Sha256(SerializeModel(*init));
  return Sha256(text);
}

}  // namespace superion::trainer
