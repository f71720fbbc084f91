// The learned potential as a value: architecture, tensors, provenance; and its file (docs/model_file.md). The
// equations and the meaning of every tensor are in docs/potential_model.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"

namespace superion {

struct Tensor {
  std::vector<int64_t> shape;
  std::vector<double> values;  // row-major
};

struct ModelArchitecture {
  std::vector<std::string> species;  // Z symbols, ascending atomic number
  double cutoff_angstrom = 6.0;
  int cutoff_power = 0;     // p of f_c = (1 - r/r_c)^p; 0: the quintic of equation 1
  bool smoothstep = false;  // argument of the Chebyshev polynomials, equation 1; false: linear in r
  int n_radial = 8;         // N
  int l_max = 2;            // L
  int channels = 16;        // K
  int products = 1;         // P
  std::vector<std::pair<int, int>> invariant_pairs{{0, 0}, {0, 1}};
  int hidden = 32;  // H

  int n_species() const { return static_cast<int>(species.size()); }
  int n_lm() const { return (l_max + 1) * (l_max + 1); }
  int n_density() const { return n_species() * n_radial * n_lm(); }
  int n_features() const { return channels * (1 + static_cast<int>(invariant_pairs.size()) * (l_max + 1)); }
};

// S, M or L of docs/potential_model.md; InvalidArgument names another size.
absl::StatusOr<ModelArchitecture> ArchitectureOfSize(const std::string& size,
                                                     std::vector<std::string> species,
                                                     double cutoff_angstrom);

// Fixed charges of the species; what they give at long range is added to what is learned.
struct Electrostatics {
  std::vector<double> charges;      // [Z] e
  double alpha_per_angstrom = 0.5;  // erf(alpha r) / r instead of 1 / r
};

struct Model {
  ModelArchitecture architecture;
  std::optional<Electrostatics> electrostatics;
  double density_scale = 1.0;
  double energy_scale = 1.0;  // eV
  double zbl_scale = 0.7;
  std::map<std::string, Tensor> tensors;  // names and shapes: docs/potential_model.md
  Json provenance = Json::object();       // data hashes, program version, seed, calibration
};

// InvalidArgument names a number outside of what this version supports (l_max <= 5).
absl::Status CheckArchitecture(const ModelArchitecture& architecture);
// Names and shapes of the tensors that a model of this architecture must hold, and of those that it may hold
// (uncertainty: all or none).
using ShapeMap = std::map<std::string, std::vector<int64_t>>;
ShapeMap TensorShapes(const ModelArchitecture& architecture);
ShapeMap OptionalTensorShapes(const ModelArchitecture& architecture);
// Product of the extents.
size_t CountOf(const std::vector<int64_t>& shape);
// InvalidArgument names a tensor that is missing, of the wrong shape, unknown or not a number of float32.
absl::Status CheckModel(const Model& model);

// Bytes of the file: magic, version, JSON header, float64 tensors, SHA-256. Deterministic.
std::string SerializeModel(const Model& model);
// DataLoss for a wrong magic, checksum or size; Unimplemented for a newer version; never a crash on hostile
// bytes.
absl::StatusOr<Model> ParseModel(std::string_view bytes, const std::string& origin);
absl::StatusOr<Model> ReadModel(const std::string& path);
absl::Status WriteModel(const std::string& path, const Model& model);

}  // namespace superion
