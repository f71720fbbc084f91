// Structures that several tests of the room use.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/random.h"
#include "core/structure.h"

namespace superion {

// Antifluorite Li2S, 12 atoms, cubic cell of `a` Å; every coordinate displaced by a Gaussian of width `sd` Å.
inline Structure Li2S12(double sd, uint64_t seed, double a = 5.85) {
  Structure s;
  s.cell = Mat3{{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
  Random random(seed);
  const Vec3 fcc[4] = {{0, 0, 0}, {0, 0.5, 0.5}, {0.5, 0, 0.5}, {0.5, 0.5, 0}};
  const auto add = [&](const char* symbol, const Vec3& f) {
    s.species.push_back(symbol);
    s.positions.push_back(a * f +
                          Vec3{sd * random.Gaussian(), sd * random.Gaussian(), sd * random.Gaussian()});
  };
  for (const Vec3& f : fcc) add("S", f);
  for (const Vec3& f : fcc) {
    add("Li", f + Vec3{0.25, 0.25, 0.25});
    add("Li", f + Vec3{0.75, 0.75, 0.75});
  }
  return s;
}

// A folder of its own for every test case, below the system's temporary folder.
inline std::string TestFolder() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const auto path =
      std::filesystem::temp_directory_path() / (std::string("superion-") + info->test_suite_name() + "-" +
                                                info->name() + "-" + std::to_string(::getpid()));
  std::filesystem::remove_all(path);
  std::filesystem::create_directories(path);
  return path.string();
}

// Shared benchmark data, or "" when they are not on this machine.
inline std::string SharedFolder() {
  std::string folder = std::string(SUPERION_SOURCE_DIR) + "/../shared";
  if (const char* named = std::getenv("SUPERION_SHARED")) folder = named;
  return std::filesystem::exists(folder) ? folder : "";
}

}  // namespace superion
