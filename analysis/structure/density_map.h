// Where the ions of one species are: their density on a grid (conductivity.md, section 10).
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "analysis/structure/snapshot.h"

namespace superion::analysis {

class DensityMap {
 public:
  // Grid points at most `spacing` Å apart along each cell vector; wider when there would be more than 2^26.
  DensityMap(const AtomTable& atoms, const std::string& species, const Mat3& cell, double spacing);
  void Add(std::span<const Snapshot> frames);

  const std::array<size_t, 3>& shape() const { return shape_; }
  // Ions per Å³ in each box of the grid, the last axis fastest; the integral over the cell is their number.
  std::vector<double> Density() const;
  Mat3 MeanCell() const;
  double Spacing() const;  // Å, the widest of the three
  // Share of the cell that is needed to hold half of the ions, boxes of highest density first: 0.5 for ions
  // that are everywhere, far less for ions on sites.
  double HalfShare() const;
  // Gaussian's cube format (Bohr, ions/Bohr³), which crystal viewers read.
  std::string CubeText() const;

 private:
  std::vector<size_t> members_;
  std::string species_;
  Mat3 cell_sum_{};
  size_t frames_ = 0;
  std::array<size_t, 3> shape_{};
  std::vector<uint32_t> counts_;
};

}  // namespace superion::analysis
