#include "cli/status_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Json Running() {
  return Json::parse(
      R"({"campaign_id": "c1", "name": "li2s", "state": "RUNNING", "stage": "explore", "generation": 2,
    "message": "", "tasks": {"waiting": 4, "ready": 0, "running": 1, "done": 7, "failed": 0},
    "running": [{"key": "generation-2/explore-1", "kind": "md", "worker": "w",
                 "progress": {"done": 50, "total": 200, "unit": "steps", "message": ""}, "elapsed_s": 10}],
    "labels": 120, "failed_labels": 2, "heldout": null, "conductivity": [], "elapsed_s": 65, "eta_s": 130})");
}

TEST(StatusTextTest, OneScreenNamesStageTasksAndProgress) {
  const std::vector<std::string> lines = StatusLines(Running(), 8);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_THAT(lines[0], AllOf(HasSubstr("li2s"), HasSubstr("RUNNING"), HasSubstr("generation 2"),
                              HasSubstr("eta 2:10")));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("[####"), HasSubstr("33 %"), HasSubstr("eta 2:10")));
  EXPECT_THAT(lines[2],
              AllOf(HasSubstr("7 done"), HasSubstr("1 running"), HasSubstr("120 labels (2 failed)")));
  EXPECT_THAT(lines[2], Not(HasSubstr("0 ready")));
  EXPECT_THAT(lines[3], AllOf(HasSubstr("generation-2/explore-1"), HasSubstr("25 %"), HasSubstr("eta 30 s")));
}

TEST(StatusTextTest, AnEtaThatIsNotKnownIsNotShownAndAPartialOneIsALowerBound) {
  Json status = Running();
  status["eta_note"] = "not measured yet: analyze";
  EXPECT_THAT(StatusLines(status, 8)[0], HasSubstr("eta at least 2:10"));
  status["eta_s"] = nullptr;
  EXPECT_THAT(StatusLines(status, 8)[0], Not(HasSubstr("eta")));
  EXPECT_THAT(StatusLines(status, 8)[1], HasSubstr("tasks:"));
}

TEST(StatusTextTest, BarsAreBounded) {
  Json status = Running();
  for (int k = 0; k < 9; ++k) status["running"].push_back(status["running"][0]);
  EXPECT_THAT(StatusLines(status, 4).back(), HasSubstr("and 6 more"));
}

TEST(StatusTextTest, AbsentAndWrongFieldsAreLeftOut) {
  EXPECT_FALSE(StatusLines(Json::object(), 8).empty());
  EXPECT_FALSE(
      StatusLines(Json::parse(R"({"tasks": 3, "running": {}, "conductivity": "x", "heldout": []})"), 8)
          .empty());
  EXPECT_FALSE(StatusLine(Json()).empty());
  EXPECT_TRUE(SummaryLines(Json::object()).empty());
}

TEST(StatusTextTest, KeyChangesWithStageGenerationAndState) {
  Json status = Running();
  const std::string before = StatusKey(status);
  status["elapsed_s"] = 99;
  EXPECT_EQ(StatusKey(status), before);
  status["generation"] = 3;
  EXPECT_NE(StatusKey(status), before);
}

TEST(StatusTextTest, EndsWithTheTerminalStates) {
  Json status = Running();
  EXPECT_FALSE(HasEnded(status));
  status["state"] = "PAUSED";
  EXPECT_FALSE(HasEnded(status));
  for (const char* state : {"DONE", "FAILED", "CANCELLED"}) {
    status["state"] = state;
    EXPECT_TRUE(HasEnded(status)) << state;
  }
}

