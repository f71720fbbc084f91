// Files as other programs publish them, through the runner: their numbers against the exact ones, and what is
// wrong with them named, one by one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "analysis/analyze.h"
#include "tests/science/ion_models.h"

namespace superion::analysis {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class ForeignInputTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / fmt::format("superion_foreign_{}_{}", info->name(), getpid());
    fs::create_directories(folder_);
    before_ = fs::current_path();
    fs::current_path(folder_);
    model_.n_frames = 400;
    ions_ = BrownianSeeds(model_, 0.0, 1, 5)[0];
  }
  void TearDown() override {
    fs::current_path(before_);
    fs::remove_all(folder_);
  }

  size_t n() const { return ions_.species.size(); }
  Vec3 At(size_t i, size_t k) const {
    return {ions_.positions[3 * i][k], ions_.positions[3 * i + 1][k], ions_.positions[3 * i + 2][k]};
  }

  // An unwrapped extended XYZ frame; `order`: which atom stands in which line.
  std::string Frame(size_t k, const std::string& more = "", const std::vector<size_t>& order = {},
                    const Vec3& shift = {}) const {
    std::string out =
        fmt::format("{}\nLattice=\"14 0 0 0 14 0 0 0 14\" Properties=species:S:1:pos:R:3 {}\n", n(), more);
    for (size_t line = 0; line < n(); ++line) {
      const size_t i = order.empty() ? line : order[line];
      const Vec3 r = At(i, k) + shift;
      out += fmt::format("{} {:.10g} {:.10g} {:.10g}\n", ions_.species[i], r[0], r[1], r[2]);
    }
    return out;
  }
  static std::string Time(size_t k) { return fmt::format("time_ps={:.6g}", 0.05 * static_cast<double>(k)); }
  std::string Run(size_t first, size_t last) const {
    std::string out;
    for (size_t k = first; k < last; ++k) out += Frame(k, Time(k));
    return out;
  }

  static TaskResult Analyze(const std::string& name, const std::string& text,
                            const Json& more = Json::object()) {
    std::ofstream(name) << text;
    return AnalyzeFiles({name}, more);
  }
  static TaskResult AnalyzeFiles(const std::vector<std::string>& names, const Json& more = Json::object()) {
    TaskSpec spec;
    spec.kind = "analyze";
    spec.threads = 1;
    spec.params = {{"charges", {{"Li", 1}, {"Cl", -1}}}, {"temperature_k", 600}, {"wrapped", "no"}};
    spec.params.update(more);
    for (const auto& name : names) spec.inputs.push_back({"trajectory", "", name});
    return RunAnalyze(spec, [](const TaskProgress&) {});
  }
  static TaskResult Series(const std::string& text, const Json& more = Json::object()) {
    std::ofstream("series.txt") << text;
    TaskSpec spec;
    spec.kind = "analyze";
    spec.threads = 1;
    spec.params = {{"current_file", "series.txt"},
                   {"timestep_fs", 10},
                   {"volume_angstrom3", 1000},
                   {"temperature_k", 600}};
    spec.params.update(more);
    return RunAnalyze(spec, [](const TaskProgress&) {});
  }
  static void Expect(const TaskResult& result, absl::StatusCode code, const std::vector<std::string>& words) {
    EXPECT_EQ(result.status.code(), code) << result.status;
    for (const auto& word : words) EXPECT_THAT(std::string(result.status.message()), HasSubstr(word));
  }
  static std::string Notes(const TaskResult& result) {
    EXPECT_TRUE(result.status.ok()) << result.status;
    return result.metrics.value("notes", Json::array()).dump();
  }

  fs::path folder_, before_;
  IonModel model_;
  IonTrajectory ions_;
};

using absl::StatusCode;

TEST_F(ForeignInputTest, AtomsOfOneSpeciesThatChangePlaces) {
  std::vector<size_t> order(n());
  for (size_t i = 0; i < n(); ++i) order[i] = i < 16 ? 15 - i : i;  // the lithium backwards
  std::string text;
  for (size_t k = 0; k < 60; ++k) text += Frame(k, Time(k), k < 30 ? std::vector<size_t>() : order);
  Expect(Analyze("a.xyz", text), StatusCode::kInvalidArgument,
         {"a.xyz", "between frames 30 and 31", "most Li jump", "order of atoms changes"});
}

