#include "database/artifact_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <fstream>
#include <limits>
#include <thread>

#include "core/file.h"
#include "tests/unit/database/temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

std::unique_ptr<ArtifactStore> Opened(const TemporaryDirectory& folder) {
  auto store = ArtifactStore::Open(folder / "artifacts");
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

int FilesIn(const std::string& folder) {
  int count = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    count += entry.is_regular_file();
  return count;
}

TEST(ArtifactStore, NamesContentByItsHashAndGivesItBack) {
  const TemporaryDirectory folder;
  const auto store = Opened(folder);
  const std::string content(3'000'000, 'c');
  const auto stored = store->Put(content);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->sha256, Sha256(content));
  EXPECT_EQ(stored->size_bytes, 3'000'000);
  EXPECT_TRUE(store->Has(stored->sha256));
  EXPECT_TRUE(store->Has(stored->sha256, 3'000'000));
  EXPECT_FALSE(store->Has(stored->sha256, 7));
  EXPECT_EQ(*store->Read(stored->sha256), content);
  EXPECT_TRUE(store->Put(content).ok());
  EXPECT_EQ(FilesIn(folder.path()), 1) << "the same content twice is one file";
  EXPECT_EQ(*store->Read(store->Put("")->sha256), "");
}

TEST(ArtifactStore, RefusesContentThatDoesNotFitItsName) {
  const TemporaryDirectory folder;
  const auto store = Opened(folder);
  {
    auto writer = store->NewWriter();
    ASSERT_TRUE((*writer)->Append("one thing").ok());
    const auto stored = (*writer)->Commit(Sha256("another"));
    EXPECT_EQ(stored.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(stored.status().message()), HasSubstr(Sha256("one thing")));
  }
  EXPECT_EQ(FilesIn(folder.path()), 0) << "an abandoned writer leaves nothing";
}

TEST(ArtifactStore, NamesCannotLeaveTheStore) {
  const TemporaryDirectory folder;
  const auto store = Opened(folder);
  std::ofstream(folder / "secret") << "secret";
  for (const std::string& name : {std::string("../secret"), std::string("/etc/passwd"), std::string(""),
                                  std::string(64, 'A'), std::string(63, 'a'), std::string(64, 'a') + "/..",
                                  "../" + std::string(61, 'a'), std::string(64, '\0')}) {
    EXPECT_FALSE(IsSha256(name)) << name;
    EXPECT_FALSE(store->Has(name)) << name;
    EXPECT_EQ(store->Read(name).status().code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(store->Read(std::string(64, 'a')).status().code(), absl::StatusCode::kNotFound);
}

TEST(ArtifactStore, ChangedContentIsDataLossAndCanBePutAgain) {
  const TemporaryDirectory folder;
  const auto store = Opened(folder);
  const std::string sha256 = store->Put("precious labels")->sha256;
  std::ofstream(store->PathOf(sha256)) << "precious lapels";
  const auto read = store->Read(sha256);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(sha256));
  EXPECT_FALSE(store->Has(sha256)) << "set aside";
  EXPECT_TRUE(std::filesystem::exists(folder / ("artifacts/corrupt/" + sha256)));
  ASSERT_TRUE(store->Put("precious labels").ok());
  EXPECT_EQ(*store->Read(sha256), "precious labels");
}

TEST(ArtifactStore, RemovesStrayTemporariesAtStart) {
  const TemporaryDirectory folder;
  Opened(folder);
  std::ofstream(folder / "artifacts/tmp/Ab12Cd") << "half";
  Opened(folder);
  EXPECT_EQ(FilesIn(folder.path()), 0);
}

TEST(ArtifactStore, SeveralThreadsMayPutTheSameContent) {
  const TemporaryDirectory folder;
  const auto store = Opened(folder);
  std::vector<std::thread> threads;
  for (int k = 0; k < 4; ++k) {
    threads.emplace_back([&store] {
      for (int i = 0; i < 20; ++i) EXPECT_TRUE(store->Put("content " + std::to_string(i % 5)).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(FilesIn(folder.path()), 5);
  for (int i = 0; i < 5; ++i) {
    const std::string content = "content " + std::to_string(i);
    EXPECT_EQ(*store->Read(Sha256(content)), content);
  }
}

TEST(ArtifactStore, RefusesAtOnceWhatHasNoRoom) {
  const TemporaryDirectory folder;
  const auto store = Opened(folder);
  const auto writer = store->NewWriter(std::numeric_limits<int64_t>::max());
  EXPECT_TRUE(absl::IsResourceExhausted(writer.status())) << writer.status();
  EXPECT_THAT(std::string(writer.status().message()),
              testing::AllOf(HasSubstr("bytes free"), HasSubstr("expected 9223372036854775807")));
}

TEST(ArtifactStore, AFullDiskIsResourceExhaustedAndBreaksNothing) {
  const TemporaryDirectory folder;
  if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "cannot mount a small tmpfs (not root?)";
  }
  {
    const auto store = Opened(folder);
    const std::string kept = store->Put("small")->sha256;
    const auto refused = store->Put(std::string(2'000'000, 'x'));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted) << refused.status();
    EXPECT_EQ(FilesIn(folder.path()), 1) << "no part of it stays";
    EXPECT_EQ(*store->Read(kept), "small");
    EXPECT_TRUE(store->Put("small too").ok());
  }
  umount2(folder.path().c_str(), MNT_DETACH);
}

}  // namespace
}  // namespace superion
