// The parts of the document beyond the isotropic σ: tensor, partial conductivities, block and simple method,
// curves of the current.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/preparation.h"
#include "analysis/transport/collective.h"
#include "analysis/transport/point_group.h"
#include "analysis/transport/tensor.h"
#include "core/json.h"

namespace superion::analysis {

// What the sections are made from; equilibrated, so that all of it starts at the same time.
struct TransportInput {
  const std::vector<DipoleSeries>* dipoles = nullptr;
  const CollectiveResult* collective = nullptr;
  const std::vector<SpeciesSums>* sums = nullptr;  // null: the ions are not known
  const std::vector<IonTrajectory>* ions = nullptr;
  const TracerResult* tracer = nullptr;
  std::map<std::string, double> charges;
  std::vector<std::string> mobile;
  double target_s_tot = 0.10;
  std::vector<double> block_ps;  // empty: 85, 170, 340 ps
};

// Key "tensor". `symmetry`: null where the crystal's point group is not known; `axis_verdicts`: empty, or a
// {status, limited_by, needs} for each axis; `cell`: zero where not known.
struct TensorInput {
  const TensorResult* tensor = nullptr;
  const PointGroup* symmetry = nullptr;
  std::vector<Json> axis_verdicts;
  Mat3 cell{};
  double target_s_tot = 0.10;
};
Json TensorJson(const TensorInput& input);

Json PartialJson(const TransportInput& input);      // key "partial_conductivities"
Json BlockMethodJson(const TransportInput& input);  // key "block_method"

// Keys "current_acf", "green_kubo", "sigma_omega" and "vacf" of the curves.
void AddCurrentCurves(const TransportInput& input, Json* curves);

}  // namespace superion::analysis
