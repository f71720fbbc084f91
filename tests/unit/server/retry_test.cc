#include "server/coordinator/retry.h"

#include <gtest/gtest.h>

#include <set>

namespace superion {
namespace {

TEST(Retry, TheCodeDecides) {
  EXPECT_EQ(ClassifyFault(InvalidArgument("x")), Fault::kPermanent);
  EXPECT_EQ(ClassifyFault(NotFound("x")), Fault::kPermanent);
  EXPECT_EQ(ClassifyFault(FailedPrecondition("x")), Fault::kPermanent);
  EXPECT_EQ(ClassifyFault(absl::UnimplementedError("x")), Fault::kPermanent);
  EXPECT_EQ(ClassifyFault(Unavailable("x")), Fault::kTask);
  EXPECT_EQ(ClassifyFault(absl::DeadlineExceededError("x")), Fault::kTask);
  EXPECT_EQ(ClassifyFault(absl::AbortedError("x")), Fault::kTask);
  EXPECT_EQ(ClassifyFault(ResourceExhausted("x")), Fault::kTask);
  EXPECT_EQ(ClassifyFault(Internal("x")), Fault::kTask);
  EXPECT_EQ(ClassifyFault(absl::CancelledError("x")), Fault::kInfrastructure);
}

TEST(Retry, BackOffGrowsWithinItsBoundsAndIsReproducible) {
  std::set<int64_t> first;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    for (int faults = 1; faults < 12; ++faults) {
      const int64_t wait_ms = BackoffMs(seed, 4, faults);
      const int64_t base_ms = faults > 6 ? 60'000 : int64_t{1000} << (faults - 1);
      EXPECT_GE(wait_ms, base_ms / 2);
      EXPECT_LT(wait_ms, base_ms * 3 / 2);
      EXPECT_EQ(wait_ms, BackoffMs(seed, 4, faults));
    }
    first.insert(BackoffMs(seed, 1, 1));
  }
  EXPECT_GT(first.size(), 100u) << "tasks that failed together come back apart";
}

}  // namespace
}  // namespace superion
