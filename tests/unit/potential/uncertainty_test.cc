#include "potential/uncertainty.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "potential/evaluator.h"
#include "potential/linear_algebra.h"
#include "reference_model.h"

namespace superion {
namespace {

const std::vector<std::string> kSpecies{"Li", "P", "S"};

Frame FrameOf(const reference::Box& box) {
  Frame frame;
  frame.structure.cell = box.cell, frame.structure.positions = box.positions;
  for (const int c : box.species) frame.structure.species.push_back(kSpecies[c]);
  return frame;
}

std::vector<Frame> Rattled(const reference::Box& box, int n, double amplitude, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> gauss(0.0, amplitude);
  std::vector<Frame> frames;
  for (int k = 0; k < n; ++k) {
    reference::Box moved = box;
    for (Vec3& x : moved.positions) x += Vec3{gauss(engine), gauss(engine), gauss(engine)};
    frames.push_back(FrameOf(moved));
  }
  return frames;
}

Evaluation Evaluate(const Model& model, const Frame& frame, bool double_precision) {
  EvaluatorOptions options;
  options.double_precision = double_precision;
  Evaluation result;
  EXPECT_TRUE(Evaluator::Create(model, options).value()->EvaluateStructure(frame.structure, &result).ok());
  return result;
}

double MeanGrade(const Model& model, const std::vector<Frame>& frames) {
  double sum = 0.0;
  size_t n = 0;
  for (const Frame& frame : frames) {
    for (const double g : Evaluate(model, frame, true).grades) sum += g, ++n;
  }
  return sum / static_cast<double>(n);
}

TEST(LinearAlgebra, InverseOfARandomPositiveMatrix) {
  const int n = 9;
  std::mt19937_64 engine(1);
  std::normal_distribution<double> gauss;
  std::vector<double> b(n * n), a(n * n, 0.0);
  for (double& v : b) v = gauss(engine);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j)
      for (int k = 0; k < n; ++k) a[i * n + j] += b[i * n + k] * b[j * n + k];
  std::vector<double> factor = a;
  ASSERT_TRUE(CholeskyFactor(n, &factor).ok());
  const std::vector<double> inverse = InverseFromCholesky(n, factor);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0.0;
      for (int k = 0; k < n; ++k) sum += a[i * n + k] * inverse[k * n + j];
      EXPECT_NEAR(sum, i == j ? 1.0 : 0.0, 1e-8);
    }
  std::vector<double> indefinite{1, 2, 2, 1};
  EXPECT_NE(CholeskyFactor(2, &indefinite).message().find("row 1"), std::string::npos);
}

TEST(Uncertainty, GradeIsTheFormOfTheEquation) {
  Model model = reference::RandomModel("S", kSpecies, 4.5, 1);
  const reference::Box box = reference::RandomBox(12, 3, 6.0, 1.6, 2);
  ASSERT_TRUE(AddUncertainty(&model, Rattled(box, 20, 0.1, 3)).ok());
  const std::vector<reference::AtomResult> atoms = reference::Atoms(model, box);
  const Evaluation exact = Evaluate(model, FrameOf(box), true), single = Evaluate(model, FrameOf(box), false);
  const Tensor& inverse = model.tensors.at("grade_inverse");
  const size_t w = atoms[0].last_layer.size();
  for (size_t i = 0; i < atoms.size(); ++i) {
    const std::vector<double>& x = atoms[i].last_layer;
    double square = 0.0;
    for (size_t a = 0; a < w; ++a)
      for (size_t b = 0; b < w; ++b) square += x[a] * x[b] * inverse.values[(box.species[i] * w + a) * w + b];
    const double expected = std::sqrt(square) / model.tensors.at("grade_fence").values[box.species[i]];
    EXPECT_NEAR(exact.grades[i], expected, 1e-6 * expected);
    EXPECT_NEAR(single.grades[i], expected, 1e-2 * expected);
  }
}

TEST(Uncertainty, TrainingAtomsAreMostlyInsideAndTheGradeGrowsAwayFromThem) {
  Model model = reference::RandomModel("S", kSpecies, 4.5, 4);
  const reference::Box box = reference::RandomBox(12, 3, 6.0, 1.6, 5);
  const std::vector<Frame> training = Rattled(box, 60, 0.05, 6);
  ASSERT_TRUE(AddUncertainty(&model, training, 2).ok());
  int outside = 0;
  for (const Frame& frame : training) {
    const std::vector<double> grades = Evaluate(model, frame, false).grades;
    outside += *std::max_element(grades.begin(), grades.end()) > 1.0;
  }
  EXPECT_LE(outside, 6);  // of 60: a frame is judged by its worst atom
  double previous = MeanGrade(model, Rattled(box, 10, 0.05, 7));
  EXPECT_LT(previous, 1.0);
  for (const double amplitude : {0.1, 0.2, 0.4}) {
    const double grade = MeanGrade(model, Rattled(box, 10, amplitude, 8));
    EXPECT_GT(grade, 1.2 * previous) << amplitude;
    previous = grade;
  }
  EXPECT_GT(previous, 2.5);
}