// Two of sixteen: most of the species goes on as before.
TEST_F(ForeignInputTest, TwoAtomsThatChangePlaces) {
  const auto distance = [&](size_t i, size_t j) {
    double square = 0.0;
    for (size_t c = 0; c < 3; ++c)
      square += std::pow(ions_.positions[3 * i + c][30] - ions_.positions[3 * j + c][30], 2.0);
    return std::sqrt(square);
  };
  size_t i = 0, j = 0;
  for (size_t pair = 0; pair < 16 * 16 && j == 0; ++pair) {
    const double apart = distance(pair / 16, pair % 16);
    if (apart > 2.5 && apart < 4.5) i = pair / 16, j = pair % 16;
  }
  ASSERT_NE(i, j);
  std::vector<size_t> order(n());
  for (size_t k = 0; k < n(); ++k) order[k] = k == i ? j : k == j ? i : k;
  std::string text;
  for (size_t k = 0; k < 60; ++k) text += Frame(k, Time(k), k < 30 ? std::vector<size_t>() : order);
  Expect(Analyze("a.xyz", text), StatusCode::kInvalidArgument,
         {"a.xyz", "change places between frames 30 and 31", "faster than atoms fly"});
  // A hundred times slower it may have been an exchange.
  text.clear();
  for (size_t k = 0; k < 100; ++k) text += Frame(k, "", k < 30 ? std::vector<size_t>() : order);
  const TaskResult slow = Analyze("slow.xyz", text, {{"timestep_fs", 5000}});
  EXPECT_THAT(Notes(slow), HasSubstr("an exchange within one frame, or their order changed"));
}

TEST_F(ForeignInputTest, FramesThatAreMissingAndTimeStepsThatChange) {
  Expect(Analyze("gap.xyz", Run(0, 50) + Run(53, 100)), StatusCode::kDataLoss,
         {"frames 50 and 51 are 0.2 ps apart, the first two 0.05 ps"});
  // A counter without a unit says at least that.
  std::string counted;
  for (size_t k = 0; k < 100; ++k) {
    if (k != 40) counted += Frame(k, fmt::format("Time={}", 50 * k));
  }
  Expect(Analyze("counted.xyz", counted, {{"timestep_fs", 50}}), StatusCode::kDataLoss,
         {"frames 40 and 41 are numbered 1950 and 2050", "frames are missing"});
  Expect(Analyze("counted.xyz", counted), StatusCode::kInvalidArgument,
         {"timestep_fs, the time between frames"});
  std::string mixed = Run(0, 50);
  for (size_t k = 50; k < 100; ++k) mixed += Frame(k, Time(2 * k - 49));
  Expect(Analyze("mixed.xyz", mixed), StatusCode::kDataLoss, {"0.1 ps apart", "the time step changes"});
  // Two seeds of other intervals.
  std::ofstream("one.xyz") << Run(0, 100);
  std::string coarse;
  for (size_t k = 0; k < 100; ++k) coarse += Frame(2 * k, Time(2 * k));
  std::ofstream("two.xyz") << coarse;
  Expect(AnalyzeFiles({"one.xyz", "two.xyz"}), StatusCode::kInvalidArgument, {"0.05 ps", "0.1 ps"});
}

TEST_F(ForeignInputTest, RestartsThatRepeatAFrameOrGoBack) {
  const TaskResult twice = Analyze("twice.xyz", Run(0, 200) + Run(199, 400));
  EXPECT_THAT(Notes(twice), HasSubstr("frame 201 repeats the one before and is left out"));
  const TaskResult whole = Analyze("whole.xyz", Run(0, 400));
  ASSERT_TRUE(whole.status.ok()) << whole.status;
  EXPECT_EQ(twice.metrics["sigma_s_per_m"], whole.metrics["sigma_s_per_m"]);
  Expect(Analyze("back.xyz", Run(0, 200) + Run(150, 400)), StatusCode::kDataLoss,
         {"frame 201 is at 7.5 ps, the one before at 9.95 ps", "times that grow"});
}

