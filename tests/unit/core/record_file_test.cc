#include "core/record_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "core/file.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<double> Read(const std::string& path, size_t width, absl::Status* status = nullptr) {
  std::vector<double> all;
  const absl::Status end = ForEachRecord(path, width, [&](size_t, const double* record) {
    all.insert(all.end(), record, record + width);
    return absl::OkStatus();
  });
  if (status != nullptr) *status = end;
  return all;
}

void Write(const std::string& path, size_t n) {
  auto writer = RecordWriter::Create(path, {{"kind", "test"}}, 2);
  ASSERT_TRUE(writer.ok());
  for (size_t k = 0; k < n; ++k) {
    const double record[2] = {double(k), -0.5 * double(k)};
    ASSERT_TRUE(writer->Append(record).ok());
  }
  ASSERT_TRUE(writer->Sync().ok());
}

TEST(RecordFile, AppendReachesTheSystemAtOnce) {
  const TemporaryDirectory directory;
  auto writer = RecordWriter::Create(directory.File("r"), Json::object(), 2);
  const double record[2] = {1, 2};
  ASSERT_TRUE(writer->Append(record).ok());
  EXPECT_THAT(Read(directory.File("r"), 2), ElementsAre(1, 2));  // the writer is still open
}

TEST(RecordFile, AnUnfinishedRecordIsDropped) {
  const TemporaryDirectory directory;
  Write(directory.File("r"), 3);
  const std::string whole = ReadFile(directory.File("r")).value();
  for (size_t missing = 1; missing < 16; ++missing) {
    ASSERT_TRUE(WriteFileAtomically(directory.File("r"), whole.substr(0, whole.size() - missing)).ok());
    absl::Status status;
    EXPECT_THAT(Read(directory.File("r"), 2, &status), ElementsAre(0, -0.0, 1, -0.5));
    EXPECT_TRUE(status.ok());
  }
}

TEST(RecordFile, ContinueDropsWhatCameAfter) {
  const TemporaryDirectory directory;
  Write(directory.File("r"), 5);
  {
    std::ofstream(directory.File("r"), std::ios::app | std::ios::binary) << "torn";
    auto writer = RecordWriter::Continue(directory.File("r"), 2, 2);
    ASSERT_TRUE(writer.ok()) << writer.status();
    const double record[2] = {7, 8};
    ASSERT_TRUE(writer->Append(record).ok());
  }
  EXPECT_THAT(Read(directory.File("r"), 2), ElementsAre(0, -0.0, 1, -0.5, 7, 8));
  EXPECT_EQ(ReadRecordHeader(directory.File("r")).value()["kind"], "test");
}

TEST(RecordFile, ContinueNeedsTheRecordsItKeeps) {
  const TemporaryDirectory directory;
  Write(directory.File("r"), 2);
  const absl::Status status = RecordWriter::Continue(directory.File("r"), 2, 3).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(Read(directory.File("r"), 2).size(), 4u) << "a refused continuation changed the file";
  EXPECT_EQ(RecordWriter::Continue(directory.File("none"), 2, 0).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(RecordFile, NumbersThatAreNotFiniteAreDataLoss) {
  const TemporaryDirectory directory;
  {
    auto writer = RecordWriter::Create(directory.File("r"), Json::object(), 2);
    const double good[2] = {1, 2}, bad[2] = {3, std::numeric_limits<double>::quiet_NaN()};
    ASSERT_TRUE(writer->Append(good).ok());
    ASSERT_TRUE(writer->Append(bad).ok());
  }
  absl::Status status;
  EXPECT_THAT(Read(directory.File("r"), 2, &status), ElementsAre(1, 2));
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("record 2, number 2"));
}

TEST(RecordFile, BrokenHeadersAreDataLoss) {
  const TemporaryDirectory directory;
  for (const char* text : {"", "no line break", "not json\n", "[1]\n", "\n"}) {
    ASSERT_TRUE(WriteFileAtomically(directory.File("r"), text).ok());
    EXPECT_EQ(ReadRecordHeader(directory.File("r")).status().code(), absl::StatusCode::kDataLoss) << text;
  }
}

TEST(RecordFile, TheVisitorMayStop) {
  const TemporaryDirectory directory;
  Write(directory.File("r"), 4);
  int seen = 0;
  const absl::Status status = ForEachRecord(directory.File("r"), 2, [&](size_t k, const double*) {
    ++seen;
    return k == 1 ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(seen, 2);
}

// /dev/full takes nothing: every write ends with "no space left".
TEST(RecordFile, AFullDiskIsSaid) {
  const auto writer = RecordWriter::Create("/dev/full", Json::object(), 1);
  EXPECT_EQ(writer.status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace superion
