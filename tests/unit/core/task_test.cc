#include "core/task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TaskSpec Spec() {
  TaskSpec spec;
  spec.kind = "label";
  spec.campaign_id = "c1";
  spec.task_id = "t7";
  spec.key = "generation-0/label-3";
  spec.attempt = 3;
  spec.seed = 18446744073709551615u;
  spec.threads = 2;
  spec.params = {{"labeler", {{"kind", "oracle"}}}};
  spec.inputs = {
      {"frames", "aa", "inputs/a.xyz"}, {"model", "bb", "inputs/m"}, {"frames", "cc", "inputs/c.xyz"}};
  spec.site = {{"pw_command", "pw.x"}};
  return spec;
}

std::string Complaint(const Json& json) {
  const auto spec = TaskSpecFromJson(json);
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kInvalidArgument) << DumpJson(json);
  return std::string(spec.status().message());
}

TEST(Task, SpecSurvivesJson) {
  const Json json = ParseJson(DumpJson(ToJson(Spec())), "spec").value();
  const auto spec = TaskSpecFromJson(json);
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->seed, Spec().seed);
  EXPECT_EQ(spec->attempt, 3);
  EXPECT_EQ(spec->inputs.size(), 3u);
  EXPECT_EQ(ToJson(*spec), json);
}

TEST(Task, ASpecWrittenByHandMayLeaveOutWhatHasADefault) {
  const auto spec = TaskSpecFromJson({{"schema", 1}, {"kind", "md"}, {"seed", 5}});
  ASSERT_TRUE(spec.ok()) << spec.status();
  EXPECT_EQ(spec->attempt, 1);
  EXPECT_EQ(spec->threads, 1);
  EXPECT_EQ(spec->seed, 5u);
  EXPECT_TRUE(spec->params.is_object());
}

TEST(Task, SpecErrorsNameTheKey) {
  Json json = ToJson(Spec());
  json["colour"] = 1;
  EXPECT_EQ(Complaint(json), "task spec.colour: unknown key");
  json = ToJson(Spec());
  json["schema"] = 2;
  EXPECT_EQ(Complaint(json), "task spec.schema: expected 1, found 2");
  json = ToJson(Spec());
  json.erase("kind");
  EXPECT_EQ(Complaint(json), "task spec.kind: missing");
  json = ToJson(Spec());
  json["seed"] = -1;
  EXPECT_EQ(Complaint(json), "task spec.seed: expected an integer >= 0, found -1");
  json["seed"] = 1.5;
  EXPECT_THAT(Complaint(json), HasSubstr("task spec.seed"));
  json = ToJson(Spec());
  json["threads"] = -2;
  EXPECT_THAT(Complaint(json), HasSubstr("threads: expected at least 0"));
  json["threads"] = int64_t{1} << 40;
  EXPECT_THAT(Complaint(json), HasSubstr("out of range"));
  json = ToJson(Spec());
  json["params"] = Json::array();
  EXPECT_THAT(Complaint(json), HasSubstr("task spec.params: expected an object"));
  json = ToJson(Spec());
  json["inputs"][1].erase("name");
  EXPECT_EQ(Complaint(json), "task spec.inputs[1].name: missing");
  json["inputs"] = "x";
  EXPECT_THAT(Complaint(json), HasSubstr("expected a list"));
  EXPECT_THAT(Complaint(Json(3)), HasSubstr("expected an object"));
}

TEST(Task, ResultSurvivesJsonWithEveryStatusCode) {
  for (int code = 0; code <= 16; ++code) {
    TaskResult result;
    result.status = absl::Status(static_cast<absl::StatusCode>(code), "because");
    result.metrics = {{"labelled", 8}};
    result.artifacts = {{"labelled", "labelled.xyz", "ff", 1234}};
    const auto back = TaskResultFromJson(ToJson(result));
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_EQ(back->status, result.status);
    EXPECT_EQ(back->metrics, result.metrics);
    ASSERT_EQ(back->artifacts.size(), 1u);
    EXPECT_EQ(back->artifacts[0].size_bytes, 1234);
    EXPECT_EQ(back->artifacts[0].sha256, "ff");
  }
}

TEST(Task, ResultErrorsNameTheKey) {
  Json json = ToJson(TaskResult{});
  json["status"]["code"] = "FINE";
  EXPECT_EQ(TaskResultFromJson(json).status().message(),
            "task result.status.code: \"FINE\" is not a status code");
  json.erase("status");
  EXPECT_EQ(TaskResultFromJson(json).status().message(), "task result.status: missing");
}

TEST(Task, ProgressSurvivesJson) {
  const auto progress = TaskProgressFromJson(ToJson(TaskProgress{3, 8, "labels", "3 of 8 labels"}));
  ASSERT_TRUE(progress.ok());
  EXPECT_EQ(progress->done, 3);
  EXPECT_EQ(progress->total, 8);
  EXPECT_EQ(progress->unit, "labels");
  EXPECT_EQ(progress->message, "3 of 8 labels");
  EXPECT_FALSE(TaskProgressFromJson({{"something", 1}}).ok());
  EXPECT_FALSE(TaskProgressFromJson({{"progress", {{"done", 1}}}}).ok());
}

TEST(Task, InputsAreFoundByName) {
  EXPECT_THAT(InputPaths(Spec(), "frames"), ElementsAre("inputs/a.xyz", "inputs/c.xyz"));
  EXPECT_EQ(InputPath(Spec(), "model").value(), "inputs/m");
  const auto missing = InputPath(Spec(), "restart");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(missing.status().message(), "a label task needs an input called \"restart\"");
}

}  // namespace
}  // namespace superion
