#include "trainer/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <set>

#include "core/extxyz.h"
#include "core/random.h"
#include "core/units.h"
#include "tests/unit/trainer/morse_crystal.h"
#include "trainer/reference_energy.h"

namespace superion::trainer {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string Message(const absl::Status& status) { return std::string(status.message()); }

TEST(CheckLabelledFrame, AcceptsAGoodFrame) {
  EXPECT_TRUE(CheckLabelledFrame(MorseFrames(1, 0.1, 1)[0], "a.xyz", 1).ok());
}

TEST(CheckLabelledFrame, NamesFileFrameAndReason) {
  const Frame good = MorseFrames(1, 0.1, 1)[0];
  const auto message = [&](const std::function<void(Frame&)>& spoil) {
    Frame frame = good;
    spoil(frame);
    const absl::Status status = CheckLabelledFrame(frame, "a.xyz", 7);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(Message(status), HasSubstr("a.xyz, frame 7"));
    return Message(status);
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(message([](Frame& f) { f.energy.reset(), f.info["total_energy"] = "1"; }),
              AllOf(HasSubstr("no energy"), HasSubstr("found total_energy")));
  EXPECT_THAT(message([&](Frame& f) { f.energy = nan; }), HasSubstr("energy is not a finite"));
  EXPECT_THAT(message([](Frame& f) { f.forces.clear(); }), HasSubstr("no forces"));
  EXPECT_THAT(message([](Frame& f) { f.forces.pop_back(); }), HasSubstr("7 forces for 8 atoms"));
  EXPECT_THAT(message([&](Frame& f) { f.forces[2][1] = nan; }), HasSubstr("force on atom 3 is not a finite"));
  EXPECT_THAT(message([](Frame& f) { f.forces[4][0] = 4321; }),
              AllOf(HasSubstr("atom 5 is 4321"), HasSubstr("units")));
  EXPECT_THAT(message([](Frame& f) { f.structure.positions[1] = f.structure.positions[0]; }),
              HasSubstr("atom"));
  EXPECT_THAT(message([&](Frame& f) { f.structure.positions[3][2] = nan; }), HasSubstr("finite"));
  EXPECT_THAT(message([&](Frame& f) { (*f.stress)[1][1] = nan; }), HasSubstr("stress is not finite"));
}

// A slow walk: neighboring frames are close, so that work and energy can be compared.
std::vector<Frame> Walk(int n) {
  Random random(4);
  Structure s = MorseFrames(1, 0.1, 2)[0].structure;
  std::vector<Frame> frames;
  for (int k = 0; k < n; ++k) {
    for (Vec3& r : s.positions) r += 0.03 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()};
    frames.push_back(MorseFrame(s));
  }
  return frames;
}

TEST(CheckUnits, AcceptsConsistentLabelsAndDetectsTheUsualMistakes) {
  const std::vector<Frame> good = Walk(20);
  EXPECT_TRUE(CheckUnits(good).ok());
  const auto with = [&](double energy, double force) {
    std::vector<Frame> frames = good;
    for (Frame& f : frames) {
      f.energy = *f.energy * energy;
      for (Vec3& v : f.forces) v = force * v;
    }
    return Message(CheckUnits(frames));
  };
  EXPECT_THAT(with(1 / units::kRydberg, 1), HasSubstr("energies look like Ry"));
  EXPECT_THAT(with(1 / units::kHartree, 1), HasSubstr("energies look like Hartree"));
  EXPECT_THAT(with(1, units::kBohr / units::kRydberg), HasSubstr("forces look like Ry/Bohr"));
  EXPECT_THAT(with(1, -1), HasSubstr("wrong sign"));
  EXPECT_THAT(with(1 / units::kRydberg, units::kBohr / units::kRydberg), HasSubstr("Ry and Ry/Bohr"));
  EXPECT_THAT(with(1 / units::kHartree, units::kBohr / units::kHartree), HasSubstr("Hartree/Bohr"));
  EXPECT_THAT(with(1.0 / static_cast<double>(good[0].structure.size()), 1), HasSubstr("those of one atom"));
  std::vector<Frame> long_ones = good;
  for (Frame& f : long_ones) {
    for (Vec3& r : f.structure.positions) r = (1 / units::kBohr) * r;
    for (Vec3& row : f.structure.cell) row = (1 / units::kBohr) * row;
  }
  EXPECT_THAT(Message(CheckUnits(long_ones)), HasSubstr("look like Bohr"));
  for (const double near : {0.85, 1.18}) EXPECT_TRUE(with(near, 1).empty()) << near;
}

TEST(CheckUnits, SaysNothingWithoutNeighboringConfigurations) {
  std::vector<Frame> frames = MorseFrames(20, 0.3, 5);
  for (Frame& f : frames) f.energy = *f.energy / units::kRydberg;
  EXPECT_TRUE(CheckUnits(frames).ok());
}

TEST(ValidationSplit, TakesWholeGroupsOfNearDuplicatesInAnyOrder) {
  std::vector<Frame> frames = MorseFrames(30, 0.2, 6);
  for (int k = 0; k < 10; ++k) {  // near-duplicates of the first ten
    Structure s = frames[k].structure;
    for (Vec3& r : s.positions) r[0] += 0.01;
    s.positions[0] = s.positions[0] + s.cell[1];  // the same configuration in another image
    frames.push_back(MorseFrame(s));
  }
  const std::vector<int> group = NearDuplicateGroups(frames);
  for (int k = 0; k < 10; ++k) EXPECT_EQ(group[k], group[30 + k]);
  EXPECT_EQ(*std::max_element(group.begin(), group.end()), 29);
  const std::vector<bool> validation = ValidationSplit(frames, 0.25);
  const int taken = static_cast<int>(std::count(validation.begin(), validation.end(), true));
  EXPECT_GE(taken, 10);
  EXPECT_LE(taken, 11);
  for (int k = 0; k < 10; ++k) EXPECT_EQ(validation[k], validation[30 + k]);
  std::vector<Frame> reversed(frames.rbegin(), frames.rend());
  std::vector<bool> again = ValidationSplit(reversed, 0.25);
  std::reverse(again.begin(), again.end());
  EXPECT_EQ(validation, again);
}

// A trajectory: thermal motion that forgets itself over about ten frames.
std::vector<Frame> Trajectory(int n, uint64_t seed) {
  Random random(seed);
  const Structure rest = MorseFrames(1, 0.0, 2)[0].structure;
  std::vector<Vec3> u(rest.size(), Vec3{});
  std::vector<Frame> frames;
  for (int k = 0; k < n; ++k) {
    Structure s = rest;
    for (size_t i = 0; i < u.size(); ++i) {
      u[i] = 0.9 * u[i] + 0.05 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()};
      s.positions[i] += u[i];
    }
    frames.push_back(MorseFrame(s));
  }
  return frames;
}

