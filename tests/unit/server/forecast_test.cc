#include "server/active_learning/forecast.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/campaign_world.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

CampaignSpec Campaign() {
  CampaignSpec spec = SmallCampaign();
  spec.train.epochs_first = 7, spec.train.epochs_next = 5, spec.train.epochs_final = 3;
  spec.explore = {{600, 900}, 2, 100, 2.0, 10};
  spec.learning.max_generations = 3;
  spec.production.steps = 1000;
  spec.production.max_segments = 2;
  return spec;
}

struct Total {
  int tasks = 0;
  double work = 0;
};

std::map<std::string, Total> ByKind(const ForecastRounds& rounds) {
  std::map<std::string, Total> totals;
  for (const auto& round : rounds) {
    for (const ForecastTask& task : round) {
      Total& total = totals[task.task.kind];
      ++total.tasks, total.work += task.work;
    }
  }
  return totals;
}

TEST(Forecast, ForeseesEveryBudgetOfACampaign) {
  const auto rounds = ForecastCampaign(PlanCampaign, Campaign(), {"structure"}, {});
  ASSERT_TRUE(rounds.ok()) << rounds.status();
  std::map<std::string, Total> totals = ByKind(*rounds);
  EXPECT_EQ(totals["aimd"].work, 2 * 10);
  EXPECT_EQ(totals["label"].work, 20 + 3 * 10 + 6) << "perturbed, selected, held out";
  EXPECT_EQ(totals["train"].tasks, 3 + 1);
  // Frames: two AIMD runs of two and 20 perturbed ones, then ten more in each generation.
  EXPECT_EQ(totals["train"].work, 7 * 24 + 5 * 34 + 5 * 44 + 3 * 54);
  const double explored = 3 * 2 * 2 * (100 + 200), produced = 2 * 3 * 2 * 1000 * 4;
  EXPECT_GE(totals["md"].work, explored + produced);
  EXPECT_EQ(totals["md"].tasks, 3 * 2 * 2 + 2 + 2 * 3 * 2);
  EXPECT_EQ(totals["arrhenius"].tasks, 1);
}

// The daemon takes one artifact of a name, so a task of several replicas could not be reported.
TEST(Forecast, EverySeedIsATaskOfItsOwn) {
  const auto rounds = ForecastCampaign(PlanCampaign, Campaign(), {"structure"}, {});
  ASSERT_TRUE(rounds.ok());
  for (const auto& round : *rounds) {
    for (const ForecastTask& task : round)
      EXPECT_FALSE(task.task.params.contains("replicas")) << task.task.key;
  }
}

TEST(Forecast, WhatHasEndedIsNotForecastAgain) {
  FinishedTasks ended;
  FinishedTask preflight;
  preflight.key = preflight.kind = "preflight";
  ended["preflight"] = preflight;
  const auto all = ForecastCampaign(PlanCampaign, Campaign(), {"structure"}, {});
  const auto rest = ForecastCampaign(PlanCampaign, Campaign(), {"structure"}, ended);
  ASSERT_TRUE(all.ok() && rest.ok());
  EXPECT_EQ(ByKind(*all)["preflight"].tasks, 1);
  EXPECT_EQ(ByKind(*rest)["preflight"].tasks, 0);
  EXPECT_EQ(ByKind(*rest)["md"].tasks, ByKind(*all)["md"].tasks);
}

TEST(Forecast, APolicyThatGivesUpOrWaitsForNothingHasNoForecast) {
  const auto with = [](Plan plan) {
    return ForecastCampaign([plan](const auto&, const auto&, const auto&) { return plan; }, Campaign(), {},
                            {})
        .status();
  };
  Plan gives_up;
  gives_up.failed = true, gives_up.message = "no frame could be labelled";
  EXPECT_THAT(with(gives_up).message(), HasSubstr("no frame could be labelled"));
  EXPECT_THAT(with(Plan()).message(), HasSubstr("waits for nothing"));
  const Policy throws = [](const auto&, const auto&, const auto&) -> Plan {
    Plan plan;
    plan.message = Json(3).get<std::string>();
    return plan;
  };
  EXPECT_FALSE(ForecastCampaign(throws, Campaign(), {}, {}).ok()) << "a metric of the wrong type";
  Plan done;
  done.finished = true;
  EXPECT_TRUE(with(done).ok());
}

}  // namespace
}  // namespace superion
