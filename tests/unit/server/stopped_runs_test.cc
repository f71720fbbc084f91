#include "server/active_learning/stopped_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/campaign_world.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

absl::StatusOr<std::string> NoArtifact(const std::string&) { return std::string("{}"); }

TEST(StoppedRuns, ACampaignWithoutStopsHasNoNotes) {
  World world;
  const CampaignSpec spec = SmallCampaign();
  RunToEnd(spec, world);
  const Planner planner(spec, kArtifacts, world.ended);
  EXPECT_TRUE(NotesOnStoppedRuns(planner).empty());
  EXPECT_EQ(StoppedProduction(planner, 500).runs, 3);
  EXPECT_EQ(StoppedProduction(planner, 500).stopped, 0);
}

TEST(StoppedRuns, SaysWhatBecameOfEach) {
  World world;
  world.stopped = {"production/500K/seed-0/segment-0", "production/500K/seed-1/segment-0",
                   "production/500K/seed-1/segment-0/repair-1", "production/500K/seed-1/segment-0/repair-2"};
  world.broken = {"production/500K/seed-2/segment-0", "production/500K/seed-2/segment-0/repair-1",
                  "production/500K/seed-2/segment-0/repair-2"};
  const CampaignSpec spec = SmallCampaign();
  const Plan plan = RunToEnd(spec, world);
  const StoppedRuns count = StoppedProduction(Planner(spec, kArtifacts, world.ended), 500);
  EXPECT_EQ(count.runs, 3);
  EXPECT_EQ(count.stopped, 3);
  EXPECT_EQ(count.repeated, 1);
  EXPECT_EQ(count.cut_short, 1);
  EXPECT_EQ(count.reasons, (std::map<std::string, int>{{"failed", 1}, {"grade", 2}}));
  const std::string note =
      "production at 500 K: the uncertainty gate stopped 3 of 3 runs (1 failed, 2 grade); 1 ran to the end "
      "again "
      "after learning from it; 1 counted only up to the stop; 1 not counted";
  EXPECT_EQ(plan.summary["notes"], Json::array({note}));
  const Json report = BuildReport(spec, world.ended, NoArtifact);
  EXPECT_EQ(report["summary"]["notes"], Json::array({note}));
  EXPECT_EQ(report["conductivity"][0]["stopped_runs"]["cut_short"], 1);
  EXPECT_EQ(report["conductivity"][1]["stopped_runs"]["stopped"], 0);
  EXPECT_EQ(report["provenance"]["model_sha256"], "hash-of-final/train");
  ASSERT_EQ(report["provenance"]["repaired_models"].size(), 2u);
  EXPECT_EQ(report["provenance"]["repaired_models"][1]["task"], "production/round-0/repair-2/train");
}

TEST(StoppedRuns, TheCommitteeHasANoteOfItsOwn) {
  World world;
  CampaignSpec spec = SmallCampaign();
  spec.uncertainty.committee = 2;
  spec.uncertainty.temperatures_k = {500};
  spec.uncertainty.seeds = 2;
  world.stopped = {"uncertainty/member-2/500K/seed-1"};
  RunToEnd(spec, world);
  EXPECT_THAT(NotesOnStoppedRuns(Planner(spec, kArtifacts, world.ended)),
              ElementsAre(HasSubstr("committee and other cells: the uncertainty gate stopped 1 of 4 runs")));
}

}  // namespace
}  // namespace superion
