#include "cli/number_option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/verb.h"

namespace superion {
namespace {

using ::testing::HasSubstr;

class EveryVerb : public ::testing::Test {
 protected:
  EveryVerb() {
    for (const auto add : {AddRun,    AddSubmit,   AddStatus, AddWatch,   AddList,   AddShow,  AddControl,
                           AddReport, AddValidate, AddDoctor, AddExport,  AddWorker, AddLabel, AddTrain,
                           AddEval,   AddMd,       AddNeb,    AddAnalyze, AddFits,   AddBench}) {
      add(&program_, &verbs_);
    }
  }
  // What the parser says to one option of a verb.
  std::string Complaint(const std::vector<std::string>& verb, const std::string& option,
                        const std::string& value) {
    std::vector<std::string> words = {option + "=" + value};
    words.insert(words.end(), verb.rbegin(), verb.rend());
    try {
      program_.parse(words);  // in reverse order
      return "";
    } catch (const CLI::RequiredError&) {
      return "";  // the number was taken, something else is missing
    } catch (const CLI::ParseError& error) {
      return error.what();
    }
  }
  template <typename Visit>
  void ForEachNumber(const CLI::App* app, std::vector<std::string> path, const Visit& visit) {
    for (const CLI::Option* option : app->get_options()) {
      const std::string type = option->get_type_name();
      const bool number =
          type.rfind("INT", 0) == 0 || type.rfind("UINT", 0) == 0 || type.rfind("FLOAT", 0) == 0;
      if (number) visit(path, "--" + option->get_lnames().at(0), type);
    }
    for (const CLI::App* verb : app->get_subcommands([](const CLI::App*) { return true; })) {
      std::vector<std::string> deeper = path;
      deeper.push_back(verb->get_name());
      ForEachNumber(verb, deeper, visit);
    }
  }

  CLI::App program_{"superion"};
  VerbTable verbs_;
};

TEST_F(EveryVerb, RefusesNumbersThatNobodyMeans) {
  int options = 0;
  ForEachNumber(&program_, {}, [&](const auto& verb, const std::string& option, const std::string& type) {
    ++options;
    for (const char* absurd :
         {"nan", "inf", "-inf", "1e300", "-1e300", "many", "99999999999999999999", "1,5"}) {
      EXPECT_THAT(Complaint(verb, option, absurd), HasSubstr(option))
          << verb.back() << " " << option << " (" << type << ") takes " << absurd;
    }
    if (type.rfind("INT", 0) == 0) {
      EXPECT_NE(Complaint(verb, option, "1.5"), "") << option;
    }
  });
  EXPECT_GT(options, 40);
}

TEST_F(EveryVerb, SaysWhatWasExpectedAndFound) {
  EXPECT_EQ(Complaint({"md"}, "--time-ps", "1e300"),
            "--time-ps: expected a number > 0 and <= 1000000000, found \"1e300\"");
  EXPECT_THAT(Complaint({"train"}, "--epochs", "-3"), HasSubstr("expected a number >= 1"));
  EXPECT_EQ(Complaint({"md"}, "--time-ps", "10"), "");
  EXPECT_THAT(Complaint({"md"}, "--seed", "-1"), HasSubstr("--seed"));
}

}  // namespace
}  // namespace superion
