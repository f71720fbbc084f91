// A trajectory several times larger than the memory it may use: the same numbers, in that memory.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cmath>
#include <filesystem>

#include "analysis/analyze.h"
#include "core/file.h"
#include "core/random.h"
#include "core/stream.h"
#include "core/trajectory.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIons = 200, kFrames = 16000;  // 73 MiB of positions
constexpr double kMemoryMib = 16.0;
// What an analysis needs besides: the program, the buffers of files, sums and curves of this length.
constexpr double kBaseMib = 48.0;

absl::Status WriteWalk(const std::string& path) {
  TrajectoryHeader header;
  header.interval_ps = 0.05;
  header.temperature_k = 600.0;
  for (size_t i = 0; i < kIons; ++i) {
    header.species.emplace_back(i % 2 == 0 ? "Li" : "Cl");
    header.masses_u.push_back(i % 2 == 0 ? 6.94 : 35.45);
  }
  SUPERION_ASSIGN_OR_RETURN(auto writer, TrajectoryWriter::Create(path, header));
  Random random(7);
  TrajectoryFrame frame{0.0, {{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}}, {}};
  for (size_t i = 0; i < kIons; ++i)
    frame.positions.push_back({random.Uniform() * 20, random.Uniform() * 20, random.Uniform() * 20});
  for (size_t k = 0; k < kFrames; ++k) {
    frame.time_ps = 0.05 * static_cast<double>(k);
    SUPERION_RETURN_IF_ERROR(writer.Append(frame));
    for (size_t i = 0; i < kIons; i += 2) {
      for (double& x : frame.positions[i]) x += 0.2 * random.Gaussian();
    }
  }
  return writer.Flush();
}

struct Measured {
  Json document;
  double peak_mib = 0.0;
};

// Analyses in a process of its own, which says how much memory it took.
Measured Analyze(const std::string& trajectory, double memory_mib, int threads, const std::string& folder) {
  fs::create_directories(folder);
  const pid_t child = fork();
  if (child == 0) {
    fs::current_path(folder);
    TaskSpec spec;
    spec.kind = "analyze";
    spec.threads = threads;
    spec.params = {{"charges", {{"Li", 1}, {"Cl", -1}}}, {"memory_mib", memory_mib}};
    spec.inputs = {{"trajectory", "", trajectory}};
    const TaskResult result = RunAnalyze(spec, [](const TaskProgress&) {});
    if (!result.status.ok()) std::fprintf(stderr, "%s\n", result.status.ToString().c_str());
    _exit(result.status.ok() ? 0 : 1);
  }
  int status = 0;
  rusage usage{};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_EQ(status, 0);
  Measured out;
  if (const auto json = ReadJson(folder + "/analysis.json"); json.ok()) out.document = *json;
  out.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024.0;
  return out;
}

void ExpectClose(const Json& a, const Json& b, const std::string& at) {
  ASSERT_EQ(a.type(), b.type()) << at;
  if (a.is_number_float()) {
    EXPECT_NEAR(a.get<double>(), b.get<double>(), 1e-10 * std::max(1e-6, std::abs(a.get<double>()))) << at;
  } else if (a.is_structured()) {
    ASSERT_EQ(a.size(), b.size()) << at;
    for (const auto& [key, value] : a.items())
      ExpectClose(value, a.is_array() ? b[std::stoul(key)] : b.at(key), at + "/" + key);
  } else {
    EXPECT_EQ(a, b) << at;
  }
}

TEST(Memory, ALargeTrajectoryStaysWithinTheLimitAndGivesTheSame) {
  const std::string root = (fs::temp_directory_path() / fmt::format("superion_memory_{}", getpid())).string();
  fs::create_directories(root);
  const std::string path = root + "/trajectory";
  ASSERT_TRUE(WriteWalk(path).ok());
  ASSERT_GT(static_cast<double>(fs::file_size(path)), 4.0 * kMemoryMib * 1048576.0);
  const Measured small = Analyze(path, kMemoryMib, 2, root + "/small");
  const Measured large = Analyze(path, 2048.0, 2, root + "/large");
  const Measured again = Analyze(path, kMemoryMib, 2, root + "/again");
  const Measured single = Analyze(path, kMemoryMib, 1, root + "/single");
  fs::remove_all(root);
  EXPECT_LT(small.peak_mib, kMemoryMib + kBaseMib);
  EXPECT_GT(large.peak_mib, small.peak_mib + 40.0) << "in memory it is larger: the measurement sees it";
  ASSERT_TRUE(small.document["sigma_ne_s_per_m"].is_number());
  ExpectClose(small.document, large.document, "");
  ExpectClose(small.document, single.document, "threads");
  EXPECT_EQ(small.document, again.document) << "to the bit";
}

// Rows `first` to `last` of Brownian lithium among chlorine at rest.
void WriteStreamRows(const std::string& path, size_t first, size_t last) {
  StreamHeader header;
  header.interval_ps = 0.01;
  header.temperature_k = 600.0;
  header.cell = {{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}};
  header.species = {"Li", "Cl"};
  header.counts = {16, 16};
  header.masses_u = {6.94, 35.45};
  auto writer = StreamWriter::Create(path, header).value();
  Random random(9);
  std::vector<double> row(7, 0.0);
  for (size_t k = 0; k < last; ++k) {
    row[0] = 5.0 * static_cast<double>(k);
    if (k >= first) {
      ASSERT_TRUE(writer.Append(row).ok());
    }
    for (size_t c = 1; c <= 3; ++c) row[c] += 0.4 * random.Gaussian();
  }
  ASSERT_TRUE(writer.Flush().ok());
}

// A stream that does not fit is thinned to rows whose displacements are exact, also where it lies in two
// files.
TEST(Memory, AStreamThatDoesNotFitIsThinned) {
  const std::string root = (fs::temp_directory_path() / fmt::format("superion_thin_{}", getpid())).string();
  fs::create_directories(root);
  constexpr size_t kRows = 50000, kSplit = 20001;
  WriteStreamRows(root + "/stream-whole", 0, kRows);
  WriteStreamRows(root + "/stream-a", 0, kSplit);
  WriteStreamRows(root + "/stream-b", kSplit, kRows);
  InputOptions options;
  const auto whole = ReadInputs({root + "/stream-whole"}, options);
  options.memory_mib = 16.0;
  const auto thin = ReadInputs({root + "/stream-whole"}, options),
             joined = ReadInputs({root + "/stream-b", root + "/stream-a"}, options);
  fs::remove_all(root);
  ASSERT_TRUE(whole.ok() && thin.ok() && joined.ok()) << thin.status() << joined.status();
  EXPECT_TRUE(whole->notes.empty());
  ASSERT_EQ(thin->notes.size(), 1u);
  EXPECT_NE(thin->notes[0].find("one row in 3 of the streams"), std::string::npos) << thin->notes[0];
  ASSERT_EQ(joined->sums.size(), 1u) << "one seed";
  for (const auto* input : {&*thin, &*joined}) {
    const SpeciesSums& sums = input->sums[0];
    EXPECT_DOUBLE_EQ(sums.interval_ps, 0.03);
    ASSERT_EQ(sums.steps.size(), (kRows + 2) / 3);
    for (size_t k = 0; k < sums.steps.size(); ++k) {
      ASSERT_EQ(sums.displacement[0][1][k], whole->sums[0].displacement[0][1][3 * k]) << k;
      ASSERT_EQ(sums.steps[k], 15.0 * static_cast<double>(k));
    }
  }
}

}  // namespace
}  // namespace superion::analysis
