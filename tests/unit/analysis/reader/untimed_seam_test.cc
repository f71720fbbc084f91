#include "analysis/reader/untimed_seam.h"

#include "analysis/reader/trajectory_formats.h"
#include "analysis/structure/seed_source.h"
#include "core/random.h"
#include "tests/unit/analysis/reader/file_fixture.h"

namespace superion::analysis {
namespace {

UntimedSeam Seam(std::optional<double> last, std::optional<double> first) {
  return {"a", "b", last, first, 10.0, 0.5, 0.4};
}

TEST(UntimedSeam, TheCounterGoesOnOrBeginsAnew) {
  for (const auto& [last, first] : {std::pair{500.0, 510.0}, {500.0, 500.0}, {500.0, 10.0}, {500.0, 0.0}})
    EXPECT_TRUE(CheckUntimedSeam(Seam(last, first)).ok()) << first;
  EXPECT_TRUE(CheckUntimedSeam(Seam(std::nullopt, 7.0)).ok());
  EXPECT_THAT(std::string(CheckUntimedSeam(Seam(500, 600)).message()),
              testing::HasSubstr("b begins with the frame numbered 600, but a ends with 500, in steps of 10: "
                                 "frames between them are missing"));
  EXPECT_THAT(std::string(CheckUntimedSeam(Seam(500, 300)).message()), testing::HasSubstr("they overlap"));
}

TEST(UntimedSeam, ALongStepIsNoSeam) {
  UntimedSeam seam = Seam(std::nullopt, std::nullopt);
  seam.step_angstrom = 1.29;
  EXPECT_TRUE(CheckUntimedSeam(seam).ok());
  seam.step_angstrom = 1.31;
  EXPECT_EQ(CheckUntimedSeam(seam).code(), absl::StatusCode::kDataLoss);
}

// Pieces of one walk, as conductivity and structure join them.
class UntimedFiles : public FileTest {
 protected:
  UntimedFiles() {
    Random random(4);
    std::vector<Vec3> r = {{1, 1, 1}, {5, 5, 5}, {8, 2, 4}};
    for (int k = 0; k < 60; ++k) {
      frames_.push_back(r);
      for (Vec3& x : r) x += 0.1 * Vec3{random.Gaussian(), random.Gaussian(), random.Gaussian()};
    }
  }
  std::string Piece(const std::string& name, int first, int last, bool counted) {
    const Mat3 cell = {{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}};
    std::string text;
    for (int k = first; k < last; ++k)
      text += XyzFrame(frames_[static_cast<size_t>(k)], cell, counted ? fmt::format("Step={}", k) : "");
    return Write(name, text);
  }
  static absl::Status Joined(const std::string& a, const std::string& b) {
    const auto store = std::make_shared<PathStore>(".", size_t{1} << 24);
    std::vector<std::optional<ReadTrajectory>> parts;
    for (const auto& path : {a, b}) {
      auto read = ReadIonTrajectory(path, Every(100), store);
      if (!read.ok()) return read.status();
      parts.emplace_back(*std::move(read));
    }
    return JoinTrajectories(std::move(parts), {{0, 1}}).status();
  }
  static absl::Status Structure(const std::string& a, const std::string& b) {
    auto source = SeedSource::Open({a, b}, Every(100));
    if (!source.ok()) return source.status();
    for (SourceFrame frame;;) {
      const auto more = source->Next(&frame);
      if (!more.ok() || !*more) return more.status();
    }
  }
  std::vector<std::vector<Vec3>> frames_;
};

TEST_F(UntimedFiles, AHoleIsSeenByTheCounterAndBySteps) {
  const std::string a = Piece("a.xyz", 0, 30, true), next = Piece("b.xyz", 30, 60, true),
                    hole = Piece("c.xyz", 35, 60, true), bare = Piece("d.xyz", 0, 30, false),
                    after = Piece("e.xyz", 30, 60, false);
  for (const auto& join : {Joined, Structure}) {
    EXPECT_TRUE(join(a, next).ok()) << join(a, next);
    EXPECT_TRUE(join(bare, after).ok());
    ExpectError(join(a, hole), absl::StatusCode::kDataLoss, {"numbered 35", "ends with 29", "missing"});
    // Without a counter only a long step shows.
    for (Vec3& r : frames_[30]) r += Vec3{1.5, 0, 0};
    ExpectError(join(bare, Piece("f.xyz", 30, 31, false)), absl::StatusCode::kDataLoss, {});
    for (Vec3& r : frames_[30]) r -= Vec3{1.5, 0, 0};
  }
}

}  // namespace
}  // namespace superion::analysis
