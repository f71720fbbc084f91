// Frames whose forces beyond the cutoff are those of point charges and nothing else.
#pragma once

#include <gtest/gtest.h>

#include "core/random.h"
#include "core/structure.h"
#include "potential/ewald.h"

namespace superion {

// Two polar molecules, farther apart than the cutoff of 4 Å: springs within, point charges in all.
inline Frame TwoMolecules(Random* random) {
  constexpr double kBond = 2.2, kSpring = 10.0, kCharge = 0.5;  // Å, eV/Å², e
  Frame frame;
  Structure& s = frame.structure;
  s.cell = Mat3{{{18, 0, 0}, {0, 18, 0}, {0, 0, 18}}};
  s.pbc = {true, true, true};
  s.species = {"Li", "Cl", "Li", "Cl"};
  const Vec3 apart{6.5 + 2.0 * random->Uniform(), 0, 0};
  for (const Vec3& centre : {Vec3{4, 9, 9}, Vec3{4, 9, 9} + apart}) {
    const Vec3 v{random->Gaussian(), random->Gaussian(), random->Gaussian()};
    const Vec3 half = (0.5 * (kBond + 0.05 * random->Gaussian()) / Norm(v)) * v;
    s.positions.push_back(centre - half), s.positions.push_back(centre + half);
  }
  const auto sum = EwaldSum(s, {kCharge, -kCharge, kCharge, -kCharge});
  EXPECT_TRUE(sum.ok()) << sum.status();
  frame.energy = sum->energy, frame.forces = sum->forces;
  for (const size_t i : {0, 2}) {
    const Vec3 d = s.positions[i + 1] - s.positions[i];
    const double stretch = Norm(d) - kBond;
    *frame.energy += 0.5 * kSpring * stretch * stretch;
    const Vec3 f = (kSpring * stretch / Norm(d)) * d;
    frame.forces[i] += f, frame.forces[i + 1] -= f;
  }
  return frame;
}

}  // namespace superion
