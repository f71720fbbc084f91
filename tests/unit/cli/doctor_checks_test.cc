#include "cli/doctor_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace superion {
namespace {

using ::testing::HasSubstr;

TEST(DoctorChecksTest, ReferenceBlasIsAWarningWithTheCure) {
  EXPECT_EQ(CheckBlas("\tlibblas.so.3 => /lib/x86_64-linux-gnu/openblas-serial/libblas.so.3 (0x1)\n").verdict,
            CheckResult::kOk);
  const CheckResult slow = CheckBlas("\tlibblas.so.3 => /lib/x86_64-linux-gnu/blas/libblas.so.3 (0x1)\n");
  EXPECT_EQ(slow.verdict, CheckResult::kWarn);
  EXPECT_THAT(slow.message, HasSubstr("libopenblas0-serial"));
  EXPECT_EQ(CheckBlas("").verdict, CheckResult::kWarn);
}

TEST(DoctorChecksTest, SharedFileSystemsAreRefused) {
  EXPECT_EQ(CheckFileSystem("/d", 0xEF53).verdict, CheckResult::kOk);  // ext4
  for (const long type : {0x6969L, 0x0BD00BD0L, 0x47504653L}) {
    EXPECT_EQ(CheckFileSystem("/d", type).verdict, CheckResult::kFail);
  }
  EXPECT_THAT(CheckFileSystem("/d", 0x6969).message, HasSubstr("NFS"));
  EXPECT_EQ(CheckFileSystem("/d", 0x65735546).verdict, CheckResult::kWarn) << "FUSE may be local";
}

TEST(DoctorChecksTest, MissingProgramsAreNamed) {
  EXPECT_EQ(CheckProgram("shell", "sh", CheckResult::kFail).verdict, CheckResult::kOk);
  const CheckResult missing = CheckProgram("pw.x", "no-such-pw.x", CheckResult::kWarn);
  EXPECT_EQ(missing.verdict, CheckResult::kWarn);
  EXPECT_THAT(missing.message, HasSubstr("no-such-pw.x"));
}

TEST(DoctorChecksTest, SpaceHasThreeGrades) {
  EXPECT_EQ(CheckSpace("/d", 100).verdict, CheckResult::kOk);
  EXPECT_EQ(CheckSpace("/d", 2).verdict, CheckResult::kWarn);
  EXPECT_EQ(CheckSpace("/d", 0.1).verdict, CheckResult::kFail);
}

TEST(DoctorChecksTest, PseudopotentialsNeedAFolderThatHasOrTakesThem) {
  SiteProfile site;
  site.pseudo_directories = {::testing::TempDir() + "/not-there-yet"};
  EXPECT_EQ(CheckPseudopotentials(site).verdict, CheckResult::kOk);
  const std::string file = ::testing::TempDir() + "/doctor_checks_test_file";
  std::ofstream(file) << "not a folder";
  site.pseudo_directories = {file + "/below"};
  EXPECT_EQ(CheckPseudopotentials(site).verdict, CheckResult::kFail);
}

TEST(DoctorChecksTest, EveryCheckHasALine) {
  DoctorOptions options;
  options.program_directory = "/nowhere";
  options.data_directory = ::testing::TempDir() + "/new/data";
  const std::vector<CheckResult> results = RunChecks(options);
  EXPECT_GE(results.size(), 13u);
  for (const CheckResult& result : results) EXPECT_FALSE(result.message.empty()) << result.name;
  EXPECT_EQ(results[0].verdict, CheckResult::kFail);
}

}  // namespace
}  // namespace superion