TEST(CorrelatedGroups, CutsATrajectoryIntoBlocks) {
  const std::vector<Frame> frames = Trajectory(60, 3);
  const std::vector<int> group = CorrelatedGroups(frames, 5);
  for (int k = 0; k < 60; ++k) EXPECT_EQ(group[k], k / 5);
}

TEST(CorrelatedGroups, LeavesIndependentFramesAlone) {
  const std::vector<int> group = CorrelatedGroups(MorseFrames(20, 0.3, 7), 5);
  for (int k = 0; k < 20; ++k) EXPECT_EQ(group[k], k);
}

TEST(ValidationSplit, KeepsNeighborsOfATrajectoryTogether) {
  const std::vector<bool> validation = ValidationSplit(Trajectory(200, 4), 0.1);  // blocks of 5
  int taken = 0, borders = 0;
  for (int k = 0; k < 200; ++k) {
    taken += validation[k];
    borders += k > 0 && validation[k] != validation[k - 1];
    EXPECT_EQ(validation[k], validation[k / 5 * 5]);
  }
  EXPECT_EQ(taken, 20);
  EXPECT_LE(borders, 8);
}

TEST(ValidationSplit, NeverTakesEverything) {
  const std::vector<Frame> frames = MorseFrames(3, 0.2, 6);
  const std::vector<bool> all = ValidationSplit(frames, 0.9);
  EXPECT_LT(std::count(all.begin(), all.end(), true), 3);
  EXPECT_THAT(ValidationSplit(frames, 0.0), ::testing::Each(false));
  EXPECT_THAT(ValidationSplit({frames[0], frames[0]}, 0.5), ::testing::Each(false));
}

class ReadDatasetTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        std::filesystem::path(::testing::TempDir()) / ("superion_dataset_test_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string Write(const std::string& name, const std::vector<Frame>& frames) {
    const std::string path = folder_ / name;
    EXPECT_TRUE(WriteExtxyz(path, frames).ok());
    return path;
  }
  std::filesystem::path folder_;
};

TEST_F(ReadDatasetTest, ReadsSeveralFilesAndSortsTheSpecies) {
  const std::string a = Write("a.xyz", MorseFrames(10, 0.2, 1)),
                    b = Write("b.xyz", MorseFrames(10, 0.2, 2, "Na"));
  const auto dataset = ReadDataset({{a, b}, {}, {}}, {true, 0.2});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->species, (std::vector<std::string>{"Li", "Na", "Cl"}));
  EXPECT_EQ(dataset->train.size(), 16u);
  EXPECT_EQ(dataset->valid.size(), 4u);
}

