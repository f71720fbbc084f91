// superion analyze with its real runner: what users see of their files, from the command line to the exit
// code.
#include <gmock/gmock.h>

#include <cmath>

#include "core/random.h"
#include "core/units.h"
#include "tests/unit/analysis/reader/h5md_writer.h"
#include "tests/unit/cli/verb_fixture.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

constexpr size_t kFrames = 500, kLi = 8, kAtoms = 16;
constexpr double kBox = 12.0, kInterval = 0.1, kDiffusion = 0.4;

// Eight ions of lithium on Brownian paths among chloride that rattles: σ is known exactly.
class AnalyzeProgramTest : public VerbTest {
 protected:
  AnalyzeProgramTest() {
    fs::copy_file(std::string(SUPERION_BIN_DIR) + "/superion-analyze", root_ + "/bin/superion-analyze");
    for (int s = 0; s < 4; ++s) Walk(static_cast<uint64_t>(s) + 1);
  }
  void Walk(uint64_t seed) {
    Random random(seed);
    std::vector<double> place(3 * kAtoms);
    for (size_t i = 0; i < 3 * kAtoms; ++i) place[i] = kBox * random.Uniform();
    std::vector<std::vector<double>>& frames = seeds_.emplace_back();
    for (size_t k = 0; k < kFrames; ++k) {
      std::vector<double>& now = frames.emplace_back(place);
      for (size_t i = 0; i < 3 * kAtoms; ++i) {
        if (i < 3 * kLi) place[i] += std::sqrt(2.0 * kDiffusion * kInterval) * random.Gaussian();
        if (i >= 3 * kLi) now[i] += 0.05 * random.Gaussian();
      }
    }
  }
  static double Wrapped(double x) { return x - kBox * std::floor(x / kBox); }

  std::string H5md(size_t seed) {
    const std::string path = root_ + "/" + std::to_string(seed) + ".h5";
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    std::vector<double> nanometres, times;
    for (size_t k = 0; k < kFrames; ++k) {
      for (const double x : seeds_[seed][k]) nanometres.push_back(0.1 * Wrapped(x));
      times.push_back(1000.0 * kInterval * static_cast<double>(k));
    }
    const std::string ions = "particles/ions/";
    analysis::WriteH5Numbers(file, ions + "position/value", {{kFrames, kAtoms, 3}, nanometres, "nm"});
    analysis::WriteH5Numbers(file, ions + "position/time", {{kFrames}, times, "fs"});
    analysis::WriteH5Numbers(file, ions + "box/edges", {{3}, {kBox / 10, kBox / 10, kBox / 10}, "nm"});
    H5Fclose(file);
    return path;
  }
  std::string Xdatcar(size_t seed, size_t frames = kFrames) {
    const std::string path = root_ + "/XDATCAR" + std::to_string(seed) + "-" + std::to_string(frames);
    std::ofstream out(path);
    out << "walk\n1\n12 0 0\n0 12 0\n0 0 12\nLi Cl\n8 8\n";
    for (size_t k = 0; k < frames; ++k) {
      out << "Direct configuration= " << k + 1 << "\n";
      for (size_t i = 0; i < 3 * kAtoms; ++i)
        out << fmt::format("{:.12f}{}", Wrapped(seeds_[seed][k][i]) / kBox, i % 3 == 2 ? "\n" : " ");
    }
    return path;
  }
  Json Analysed(std::vector<std::string> call) {
    call.insert(call.begin(), "analyze");
    call.insert(call.end(),
                {"--charges", "Li=1,Cl=-1", "--temperature-k", "600", "--threads", "1", "--json"});
    const Answer answer = Call(call);
    EXPECT_EQ(answer.code, 0) << answer.err;
    text_ = answer.out;
    return answer.code == 0 ? Json::parse(answer.out) : Json();
  }
  void Refused(std::vector<std::string> call, const std::string& said) {
    call.insert(call.begin(), "analyze");
    const Answer answer = Call(call);
    EXPECT_EQ(answer.code, 2) << answer.err;
    EXPECT_THAT(answer.err, HasSubstr(said));
    EXPECT_EQ(answer.out, "");
  }

  std::vector<std::vector<std::vector<double>>> seeds_;
  std::string text_;
};

