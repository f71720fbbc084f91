// Input that must be named, through the runner: seeds that do not belong together, charges of the file, a
// breathing cell.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "analysis/analyze.h"
#include "core/random.h"
#include "core/stream.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class BadInputTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / fmt::format("superion_bad_{}_{}", info->name(), getpid());
    fs::create_directories(folder_);
    before_ = fs::current_path();
    fs::current_path(folder_);
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  struct Seed {
    double energy_ev = -100.0, box = 14.0, interval_ps = 0.05, temperature_k = 600.0;
  };
  // Sum displacements of 16 Brownian Li among 16 Cl at rest.
  static std::string WriteStream(const std::string& name, const Seed& seed, uint64_t random_seed) {
    StreamHeader header;
    header.interval_ps = seed.interval_ps;
    header.temperature_k = seed.temperature_k;
    header.cell = {{{seed.box, 0, 0}, {0, seed.box, 0}, {0, 0, seed.box}}};
    header.species = {"Li", "Cl"};
    header.counts = {16, 16};
    header.masses_u = {6.94, 35.45};
    header.scalars = {"potential_energy_ev"};
    auto writer = StreamWriter::Create(name, header);
    EXPECT_TRUE(writer.ok()) << writer.status();
    Random random(random_seed);
    std::vector<double> row(8, 0.0);
    for (int k = 0; k < 3000; ++k) {
      row[0] = 10.0 * k;
      row[7] = seed.energy_ev + 0.3 * random.Gaussian();
      EXPECT_TRUE(writer->Append(row).ok());
      for (size_t c = 1; c <= 3; ++c)
        row[c] += std::sqrt(16 * 2 * 0.5 * seed.interval_ps) * random.Gaussian();
    }
    return name;
  }

  static TaskResult Run(const std::vector<std::string>& paths, const Json& more = Json::object()) {
    TaskSpec spec;
    spec.kind = "analyze";
    spec.threads = 1;
    spec.params = {{"charges", {{"Li", 1}, {"Cl", -1}}}};
    spec.params.update(more);
    for (const auto& path : paths) spec.inputs.push_back({"stream", "", path});
    return RunAnalyze(spec, [](const TaskProgress&) {});
  }
  static void ExpectError(const TaskResult& result, const std::vector<std::string>& words) {
    EXPECT_EQ(result.status.code(), absl::StatusCode::kInvalidArgument) << result.status;
    for (const auto& word : words) EXPECT_THAT(std::string(result.status.message()), HasSubstr(word));
  }

  fs::path folder_, before_;
};

TEST_F(BadInputTest, OneSeedOfFourInAnotherPhaseIsNamed) {
  std::vector<std::string> seeds;
  for (uint64_t s = 0; s < 4; ++s) {
    Seed seed;
    if (s == 2) seed.energy_ev += 0.5;  // 16 meV per atom, a third of kT
    seeds.push_back(WriteStream(fmt::format("stream-{}", s), seed, s));
  }
  const TaskResult result = Run(seeds);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["status"], "SEEDS_DISAGREE");
  EXPECT_THAT(
      result.metrics["limited_by"].get<std::string>(),
      testing::AllOf(HasSubstr("seed 3 (stream-2)"), HasSubstr("meV per atom"), HasSubstr("another phase")));
  seeds[2] = WriteStream("stream-good", {}, 2);
  const TaskResult good = Run(seeds);
  ASSERT_TRUE(good.status.ok()) << good.status;
  EXPECT_NE(good.metrics["status"], "SEEDS_DISAGREE") << good.metrics["limited_by"];
}

TEST_F(BadInputTest, SeedsOfOtherCellsTemperaturesAndIntervalsAreRefused) {
  const std::string first = WriteStream("stream-1", {}, 1);
  Seed other;
  other.box = 14.2;
  ExpectError(Run({first, WriteStream("stream-2", other, 2)}), {"stream-2", "2863", "2744"});
  other = {};
  other.temperature_k = 650;
  ExpectError(Run({first, WriteStream("stream-3", other, 3)}), {"stream-3", "650", "600"});
  other = {};
  other.interval_ps = 0.1;
  ExpectError(Run({first, WriteStream("stream-4", other, 4)}), {"0.05", "0.1"});
}

