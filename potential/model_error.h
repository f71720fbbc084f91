// Errors of a model on labelled frames.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/structure.h"
#include "potential/model.h"
#include "potential/uncertainty.h"

namespace superion {

// Mean absolute and root mean square deviation of numbers of one kind, component by component.
struct Deviation {
  size_t n = 0;
  double sum_absolute = 0.0, sum_square = 0.0;
  void Add(double difference);
  double mae() const { return n == 0 ? 0.0 : sum_absolute / static_cast<double>(n); }
  double rmse() const;
};

struct FramePrediction {
  double energy = 0.0;         // eV
  std::vector<Vec3> forces;    // eV/Å
  Mat3 stress{};               // eV/Å³
  std::vector<double> grades;  // [n_atoms], empty without uncertainty data
};

struct ModelErrors {
  size_t n_frames = 0, n_atoms = 0;
  Deviation energy;        // eV per atom
  Deviation forces;        // eV/Å, components
  Deviation force_labels;  // of the labels from zero: rmse() is the force rms
  Deviation stress;        // eV/Å³, six components
  std::map<std::string, Deviation> species_forces;
  struct Source {
    size_t n_frames = 0;
    Deviation energy, forces;
  };
  std::map<std::string, Source> sources;     // by SourceOf the frame
  GradedErrors graded;                       // of the frames with forces; empty without uncertainty data
  std::vector<FramePrediction> predictions;  // [n_frames]
};

// In float64, frames spread over threads. InvalidArgument when no frame has a label or one holds an unknown
// species.
absl::StatusOr<ModelErrors> EvaluateErrors(const Model& model, const std::vector<Frame>& frames, int threads);

// The document that `superion eval --json` prints: meV per atom, meV/Å, meV/Å³.
Json ToJson(const ModelErrors& errors);
// One line per label: quantity, frame and atom (from 1), species, component, reference, predicted.
std::string ParityCsv(const ModelErrors& errors, const std::vector<Frame>& frames);

}  // namespace superion