TEST_F(ReadDatasetTest, PutsReplayedFramesBehindTheNewOnes) {
  const auto dataset = ReadDataset(
      {{Write("new.xyz", MorseFrames(10, 0.2, 1))}, {}, {Write("old.xyz", MorseFrames(20, 0.2, 2))}},
      {false, 0.2});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  EXPECT_EQ(dataset->n_new, 8u);
  EXPECT_EQ(dataset->train.size(), 24u);
  EXPECT_EQ(dataset->valid.size(), 6u);
  EXPECT_EQ(SourceOf(dataset->train[7]), "new.xyz");
  EXPECT_EQ(SourceOf(dataset->train[8]), "old.xyz");
}

TEST_F(ReadDatasetTest, RefusesValidationFramesSeenInTraining) {
  const std::vector<Frame> frames = MorseFrames(6, 0.2, 1);
  const std::string train = Write("t.xyz", frames),
                    valid = Write("v.xyz", {MorseFrames(1, 0.2, 9)[0], frames[3]});
  EXPECT_THAT(Message(ReadDataset({{train}, {valid}, {}}, {}).status()),
              HasSubstr("validation frame 2 is the same as training frame 4"));
}

TEST_F(ReadDatasetTest, RefusesStressTrainingWithoutStressLabels) {
  std::vector<Frame> frames = MorseFrames(6, 0.2, 1);
  for (Frame& f : frames) f.stress.reset();
  EXPECT_THAT(Message(ReadDataset({{Write("t.xyz", frames)}, {}, {}}, {true, 0.1}).status()),
              HasSubstr("stress = true"));
}

TEST_F(ReadDatasetTest, RefusesEnergiesThatNobodyWroteDown) {
  std::vector<Frame> frames = MorseFrames(6, 0.2, 1);
  for (Frame& f : frames) f.energy = 0.0;
  EXPECT_THAT(Message(ReadDataset({{Write("t.xyz", frames)}, {}, {}}, {}).status()),
              HasSubstr("the energy of all 6 frames is 0"));
}

TEST_F(ReadDatasetTest, KeepsThePlaceOfAFrameInItsFile) {
  const auto dataset = ReadDataset({{Write("t.xyz", MorseFrames(6, 0.2, 1))}, {}, {}}, {});
  ASSERT_TRUE(dataset.ok()) << dataset.status();
  std::set<std::string> places;
  for (const auto* side : {&dataset->train, &dataset->valid})
    for (const Frame& frame : *side) places.insert(PlaceOf(frame));
  EXPECT_EQ(places.size(), 6u);
  EXPECT_EQ(places.count("t.xyz, frame 6"), 1u);
}

TEST_F(ReadDatasetTest, RefusesStressOfASizeThatOnlyOtherUnitsGive) {
  std::vector<Frame> frames = MorseFrames(6, 0.2, 1);
  ASSERT_TRUE(ReadDataset({{Write("t.xyz", frames)}, {}, {}}, {true, 0.1}).ok());
  for (Frame& f : frames)
    for (Vec3& row : *f.stress) row = (1e-3 / units::kBar) * row;  // kbar
  const std::string path = Write("t.xyz", frames);
  EXPECT_THAT(Message(ReadDataset({{path}, {}, {}}, {true, 0.1}).status()),
              HasSubstr("GPa, kbar or a virial"));
  EXPECT_TRUE(ReadDataset({{path}, {}, {}}, {false, 0.1}).ok()) << "nobody reads it";
}

TEST(ReferenceEnergies, AreExactWhereCompositionsDecide) {
  const auto e = ReferenceEnergies({{4, 4, 0}, {2, 4, 1}, {8, 1, 1}, {1, 1, 5}},
                                   {4 * -1.5 + 4 * 2, 2 * -1.5 + 8 + 7, 8 * -1.5 + 2 + 7, -1.5 + 2 + 35});
  EXPECT_NEAR(e[0], -1.5, 1e-10);
  EXPECT_NEAR(e[1], 2.0, 1e-10);
  EXPECT_NEAR(e[2], 7.0, 1e-10);
}

TEST(ReferenceEnergies, HaveTheSmallestNormForASingleComposition) {
  const auto e = ReferenceEnergies({{8, 4}, {8, 4}, {16, 8}}, {-60, -60, -120});
  EXPECT_NEAR(8 * e[0] + 4 * e[1], -60, 1e-9);
  EXPECT_NEAR(e[0] / e[1], 2.0, 1e-9);  // along the composition
}

TEST(SymmetricEigen, RebuildsTheMatrix) {
  const int n = 6;
  Random random(8);
  std::vector<double> m(n * n), values, vectors;
  for (int i = 0; i < n; ++i)
    for (int j = 0; j <= i; ++j) m[i * n + j] = m[j * n + i] = random.Gaussian();
  SymmetricEigen(m, n, &values, &vectors);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int k = 0; k < n; ++k) sum += values[k] * vectors[k * n + i] * vectors[k * n + j];
      EXPECT_NEAR(sum, m[i * n + j], 1e-12);
    }
}

}  // namespace
}  // namespace superion::trainer