TEST_F(ForeignInputTest, NumbersThatAreNotFinite) {
  std::string text = Run(0, 50);
  const size_t at = text.rfind("Cl ");
  text.replace(at, text.find('\n', at) - at, "Cl nan 1 1");
  const TaskResult result = Analyze("nan.xyz", text);
  EXPECT_FALSE(result.status.ok());
  EXPECT_THAT(std::string(result.status.message()), AllOf(HasSubstr("frame 50"), HasSubstr("nan")));
}

TEST_F(ForeignInputTest, ChargesWithATypo) {
  const std::string text = Run(0, 100);
  Expect(Analyze("a.xyz", text, {{"charges", {{"Li", 1}, {"C1", -1}}}}), StatusCode::kInvalidArgument,
         {"no charge was given for Cl", "there are charges for C1, Li"});
  Expect(Analyze("a.xyz", text, {{"charges", {{"Li", 1}, {"Cl", -11}}}}), StatusCode::kInvalidArgument,
         {"16Cl x -11, 16Li x +1 make -160 e"});
}

TEST_F(ForeignInputTest, ADriftOfTheWholeCellIsSaidAndChangesNothing) {
  const TaskResult still = Analyze("still.xyz", Run(0, 400));
  std::string text;
  for (size_t k = 0; k < 400; ++k) text += Frame(k, Time(k), {}, {0.1 * static_cast<double>(k), 0, 0});
  const TaskResult moving = Analyze("moving.xyz", text);
  // 39.9 Å by the drift; its mobile ions walk a little.
  EXPECT_THAT(Notes(moving), testing::ContainsRegex("the cell as a whole moves by (39|40)\\.[0-9] Å"));
  EXPECT_EQ(still.metrics.value("notes", Json::array()).dump().find("as a whole"), std::string::npos);
  for (const char* key : {"sigma_s_per_m", "sigma_ne_s_per_m"})
    EXPECT_NEAR(moving.metrics[key].get<double>() / still.metrics[key].get<double>(), 1.0, 1e-6) << key;
}

// Positions and velocities of ions that start at rest and warm up, at a temperature that is not the one
// given.
TEST_F(ForeignInputTest, VelocitiesTellTheTemperatureAndAStartAtRest) {
  Random random(11);
  const double momentum = 1.0 / 0.010180505671156714;  // Å/ps in ASE's units: 1 / 98.2
  std::string text;
  for (size_t k = 0; k < 400; ++k) {
    text += fmt::format(
        "{}\nLattice=\"14 0 0 0 14 0 0 0 14\" Properties=species:S:1:pos:R:3:momenta:R:3 {}\n", n(), Time(k));
    const double temperature = k < 40 ? 500.0 * static_cast<double>(k) / 40.0 : 500.0;
    for (size_t i = 0; i < n(); ++i) {
      const double mass = ions_.species[i] == "Li" ? 6.94 : 35.45;
      const double sd = std::sqrt(units::kBoltzmann * temperature / (mass * units::kMassVelocity2));
      const Vec3 r = At(i, k);
      text += fmt::format("{} {:.8g} {:.8g} {:.8g}", ions_.species[i], r[0], r[1], r[2]);
      for (int c = 0; c < 3; ++c) text += fmt::format(" {:.8g}", mass * sd * random.Gaussian() / momentum);
      text += "\n";
    }
  }
  const TaskResult result = Analyze("warm.xyz", text);
  EXPECT_THAT(Notes(result), AllOf(HasSubstr("the ions move at "), HasSubstr("stated for 600.0 K")));
  EXPECT_GT(result.metrics["discarded_ps_per_seed"].get<double>(), 1.0) << "the start at rest";
  EXPECT_FALSE(GateOf(result.metrics, "G9")["passed"].get<bool>());
  EXPECT_NEAR(GateOf(result.metrics, "G9")["value"].get<double>(), 1.0 / 6.0, 0.02);
  const TaskResult without = AnalyzeFiles({"warm.xyz"}, {{"temperature_k", nullptr}});
  ASSERT_TRUE(without.status.ok()) << without.status;
  EXPECT_NEAR(without.metrics["temperature_k"].get<double>(), 500.0, 10.0);
}

