// Ions without forces in a field under a thermostat: a closed form for every engine.
#pragma once

#include <gtest/gtest.h>

#include <cmath>

#include "analytic_forces.h"
#include "core/velocity.h"

namespace superion {

// With the chain and with the rescaling of equilibration: along the field every ion follows v0 + qEt/m
// whatever the thermostat does, so that it cannot brake the current; across it the energy is that of the
// temperature; momentum stays zero and the extended energy is conserved.
inline void ExpectFreeFlightAlong(const Vec3& along, const EngineFactory& make_engine) {
  constexpr size_t kIons = 64;
  constexpr double kField = 0.004, kDt = 0.002, kTarget = 500.0;
  constexpr int kSteps = 4000;
  for (const bool equilibrate : {false, true}) {
    EngineSettings settings = ArgonSettings(kIons, Ensemble::kNvt, kTarget, kDt);
    settings.field_direction = along;
    settings.thermostat_time_ps = 0.1;
    std::vector<double> charges(kIons, 1.0);
    for (size_t i = 0; i < kIons; i += 2) {
      charges[i] = -1.0;
      settings.species[i] = "Ne";
      settings.masses[i] = 20.18;
    }
    auto forces = AddElectricField(std::make_unique<FreeForces>(), charges, kField * along).value();
    auto engine = make_engine(settings, std::move(forces)).value();
    Random random(8);
    // Twice too hot: the thermostat has work to do.
    const auto start = MaxwellBoltzmann(settings.masses, 2.0 * kTarget, &random);
    Structure s;
    s.cell = {{{30, 0, 0}, {0, 30, 0}, {0, 0, 30}}};
    s.positions.assign(kIons, Vec3{15, 15, 15});
    ASSERT_TRUE(engine->Start({StateOf(s, start)}).ok());
    double conserved = 0.0, across = 0.0, worst_energy = 0.0, worst_momentum = 0.0;
    const auto visit = [&](const StepView& view) -> absl::StatusOr<Verdict> {
      if (view.step == 0) conserved = view.conserved;
      worst_energy = std::max(worst_energy, std::abs(view.conserved - conserved));
      worst_momentum = std::max(worst_momentum, Norm(Momentum(settings.masses, view.velocities)));
      if (view.step > 1000) across += KineticEnergyAcross(settings.masses, view.velocities, along) / 3000.0;
      return Verdict::kGoOn;
    };
    ASSERT_TRUE(engine->Run({kSteps, equilibrate, true}, visit).ok());
    const ReplicaState end = engine->State(0).value();
    for (size_t i = 0; i < kIons; ++i) {
      const double kick = charges[i] * kField * kSteps * kDt / (settings.masses[i] * units::kMassVelocity2);
      EXPECT_NEAR(Dot(end.velocities[i], along), Dot(start[i], along) + kick, 2e-6 * std::abs(kick)) << i;
    }
    // Three standard deviations of some thirty independent values; under the chain ions that never meet are
    // not ergodic and their energy swings for a long time.
    EXPECT_NEAR(across / (0.5 * (2 * kIons - 2) * units::kBoltzmann * kTarget), 1.0, 0.08);
    EXPECT_LT(worst_momentum, 1e-7);
    EXPECT_LT(worst_energy, 0.01) << (equilibrate ? "rescaling" : "chain");
  }
}

}  // namespace superion
