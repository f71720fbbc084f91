#include "potential/selection.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/neighbor_list.h"
#include "core/random.h"
#include "potential/evaluator.h"
#include "potential/linear_algebra.h"
#include "potential/parallel.h"

namespace superion {
namespace {

constexpr double kAbsurdFraction = 0.6;  // of the sum of covalent radii: no bond is that short
constexpr double kDuplicateDistance = 0.1;
constexpr size_t kKnownAtomsPerSpecies = 2000;  // more change the farthest points little and cost time

// An atom's features in the metric of the grade: Lᵀφ / fence, so that the norm is the grade.
class GradeMetric {
 public:
  static absl::StatusOr<GradeMetric> Create(const Model& model) {
    const auto inverse = model.tensors.find("grade_inverse");
    if (inverse == model.tensors.end()) {
      return FailedPrecondition("selection needs a model with uncertainty data (tensor grade_inverse)");
    }
    GradeMetric metric;
    metric.width_ = model.architecture.hidden + 1;
    const size_t block = static_cast<size_t>(metric.width_) * metric.width_;
    for (int c = 0; c < model.architecture.n_species(); ++c) {
      const auto begin = inverse->second.values.begin() + c * block;
      std::vector<double> factor(begin, begin + block);
      SUPERION_RETURN_IF_ERROR(CholeskyFactor(metric.width_, &factor));
      for (double& v : factor) v /= model.tensors.at("grade_fence").values[c];
      metric.factors_.push_back(std::move(factor));
    }
    return metric;
  }
  int width() const { return width_; }
  void Append(int species, const double* features, std::vector<float>* out) const {
    const size_t w = width_;
    const std::vector<double>& factor = factors_[species];
    std::vector<double> sum(w, 0.0);
    for (size_t h = 0; h < w; ++h)
      for (size_t g = 0; g <= h; ++g) sum[g] += factor[h * w + g] * features[h];
    out->insert(out->end(), sum.begin(), sum.end());
  }