TEST(StatusTextTest, ConductivitySaysValueBoundOrNothing) {
  const Json points = Json::parse(R"([
    {"temperature_k": 1500, "sigma_s_per_m": 210.5, "ci95_s_per_m": [180.1, 240.9], "status": "CONVERGED", "gates": []},
    {"temperature_k": 1250, "sigma_s_per_m": null, "ci95_s_per_m": [null, 12.5], "status": "UPPER_BOUND",
     "gates": [{"id": "G-2", "passed": false}, {"id": "G-1", "passed": true}]},
    {"temperature_k": 1000, "sigma_s_per_m": null, "ci95_s_per_m": [null, null], "status": "NOT_MEASURED"}])");
  EXPECT_THAT(
      ConductivityLines(points),
      ElementsAre(AllOf(HasSubstr("1500 K"), HasSubstr("σ = 210 S/m"), HasSubstr("[180, 241]"),
                        HasSubstr("CONVERGED")),
                  AllOf(HasSubstr("no value stated"), HasSubstr("< 12.5 S/m"), HasSubstr("not passed: G-2")),
                  AllOf(HasSubstr("no value stated"), Not(HasSubstr("<")))));
}

TEST(StatusTextTest, SummaryNamesLabelsErrorsAndNeeds) {
  const Json report = Json::parse(R"({"labels": 240,
    "heldout": {"force_mae_mev_per_angstrom": 31.2, "force_rms_mev_per_angstrom": 780, "energy_mae_mev_per_atom": 0.9, "frames": 42},
    "conductivity": [{"temperature_k": 1500, "sigma_s_per_m": 200, "ci95_s_per_m": [150, 260], "status": "PROVISIONAL",
                      "gates": [{"id": "G-7", "passed": false}], "needs": {"message": "3 times the time"}}],
    "arrhenius": {"ea_ev": 0.42, "ea_sd_ev": 0.05}})");
  const std::vector<std::string> lines = SummaryLines(report);
  ASSERT_EQ(lines.size(), 5u);
  EXPECT_THAT(lines[0], HasSubstr("240 labels"));
  EXPECT_THAT(lines[1], AllOf(HasSubstr("31.2 meV/Å"), HasSubstr("4.0 %"), HasSubstr("0.9 meV/atom"),
                              HasSubstr("42 frames")));
  EXPECT_THAT(lines[3], HasSubstr("0.42 ± 0.05 eV"));
  EXPECT_THAT(lines[4], HasSubstr("1500 K: 3 times the time"));
  Json partial = report;
  partial["state"] = "RUNNING", partial["progress"] = {{"stage", "label"}, {"message", "labelling 8 frames"}};
  EXPECT_THAT(SummaryLines(partial)[0],
              AllOf(HasSubstr("so far"), HasSubstr("RUNNING, stage label: labelling 8 frames")));
  EXPECT_FALSE(IsConverged(report));
}

TEST(StatusTextTest, NotesAreShownWhereverNumbersAre) {
  Json status = Running();
  status["notes"] = {"the gate stopped 1 of 4 runs"};
  EXPECT_THAT(StatusLines(status, 4), Contains("note: the gate stopped 1 of 4 runs"));
  EXPECT_THAT(SummaryLines({{"summary", {{"notes", {"the gate stopped 1 of 4 runs"}}}}}),
              ElementsAre("note          the gate stopped 1 of 4 runs"));
}

TEST(StatusTextTest, ConvergedMeansAValueAndEveryGate) {
  Json report =
      Json::parse(R"({"conductivity": [{"sigma_s_per_m": 1.5, "gates": [{"id": "G", "passed": true}]}]})");
  EXPECT_TRUE(IsConverged(report));
  report["conductivity"][0]["sigma_s_per_m"] = nullptr;
  EXPECT_FALSE(IsConverged(report));
  EXPECT_FALSE(IsConverged(Json::object()));
}

TEST(StatusTextTest, TablesHaveARowEach) {
  EXPECT_EQ(
      ListLines(Json::parse(R"([{"campaign_id": "c1", "name": "a", "state": "DONE", "stage": "report"}])"))
          .size(),
      2u);
  const auto tasks = TaskLines(Json::parse(
      R"([{"key": "k", "kind": "md", "state": "FAILED", "attempt": 3, "wall_s": 75.4, "message": "why"}])"));
  ASSERT_EQ(tasks.size(), 2u);
  EXPECT_THAT(tasks[1], AllOf(HasSubstr("FAILED"), HasSubstr("3"), HasSubstr("1:15"), HasSubstr("why")));
}

}  // namespace
}  // namespace superion
