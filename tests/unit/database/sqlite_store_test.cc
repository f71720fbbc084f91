// What is special about the file: restarts, crashes, damage, a full disk, versions.
#include "database/sqlite_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "core/file.h"
#include "database/sqlite_schema.h"
#include "tests/unit/database/sample_rows.h"
#include "tests/unit/database/temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

Transaction NumberedEvent(int number) {
  Transaction t;
  t.events = {{number, "c1", "", "count", std::to_string(number)}};
  return t;
}

// Bytes of every file in a folder, by name.
std::map<std::string, std::string> Content(const std::string& folder) {
  std::map<std::string, std::string> content;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    content[entry.path().filename().string()] = *ReadFile(entry.path().string());
  }
  return content;
}

TEST(SqliteStore, KeepsEverythingOverARestart) {
  const TemporaryDirectory folder;
  const std::string path = folder / "superion.db";
  {
    auto store = SqliteStore::Open(path);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->Commit(SampleSubmission()).ok());
  }
  auto store = SqliteStore::Open(path);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->Load()->tasks.size(), 2u);
}

TEST(SqliteStore, UsesTheWriteAheadLogAndSyncsEveryCommit) {
  const TemporaryDirectory folder;
  const std::string path = folder / "superion.db";
  auto store = SqliteStore::Open(path);
  ASSERT_TRUE(store.ok()) << store.status();
  auto look = SqliteConnection::Open(path, false);
  ASSERT_TRUE(look.ok());
  EXPECT_EQ(*look->QueryText("PRAGMA journal_mode"), "wal");
  EXPECT_EQ(std::filesystem::status(path).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

// The child prints a number after each commit that was acknowledged and is killed at a random moment; all
// numbers that were printed must be in the file, in one piece, without gaps.
TEST(SqliteStore, NoAcknowledgedCommitIsLostByKill) {
  const TemporaryDirectory folder;
  const std::string path = folder / "superion.db";
  std::mt19937 random(7);
  int expected = 0;
  for (int round = 0; round < 12; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto store = SqliteStore::Open(path);
      if (!store.ok()) _exit(3);
      for (int number = expected;; ++number) {
        if (!(*store)->Commit(NumberedEvent(number)).ok()) _exit(4);
        if (write(pipe_ends[1], &number, sizeof number) != sizeof number) _exit(5);
      }
    }
    close(pipe_ends[1]);
    const int kill_after = std::uniform_int_distribution<int>(1, 60)(random);
    int last = -1;
    for (int k = 0; k < kill_after; ++k)
      ASSERT_EQ(read(pipe_ends[0], &last, sizeof last), ssize_t{sizeof last});
    ASSERT_EQ(kill(child, SIGKILL), 0);
    int number = 0;
    while (read(pipe_ends[0], &number, sizeof number) == ssize_t{sizeof number}) last = number;
    close(pipe_ends[0]);
    int child_status = 0;
    ASSERT_EQ(waitpid(child, &child_status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(child_status));

    auto store = SqliteStore::Open(path);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto events = (*store)->Events("c1");
    ASSERT_TRUE(events.ok());
    ASSERT_GE(static_cast<int>(events->size()), last + 1) << "an acknowledged commit is missing";
    for (size_t k = 0; k < events->size(); ++k) ASSERT_EQ(events->at(k).time_ms, static_cast<int64_t>(k));
    expected = static_cast<int>(events->size());
  }
  EXPECT_GT(expected, 12);
}

// A database with enough rows that damage hits a page in use.
std::string MakeDatabase(const TemporaryDirectory& folder) {
  const std::string path = folder / "superion.db";
  auto store = SqliteStore::Open(path);
  EXPECT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->Commit(SampleSubmission()).ok());
  Transaction t;
  for (int k = 0; k < 2000; ++k) t.events.push_back({k, "c1", "t1", "filler", std::string(50, 'x')});
  EXPECT_TRUE((*store)->Commit(t).ok());
  return path;
}

void ExpectDataLossAndNoChange(const TemporaryDirectory& folder, const std::string& path) {
  const auto before = Content(folder.path());
  const auto store = SqliteStore::Open(path);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.status().code(), absl::StatusCode::kDataLoss) << store.status();
  EXPECT_THAT(std::string(store.status().message()), HasSubstr(path));
  auto after = Content(folder.path());
  after.erase("superion.db-shm");  // an index that SQLite rebuilds at will
  after.erase("superion.db-wal");
  auto expected = before;
  expected.erase("superion.db-shm");
  expected.erase("superion.db-wal");
  EXPECT_EQ(after, expected);
}

