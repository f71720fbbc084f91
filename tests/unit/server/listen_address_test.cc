#include "server/daemon/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace superion {
namespace {

using testing::HasSubstr;

TEST(ListenAddress, DefaultsToASocketInTheDataFolder) {
  EXPECT_EQ(*ListenAddress("", "/data", false), "unix:/data/superiond.sock");
  EXPECT_EQ(*ListenAddress("unix:/run/s.sock", "/data", false), "unix:/run/s.sock");
  const auto longer = ListenAddress("", "/" + std::string(120, 'd'), false);
  EXPECT_EQ(longer.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(longer.status().message()), HasSubstr("107"));
}

TEST(ListenAddress, OpenNetworksWantToBeAskedFor) {
  for (const char* loopback : {"127.0.0.1:0", "localhost:5000", "[::1]:5000", "127.8.9.1:1"}) {
    EXPECT_EQ(*ListenAddress(loopback, "/data", false), loopback);
  }
  for (const char* open : {"0.0.0.0:5000", "[::]:5000", "node7:5000", "10.0.0.1:5000"}) {
    const auto refused = ListenAddress(open, "/data", false);
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("not encrypted"));
    EXPECT_EQ(*ListenAddress(open, "/data", true), open);
  }
  for (const char* wrong : {"5000", "host", "host:", ":5000", "host:99999", "host:12x", "host:-1"}) {
    EXPECT_EQ(ListenAddress(wrong, "/data", true).status().code(), absl::StatusCode::kInvalidArgument)
        << wrong;
  }
}

}  // namespace
}  // namespace superion
