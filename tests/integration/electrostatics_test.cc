// Fixed charges from the command line to molecular dynamics: trained, evaluated, timed and run with the
// programs as users call them.
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/stream.h"
#include "core/subprocess.h"
#include "potential/model.h"
#include "tests/unit/trainer/polar_molecules.h"

namespace superion {
namespace {

class ElectrostaticsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "superion_charges_XXXXXX";
    root_ = ::mkdtemp(name.data());
    Random random(3);
    for (const auto& [file, n] : {std::pair{"train.xyz", 60}, {"test.xyz", 20}}) {
      std::vector<Frame> frames;
      for (int k = 0; k < n; ++k) frames.push_back(TwoMolecules(&random));
      ASSERT_TRUE(WriteExtxyz(root_ + "/" + file, frames).ok());
    }
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string Call(std::vector<std::string> arguments, int expected = 0) {
    std::string out;
    SubprocessOptions options;
    options.arguments = std::move(arguments);
    options.arguments.insert(options.arguments.begin(), std::string(SUPERION_BIN_DIR) + "/superion");
    options.working_directory = root_;
    options.stderr_path = root_ + "/stderr";
    options.environment = {{"HOME", root_}, {"SUPERION_SITE", ""}};
    options.on_stdout_line = [&](std::string_view line) { out += std::string(line) + "\n"; };
    auto process = Subprocess::Start(std::move(options));
    EXPECT_TRUE(process.ok()) << process.status();
    if (!process.ok()) return out;
    EXPECT_EQ((*process)->Wait().exit_code, expected) << *ReadFile(root_ + "/stderr");
    return out;
  }
  void Train(const std::string& model, std::vector<std::string> more) {
    std::vector<std::string> arguments{
        "train", "--train",        "train.xyz", "--cutoff-angstrom", "4",   "--epochs", "60", "--threads",
        "1",     "--batch-frames", "10",        "--device",          "cpu", "--out",    model};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Call(arguments);
  }
  double TestForceError(const std::string& model) {
    return Json::parse(Call({"eval", "--model", model, "--data", "test.xyz", "--threads", "1", "--json"}))
        .value("force_rmse_mev_per_angstrom", 0.0);
  }
  Json Parts(const std::string& model) {
    return Json::parse(Call({"bench", "model", "--model", model, "--structure", "test.xyz", "--json"}))
        .value("parts_us_per_atom", Json());
  }
  // Energies of a run without thermostat.
  std::vector<double> Energies(const std::string& engine) {
    Call({"md", "--model", "with.superion", "--structure", "test.xyz", "--ensemble", "nve", "--time-ps",
          "0.1", "--timestep-fs", "0.5", "--temperature-k", "20", "--engine", engine, "--stream-every", "10",
          "--out", engine});
    const absl::StatusOr<Stream> stream = ReadStream(root_ + "/" + engine + "/stream.bin");
    EXPECT_TRUE(stream.ok()) << stream.status();
    std::vector<double> energies;
    if (!stream.ok()) return energies;
    const StreamHeader& header = stream->header;
    EXPECT_EQ(header.scalars.at(1), "potential_energy_ev");
    const size_t column = header.columns() - header.scalars.size() + 1;
    for (size_t k = 0; k < stream->size(); ++k) energies.push_back(stream->row(k)[column]);
    return energies;
  }
  std::string root_;
};

TEST_F(ElectrostaticsTest, ChargesAreASettingFromTrainingToDynamics) {
  Train("with.superion", {"--charges", "Li=0.5,Cl=-0.5"});
  Train("without.superion", {});
  const auto model = ReadModel(root_ + "/with.superion");
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_TRUE(model->electrostatics.has_value());
  EXPECT_EQ(model->electrostatics->charges, (std::vector<double>{0.5, -0.5}));
  // Frames that neither training has seen: what lies beyond the cutoff is predicted by the charges alone.
  const double with = TestForceError("with.superion"), without = TestForceError("without.superion");
  EXPECT_GT(without, 12) << "meV/Å";
  EXPECT_LT(with, 0.3 * without) << "meV/Å";
  EXPECT_TRUE(Parts("with.superion").contains("electrostatics"));
  EXPECT_FALSE(Parts("without.superion").contains("electrostatics"));
  const std::vector<double> native = Energies("native"), lammps = Energies("lammps");
  ASSERT_EQ(native.size(), lammps.size());
  ASSERT_GT(native.size(), 10u);
  for (size_t k = 0; k < native.size(); ++k) EXPECT_NEAR(native[k], lammps[k], 1e-4) << k;
  EXPECT_NE(native.front(), native.back());
}

TEST_F(ElectrostaticsTest, ChargesThatDoNotFitAreRefused) {
  Call({"train", "--train", "train.xyz", "--charges", "Li=0.5", "--out", "m"}, 2);
  EXPECT_THAT(*ReadFile(root_ + "/stderr"), testing::HasSubstr("Cl"));
  Call({"train", "--train", "train.xyz", "--charges", "Li", "--out", "m"}, 2);
  EXPECT_THAT(*ReadFile(root_ + "/stderr"), testing::HasSubstr("--charges: expected Li=1,S=-2"));
}

}  // namespace
}  // namespace superion