TEST(SqliteStore, ABrokenPageIsDataLossAndLeftAlone) {
  const TemporaryDirectory folder;
  const std::string path = MakeDatabase(folder);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (int page = 12; page < 30; ++page) {
    file.seekp(page * 4096);
    file << std::string(4096, '\x5a');
  }
  file.close();
  ExpectDataLossAndNoChange(folder, path);
}

TEST(SqliteStore, ABrokenHeaderIsDataLossAndLeftAlone) {
  const TemporaryDirectory folder;
  const std::string path = MakeDatabase(folder);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file << std::string(100, 'z');
  file.close();
  ExpectDataLossAndNoChange(folder, path);
}

TEST(SqliteStore, ATruncatedFileIsDataLossAndLeftAlone) {
  const TemporaryDirectory folder;
  const std::string path = MakeDatabase(folder);
  std::filesystem::resize_file(path, 20000);
  ExpectDataLossAndNoChange(folder, path);
  std::filesystem::resize_file(path, 0);
  ExpectDataLossAndNoChange(folder, path);
}

TEST(SqliteStore, AMissingFileBesideItsLogIsDataLoss) {
  const TemporaryDirectory folder;
  const std::string path = folder / "superion.db";
  std::ofstream(path + "-wal") << "commits";
  ExpectDataLossAndNoChange(folder, path);
  EXPECT_EQ(*ReadFile(path + "-wal"), "commits");
}

TEST(SqliteStore, RefusesANewerSchemaAndAForeignFile) {
  const TemporaryDirectory folder;
  const std::string path = MakeDatabase(folder);
  {
    auto connection = SqliteConnection::Open(path, false);
    ASSERT_TRUE(connection->Execute("PRAGMA user_version = 99").ok());
  }
  EXPECT_THAT(std::string(SqliteStore::Open(path).status().message()), HasSubstr("newer"));
  const std::string foreign = folder / "foreign.db";
  {
    auto connection = SqliteConnection::Open(foreign, true);
    ASSERT_TRUE(connection->Execute("CREATE TABLE recipes (name TEXT)").ok());
  }
  EXPECT_THAT(std::string(SqliteStore::Open(foreign).status().message()), HasSubstr("another program"));
}

TEST(SqliteStore, ACrashDuringCreationLeavesNothingInTheWay) {
  const TemporaryDirectory folder;
  std::ofstream(folder / "superion.db.new") << "half a database";
  EXPECT_TRUE(SqliteStore::Open(folder / "superion.db").ok());
  EXPECT_FALSE(std::filesystem::exists(folder / "superion.db.new"));
}

TEST(SqliteStore, AFullDiskIsResourceExhaustedAndBreaksNothing) {
  const TemporaryDirectory folder;
  if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "cannot mount a small tmpfs (not root?)";
  }
  {
    auto store = SqliteStore::Open(folder / "superion.db");
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->Commit(SampleSubmission()).ok());
    std::ofstream(folder / "ballast") << std::string(100000, 'b');
    absl::Status status;
    int committed = 0;
    for (; committed < 100 && status.ok(); ++committed) {
      Transaction t = NumberedEvent(committed);
      t.events[0].detail = std::string(50000, 'd');
      status = (*store)->Commit(t);
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    std::filesystem::remove(folder / "ballast");
    const auto events = (*store)->Events("c1");
    ASSERT_TRUE(events.ok()) << events.status();
    EXPECT_EQ(static_cast<int>(events->size()), committed) << "the submission and all commits but the last";
    EXPECT_TRUE((*store)->Commit(NumberedEvent(1000)).ok()) << "works again when there is space";
  }
  const auto again = SqliteStore::Open(folder / "superion.db");
  EXPECT_TRUE(again.ok()) << again.status();
  umount2(folder.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace superion