 private:
  int width_ = 0;
  std::vector<std::vector<double>> factors_;
};

struct FrameFeatures {
  std::vector<int> species;   // [n_atoms]
  std::vector<float> points;  // [n_atoms, width]
  double grade = 0.0;
};

absl::StatusOr<std::vector<FrameFeatures>> Features(const Model& model, const GradeMetric& metric,
                                                    const std::vector<Frame>& frames, const char* what,
                                                    int threads) {
  std::vector<std::unique_ptr<Evaluator>> evaluators;
  for (int member = 0; member < std::max(1, threads); ++member) {
    SUPERION_ASSIGN_OR_RETURN(std::unique_ptr<Evaluator> evaluator, Evaluator::Create(model));
    evaluators.push_back(std::move(evaluator));
  }
  std::vector<FrameFeatures> all(frames.size());
  std::vector<absl::Status> statuses(frames.size());
  ParallelChunks(
      static_cast<int>(frames.size()), static_cast<int>(evaluators.size()), [&](int f, int member) {
        Evaluation result;
        statuses[f] = evaluators[member]->EvaluateStructure(frames[f].structure, &result);
        if (!statuses[f].ok()) return;
        const auto species = SpeciesIndices(model.architecture, frames[f].structure);
        all[f].species = *species;
        for (size_t i = 0; i < species->size(); ++i) {
          metric.Append((*species)[i], evaluators[member]->features().data() + i * metric.width(),
                        &all[f].points);
          // A grade that is not a number belongs to a frame that no model can judge.
          const double grade = result.grades[i];
          all[f].grade =
              std::max(all[f].grade, std::isnan(grade) ? std::numeric_limits<double>::infinity() : grade);
        }
      });
  for (size_t f = 0; f < frames.size(); ++f) {
    if (!statuses[f].ok())
      return InvalidArgument("{} frame {}: {}", what, f + 1, std::string(statuses[f].message()));
  }
  return all;
}

// Two atoms closer than any bond, or positions that are not numbers.
bool IsAbsurd(const Structure& structure) {
  for (const Vec3& x : structure.positions) {
    if (!std::isfinite(x[0] + x[1] + x[2])) return true;
  }
  std::vector<double> radius;
  double largest = 0.0;
  for (const std::string& symbol : structure.species) {
    radius.push_back(CovalentRadius(symbol).value_or(1.0));
    largest = std::max(largest, radius.back());
  }
  if (structure.size() == 0) return true;
  const absl::StatusOr<NeighborList> list = BuildNeighborList(structure, 2.0 * kAbsurdFraction * largest);
  if (!list.ok()) return true;
  for (size_t i = 0; i < structure.size(); ++i) {
    for (int p = list->first[i]; p < list->first[i + 1]; ++p) {
      const int j = list->neighbor[p];
      const double r = Norm(structure.positions[j] + list->shift[p] - structure.positions[i]);
      if (r < kAbsurdFraction * (radius[i] + radius[j])) return true;
    }
  }
  return false;
}

float SquaredDistance(const float* a, const float* b, int width) {
  float sum = 0.0F;
  for (int k = 0; k < width; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

// Distances of every atom of the eligible frames to what is known, kept up to date as frames are chosen.
class FarthestFrames {
 public:
  FarthestFrames(const std::vector<FrameFeatures>& frames, int n_species, int width, int threads)
      : frames_(frames), n_species_(n_species), width_(width), threads_(threads) {
    for (const FrameFeatures& frame : frames) {
      nearest_.emplace_back(frame.species.size(), std::numeric_limits<float>::infinity());
    }
  }

  // `known` atoms by species, [n, width] each.
  void Learn(const std::vector<std::vector<float>>& known) {
    ParallelChunks(static_cast<int>(frames_.size()), threads_, [&](int f, int) {
      const FrameFeatures& frame = frames_[f];
      for (size_t i = 0; i < frame.species.size(); ++i) {
        const std::vector<float>& others = known[frame.species[i]];
        float best = nearest_[f][i];
        for (size_t k = 0; k < others.size(); k += width_) {
          best = std::min(best, SquaredDistance(frame.points.data() + i * width_, others.data() + k, width_));
        }
        nearest_[f][i] = best;
      }
    });
  }

  // The eligible frame with the atom farthest from everything known, or -1 when all are near-duplicates.
  int Next(const std::vector<int>& eligible) const {
    int best = -1;
    float farthest = static_cast<float>(kDuplicateDistance * kDuplicateDistance);
    for (const int f : eligible) {
      const float distance =
          nearest_[f].empty() ? 0.0F : *std::max_element(nearest_[f].begin(), nearest_[f].end());
      if (distance > farthest) farthest = distance, best = f;
    }
    return best;
  }

  void Choose(int f) {
    std::vector<std::vector<float>> known(n_species_);
    AppendAtoms(frames_[f], &known);
    Learn(known);
  }

  void AppendAtoms(const FrameFeatures& frame, std::vector<std::vector<float>>* known) const {
    for (size_t i = 0; i < frame.species.size(); ++i) {
      const auto begin = frame.points.begin() + static_cast<int64_t>(i) * width_;
      (*known)[frame.species[i]].insert((*known)[frame.species[i]].end(), begin, begin + width_);
    }
  }

 private:
  const std::vector<FrameFeatures>& frames_;
  int n_species_, width_, threads_;
  std::vector<std::vector<float>> nearest_;  // squared
};

// An evenly spaced part of the training atoms.
std::vector<std::vector<float>> KnownAtoms(const std::vector<FrameFeatures>& training,
                                           const FarthestFrames& farthest, int n_species, int width) {
  std::vector<std::vector<float>> known(n_species);
  for (const FrameFeatures& frame : training) farthest.AppendAtoms(frame, &known);
  for (std::vector<float>& points : known) {
    const size_t n = points.size() / width;
    if (n <= kKnownAtomsPerSpecies) continue;
    std::vector<float> kept;
    for (size_t k = 0; k < kKnownAtomsPerSpecies; ++k) {
      const auto begin = points.begin() + static_cast<int64_t>(k * n / kKnownAtomsPerSpecies) * width;
      kept.insert(kept.end(), begin, begin + width);
    }
    points = std::move(kept);
  }
  return known;
}

// Absurd frames are not shown to the model: its neighbor lists would grow without bound.
std::vector<Frame> SaneFrames(const std::vector<Frame>& frames, std::vector<int>* index) {
  std::vector<Frame> sane;
  for (size_t f = 0; f < frames.size(); ++f) {
    if (IsAbsurd(frames[f].structure)) continue;
    sane.push_back(frames[f]);
    index->push_back(static_cast<int>(f));
  }
  return sane;
}

std::vector<int> Shuffled(std::vector<int> values, Random* random) {
  for (size_t k = values.size(); k > 1; --k) std::swap(values[k - 1], values[random->Below(k)]);
  return values;
}

}  // namespace

absl::StatusOr<Selection> SelectFrames(const Model& model, const std::vector<Frame>& candidates,
                                       const std::vector<Frame>& training, const SelectionOptions& options) {
  if (options.budget < 0 || !(options.lower > 0.0) || !(options.upper >= options.lower)) {
    return InvalidArgument("selection: expected budget >= 0 and 0 < lower <= upper, found {}, {} and {}",
                           options.budget, options.lower, options.upper);
  }
  SUPERION_ASSIGN_OR_RETURN(const GradeMetric metric, GradeMetric::Create(model));
  Selection selection;
  selection.grade.assign(candidates.size(), std::numeric_limits<double>::infinity());
  std::vector<int> index;
  const std::vector<Frame> sane = SaneFrames(candidates, &index);
  selection.absurd = selection.failed = static_cast<int>(candidates.size() - sane.size());
  SUPERION_ASSIGN_OR_RETURN(const std::vector<FrameFeatures> features,
                            Features(model, metric, sane, "candidate", options.threads));
  SUPERION_ASSIGN_OR_RETURN(const std::vector<FrameFeatures> known,
                            Features(model, metric, training, "training", options.threads));
  std::vector<int> accurate, unusual, failed;
  for (size_t f = 0; f < features.size(); ++f) {
    const double grade = selection.grade[index[f]] = features[f].grade;
    (grade < options.lower    ? accurate
     : grade <= options.upper ? unusual
                              : failed)
        .push_back(static_cast<int>(f));
  }
  selection.accurate = static_cast<int>(accurate.size());
  selection.candidate = static_cast<int>(unusual.size());
  selection.failed += static_cast<int>(failed.size());

  const int n_species = model.architecture.n_species();
  FarthestFrames farthest(features, n_species, metric.width(), options.threads);
  farthest.Learn(KnownAtoms(known, farthest, n_species, metric.width()));
  const int kept = std::min<int>((options.budget + 9) / 10, selection.accurate);
  const auto take = [&](std::vector<int> eligible, int limit, int* counter) {
    while (static_cast<int>(selection.frames.size()) < limit) {
      const int f = farthest.Next(eligible);
      if (f < 0) break;
      farthest.Choose(f);
      eligible.erase(std::find(eligible.begin(), eligible.end(), f));
      selection.frames.push_back(index[f]);
      ++*counter;
    }
  };
  take(unusual, options.budget - kept, &selection.selected_candidates);
  take(failed, options.budget - kept, &selection.selected_failed);
  Random random(DeriveSeed(options.seed, "selection"));
  for (const int f : Shuffled(accurate, &random)) {
    if (static_cast<int>(selection.frames.size()) >= options.budget) break;
    selection.frames.push_back(index[f]);
    ++selection.selected_random;
  }
  return selection;
}

}  // namespace superion
