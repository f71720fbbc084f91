#include "report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <vector>

#include "core/file.h"
#include "core/random.h"
#include "sample_report.h"

namespace superion {
namespace {

// Names of the elements that are open where they should not be, or closed without having been opened.
std::string Unbalanced(const std::string& html) {
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    const size_t end = html.find('>', at);
    if (end == std::string::npos) return "a tag without its end";
    const std::string tag = html.substr(at + 1, end - at - 1);
    const std::string name = tag.substr(0, tag.find_first_of(" \n/", 1));
    if (tag[0] == '!' || tag.back() == '/' || name == "meta" || name == "br") continue;
    if (tag[0] != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != tag) {
      return tag + " closes " + (open.empty() ? "nothing" : open.back());
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

// The page is too long to be printed when a check fails.
bool Contains(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

// A number that is none, in an attribute or in the text.
bool HasBrokenNumber(const std::string& page) {
  for (const char* word : {"nan", "inf"}) {
    for (size_t at = page.find(word); at != std::string::npos; at = page.find(word, at + 1)) {
      const bool inside_a_word = std::isalpha(static_cast<unsigned char>(page[at - 1])) &&
                                 page[at - 1] != 'M' && page[at - 1] != 'L' && page[at - 1] != 'V';
      if (!inside_a_word && !std::isalpha(static_cast<unsigned char>(page[at + 3]))) {
        ADD_FAILURE() << page.substr(at - std::min<size_t>(at, 300), 330);
        return true;
      }
    }
  }
  return false;
}

size_t Count(const std::string& text, const std::string& piece) {
  size_t n = 0;
  for (size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

TEST(Html, TheSampleHoldsEveryFigureAndNumber) {
  const std::string page = RenderReport(SampleReport());
  ASSERT_TRUE(WriteFileAtomically(SUPERION_REPORT_SAMPLE, page).ok());  // to look at
  EXPECT_EQ(Unbalanced(page), "");
  // 2 of all temperatures, 4 of each of three, 1 tensor, 2 Arrhenius, 4 budgets, 1 of sizes, 3 of accuracy, 3
  // of learning.
  EXPECT_EQ(Count(page, "<figure>"), 2u + 3 * 4 + 1 + 2 + 4 + 1 + 3 + 3);
  EXPECT_EQ(Count(page, "<figure>"), Count(page, "download=\"")) << "every figure with its data";
  for (const char* text : {"li2s_quickstart",
                           "Li<sub>8</sub>S<sub>4</sub>",
                           "12 atoms",
                           "the uncertainty gate stopped 1 of 4 runs &lt;grade&gt;",
                           "21 min 0 s of CPU time",
                           "CONVERGED",
                           "NO_HOPS",
                           "&lt; 2.40",
                           ">243<",
                           "meV/Å",
                           "0.660 eV",
                           "Whittle–Lepski",
                           "fit window",
                           "fitted band",
                           "AUROC 0.870",
                           "9f86d081884c",
                           "not safe",
                           "FINITE_SIZE_OK",
                           "all laws averaged",
                           "Error budget",
                           "about 0.31 core hours",
                           "Not in it: potential",
                           "No anisotropy was found",
                           "12 min 22 s",
                           "G4",
                           "NOT_CONVERGED 2",
                           "1250 K"}) {
    EXPECT_TRUE(Contains(page, text)) << text;
  }
}

TEST(Html, AnUnfinishedCampaignSaysSoBeforeItsNumbers) {
  Json document = SampleReport();
  document["state"] = "DONE";
  EXPECT_FALSE(Contains(RenderReport(document), "has not been finished"));
  document["state"] = "RUNNING";
  document["progress"] = {{"stage", "explore"}, {"message", "exploring with <generation> 2"}};
  const std::string page = RenderReport(document);
  EXPECT_EQ(Unbalanced(page), "");
  const size_t said = page.find("<b>RUNNING</b>: this campaign has not been finished");
  ASSERT_NE(said, std::string::npos);
  EXPECT_LT(said, page.find("Conductivity at"));
  EXPECT_TRUE(Contains(page, "“explore” (exploring with &lt;generation&gt; 2)"));
}

TEST(Html, NothingIsFetched) {
  const std::string page = RenderReport(SampleReport());
  for (const char* text :
       {"http:", "https:", "<script", "<link", "<img", "<iframe", "@import", "url(", "src="}) {
    EXPECT_FALSE(Contains(page, text)) << text;
  }
}

TEST(Html, WhatIsMissingIsSaidAndNoPlotIsEmpty) {
  for (const Json& document : {Json(), Json::object(), Json::array(), Json("text"), Json(3)}) {
    const std::string page = RenderReport(document);
    EXPECT_EQ(Unbalanced(page), "");
    EXPECT_EQ(Count(page, "<svg"), 0u);
    for (const char* what :
         {"Conductivity</b> not measured", "Activation energy</b> not measured",
          "Error budget</b> not measured", "Dependence on the size of the cell</b> not measured",
          "Held-out errors</b> not measured", "Active learning</b> not measured",
          "Calibration</b> not measured", "Provenance</b> not measured"}) {
      EXPECT_TRUE(Contains(page, what));
    }
  }
}

TEST(Html, EachPartMayBeMissingAlone) {
  const Json sample = SampleReport();
  const std::string whole = RenderReport(sample);
  for (const auto& [key, value] : sample.items()) {
    Json document = sample;
    document.erase(key);
    EXPECT_EQ(Unbalanced(RenderReport(document)), "") << key;
  }
  Json document = sample;
  document["conductivity"][2].erase("curves");
  const std::string page = RenderReport(document);
  EXPECT_EQ(Count(page, "<figure>") + 4, Count(whole, "<figure>"));
  EXPECT_TRUE(Contains(page, "Curves</b> not measured"));
}

// Whatever takes the place of a value, the page is made and stays well formed.
TEST(Html, SurvivesRandomDamage) {
  const Json sample = SampleReport().flatten();
  std::vector<std::string> keys;
  for (const auto& [key, value] : sample.items()) {
    if (key.find("/parity/forces/") != 0) keys.push_back(key);
  }
  Random random(5);
  const Json replacements = {nullptr, true, -1e300, 0, "x<y", Json::array({1}), Json::object(), 1e-300};
  for (int round = 0; round < 40; ++round) {
    Json damaged = SampleReport();
    for (int k = 0; k < 60; ++k) {
      std::string path = keys[random.Below(keys.size())];
      if (random.Below(3) == 0) path = path.substr(0, path.rfind('/'));  // a whole object or list
      const Json::json_pointer pointer(path);
      if (path.empty() || !damaged.contains(pointer)) continue;
      damaged[pointer] = replacements[random.Below(replacements.size())];
    }
    const std::string page = RenderReport(damaged);
    EXPECT_EQ(Unbalanced(page), "");
    EXPECT_FALSE(Contains(page, "x<y"));
    EXPECT_FALSE(HasBrokenNumber(page)) << round;
  }
}

TEST(Html, TextsOfUsersAreEscaped) {
  const std::string attack = "<script>alert('x')</script>\"&";
  Json document = SampleReport();
  document["summary"]["campaign"] = attack;
  document["summary"]["formula"] = attack;
  document["summary"]["failed_labels_by_class"] = {{attack, 1}};
  document["summary"]["wall_s_by_stage"] = {{attack, 5}};
  document["summary"]["needs"] = {attack};
  document["conductivity"][1]["status"] = attack;
  document["conductivity"][1]["limited_by"] = attack;
  document["conductivity"][1]["message"] = attack;
  document["conductivity"][1]["tracer_note"] = attack;
  document["conductivity"][1]["needs"]["message"] = attack;
  document["conductivity"][1]["gates"][0]["id"] = attack;
  document["conductivity"][1]["gates"][0]["message"] = attack;
  document["conductivity"][1]["estimators"] = {{attack, {{"s", 1}}}};
  document["conductivity"][1]["d_tracer_cm2_per_s"] = {{attack, {{"value", 1}}}};
  document["conductivity"][1]["curves"]["msd"][attack] = document["conductivity"][1]["curves"]["msd"]["Li"];
  document["heldout"]["per_species"] = {{attack, Json::object()}};
  document["learning"]["reason"] = attack;
  document["learning"]["learning_curves"][0]["key"] = attack;
  document["arrhenius"]["flags"] = {attack};
  document["arrhenius"]["message"] = attack;
  document["arrhenius"]["models"][0]["name"] = attack;
  document["error_budget"]["temperatures"][0]["terms"][0]["source"] = attack;
  document["error_budget"]["temperatures"][0]["terms"][0]["message"] = attack;
  document["finite_size"]["status"] = attack;
  document["finite_size"]["message"] = attack;
  document["provenance"][attack] = attack;
  document["provenance"]["artifacts"][0]["task"] = attack;
  document["campaign"]["name"] = attack;
  document["unread_artifacts"] = {attack};
  const std::string page = RenderReport(document);
  EXPECT_FALSE(Contains(page, "<script"));
  EXPECT_EQ(Unbalanced(page), "");
  EXPECT_TRUE(Contains(page, "&lt;script&gt;"));
}

}  // namespace
}  // namespace superion
