#include "potential/model.h"

#include <cmath>
#include <set>

#include "absl/strings/str_join.h"
#include "core/structure.h"
#include "potential/coupling.h"
#include "potential/spherical_harmonics.h"

namespace superion {
namespace {

constexpr double kLargest = 1e30;  // kernels of single precision must hold every value

absl::Status CheckTensor(const std::string& name, const Tensor& tensor, const std::vector<int64_t>& shape) {
  if (tensor.shape != shape) {
    return InvalidArgument("model tensor {}: expected shape [{}], found [{}]", name,
                           absl::StrJoin(shape, ", "), absl::StrJoin(tensor.shape, ", "));
  }
  const size_t size = CountOf(shape);
  if (tensor.values.size() != size) {
    return InvalidArgument("model tensor {}: expected {} values, found {}", name, size, tensor.values.size());
  }
  for (size_t k = 0; k < size; ++k) {
    if (!(std::abs(tensor.values[k]) <= kLargest)) {
      return InvalidArgument("model tensor {}: value {} is {}, expected a finite number up to {}", name, k,
                             tensor.values[k], kLargest);
    }
  }
  return absl::OkStatus();
}

absl::Status CheckRange(const char* name, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidArgument("model {}: expected {} to {}, found {}", name, low, high, value);
}

absl::Status CheckScale(const char* name, double value, double low, double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return InvalidArgument("model {}: expected a number from {} to {}, found {}", name, low, high, value);
}

absl::Status CheckElectrostatics(const Model& model) {
  if (!model.electrostatics) return absl::OkStatus();
  const size_t expected = model.architecture.species.size(), found = model.electrostatics->charges.size();
  if (found != expected)
    return InvalidArgument("model charges: expected {} numbers, found {}", expected, found);
  for (const double charge : model.electrostatics->charges)
    SUPERION_RETURN_IF_ERROR(CheckScale("charge", charge, -20.0, 20.0));
  return CheckScale("alpha_per_angstrom", model.electrostatics->alpha_per_angstrom, 0.05, 1.5);
}

}  // namespace

absl::Status CheckArchitecture(const ModelArchitecture& a) {
  SUPERION_RETURN_IF_ERROR(CheckRange("number of species", a.n_species(), 1, 118));
  SUPERION_RETURN_IF_ERROR(CheckRange("n_radial", a.n_radial, 1, 32));
  SUPERION_RETURN_IF_ERROR(CheckRange("l_max", a.l_max, 0, kMaxDegree));
  SUPERION_RETURN_IF_ERROR(CheckRange("channels", a.channels, 1, 512));
  SUPERION_RETURN_IF_ERROR(CheckRange("products", a.products, 0, 4));
  SUPERION_RETURN_IF_ERROR(CheckRange("hidden", a.hidden, 1, 1024));
  SUPERION_RETURN_IF_ERROR(CheckRange("number of invariant pairs", a.invariant_pairs.size(), 0, 15));
  SUPERION_RETURN_IF_ERROR(CheckScale("cutoff_angstrom", a.cutoff_angstrom, 0.1, 50.0));
  if (a.cutoff_power != 0) SUPERION_RETURN_IF_ERROR(CheckRange("cutoff_power", a.cutoff_power, 3, 16));
  int previous = 0;
  for (const std::string& symbol : a.species) {
    SUPERION_ASSIGN_OR_RETURN(const int number, AtomicNumber(symbol));
    SUPERION_RETURN_IF_ERROR(CovalentRadius(symbol).status());  // the nuclear core needs it
    if (number <= previous) {
      return InvalidArgument("model species: expected distinct symbols by atomic number, found {}",
                             absl::StrJoin(a.species, ", "));
    }
    previous = number;
  }
  std::set<std::pair<int, int>> seen;
  for (const auto& pair : a.invariant_pairs) {
    if (pair.first < 0 || pair.second < pair.first || pair.second > a.products || !seen.insert(pair).second) {
      return InvalidArgument("model invariant pair ({}, {}): expected distinct pairs 0 <= a <= b <= {}",
                             pair.first, pair.second, a.products);
    }
  }
  return absl::OkStatus();
}

size_t CountOf(const std::vector<int64_t>& shape) {
  size_t count = 1;
  for (const int64_t extent : shape) count *= static_cast<size_t>(extent);
  return count;
}

ShapeMap OptionalTensorShapes(const ModelArchitecture& a) {
  const int64_t z = a.n_species(), h = a.hidden + 1;
  return {{"grade_inverse", {z, h, h}}, {"grade_fence", {z}}};
}

ShapeMap TensorShapes(const ModelArchitecture& a) {
  const int64_t z = a.n_species(), l = a.l_max + 1, k = a.channels, f = a.n_features(), h = a.hidden;
  const int64_t paths = static_cast<int64_t>(CouplingPaths(a.l_max).size());
  ShapeMap shapes{{"mix0", {z, l, z * a.n_radial, k}},
                  {"feature_mean", {z, f}},
                  {"feature_scale", {z, f}},
                  {"w1", {z, h, f}},
                  {"b1", {z, h}},
                  {"w2", {z, h, h}},
                  {"b2", {z, h}},
                  {"w3", {z, h}},
                  {"w_lin", {z, f}},
                  {"reference_energy", {z}}};
  for (int p = 1; p <= a.products; ++p) {
    shapes["path" + std::to_string(p)] = {z, paths, k};
    shapes["mixp" + std::to_string(p)] = {l, k, k};
  }
  return shapes;
}

absl::Status CheckModel(const Model& model) {
  SUPERION_RETURN_IF_ERROR(CheckArchitecture(model.architecture));
  SUPERION_RETURN_IF_ERROR(CheckScale("density_scale", model.density_scale, 1e-6, 1e6));
  SUPERION_RETURN_IF_ERROR(CheckScale("energy_scale", model.energy_scale, 1e-12, 1e12));
  SUPERION_RETURN_IF_ERROR(CheckScale("zbl_scale", model.zbl_scale, 0.0, 10.0));
  SUPERION_RETURN_IF_ERROR(CheckElectrostatics(model));
  const auto shapes = TensorShapes(model.architecture);
  for (const auto& [name, shape] : shapes) {
    const auto at = model.tensors.find(name);
    if (at == model.tensors.end()) return InvalidArgument("model tensor {} is missing", name);
    SUPERION_RETURN_IF_ERROR(CheckTensor(name, at->second, shape));
  }
  for (const double scale : model.tensors.at("feature_scale").values) {
    if (!(scale >= 1.0 / kLargest))
      return InvalidArgument("model tensor feature_scale: expected numbers of at least {}, found {}",
                             1.0 / kLargest, scale);
  }
  const auto optional = OptionalTensorShapes(model.architecture);
  size_t present = 0;
  for (const auto& [name, tensor] : model.tensors) {
    if (shapes.count(name) != 0) continue;
    const auto at = optional.find(name);
    if (at == optional.end()) return InvalidArgument("model tensor {} is not known to this version", name);
    SUPERION_RETURN_IF_ERROR(CheckTensor(name, tensor, at->second));
    ++present;
  }
  if (present != 0 && present != optional.size()) {
    return InvalidArgument("model uncertainty: expected both grade_inverse and grade_fence or neither");
  }
  if (present != 0) {
    for (const double fence : model.tensors.at("grade_fence").values) {
      if (!(fence > 0.0))
        return InvalidArgument("model tensor grade_fence: expected numbers above 0, found {}", fence);
    }
  }
  return absl::OkStatus();
}

}  // namespace superion
