#include "database/filesystem.h"

#include <gtest/gtest.h>

#include "tests/unit/database/temporary_directory.h"

namespace superion {
namespace {

TEST(Filesystem, KnowsNetworkFilesystemsByTheirMagic) {
  EXPECT_EQ(NetworkFilesystemName(0x6969), "NFS");
  EXPECT_EQ(NetworkFilesystemName(0x0BD00BD0), "Lustre");
  EXPECT_EQ(NetworkFilesystemName(0x47504653), "GPFS");
  EXPECT_EQ(NetworkFilesystemName(static_cast<int>(0xFF534D42u)), "SMB") << "sign-extended";
  EXPECT_EQ(NetworkFilesystemName(0xEF53), "") << "ext4";
  EXPECT_EQ(NetworkFilesystemName(0x01021994), "") << "tmpfs";
}

TEST(Filesystem, AcceptsALocalFolderAndNamesAMissingOne) {
  const TemporaryDirectory folder;
  EXPECT_TRUE(RefuseNetworkFilesystem(folder.path()).ok());
  EXPECT_TRUE(SyncDirectory(folder.path()).ok());
  EXPECT_EQ(RefuseNetworkFilesystem(folder / "none").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SyncDirectory(folder / "none").code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace superion
