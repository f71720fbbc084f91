// A folder of one test, files in it, and frames read back from them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "analysis/reader/frame_source.h"

namespace superion::analysis {

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::temp_directory_path() / (std::string("superion_reader_") + info->test_suite_name() +
                                                  info->name() + "_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  struct Read {
    absl::Status status;
    std::vector<SourceFrame> frames;
    std::vector<std::string> species, notes;
    std::vector<double> masses;
    double interval_ps = 0.0;
  };
  static Read ReadAll(const std::string& path, const InputOptions& options = {}) {
    Read out;
    auto source = FrameSource::Open(path, options);
    out.status = source.status();
    if (!source.ok()) return out;
    out.species = source->species();
    out.masses = source->masses_u();
    out.interval_ps = source->interval_ps();
    for (;;) {
      SourceFrame frame;
      const auto more = source->Next(&frame);
      if (!more.ok()) out.status = more.status();
      if (!more.ok() || !*more) break;
      out.frames.push_back(frame);
    }
    out.notes = source->notes();
    return out;
  }

  static void ExpectError(const absl::Status& status, absl::StatusCode code,
                          const std::vector<std::string>& words) {
    EXPECT_EQ(status.code(), code) << status;
    for (const auto& word : words) EXPECT_THAT(status.message(), testing::HasSubstr(word));
  }

  std::filesystem::path folder_;
};

inline InputOptions Every(double timestep_fs) {
  InputOptions options;
  options.timestep_fs = timestep_fs;
  return options;
}

inline Vec3 Wrap(const Vec3& r, const Mat3& cell) {
  Vec3 s = r * Inverse(cell);
  for (double& v : s) v -= std::floor(v);
  return s * cell;
}

// One extended XYZ frame of lithium.
inline std::string XyzFrame(const std::vector<Vec3>& r, const Mat3& cell, const std::string& more = "") {
  std::string out = fmt::format("{}\nLattice=\"", r.size());
  for (const Vec3& v : cell) out += fmt::format("{:.17g} {:.17g} {:.17g} ", v[0], v[1], v[2]);
  out += "\" Properties=species:S:1:pos:R:3 " + more + "\n";
  for (const Vec3& x : r) out += fmt::format("Li {:.17g} {:.17g} {:.17g}\n", x[0], x[1], x[2]);
  return out;
}

}  // namespace superion::analysis
