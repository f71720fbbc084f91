#include "potential/learn_tasks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <random>

#include "core/extxyz.h"
#include "core/file.h"
#include "core/neighbor_list.h"
#include "core/random.h"
#include "potential/evaluator.h"
#include "potential/model_error.h"
#include "potential/perturbation.h"
#include "reference_model.h"

namespace superion {
namespace {

const std::vector<std::string> kSpecies{"Li", "P", "S"};

Structure Antifluorite() {
  Structure s;
  const double a = 5.85;
  s.cell = {{{a, 0, 0}, {0, a, 0}, {0, 0, a}}};
  for (const Vec3& f : {Vec3{0, 0, 0}, {0, .5, .5}, {.5, 0, .5}, {.5, .5, 0}}) {
    s.positions.push_back(f * s.cell), s.species.push_back("S");
    s.positions.push_back((f + Vec3{.25, .25, .25}) * s.cell), s.species.push_back("Li");
    s.positions.push_back((f + Vec3{.75, .75, .75}) * s.cell), s.species.push_back("Li");
  }
  return s;
}

double ShortestDistance(const Structure& s) {
  const NeighborList list = BuildNeighborList(s, 4.0).value();
  double shortest = 4.0;
  for (size_t i = 0; i < s.size(); ++i)
    for (int p = list.first[i]; p < list.first[i + 1]; ++p) {
      shortest = std::min(shortest, Norm(s.positions[list.neighbor[p]] + list.shift[p] - s.positions[i]));
    }
  return shortest;
}

TEST(Perturbation, SpreadAndTurnsAreAsAsked) {
  PerturbationOptions options;
  options.frames = 400, options.amplitude_angstrom = {0.03, 0.12};
  Random random(7);
  const std::vector<Frame> frames = Perturb(Antifluorite(), options, &random).value();
  ASSERT_EQ(frames.size(), 400u);
  for (size_t turn = 0; turn < 2; ++turn) {
    double sum = 0.0;
    int n = 0;
    for (size_t k = turn; k < frames.size(); k += 2)
      for (size_t i = 0; i < 12; ++i) {
        const Vec3 d = frames[k].structure.positions[i] - Antifluorite().positions[i];
        sum += Dot(d, d), n += 3;
      }
    EXPECT_NEAR(std::sqrt(sum / n), options.amplitude_angstrom[turn],
                0.02 * options.amplitude_angstrom[turn]);
  }
  EXPECT_EQ(frames[0].structure.cell, Antifluorite().cell);
  Random again(7);
  EXPECT_EQ(FormatExtxyz(Perturb(Antifluorite(), options, &again).value()[17]), FormatExtxyz(frames[17]));
}

TEST(Perturbation, KeepsDistancesAndGivesUpClearly) {
  PerturbationOptions options;
  options.frames = 50, options.amplitude_angstrom = {0.3}, options.strain = 0.03;
  options.minimum_distance_angstrom = 1.7;
  Random random(8);
  int redrawn = -1;
  const std::vector<Frame> frames = Perturb(Antifluorite(), options, &random, &redrawn).value();
  EXPECT_GT(redrawn, 0);
  EXPECT_LE(redrawn, 50);
  double largest = 0.0;
  for (const Frame& frame : frames) {
    EXPECT_GE(ShortestDistance(frame.structure), 1.7);
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) {
        const double e = (frame.structure.cell[a][b] - Antifluorite().cell[a][b]) / 5.85;
        EXPECT_NEAR(frame.structure.cell[a][b], frame.structure.cell[b][a], 1e-12);
        largest = std::max(largest, std::abs(e));
      }
  }
  EXPECT_GT(largest, 0.025);
  EXPECT_LE(largest, 0.03);
  options.minimum_distance_angstrom = 2.53;  // the bond length itself
  const absl::Status status = Perturb(Antifluorite(), options, &random).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  for (const char* word : {"0.3 Å", "Li-S at ", "limit 2.53 Å"}) {
    EXPECT_NE(status.message().find(word), std::string::npos) << status;
  }
  options.amplitude_angstrom = {0.001}, options.strain = 0.0, options.minimum_distance_angstrom.reset();
  ASSERT_TRUE(Perturb(Antifluorite(), options, &random, &redrawn).ok());
  EXPECT_EQ(redrawn, 0);
}

Frame Labelled(const Model& model, const reference::Box& box) {
  EvaluatorOptions options;
  options.double_precision = true;
  Evaluation e;
  Evaluator::Create(model, options)
      .value()
      ->Evaluate(box.species, reference::Pairs(box, model.architecture.cutoff_angstrom), &e);
  Frame frame;
  frame.structure.cell = box.cell, frame.structure.positions = box.positions;
  for (const int c : box.species) frame.structure.species.push_back(kSpecies[c]);
  frame.energy = e.energy, frame.forces = e.forces;
  frame.stress = e.virial;
  for (Vec3& row : *frame.stress) row = (-1.0 / frame.structure.Volume()) * row;
  return frame;
}

TEST(ModelError, CountsKnownDeviations) {
  const Model model = reference::RandomModel("S", kSpecies, 4.5, 1);
  std::vector<Frame> frames;
  for (unsigned k = 0; k < 4; ++k) frames.push_back(Labelled(model, reference::RandomBox(6, 3, 5.0, 1.6, k)));
  EXPECT_LT(EvaluateErrors(model, frames, 2).value().forces.rmse(), 1e-12);
  for (Frame& frame : frames) {
    *frame.energy += 6 * 0.002;
    for (size_t i = 0; i < 6; ++i) {
      if (frame.structure.species[i] == "Li") frame.forces[i][0] += 0.3;
    }
    (*frame.stress)[0][1] -= 0.006, (*frame.stress)[1][0] -= 0.006;
  }
  const Json json = ToJson(EvaluateErrors(model, frames, 1).value());
  EXPECT_NEAR(json["energy_mae_mev_per_atom"].get<double>(), 2.0, 1e-9);
  EXPECT_NEAR(json["force_mae_mev_per_angstrom"].get<double>(), 300.0 / 9.0,
              1e-9);  // 2 of 6 atoms, 1 of 3 components
  EXPECT_NEAR(json["force_rmse_mev_per_angstrom"].get<double>(), 100.0, 1e-9);
  EXPECT_NEAR(json["per_species"]["Li"]["force_mae_mev_per_angstrom"].get<double>(), 100.0, 1e-9);
  EXPECT_NEAR(json["per_species"]["S"]["force_mae_mev_per_angstrom"].get<double>(), 0.0, 1e-9);
  EXPECT_NEAR(json["stress_mae_mev_per_angstrom3"].get<double>(), 1.0, 1e-9);
  EXPECT_EQ(json["n_frames"], 4);
  EXPECT_FALSE(json.contains("per_source"));
  for (int k = 0; k < 4; ++k) frames[k].info["config_type"] = k < 3 ? "melt" : "lattice";
  *frames[3].energy += 6 * 0.002;
  const Json sources = ToJson(EvaluateErrors(model, frames, 1).value())["per_source"];
  EXPECT_EQ(sources["melt"]["frames"], 3);
  EXPECT_NEAR(sources["melt"]["energy_mae_mev_per_atom"].get<double>(), 2.0, 1e-9);
  EXPECT_NEAR(sources["lattice"]["energy_mae_mev_per_atom"].get<double>(), 4.0, 1e-9);
  EXPECT_NEAR(sources["lattice"]["force_rmse_mev_per_angstrom"].get<double>(), 100.0, 1e-9);
  frames.resize(1);
  frames[0].energy.reset(), frames[0].forces.clear();
  EXPECT_FALSE(EvaluateErrors(model, frames, 1).ok());
}

// Runs a kind in a folder of its own, as the runner does.
class LearnTasksTest : public ::testing::Test {
 protected:
  LearnTasksTest() : before_(std::filesystem::current_path()) {
    folder_ = std::filesystem::temp_directory_path() /
              ("superion_learn_" + std::to_string(std::random_device()()) + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    std::filesystem::current_path(folder_);
    std::vector<Frame> frames;
    for (unsigned k = 0; k < 30; ++k) {
      const reference::Box box = reference::RandomBox(8, 3, 6.0, 2.2, k);
      frames.push_back(Labelled(model_, box));
      for (Vec3& f : frames.back().forces) f[k % 3] += 0.01 * (k % 7);
    }
    EXPECT_TRUE(AddUncertainty(&model_, {frames.begin(), frames.begin() + 10}).ok());
    EXPECT_TRUE(WriteModel("m.superion", model_).ok());
    EXPECT_TRUE(WriteExtxyz("data.xyz", frames).ok());
    EXPECT_TRUE(WriteExtxyz("train.xyz", {frames.begin(), frames.begin() + 10}).ok());
    Frame start;
    start.structure = Antifluorite();
    EXPECT_TRUE(WriteExtxyz("start.xyz", {start}).ok());
  }
  ~LearnTasksTest() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }
  TaskResult Run(const std::string& kind, Json params,
                 std::vector<std::pair<std::string, std::string>> inputs) {
    TaskSpec spec;
    spec.kind = kind, spec.params = std::move(params), spec.seed = 3;
    for (const auto& [name, path] : inputs) {
      TaskInput input;
      input.name = name, input.path = path;
      spec.inputs.push_back(input);
    }
    return LearnTasks().at(kind)(spec, [](const TaskProgress&) {});
  }
  std::filesystem::path before_, folder_;
  Model model_ = reference::RandomModel("S", kSpecies, 4.5, 1);
};

TEST_F(LearnTasksTest, EveryKindDoesItsWorkOnFiles) {
  TaskResult r = Run("perturb",
                     {{"frames", 5},
                      {"perturbation_angstrom", {0.05}},
                      {"strain", 0.0},
                      {"minimum_distance_angstrom", nullptr}},
                     {{"structure", "start.xyz"}});
  ASSERT_TRUE(r.status.ok()) << r.status;
  EXPECT_EQ(ReadExtxyz("frames.xyz").value().size(), 5u);
  EXPECT_EQ(r.metrics["redrawn"], 0);

  r = Run("eval", Json::object(), {{"model", "m.superion"}, {"data", "data.xyz"}});
  ASSERT_TRUE(r.status.ok()) << r.status;
  EXPECT_EQ(r.metrics["n_frames"], 30);
  EXPECT_LT(r.metrics["energy_mae_mev_per_atom"].get<double>(), 1e-6);
  EXPECT_TRUE(r.metrics.contains("calibration"));
  EXPECT_FALSE(r.metrics.contains("single_precision"));
  const TaskResult more = Run("eval", {{"precision", true}},
                              {{"model", "m.superion"}, {"data", "data.xyz"}, {"data", "train.xyz"}});
  ASSERT_TRUE(more.status.ok()) << more.status;
  EXPECT_EQ(more.metrics["per_source"]["data.xyz"]["frames"], 30);
  EXPECT_LT(more.metrics["single_precision"]["generic"]["force_rms_mev_per_angstrom"].get<double>(), 0.1);
  r = Run("eval", Json::object(), {{"model", "m.superion"}, {"data", "data.xyz"}});
  EXPECT_EQ(ReadJson("evaluation.json").value(), r.metrics);
  const std::string parity = ReadFile("parity.csv").value();
  EXPECT_EQ(std::count(parity.begin(), parity.end(), '\n'), 1 + 30 * (1 + 24 + 6));

  r = Run("select", {{"budget", 4}},
          {{"model", "m.superion"}, {"candidates", "data.xyz"}, {"train", "train.xyz"}});
  ASSERT_TRUE(r.status.ok()) << r.status;
  const std::vector<Frame> selected = ReadExtxyz("frames.xyz").value();
  EXPECT_EQ(selected.size(), r.metrics["selected"].get<size_t>());
  for (const Frame& frame : selected) {
    EXPECT_FALSE(frame.energy.has_value());
    EXPECT_TRUE(frame.forces.empty());
  }

  r = Run("calibrate", Json::object(), {{"model", "m.superion"}, {"labelled", "data.xyz"}});
  ASSERT_TRUE(r.status.ok()) << r.status;
  EXPECT_EQ(r.metrics["bins"].size(), 10u);
  EXPECT_EQ(r.metrics["n_frames"], 30);

  r = Run("bench", {{"steps", 3}}, {{"model", "m.superion"}, {"structure", "data.xyz"}});
  ASSERT_TRUE(r.status.ok()) << r.status;
  EXPECT_GT(r.metrics["us_per_atom_step_lowest"].get<double>(), 0.0);
  EXPECT_GE(r.metrics["us_per_atom_step"], r.metrics["us_per_atom_step_lowest"]);
  for (const std::string& set : InstructionSets()) {
    r = Run("bench", {{"steps", 1}, {"instruction_set", set}},
            {{"model", "m.superion"}, {"structure", "data.xyz"}});
    EXPECT_EQ(r.metrics["instruction_set"], set) << r.status;
  }
}

TEST_F(LearnTasksTest, WrongParametersAndInputsAreNamed) {
  EXPECT_NE(Run("eval", {{"modle", 1}}, {}).status.message().find("params.modle"), std::string::npos);
  EXPECT_NE(Run("eval", Json::object(), {{"model", "m.superion"}}).status.message().find("data"),
            std::string::npos);
  EXPECT_NE(Run("select", {{"budget", -1}}, {}).status.message().find("params.budget"), std::string::npos);
  EXPECT_NE(Run("perturb", {{"frames", 1}}, {}).status.message().find("perturbation_angstrom"),
            std::string::npos);
  EXPECT_TRUE(
      absl::IsNotFound(Run("eval", Json::object(), {{"model", "none"}, {"data", "data.xyz"}}).status));
}

}  // namespace
}  // namespace superion
