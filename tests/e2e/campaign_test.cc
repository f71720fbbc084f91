// `superion run` from a campaign file to its report, with an exact oracle as the labeler.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/support/campaign_run.h"

namespace superion {
namespace {

const std::string kCampaign = std::string(SUPERION_SOURCE_DIR) + "/tests/data/oracle_li2s.toml";

void ExpectContract(const Json& report) {
  EXPECT_GT(report["labels"].get<int>(), 40);
  EXPECT_TRUE(report["heldout"]["force_mae_mev_per_angstrom"].is_number());
  EXPECT_TRUE(report["heldout"]["energy_mae_mev_per_atom"].is_number());
  ASSERT_EQ(report["conductivity"].size(), 2u);
  for (const Json& entry : report["conductivity"]) {
    EXPECT_TRUE(entry["temperature_k"].is_number());
    EXPECT_TRUE(entry.contains("sigma_s_per_m"));
    EXPECT_EQ(entry["ci95_s_per_m"].size(), 2u);
    EXPECT_TRUE(entry["status"].is_string());
    EXPECT_FALSE(entry["gates"].empty());
    for (const Json& gate : entry["gates"]) {
      for (const char* key : {"id", "passed", "value", "limit"}) EXPECT_TRUE(gate.contains(key)) << gate;
    }
  }
}

// NVE of the trained model for 100 ps: the forces are the derivative of the energy, and nothing else pushes.
void ExpectEnergyConservation(const Json& report, const DataFolder& folder) {
  const std::string model = report["provenance"]["model_sha256"];
  const auto run = RunProgram({Program("superion"),
                               "md",
                               "--model",
                               folder / ("data/artifacts/" + model.substr(0, 2) + "/" + model),
                               "--structure",
                               std::string(SUPERION_SOURCE_DIR) + "/tests/data/li2s_12.xyz",
                               "--ensemble",
                               "nve",
                               "--temperature-k",
                               "1200",
                               "--time-ps",
                               "100",
                               "--timestep-fs",
                               "1",
                               "--engine",
                               "native",
                               "--seed",
                               "3",
                               "--out",
                               folder / "nve",
                               "--json"},
                              folder);
  ASSERT_EQ(run.exit.exit_code, 0) << run.output;
  const auto metrics = ParseJson(ReadFile(folder / "stdout.txt").value_or(""), "md --json");
  ASSERT_TRUE(metrics.ok()) << metrics.status();
  EXPECT_EQ((*metrics)["steps_done"], 100000);
  EXPECT_LT(std::abs((*metrics)["energy_drift_mev_per_atom_per_100ps"].get<double>()), 1.0) << *metrics;
}

TEST(Campaign, RunsFromFileToReport) {
  const DataFolder folder("e2e");
  const std::string data = folder / "data";
  const auto outcome = RunProgram({Program("superion"), "run", kCampaign, "--data-dir", data}, folder);
  ASSERT_EQ(outcome.exit.exit_code, 0) << outcome.output;
  const auto report = ReadJson(data + "/report.json");
  ASSERT_TRUE(report.ok()) << report.status();
  ExpectContract(*report);
  // The oracle is smooth and classical: the model has to find it.
  EXPECT_LT((*report)["heldout"]["force_mae_fraction"].get<double>(), 0.1) << (*report)["heldout"];
  const std::string html = ReadFile(data + "/report.html").value_or("");
  EXPECT_THAT(html, testing::HasSubstr("<svg"));
  EXPECT_THAT(html, testing::Not(testing::HasSubstr("src=\"http")));
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty()) << "orphaned processes";

  ExpectEnergyConservation(*report, folder);

  // Asked again, the finished campaign answers at once with the same report.
  const auto again = RunProgram({Program("superion"), "run", kCampaign, "--data-dir", data}, folder);
  EXPECT_EQ(again.exit.exit_code, 0) << again.output;
  EXPECT_EQ(ReadJson(data + "/report.json").value(), *report);
}

}  // namespace
}  // namespace superion