TEST(Uncertainty, GradeDoesNotDependOnOrientationOrOrder) {
  Model model = reference::RandomModel("S", kSpecies, 4.5, 9);
  const reference::Box box = reference::RandomBox(9, 3, 5.0, 1.6, 10);
  ASSERT_TRUE(AddUncertainty(&model, Rattled(box, 30, 0.1, 11)).ok());
  reference::Box turned = box;  // a quarter turn about z, reversed order
  for (auto* list : {&turned.positions}) std::reverse(list->begin(), list->end());
  std::reverse(turned.species.begin(), turned.species.end());
  for (Vec3& x : turned.positions) x = {-x[1], x[0], x[2]};
  for (Vec3& x : turned.cell) x = {-x[1], x[0], x[2]};
  const Evaluation a = Evaluate(model, FrameOf(box), true), b = Evaluate(model, FrameOf(turned), true);
  for (size_t i = 0; i < a.grades.size(); ++i) {
    EXPECT_NEAR(a.grades[i], b.grades[a.grades.size() - 1 - i], 1e-7 * a.grades[i]);
  }
}

TEST(Uncertainty, ASpeciesThatWasNeverSeenGradesAsFailed) {
  Model model = reference::RandomModel("S", kSpecies, 4.5, 12);
  reference::Box box = reference::RandomBox(8, 2, 5.0, 1.6, 13);
  ASSERT_TRUE(AddUncertainty(&model, Rattled(box, 20, 0.1, 14)).ok());
  box.species[3] = 2;
  EXPECT_GT(Evaluate(model, FrameOf(box), false).grades[3], 1e3);
  Frame unknown = FrameOf(box);
  unknown.structure.species[0] = "O";
  EXPECT_NE(AddUncertainty(&model, {unknown}).message().find("training frame 1"), std::string::npos);
}

// Errors whose components are Gaussian with the standard deviation scale · g^exponent.
GradedErrors Synthetic(int n_frames, double scale, double exponent, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> gauss;
  GradedErrors errors;
  for (int f = 0; f < n_frames; ++f)
    for (int i = 0; i < 50; ++i) {
      const double g = std::exp(0.7 * gauss(engine)), sigma = scale * std::pow(g, exponent);
      errors.grade.push_back(g);
      errors.error.push_back(sigma * Norm({gauss(engine), gauss(engine), gauss(engine)}));
      errors.frame.push_back(f);
    }
  return errors;
}

TEST(Calibration, RecoversAKnownLaw) {
  const Calibration c = Calibrate(Synthetic(200, 0.05, 1.5, 1)).value();
  EXPECT_NEAR(c.law.exponent, 1.5, 0.05);
  EXPECT_NEAR(c.law.scale, 0.05, 0.002);
  EXPECT_NEAR(c.law.interval90, 2.5003, 0.05);  // 90 % quantile of the Maxwell distribution
  EXPECT_NEAR(c.coverage90, 0.9, 0.02);
  EXPECT_EQ(c.n_frames, 200);
  for (const CalibrationBin& bin : c.bins) EXPECT_NEAR(bin.rmse / bin.predicted, 1.0, 0.2);
}

TEST(Calibration, AurocCountsPairsInTheRightOrder) {
  const std::vector<double> error{1, 2, 3, 4};
  EXPECT_EQ(WorstFractionAuroc({1, 2, 3, 4}, error, 0.25), 1.0);
  EXPECT_EQ(WorstFractionAuroc({4, 3, 2, 1}, error, 0.25), 0.0);
  EXPECT_EQ(WorstFractionAuroc({1, 3, 4, 2}, error, 0.25), 1.0 / 3.0);
  EXPECT_EQ(WorstFractionAuroc({2, 2, 2, 2}, error, 0.25), 0.5);
  GradedErrors blind = Synthetic(100, 0.05, 0.0, 2);
  EXPECT_NEAR(Calibrate(blind).value().auroc_worst5, 0.5, 0.06);
}

TEST(Calibration, SaysWhenThereIsTooLittle) {
  EXPECT_TRUE(absl::IsFailedPrecondition(Calibrate(GradedErrors{}).status()));
  GradedErrors flat = Synthetic(2, 0.1, 1.0, 3);
  for (double& g : flat.grade) g = 0.5;
  EXPECT_NE(Calibrate(flat).status().message().find("same grade"), std::string::npos);
}

}  // namespace
}  // namespace superion
