// What a task of structure measures: one class per observable, fed with frames, which tells its definitions,
// numbers and curves at the end.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "analysis/series/block_mean.h"
#include "analysis/structure/density_map.h"
#include "analysis/structure/snapshot.h"
#include "core/json.h"
#include "core/task.h"

namespace superion::analysis {

// One curve or map as columns of equal length; becomes NAME.csv.
struct Table {
  std::string name;
  std::vector<std::string> columns;  // with units in their names
  std::vector<std::vector<double>> values;

  std::string CsvText() const;
};

// What the observables produce.
struct Findings {
  Json document = Json::object();
  std::vector<Table> tables;
  std::vector<std::pair<std::string, std::string>> cubes;  // file name, content
};

struct StructureOptions {
  std::vector<std::string> observables;  // empty: all that the data can give
  std::vector<std::string> mobile;       // empty: see GuessMobile
  bool equilibrium_only = false;         // runs in an electric field are refused
  double temperature_k = 0.0;            // 0: of the files, or kinetic
  size_t blocks_per_seed = 0;            // 0: 5, or 1 with four seeds and more
  double r_max_angstrom = 10.0, bin_angstrom = 0.02;
  double longest_lag_ps = 0.0;                                // 0: a quarter of the shortest seed
  std::vector<double> wave_numbers{0.5, 1.0, 1.5, 2.0, 3.0};  // 1/Å
  std::string coordination_centre, coordination_neighbor;     // empty: mobile; the commonest other species
  std::vector<double> coordination_cutoffs;                   // empty: 2.5 … 3.1 Å by 0.05
  std::string empty_tetrahedra_species;
  double empty_tetrahedra_edge_angstrom = 0.0;
  double correlation_ps = 5.0;  // of velocities
  double low_pass_cm1 = 5.0, smoothing_cm1 = 15.0;
  double grid_angstrom = 0.2;
  // Sites of mobile ions: fractional coordinates by species; of others the maxima of their density.
  std::map<std::string, std::vector<Vec3>> site_fractions;
  double site_separation_angstrom = 1.0;  // of two maxima
  double residence_ps = 0.25;             // in a site, to count as a hop
  double core_share = 0.45;               // radius of a site over the distance to the next
  size_t most_bytes = size_t{2} << 30;
  int threads = 1;
};

// What is known before the frames come.
struct StructureContext {
  AtomTable atoms;
  StructureOptions options;
  std::vector<std::string> mobile;  // may be empty
  double interval_ps = 0.0, temperature_k = 0.0;
  bool velocities = false;
  size_t shortest_seed = 0, shortest_block = 0;  // frames
  Snapshot mean;                                 // mean places and cell of the first seed
  // By species, of all seeds; only where sites are to be found.
  std::map<std::string, std::shared_ptr<DensityMap>> densities;

  bool IsMobile(const std::string& species) const;
};

class Observable {
 public:
  virtual ~Observable() = default;
  virtual void BeginSeed(const std::vector<Vec3>& /*mean_places*/) {}
  virtual void Add(std::span<const Snapshot> frames) = 0;
  virtual void EndSeed() {}
  virtual void Report(Findings* out) const = 0;
};

std::unique_ptr<Observable> MakeRdf(const StructureContext& context);
std::unique_ptr<Observable> MakeVanHove(const StructureContext& context);
std::unique_ptr<Observable> MakeCoordination(const StructureContext& context);
std::unique_ptr<Observable> MakeAngles(const StructureContext& context);
std::unique_ptr<Observable> MakeBondAngle(const StructureContext& context);
std::unique_ptr<Observable> MakeDensity(const StructureContext& context);
std::unique_ptr<Observable> MakeBFactors(const StructureContext& context);
std::unique_ptr<Observable> MakeSitesObservable(const StructureContext& context);
std::unique_ptr<Observable> MakeVdos(const StructureContext& context);

// Writes the tables as CSV files into the working folder and lists them as artifacts `curve`.
absl::Status WriteCurves(const Findings& findings, TaskResult* result);

// null for what is not finite.
Json NumberOrNull(double value);
Json ToJson(const Estimate& estimate);  // {value, error}

}  // namespace superion::analysis
