#include "database/filesystem.h"

#include <gtest/gtest.h>

#include "tests/unit/database/temporary_directory.h"

namespace superion {
namespace {

TEST(Filesystem, AcceptsALocalFolderAndNamesAMissingOne) {
  const TemporaryDirectory folder;
  EXPECT_TRUE(RefuseNetworkFilesystem(folder.path()).ok());
  EXPECT_TRUE(SyncDirectory(folder.path()).ok());
  EXPECT_EQ(RefuseNetworkFilesystem(folder / "none").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(SyncDirectory(folder / "none").code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace superion