TEST_F(AnalyzeProgramTest, H5mdAndXdatcarGiveOneConductivity) {
  std::vector<std::string> h5, xdatcar;
  for (size_t s = 0; s < 4; ++s) h5.push_back(H5md(s)), xdatcar.push_back(Xdatcar(s));
  Refused({h5[0], "--charges", "Li=1,Cl=-1", "--temperature-k", "600"}, "give species");
  h5.insert(h5.end(), {"--species", "Li8,Cl8"});
  xdatcar.insert(xdatcar.end(), {"--timestep-fs", "100"});
  const Json a = Analysed(h5), b = Analysed(xdatcar);
  const double exact = units::kConductivity * kLi * kDiffusion / (kBox * kBox * kBox * 600.0);
  ASSERT_TRUE(a["sigma_s_per_m"].is_number()) << a["limited_by"];
  EXPECT_NEAR(std::log(a["sigma_s_per_m"].get<double>() / exact), 0.0, 3.0 * a["s_tot"].get<double>());
  EXPECT_NEAR(a["sigma_s_per_m"].get<double>() / b["sigma_s_per_m"].get<double>(), 1.0, 1e-6);
  EXPECT_NEAR(a["d_tracer_cm2_per_s"]["Li"]["value"].get<double>() / (1e-4 * kDiffusion), 1.0, 0.25);
}

TEST_F(AnalyzeProgramTest, TheSameInputPrintsTheSame) {
  const std::vector<std::string> call = {Xdatcar(0), Xdatcar(1), "--timestep-fs", "100"};
  Analysed(call);
  const std::string first = text_;
  Analysed(call);
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, text_);
}

// docs/cli.md: 2 for wrong input, whatever is wrong with it.
TEST_F(AnalyzeProgramTest, FilesThatAreBadAreWrongInput) {
  const std::vector<std::string> ions = {"--charges", "Li=1,Cl=-1",    "--temperature-k",
                                         "600",       "--timestep-fs", "100"};
  const auto with = [&](const std::string& path) {
    std::vector<std::string> call = ions;
    call.insert(call.begin(), path);
    return call;
  };
  Refused(with(Xdatcar(0, 1)), "1 frames, at least 2");
  Refused(with("/dev/null"), "empty");
  std::ofstream(root_ + "/text") << "no numbers\nat all\n";
  Refused(with(root_ + "/text"), "the first line is \"no numbers\"");
  const std::string head = "2\nLattice=\"9 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3 time_ps=";
  const std::string atoms = "\nLi 0 0 0\nCl 4 4 4\n";
  std::ofstream(root_ + "/gap.xyz") << head + "0" + atoms + head + "0.1" + atoms + head + "0.5" + atoms;
  std::ofstream(root_ + "/back.xyz") << head + "0" + atoms + head + "0.1" + atoms + head + "0.05" + atoms;
  const std::vector<std::string> timed = {"--charges", "Li=1,Cl=-1", "--temperature-k", "600"};
  for (const auto& [name, said] :
       {std::pair{"/gap.xyz", "frames are missing"}, {"/back.xyz", "times that grow"}}) {
    std::vector<std::string> call = timed;
    call.insert(call.begin(), root_ + name);
    Refused(call, said);
    Refused({root_ + name, "--structure"}, said);
  }
  const std::vector<std::string> series = {"--timestep-fs",   "1",  "--volume-angstrom3", "1000",
                                           "--temperature-k", "300"};
  std::ofstream(root_ + "/nan.txt") << "1 2 3\n1 nan 3\n";
  std::ofstream(root_ + "/one.txt") << "1 2 3\n";
  for (const auto& [name, said] : {std::pair{"/text", "0 lines of numbers"},
                                   {"/nan.txt", "finite number, found \"nan\""},
                                   {"/one.txt", "1 lines of numbers"}}) {
    std::vector<std::string> call = {"--current", root_ + name};
    call.insert(call.end(), series.begin(), series.end());
    Refused(call, said);
  }
  Refused({"--divergence", root_ + "/gap.xyz", root_ + "/back.xyz"}, "frames are missing");
  Refused({"--divergence", root_ + "/gap.xyz"}, "expected pairs");
  Refused({"--nemd", root_ + "/gap.xyz", "--charges", "Li=1,Cl=-1"}, "frames are missing");
}

}  // namespace
}  // namespace superion
