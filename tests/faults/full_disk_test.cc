// A full disk: the campaign says so and waits; with room again it goes on by itself and nothing is lost.
#include <gmock/gmock.h>
#include <sys/mount.h>

#include "tests/support/campaign_run.h"

namespace superion {
namespace {

using testing::HasSubstr;

// A small disk in memory.
class SmallDisk {
 public:
  SmallDisk(const std::string& path, const std::string& size) : path_(path) {
    fs::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::uintmax_t free_bytes() const { return fs::space(path_).available; }
  // Leaves so many bytes free.
  void FillUpTo(std::uintmax_t bytes) const {
    std::ofstream(path_ + "/ballast") << std::string(free_bytes() - bytes, 'x');
  }
  void MakeRoom() const { fs::remove(path_ + "/ballast"); }

 private:
  const std::string path_;
  bool mounted_ = false;
};

std::string Campaign() { return std::string(SUPERION_SOURCE_DIR) + "/tests/e2e/tiny_oracle.toml"; }

TEST(FullDisk, IsSaidWaitedForAndLosesNothing) {
  const DataFolder folder("full");
  const SmallDisk disk(folder / "disk", "32M");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a small tmpfs";
  disk.FillUpTo(400 << 10);
  SubprocessOptions options;
  options.arguments = {Program("superion"), "run", Campaign(), "--data-dir", folder / "disk/data"};
  options.stdout_path = folder / "run.out";
  options.stderr_path = folder / "run.err";
  auto started = Subprocess::Start(options);
  ASSERT_TRUE(started.ok()) << started.status();
  Subprocess& run = **started;
  const auto said = [&] { return ReadFile(folder / "run.err").value_or(""); };
  // Looks again and again; false when the run ended before.
  const auto wait_until = [&](const std::function<bool()>& reached) {
    ExitState exit;
    while (!reached()) {
      if (run.WaitFor(std::chrono::milliseconds(50), &exit)) return false;
    }
    return true;
  };
  const auto is_stuck = [&] {
    return disk.free_bytes() < (64 << 10) ||
           ReadFile(folder / "disk/data/superiond.log").value_or("").find("full") != std::string::npos;
  };
  const auto named = [&] { return is_stuck() && said().find("is nearly full") != std::string::npos; };
  ASSERT_TRUE(wait_until(named)) << said();
  disk.MakeRoom();
  EXPECT_EQ(run.Wait().exit_code, 0) << said();
  EXPECT_THAT(said(), HasSubstr("has space again"));
  const auto report = ReadJson(folder / "disk/data/report.json");
  ASSERT_TRUE(report.ok()) << report.status();
  // 30 perturbed frames and 8 of the short MD, and then those of the generations.
  EXPECT_GT((*report)["labels"].get<int>(), 38);
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty());
}

TEST(FullDisk, FromTheBeginningIsOneClearError) {
  const DataFolder folder("full-start");
  const SmallDisk disk(folder / "disk", "64k");
  if (!disk.mounted()) GTEST_SKIP() << "needs the right to mount a small tmpfs";
  const Outcome outcome =
      RunProgram({Program("superion"), "run", Campaign(), "--data-dir", folder / "disk/data"}, folder);
  EXPECT_NE(outcome.exit.exit_code, 0);
  EXPECT_EQ(outcome.exit.signal, 0);
  EXPECT_THAT(outcome.output, HasSubstr("full"));
  EXPECT_THAT(outcome.output, HasSubstr("free some space"));
  EXPECT_THAT(ProcessesOf(folder), testing::IsEmpty());
}

}  // namespace
}  // namespace superion
