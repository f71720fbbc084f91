// The grade: how far an atom's last-layer features lie from those of the training atoms of its species,
// equation 10 of docs/potential_model.md (last-layer prediction rigidity, doi:10.1088/2632-2153/ad805f; the
// same form as D-optimality), and its calibration against measured force errors.
#pragma once

#include <vector>

#include "core/structure.h"
#include "potential/model.h"

namespace superion {

// Adds (or replaces) `grade_inverse` and `grade_fence` from the atoms of the training frames; labels are not
// used. A species without training atoms gets a fence so small that its atoms always grade as failed.
// InvalidArgument when a frame holds a species the model does not know or the model itself is not sound.
absl::Status AddUncertainty(Model* model, const std::vector<Frame>& frames, int threads = 1);

// Grade and force error of the atoms of labelled frames.
struct GradedErrors {
  std::vector<double> grade;  // [n]
  std::vector<double> error;  // [n] norm of the force error, eV/Å
  std::vector<int> frame;     // [n] index of the frame the atom belongs to
};

// Standard deviation of one force component at a grade g: scale · g^exponent, eV/Å. The norm of the error
// stays below interval90 · scale · g^exponent for 90 % of the atoms.
struct ErrorLaw {
  double scale = 0.0;
  double exponent = 1.0;
  double interval90 = 0.0;
  double Predict(double grade) const;
};

// Least squares of ln error on ln grade for the exponent (kept within 0 .. 3), then the scale that makes the
// mean of error² / (3 σ²) one. FailedPrecondition with fewer than 20 atoms or without any spread of the
// grades.
absl::StatusOr<ErrorLaw> FitErrorLaw(const GradedErrors& errors);

struct CalibrationBin {
  double predicted = 0.0;  // mean predicted standard deviation of a component, eV/Å
  double rmse = 0.0;       // measured, per component, eV/Å
  int n = 0;               // atoms
};

struct Calibration {
  ErrorLaw law;  // fitted on everything
  double auroc_worst5 =
      0.0;  // area under the ROC curve: does the grade find the 5 % of atoms with the largest errors?
  double coverage90 = 0.0;  // measured on frames that the law was not fitted on (two folds by frame)
  int n_frames = 0, n_atoms = 0;
  std::vector<CalibrationBin> bins;  // atoms in ten groups of equal size by grade
};

absl::StatusOr<Calibration> Calibrate(const GradedErrors& errors);
Json ToJson(const Calibration& calibration);

// Probability that an atom of the worst `fraction` (by error) has a higher grade than one of the others; ties
// count half. 0.5 when one class is empty.
double WorstFractionAuroc(const std::vector<double>& grade, const std::vector<double>& error,
                          double fraction);

}  // namespace superion
