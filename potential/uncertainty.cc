#include "potential/uncertainty.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "potential/evaluator.h"
#include "potential/linear_algebra.h"

namespace superion {
namespace {

// Relative to the mean square of the features: directions in which the training atoms do not differ at all
// count as known to this fraction of the spread, far above the rounding of single precision and far below any
// real spread.
constexpr double kRegularisation = 1e-6;

double Median(std::vector<double> values) {
  const size_t half = values.size() / 2;
  std::nth_element(values.begin(), values.begin() + half, values.end());
  const double upper = values[half];
  if (values.size() % 2 == 1) return upper;
  return 0.5 * (upper + *std::max_element(values.begin(), values.begin() + half));
}

// A frame is judged by its worst atom, so the fence is that of worst atoms: the fence of single atoms is
// passed by half of the training frames themselves, because the tail of the grades is long and a frame has
// many atoms.
double RobustFence(const std::vector<double>& grades) {
  const double median = Median(grades);
  std::vector<double> deviations;
  for (const double g : grades) deviations.push_back(std::abs(g - median));
  return median + 3.0 * 1.4826 * Median(std::move(deviations));
}

// The training atoms of one species: last-layer features [n_atoms, H + 1] and the frame of each.
struct TrainingAtoms {
  std::vector<double> features;
  std::vector<size_t> frame;
};

absl::StatusOr<std::vector<TrainingAtoms>> FindTrainingAtoms(const Model& model,
                                                             const std::vector<Frame>& frames, int threads) {
  EvaluatorOptions options;
  options.double_precision = true;
  options.threads = threads;
  options.grades = false;
  SUPERION_ASSIGN_OR_RETURN(const std::unique_ptr<Evaluator> evaluator, Evaluator::Create(model, options));
  std::vector<TrainingAtoms> atoms(model.architecture.n_species());
  const size_t width = model.architecture.hidden + 1;
  Evaluation result;
  for (size_t f = 0; f < frames.size(); ++f) {
    const absl::Status status = evaluator->EvaluateStructure(frames[f].structure, &result);
    if (!status.ok()) return InvalidArgument("training frame {}: {}", f + 1, std::string(status.message()));
    SUPERION_ASSIGN_OR_RETURN(const std::vector<int> species,
                              SpeciesIndices(model.architecture, frames[f].structure));
    for (size_t i = 0; i < species.size(); ++i) {
      const auto begin = evaluator->features().begin() + i * width;
      TrainingAtoms& of_species = atoms[species[i]];
      of_species.features.insert(of_species.features.end(), begin, begin + width);
      of_species.frame.push_back(f);
    }
  }
  return atoms;
}

// (ΦᵀΦ + εI)⁻¹ and the fence of one species.
absl::Status GradeOfSpecies(const TrainingAtoms& atoms, int width, double* inverse, double* fence) {
  const std::vector<double>& features = atoms.features;
  const size_t w = width, n = features.size() / w;
  if (n == 0) {
    for (size_t k = 0; k < w * w; ++k) inverse[k] = k % (w + 1) == 0 ? 1.0 : 0.0;
    *fence = 1e-6;
    return absl::OkStatus();
  }
  std::vector<double> gram(w * w, 0.0);
  for (size_t i = 0; i < n; ++i) {
    const double* x = features.data() + i * w;
    for (size_t a = 0; a < w; ++a)
      for (size_t b = 0; b <= a; ++b) gram[a * w + b] += x[a] * x[b];
  }
  double trace = 0.0;
  for (size_t a = 0; a < w; ++a) trace += gram[a * w + a];
  for (size_t a = 0; a < w; ++a) {
    gram[a * w + a] += kRegularisation * trace / width;
    for (size_t b = 0; b < a; ++b) gram[b * w + a] = gram[a * w + b];
  }
  SUPERION_RETURN_IF_ERROR(CholeskyFactor(width, &gram));
  const std::vector<double> result = InverseFromCholesky(width, gram);
  std::copy(result.begin(), result.end(), inverse);
  std::map<size_t, double> largest;  // by frame
  for (size_t i = 0; i < n; ++i) {
    const double* x = features.data() + i * w;
    double square = 0.0;
    for (size_t a = 0; a < w; ++a) {
      double sum = 0.0;
      for (size_t b = 0; b < w; ++b) sum += result[a * w + b] * x[b];
      square += x[a] * sum;
    }
    double& of_frame = largest[atoms.frame[i]];
    of_frame = std::max(of_frame, std::sqrt(square));
  }
  std::vector<double> grades;
  for (const auto& [frame, grade] : largest) grades.push_back(grade);
  *fence = RobustFence(grades);
  return absl::OkStatus();
}

constexpr double kSmallestGrade = 1e-6, kSmallestError = 1e-6;

std::vector<size_t> OrderBy(const std::vector<double>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  return order;
}

GradedErrors Fold(const GradedErrors& all, int parity) {
  GradedErrors fold;
  for (size_t k = 0; k < all.grade.size(); ++k) {
    if (all.frame[k] % 2 != parity) continue;
    fold.grade.push_back(all.grade[k]);
    fold.error.push_back(all.error[k]);
    fold.frame.push_back(all.frame[k]);
  }
  return fold;
}

double Coverage(const ErrorLaw& law, const GradedErrors& errors) {
  size_t inside = 0;
  for (size_t k = 0; k < errors.grade.size(); ++k) {
    inside += errors.error[k] <= law.interval90 * law.Predict(errors.grade[k]);
  }
  return static_cast<double>(inside) / static_cast<double>(errors.grade.size());
}

}  // namespace

absl::Status AddUncertainty(Model* model, const std::vector<Frame>& frames, int threads) {
  model->tensors.erase("grade_inverse");
  model->tensors.erase("grade_fence");
  SUPERION_ASSIGN_OR_RETURN(const std::vector<TrainingAtoms> atoms,
                            FindTrainingAtoms(*model, frames, threads));
  const int n_species = model->architecture.n_species(), width = model->architecture.hidden + 1;
  Tensor inverse{{n_species, width, width},
                 std::vector<double>(static_cast<size_t>(n_species) * width * width)};
  Tensor fence{{n_species}, std::vector<double>(n_species)};
  for (int c = 0; c < n_species; ++c) {
    const absl::Status status = GradeOfSpecies(
        atoms[c], width, inverse.values.data() + static_cast<size_t>(c) * width * width, &fence.values[c]);
    if (!status.ok()) {
      return InvalidArgument("uncertainty of species {}: {}", model->architecture.species[c],
                             std::string(status.message()));
    }
  }
  model->tensors["grade_inverse"] = std::move(inverse);
  model->tensors["grade_fence"] = std::move(fence);
  return CheckModel(*model);
}

double ErrorLaw::Predict(double grade) const {
  return scale * std::pow(std::max(grade, kSmallestGrade), exponent);
}

absl::StatusOr<ErrorLaw> FitErrorLaw(const GradedErrors& errors) {
  const size_t n = errors.grade.size();
  if (n < 20) return FailedPrecondition("calibration: expected at least 20 labelled atoms, found {}", n);
  double sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t k = 0; k < n; ++k) {
    const double x = std::log(std::max(errors.grade[k], kSmallestGrade));
    const double y = std::log(std::max(errors.error[k], kSmallestError));
    sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  const double count = static_cast<double>(n), variance = sxx / count - sx / count * (sx / count);
  if (!(variance > 1e-12)) return FailedPrecondition("calibration: all {} atoms have the same grade", n);
  ErrorLaw law;
  law.exponent = std::clamp((sxy / count - sx / count * (sy / count)) / variance, 0.0, 3.0);
  law.scale = 1.0;
  double sum = 0.0;
  std::vector<double> ratio(n);
  for (size_t k = 0; k < n; ++k) {
    ratio[k] = errors.error[k] / law.Predict(errors.grade[k]);
    sum += ratio[k] * ratio[k];
  }
  law.scale = std::max(std::sqrt(sum / (3.0 * count)), kSmallestError);
  // Smallest value that holds 90 % of the atoms that were seen.
  const size_t rank = std::min(n - 1, static_cast<size_t>(std::ceil(0.9 * count)) - 1);
  std::nth_element(ratio.begin(), ratio.begin() + rank, ratio.end());
  law.interval90 = ratio[rank] / law.scale;
  return law;
}

double WorstFractionAuroc(const std::vector<double>& grade, const std::vector<double>& error,
                          double fraction) {
  const size_t n = grade.size(),
               positives = static_cast<size_t>(std::lround(fraction * static_cast<double>(n)));
  if (positives == 0 || positives >= n) return 0.5;
  const std::vector<size_t> by_error = OrderBy(error), by_grade = OrderBy(grade);
  std::vector<bool> worst(n, false);
  for (size_t k = n - positives; k < n; ++k) worst[by_error[k]] = true;
  double ranks = 0.0;  // Mann-Whitney: ranks from 1, ties share their mean
  for (size_t begin = 0; begin < n;) {
    size_t end = begin;
    while (end < n && grade[by_grade[end]] == grade[by_grade[begin]]) ++end;
    for (size_t k = begin; k < end; ++k) {
      if (worst[by_grade[k]]) ranks += 0.5 * static_cast<double>(begin + 1 + end);
    }
    begin = end;
  }
  const double p = static_cast<double>(positives), q = static_cast<double>(n - positives);
  return (ranks - 0.5 * p * (p + 1.0)) / (p * q);
}

absl::StatusOr<Calibration> Calibrate(const GradedErrors& errors) {
  Calibration calibration;
  SUPERION_ASSIGN_OR_RETURN(calibration.law, FitErrorLaw(errors));
  const size_t n = errors.grade.size();
  calibration.n_atoms = static_cast<int>(n);
  calibration.n_frames = 1 + *std::max_element(errors.frame.begin(), errors.frame.end());
  calibration.auroc_worst5 = WorstFractionAuroc(errors.grade, errors.error, 0.05);
  const GradedErrors even = Fold(errors, 0), odd = Fold(errors, 1);
  SUPERION_ASSIGN_OR_RETURN(const ErrorLaw from_even, FitErrorLaw(even));
  SUPERION_ASSIGN_OR_RETURN(const ErrorLaw from_odd, FitErrorLaw(odd));
  const double inside = Coverage(from_even, odd) * static_cast<double>(odd.grade.size()) +
                        Coverage(from_odd, even) * static_cast<double>(even.grade.size());
  calibration.coverage90 = inside / static_cast<double>(n);
  const std::vector<size_t> order = OrderBy(errors.grade);
  for (size_t b = 0; b < 10; ++b) {
    CalibrationBin bin;
    double square = 0.0;
    for (size_t k = b * n / 10; k < (b + 1) * n / 10; ++k) {
      bin.predicted += calibration.law.Predict(errors.grade[order[k]]);
      square += errors.error[order[k]] * errors.error[order[k]];
      ++bin.n;
    }
    bin.predicted /= bin.n;
    bin.rmse = std::sqrt(square / (3.0 * bin.n));
    calibration.bins.push_back(bin);
  }
  return calibration;
}

Json ToJson(const Calibration& c) {
  Json bins = Json::array();
  for (const CalibrationBin& bin : c.bins) {
    bins.push_back({{"predicted", bin.predicted}, {"rmse", bin.rmse}, {"n", bin.n}});
  }
  return {{"auroc_worst5", c.auroc_worst5},
          {"coverage90", c.coverage90},
          {"scale_ev_per_angstrom", c.law.scale},
          {"exponent", c.law.exponent},
          {"interval90", c.law.interval90},
          {"n_frames", c.n_frames},
          {"n_atoms", c.n_atoms},
          {"bins", bins}};
}

}  // namespace superion
