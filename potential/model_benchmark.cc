#include "potential/model_benchmark.h"

#include <algorithm>
#include <chrono>

#include "core/neighbor_list.h"
#include "core/random.h"
#include "potential/electrostatics.h"
#include "potential/evaluator.h"

namespace superion {
namespace {

constexpr double kTremble = 0.02;  // Å

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Seconds of one step and of its parts.
struct StepTime {
  double total = 0.0, displacements = 0.0, neighbors = 0.0, density = 0.0, layers = 0.0, adjoint = 0.0,
         electrostatics = 0.0;
};

// Of the first `count` steps.
StepTime Mean(const std::vector<StepTime>& steps, size_t count) {
  StepTime mean;
  const double weight = 1.0 / static_cast<double>(count);
  for (size_t k = 0; k < count; ++k) {
    mean.total += weight * steps[k].total, mean.displacements += weight * steps[k].displacements;
    mean.neighbors += weight * steps[k].neighbors, mean.density += weight * steps[k].density;
    mean.layers += weight * steps[k].layers, mean.adjoint += weight * steps[k].adjoint;
    mean.electrostatics += weight * steps[k].electrostatics;
  }
  return mean;
}

struct SkinList {
  NeighborList list;
  PairList pairs;
};

absl::StatusOr<SkinList> MakeSkinList(const Structure& structure, const std::vector<int>& species,
                                      double range) {
  SkinList skin;
  SUPERION_ASSIGN_OR_RETURN(skin.list, BuildNeighborList(structure, range));
  skin.pairs.n_atoms = static_cast<int>(structure.size());
  skin.pairs.neighbor = skin.list.neighbor;
  for (int i = 0; i < skin.pairs.n_atoms; ++i) {
    for (int p = skin.list.first[i]; p < skin.list.first[i + 1]; ++p) {
      skin.pairs.center.push_back(i);
      skin.pairs.neighbor_species.push_back(species[skin.list.neighbor[p]]);
    }
  }
  skin.pairs.displacement.resize(skin.pairs.center.size());
  return skin;
}

void Renew(const std::vector<Vec3>& positions, SkinList* skin) {
  for (size_t p = 0; p < skin->pairs.center.size(); ++p) {
    skin->pairs.displacement[p] =
        positions[skin->pairs.neighbor[p]] + skin->list.shift[p] - positions[skin->pairs.center[p]];
  }
}

}  // namespace

absl::StatusOr<Json> BenchmarkModel(const Model& model, const Structure& structure,
                                    const BenchmarkOptions& options) {
  if (options.steps < 1 || options.threads < 1) {
    return InvalidArgument("benchmark: expected steps and threads of at least 1, found {} and {}",
                           options.steps, options.threads);
  }
  SUPERION_ASSIGN_OR_RETURN(const std::vector<int> species, SpeciesIndices(model.architecture, structure));
  if (species.empty()) return InvalidArgument("benchmark: the structure has no atoms");
  EvaluatorOptions evaluator_options;
  evaluator_options.threads = options.threads;
  evaluator_options.instruction_set = options.instruction_set;
  evaluator_options.profile = true;
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Evaluator> evaluator,
                            Evaluator::Create(model, evaluator_options));

  const double cutoff = model.architecture.cutoff_angstrom, list_start = Seconds();
  SUPERION_ASSIGN_OR_RETURN(SkinList skin, MakeSkinList(structure, species, cutoff + options.skin_angstrom));
  const double list_time = Seconds() - list_start;
  Random random(1);
  std::vector<std::vector<Vec3>> positions(4, structure.positions);
  for (auto& copy : positions) {
    for (Vec3& x : copy) x += kTremble * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()};
  }
  Evaluation result;
  Renew(positions[0], &skin);
  evaluator->Evaluate(species, skin.pairs, &result);  // memory is touched, clocks are up
  std::vector<StepTime> steps;
  Structure moved = structure;
  for (int step = 0; step < options.steps; ++step) {
    const EvaluationProfile before = evaluator->profile();
    StepTime& time = steps.emplace_back();
    const double start = Seconds();
    Renew(positions[step % positions.size()], &skin);
    time.displacements = Seconds() - start;
    evaluator->Evaluate(species, skin.pairs, &result);
    moved.positions = positions[step % positions.size()];
    const double short_ranged = Seconds();
    SUPERION_RETURN_IF_ERROR(AddElectrostatics(model, species, moved, &result));
    time.electrostatics = Seconds() - short_ranged;
    time.total = Seconds() - start;
    const EvaluationProfile after = evaluator->profile();
    time.neighbors = 1e-9 * static_cast<double>(after.neighbors - before.neighbors);
    time.density = 1e-9 * static_cast<double>(after.density - before.density);
    time.layers = 1e-9 * static_cast<double>(after.layers - before.layers);
    time.adjoint = 1e-9 * static_cast<double>(after.adjoint - before.adjoint);
  }
  double total = 0.0;
  for (const StepTime& time : steps) total += time.total;
  std::sort(steps.begin(), steps.end(),
            [](const StepTime& a, const StepTime& b) { return a.total < b.total; });
  const double n = static_cast<double>(species.size()), median = steps[steps.size() / 2].total * 1e6 / n;
  const StepTime typical = Mean(steps, (steps.size() + 1) / 2);
  size_t within = 0;
  for (const Vec3& d : skin.pairs.displacement) within += Dot(d, d) < cutoff * cutoff;
  const auto part = [&](double seconds) { return seconds * 1e6 / n; };
  Json parts{{"displacements", part(typical.displacements)},
             {"neighbors", part(typical.neighbors)},
             {"density", part(typical.density)},
             {"layers", part(typical.layers)},
             {"adjoint", part(typical.adjoint)}};
  if (model.electrostatics) parts["electrostatics"] = part(typical.electrostatics);
  if (options.threads == 1) {  // with several threads the parts add up over threads
    double known = 0.0;
    for (const auto& [name, value] : parts.items()) known += value.get<double>();
    parts["other"] = part(typical.total) - known;
  }
  return Json{{"us_per_atom_step", median},
              {"us_per_atom_step_lowest", part(steps.front().total)},
              {"us_per_atom_step_mean", total * 1e6 / (n * options.steps)},
              {"parts_us_per_atom", parts},
              {"neighbor_list_us_per_atom", list_time * 1e6 / n},
              {"neighbors_per_atom", static_cast<double>(within) / n},
              {"atoms", species.size()},
              {"steps", options.steps},
              {"threads", options.threads},
              {"instruction_set", evaluator->instruction_set()}};
}

}  // namespace superion
