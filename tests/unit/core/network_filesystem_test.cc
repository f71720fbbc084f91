#include "core/network_filesystem.h"

#include <gtest/gtest.h>

namespace superion {
namespace {

TEST(NetworkFilesystem, AreKnownByTheirMagic) {
  EXPECT_EQ(NetworkFilesystemName(0x6969), "NFS");
  EXPECT_EQ(NetworkFilesystemName(0x0BD00BD0), "Lustre");
  EXPECT_EQ(NetworkFilesystemName(0x47504653), "GPFS");
  EXPECT_EQ(NetworkFilesystemName(static_cast<int>(0xFF534D42u)), "SMB") << "sign-extended";
  EXPECT_EQ(NetworkFilesystemName(0xEF53), "") << "ext4";
  EXPECT_EQ(NetworkFilesystemName(0x01021994), "") << "tmpfs";
}

}  // namespace
}  // namespace superion
