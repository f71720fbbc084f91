#include "md_runner/neb_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "../potential/reference_model.h"
#include "core/extxyz.h"
#include "core/file.h"

namespace superion {
namespace {

// A model that is nothing but its repulsive core, wide enough to hold a crystal: a vacancy in it is stable
// at fixed volume.
class NebTaskTest : public testing::Test {
 protected:
  NebTaskTest() : home_(std::filesystem::current_path()) {
    std::string pattern = testing::TempDir() + "superion_neb_XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    std::filesystem::current_path(root_);
    Model model = reference::RandomModel("S", {"Ar"}, 5.0, 3);
    for (auto& [name, tensor] : model.tensors) {
      if (name != "feature_scale") std::fill(tensor.values.begin(), tensor.values.end(), 0.0);
    }
    model.tensors.erase("grade_inverse");
    model.tensors.erase("grade_fence");
    model.zbl_scale = 1.9;
    EXPECT_TRUE(WriteModel("model.superion", model).ok());
    // Face-centred cubic, nearest neighbours 2.2 Å apart.
    Frame frame;
    constexpr double a = 3.1;
    frame.structure.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
    frame.structure.positions = {{0, 0, 0}, {0, a / 2, a / 2}, {a / 2, 0, a / 2}, {a / 2, a / 2, 0}};
    frame.structure.species.assign(4, "Ar");
    frame.structure = Supercell(frame.structure, {2, 2, 2});
    const Vec3 hole = frame.structure.positions[1];
    frame.structure.positions.erase(frame.structure.positions.begin() + 1);
    frame.structure.species.pop_back();
    EXPECT_TRUE(WriteExtxyz("initial.xyz", {frame}).ok());
    // The same place one cell further.
    frame.structure.positions[0] = hole + frame.structure.cell[2];
    EXPECT_TRUE(WriteExtxyz("final.xyz", {frame}).ok());
    spec_.kind = "neb";
    spec_.threads = 1;
    spec_.params = {{"images", 5}, {"relax_tolerance_ev_per_angstrom", 1e-3}};
    spec_.inputs = {
        {"model", "", "model.superion"}, {"initial", "", "initial.xyz"}, {"final", "", "final.xyz"}};
  }
  ~NebTaskTest() override {
    std::filesystem::current_path(home_);
    std::filesystem::remove_all(root_);
  }

  std::string root_;
  std::filesystem::path home_;
  TaskSpec spec_;
};

TEST_F(NebTaskTest, FindsTheHopOfAVacancy) {
  const TaskResult result = RunNebTask(spec_, nullptr);
  ASSERT_TRUE(result.status.ok()) << result.status;
  const Json& m = result.metrics;
  EXPECT_TRUE(m["converged"].get<bool>());
  EXPECT_GT(m["barrier_forward_ev"].get<double>(), 0.05);
  EXPECT_NEAR(m["barrier_forward_ev"].get<double>(), m["barrier_backward_ev"].get<double>(), 1e-3);
  EXPECT_NEAR(m["energy_difference_ev"].get<double>(), 0.0, 1e-3);
  EXPECT_EQ(m["saddle"]["image"], 3);
  EXPECT_LE(m["saddle"]["max_force_ev_per_angstrom"].get<double>(), 0.03);
  EXPECT_EQ(m["saddle"]["imaginary_modes"], 1);
  EXPECT_LT(m["saddle"]["lowest_frequencies_thz"][0].get<double>(), 0.0);
  EXPECT_GT(m["saddle"]["lowest_frequencies_thz"][1].get<double>(), 0.0);
  // The hop crosses the edge of the cell, not the cell.
  EXPECT_LT(m["path_length_angstrom"].get<double>(), 4.0);
  EXPECT_EQ(m["images"]["energy_ev"].size(), 7u);
  EXPECT_EQ(m["curve"]["arc_angstrom"].size(), 201u);
  EXPECT_EQ(ReadExtxyz("band.xyz")->size(), 7u);
  EXPECT_EQ(Json::parse(ReadFile("neb.json").value()), m);
  EXPECT_THAT(ReadFile("profile.csv").value(), testing::StartsWith("arc_angstrom,energy_ev,"));
}

TEST_F(NebTaskTest, AFewStepsAreNotEnoughAndThatIsSaid) {
  spec_.params["max_steps"] = 1;
  const TaskResult result = RunNebTask(spec_, nullptr);
  ASSERT_TRUE(result.status.ok()) << result.status;
  EXPECT_FALSE(result.metrics["converged"].get<bool>());
  EXPECT_TRUE(result.metrics["saddle"]["imaginary_modes"].is_null());
}

TEST_F(NebTaskTest, NamesWhatIsWrong) {
  const auto error = [&] { return std::string(RunNebTask(spec_, nullptr).status.message()); };
  spec_.params["image"] = 3;
  EXPECT_THAT(error(), testing::HasSubstr("params.image: unknown parameter"));
  spec_.params = {{"images", 0}};
  EXPECT_THAT(error(), testing::HasSubstr("params.images: expected an integer >= 1, found 0"));
  spec_.params = {{"spring_ev_per_angstrom2", -1}};
  EXPECT_THAT(error(), testing::HasSubstr("expected a number > 0, found -1"));
  spec_.params = Json::object();
  spec_.inputs[2].path = "initial.xyz";
  EXPECT_THAT(error(), testing::HasSubstr("relax to one minimum"));
  spec_.inputs.pop_back();
  EXPECT_THAT(error(), testing::HasSubstr("final"));
}

}  // namespace
}  // namespace superion