TEST_F(ForeignInputTest, ACellBesideThatOfTheFileMustBeTheSame) {
  const TaskResult alone = Analyze("a.xyz", Run(0, 400));
  ASSERT_TRUE(alone.status.ok()) << alone.status;
  for (const Json& other : {Json{20, 20, 20}, Json{14, 14, 14.02}, Json{14, 14, 14, 90, 90, 89},
                            Json{14, 0, 0, 1, 14, 0, 0, 0, 14}})
    Expect(AnalyzeFiles({"a.xyz"}, {{"cell_angstrom", other}}), StatusCode::kInvalidArgument,
           {"a.xyz, frame 1: cell_angstrom", "but the file holds one of 14, 14, 14 Å and 90, 90, 90°"});
  for (const Json& same : {Json{14, 14, 14}, Json{14, 14, 14.01}, Json{0, 14, 0, 0, 0, 14, 14, 0, 0}}) {
    const TaskResult result = AnalyzeFiles({"a.xyz"}, {{"cell_angstrom", same}});
    ASSERT_TRUE(result.status.ok()) << result.status;
    EXPECT_EQ(result.metrics["sigma_s_per_m"], alone.metrics["sigma_s_per_m"]);
  }
}

TEST_F(ForeignInputTest, AMeltedFrameworkIsNamed) {
  Random random(32);
  for (size_t row = 3 * model_.n_mobile; row < ions_.positions.size(); ++row) {
    double x = 0.0;
    for (double& v : ions_.positions[row]) v += x, x += 0.06 * random.Gaussian();
  }
  const TaskResult result = Analyze("melt.xyz", Run(0, 400));
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["status"], "FRAMEWORK_UNSTABLE");
  EXPECT_THAT(result.metrics["limited_by"].get<std::string>(), HasSubstr("Cl moves"));
}

// One seed of four, whose files hold no energy, conducts three times as well.
TEST_F(ForeignInputTest, OneSeedOfFourThatConductsOtherwise) {
  std::vector<std::string> names;
  for (uint64_t s = 0; s < 4; ++s) {
    model_.diffusion = s == 2 ? 1.5 : 0.5;
    ions_ = BrownianSeeds(model_, 0.0, 1, 40 + s)[0];
    names.push_back(fmt::format("seed{}.xyz", s));
    std::ofstream(names.back()) << Run(0, 400);
  }
  const TaskResult result = AnalyzeFiles(names);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["status"], "SEEDS_DISAGREE") << result.metrics["limited_by"];
}

TEST_F(ForeignInputTest, TooShortIsSaidAndNothingIsStated) {
  const TaskResult result = Analyze("short.xyz", Run(0, 100));  // 5 ps
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_EQ(result.metrics["status"], "RUNNING");
  EXPECT_TRUE(result.metrics["sigma_s_per_m"].is_null());
  EXPECT_TRUE(result.metrics["ci95_s_per_m"][1].is_number()) << "an upper bound all the same";
  EXPECT_THAT(result.metrics["limited_by"].get<std::string>(), HasSubstr("too short: lags reach"));
  EXPECT_TRUE(result.metrics["d_tracer_cm2_per_s"]["Li"]["value"].is_null());
  EXPECT_GT(result.metrics["needs"]["total_time_ps"].get<double>(), 6.0);
  Expect(Analyze("one.xyz", Run(0, 1)), StatusCode::kDataLoss, {"one.xyz: 1 frames, at least 2"});
}