// Extended XYZ of a lattice, the Li at rest or not, with a column of charges.
std::string Lattice(double li_charge, double amplitude, double step) {
  Random random(3);
  std::string text;
  std::vector<Vec3> walk(8);
  for (int k = 0; k < 400; ++k) {
    const double a = 16.0 * (1.0 + amplitude * (2.0 * random.Uniform() - 1.0));
    text += fmt::format(
        "16\nLattice=\"{0:.15g} 0 0 0 {0:.15g} 0 0 0 {0:.15g}\" Properties=species:S:1:pos:R:3:q:R:1 "
        "time_fs={1}\n",
        a, 100 * k);
    for (int i = 0; i < 16; ++i) {
      Vec3 s{0.5 * (i % 2), 0.5 * (i / 2 % 2), 0.5 * (i / 4 % 2)};
      if (i >= 8) s += Vec3{0.25, 0.25, 0.25};
      Vec3 r = a * s;
      // The chloride far out, by images of the cell of the frame.
      if (i >= 8) r += Vec3{30 * a, -20 * a, 0};
      if (i < 8) {
        for (double& x : walk[static_cast<size_t>(i)]) x += step * random.Gaussian();
        r += walk[static_cast<size_t>(i)];
      }
      const double q = i < 8 ? (i < 4 ? li_charge : 2 * li_charge) : -1.5 * li_charge;
      text += fmt::format("{} {:.12g} {:.12g} {:.12g} {}\n", i < 8 ? "Li" : "Cl", r[0], r[1], r[2], q);
    }
  }
  return text;
}

// T-31: nothing moves but the cell, by 2 %, with images far out.
TEST_F(BadInputTest, ScienceT31NothingDiffusesInABreathingCell) {
  std::ofstream("npt.xyz") << Lattice(1.0, 0.02, 0.0);
  const TaskResult result = Run({"npt.xyz"}, {{"temperature_k", 600}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["status"], "NO_HOPS");
  EXPECT_TRUE(result.metrics["d_tracer_cm2_per_s"]["Li"]["value"].is_null());
  // The naive rule moves the chloride by 30 x 0.3 Å.
  for (const auto& [species, curve] : result.metrics["curves"]["msd"].items()) {
    for (const double msd : curve["msd_angstrom2"]) EXPECT_LT(msd, 0.1) << species;
  }
}

TEST_F(BadInputTest, ChargesOfAColumnNameTheSpecies) {
  std::ofstream("q.xyz") << Lattice(0.8, 0.0, 0.3);
  const Json column = {
      {"charges", nullptr}, {"charge_column", "q"}, {"temperature_k", 600}, {"mobile", {"Li"}}};
  const TaskResult result = Run({"q.xyz"}, column);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["charges"].size(), 3u);
  EXPECT_NEAR(result.metrics["charges"]["Li(0.8)"].get<double>(), 0.8, 1e-12);
  EXPECT_NEAR(result.metrics["charges"]["Li(1.6)"].get<double>(), 1.6, 1e-12);
  EXPECT_NEAR(result.metrics["charges"]["Cl"].get<double>(), -1.2, 1e-12);
  EXPECT_EQ(result.metrics["mobile"], Json({"Li(0.8)", "Li(1.6)"}));
  EXPECT_TRUE(result.metrics["sigma_s_per_m"].is_number());
  Json absent = column;
  absent["charge_column"] = "charge";
  ExpectError(Run({"q.xyz"}, absent), {"q.xyz", "no column charge"});
  ExpectError(Run({"q.xyz"}, {{"charges", {{"Li", 1}, {"Cl", -2}}}, {"temperature_k", 600}}),
              {"neutral", "-8 e"});
}

TEST_F(BadInputTest, FoldersWithoutTrajectoriesAreNamed) {
  fs::create_directories("notes");
  std::ofstream("notes/readme.txt") << "nothing\n";
  const TaskResult result = Run({"notes"});
  EXPECT_EQ(result.status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(result.status.message()), HasSubstr("the folder notes holds no trajectory"));
}

TEST_F(BadInputTest, WhatWasMendedIsSaid) {
  const std::string text = Lattice(1.0, 0.0, 0.3);
  std::ofstream("cut.xyz") << text.substr(0, text.size() - 20);
  const TaskResult result = Run({"cut.xyz"}, {{"temperature_k", 600}, {"charges", {{"Li", 1}, {"Cl", -1}}}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_THAT(result.metrics["notes"].dump(),
              HasSubstr("the file ends within frame 400; the 399 complete frames"));
}

}  // namespace
}  // namespace superion::analysis