// A crystal that only vibrates, in runs of 1 ps, whose lags see no more than half a vibration.
TEST_F(ForeignInputTest, ShortRunsOfAVibratingCrystalDoNotConduct) {
  std::string text;
  Random random(6);
  std::vector<double> phase(9);
  for (double& p : phase) p = 2.0 * M_PI * random.Uniform();
  for (int k = 0; k < 200; ++k) {
    for (size_t c = 0; c < 3; ++c) {
      double p = 0.0;
      for (size_t m = 0; m < 3; ++m)
        p += std::cos(2.0 * M_PI * (0.7 + 1.3 * static_cast<double>(m)) * 0.005 * k + phase[3 * c + m]);
      text += fmt::format("{:.10g} ", p);
    }
    text += "\n";
  }
  std::ofstream("dipole.txt") << text;
  const TaskResult result =
      Series("", {{"current_file", nullptr}, {"dipole_file", "dipole.txt"}, {"timestep_fs", 5}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_TRUE(result.metrics["sigma_s_per_m"].is_null()) << result.metrics["sigma_s_per_m"];
  EXPECT_THAT(result.metrics["limited_by"].get<std::string>(), HasSubstr("vibrations look like motion"));
}

TEST_F(ForeignInputTest, SeriesThatAreConstantOrHaveAMean) {
  std::string zero, constant, one, mean;
  Random random(3);
  for (int k = 0; k < 3000; ++k) {
    zero += "0 0 0\n";
    constant += "1 1 1\n";
    one += fmt::format("{} {} 0\n", random.Gaussian(), random.Gaussian());
    mean += fmt::format("{} {} {}\n", random.Gaussian() + 0.5, random.Gaussian(), random.Gaussian());
  }
  Expect(Series(zero), StatusCode::kInvalidArgument, {"series.txt: column 1 never changes (0"});
  Expect(Series(constant), StatusCode::kInvalidArgument, {"column 1 never changes (1"});
  Expect(Series(one), StatusCode::kInvalidArgument, {"column 3 never changes (0"});
  const TaskResult result = Series(mean);
  EXPECT_THAT(Notes(result), HasSubstr("series 1: the current has a mean"));
  EXPECT_THAT(result.metrics["needs"]["message"].get<std::string>(), HasSubstr("no forecast"));
  EXPECT_TRUE(result.metrics["sigma_s_per_m"].is_null());
  EXPECT_EQ(result.metrics["status"], "NOT_DIFFUSIVE");
}

TEST_F(ForeignInputTest, SeriesWithARaggedRowOrATemperature) {
  std::string text, warm = "Temp jx jy jz\n";
  Random random(4);
  for (int k = 0; k < 3000; ++k) {
    const std::string row =
        fmt::format("{:.6g} {:.6g} {:.6g}\n", random.Gaussian(), random.Gaussian(), random.Gaussian());
    text += k == 1234 ? "1 2\n" : row;
    warm += fmt::format("{:.6g} ", 700.0 + 10.0 * random.Gaussian()) + row;
  }
  Expect(Series(text), StatusCode::kInvalidArgument,
         {"series.txt, line 1235: column 3 was asked for, the line has 2"});
  const Json columns = {{"columns", {"jx", "jy", "jz"}}};
  const TaskResult other = Series(warm, columns);
  EXPECT_THAT(Notes(other), AllOf(HasSubstr("the ions move at "), HasSubstr("stated for 600.0 K")));
  Json unsaid = columns;
  unsaid["temperature_k"] = nullptr;
  const TaskResult mean = Series(warm, unsaid);
  ASSERT_TRUE(mean.status.ok()) << mean.status;
  EXPECT_NEAR(mean.metrics["temperature_k"].get<double>(), 700.0, 1.0);
  // White currents, far from sampled closely enough.
  EXPECT_THAT(Notes(mean), HasSubstr("sample closer"));
  unsaid["auxiliary_columns"] = {"Temp"};
  Expect(Series(warm, unsaid), StatusCode::kInvalidArgument, {"1 columns, expected 3 for every current"});
}

// Two correlated white currents of unit variance: σ of the first alone, and at constant second 1 - r².
TEST_F(ForeignInputTest, AuxiliaryCurrentsGiveTheMultiCurrentEstimate) {
  std::string text;
  Random random(5);
  constexpr double kCorrelation = 0.8;
  for (int k = 0; k < 20000; ++k) {
    std::string second;
    for (int c = 0; c < 3; ++c) {
      const double a = random.Gaussian();
      text += fmt::format("{:.9g} ", a);
      second += fmt::format("{:.9g} ", kCorrelation * a + 0.6 * random.Gaussian());
    }
    text += second + "\n";
  }
  const TaskResult result = Series(text, {{"auxiliary_columns", {4, 5, 6}}});
  ASSERT_TRUE(result.status.ok()) << result.status;
  const double exact = units::kConductivity / (1000.0 * 600.0) * 0.01 / 2.0;
  const Json& estimate = result.metrics["estimators"]["cepstral_multi_current"];
  ASSERT_TRUE(estimate.contains("sigma_s_per_m")) << estimate;
  EXPECT_EQ(estimate["currents"], 2);
  EXPECT_NEAR(std::log(estimate["sigma_s_per_m"].get<double>() / (0.36 * exact)), 0.0,
              3.0 * estimate["s"].get<double>());
}

TEST_F(ForeignInputTest, MobileIonsByDefault) {
  const std::pair<std::map<std::string, double>, std::vector<std::string>> cases[] = {
      {{{"Li", 1}, {"P", 5}, {"S", -2}, {"Cl", -1}}, {"Li"}},
      {{{"Ca", 2}, {"F", -1}}, {"F"}},
      {{{"Zr", 4}, {"Y", 3}, {"O", -2}}, {"O"}},
      {{{"Ag", 1}, {"I", -1}}, {"Ag"}},
      {{{"Mg", 2}, {"Sc", 3}, {"Se", -2}}, {"Mg"}},
      {{{"H", 1}, {"Cs", 1}, {"S", 6}, {"O", -2}}, {"Cs", "H"}}};
  for (const auto& [charges, expected] : cases) {
    const auto mobile = MobileSpecies(charges);
    ASSERT_TRUE(mobile.ok());
    EXPECT_EQ(*mobile, expected);
  }
  EXPECT_FALSE(MobileSpecies({{"Ar", 0}}).ok());
}

TEST_F(ForeignInputTest, ACellThatIsGiven) {
  std::string plain;
  for (size_t k = 0; k < 400; ++k) {
    plain += fmt::format("{}\n i = {}, time = {:.3f}, E = -1.0\n", n(), k, 50.0 * static_cast<double>(k));
    for (size_t i = 0; i < n(); ++i) {
      const Vec3 r = At(i, k);
      plain += fmt::format("{} {:.10g} {:.10g} {:.10g}\n", ions_.species[i], r[0], r[1], r[2]);
    }
  }
  Expect(Analyze("plain.xyz", plain, {{"timestep_fs", 50}}), StatusCode::kInvalidArgument, {"cell_angstrom"});
  const TaskResult whole = Analyze("whole.xyz", Run(0, 400));
  for (const Json& cell :
       {Json({14, 14, 14}), Json({14, 14, 14, 90, 90, 90}), Json({14, 0, 0, 0, 14, 0, 0, 0, 14})}) {
    const TaskResult result = AnalyzeFiles({"plain.xyz"}, {{"timestep_fs", 50}, {"cell_angstrom", cell}});
    ASSERT_TRUE(result.status.ok()) << result.status;
    EXPECT_NEAR(result.metrics["sigma_s_per_m"].get<double>() / whole.metrics["sigma_s_per_m"].get<double>(),
                1.0, 1e-9);
  }
  Expect(AnalyzeFiles({"plain.xyz"}, {{"timestep_fs", 50}, {"cell_angstrom", {14, 14}}}),
         StatusCode::kInvalidArgument, {"3, 6 or 9 numbers, found 2"});
  Expect(AnalyzeFiles({"plain.xyz"}, {{"timestep_fs", 50}, {"cell_angstrom", {14, 14, 14, 170, 10, 90}}}),
         StatusCode::kInvalidArgument, {"without volume"});
}

}  // namespace
}  // namespace superion::analysis
