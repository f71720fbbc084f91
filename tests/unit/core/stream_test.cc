#include "core/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file.h"
#include "core/random.h"
#include "temporary_directory.h"

namespace superion {
namespace {

using testing::HasSubstr;

StreamHeader Header() {
  StreamHeader h;
  h.interval_ps = 0.01;
  h.temperature_k = 1250;
  h.cell = {{{11.7, 0, 0}, {0.1, 11.7, 0}, {0, 0, 11.7}}};
  h.species = {"Li", "S"};
  h.counts = {64, 32};
  h.masses_u = {6.94, 32.06};
  h.scalars = {"temperature_k", "max_grade"};
  h.provenance = {{"seed", 18446744073709551615u}, {"model", "abc"}};
  return h;
}

std::vector<double> Row(Random* random, double step) {
  std::vector<double> row{step};
  for (int k = 0; k < 8; ++k) row.push_back(random->Gaussian());
  return row;
}

TEST(Stream, ComesBackToTheBit) {
  const TemporaryDirectory directory;
  Random random(1);
  std::vector<double> rows;
  {
    auto writer = StreamWriter::Create(directory.File("s"), Header());
    ASSERT_TRUE(writer.ok());
    for (int k = 0; k < 20; ++k) {
      const std::vector<double> row = Row(&random, 5.0 * k);
      rows.insert(rows.end(), row.begin(), row.end());
      ASSERT_TRUE(writer->Append(row).ok());
    }
    ASSERT_TRUE(writer->Flush().ok());
  }
  const auto stream = ReadStream(directory.File("s"));
  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(stream->size(), 20u);
  EXPECT_EQ(stream->rows, rows);
  EXPECT_EQ(stream->row(3)[0], 15.0);
  EXPECT_EQ(stream->header.columns(), 9u);
  const StreamHeader h = Header();
  EXPECT_EQ(stream->header.interval_ps, h.interval_ps);
  EXPECT_EQ(stream->header.temperature_k, h.temperature_k);
  EXPECT_EQ(stream->header.cell, h.cell);
  EXPECT_EQ(stream->header.species, h.species);
  EXPECT_EQ(stream->header.counts, h.counts);
  EXPECT_EQ(stream->header.masses_u, h.masses_u);
  EXPECT_EQ(stream->header.scalars, h.scalars);
  EXPECT_EQ(stream->header.provenance, h.provenance);
}

// A run that was cut and continued leaves the file of a run that was not.
TEST(Stream, AContinuedFileEqualsAnUninterruptedOne) {
  const TemporaryDirectory directory;
  Random a(2), b(2);
  {
    auto whole = StreamWriter::Create(directory.File("whole"), Header());
    for (int k = 0; k < 10; ++k) ASSERT_TRUE(whole->Append(Row(&a, k)).ok());
    auto cut = StreamWriter::Create(directory.File("cut"), Header());
    for (int k = 0; k < 6; ++k) ASSERT_TRUE(cut->Append(Row(&b, k)).ok());
    ASSERT_TRUE(cut->Append(std::vector<double>(9, 7.0)).ok());  // after the checkpoint
  }
  auto writer = StreamWriter::Continue(directory.File("cut"), Header(), 6);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (int k = 6; k < 10; ++k) ASSERT_TRUE(writer->Append(Row(&b, k)).ok());
  ASSERT_TRUE(writer->Flush().ok());
  EXPECT_EQ(ReadFile(directory.File("cut")).value(), ReadFile(directory.File("whole")).value());
}

TEST(Stream, AnotherSystemCannotContinueIt) {
  const TemporaryDirectory directory;
  ASSERT_TRUE(StreamWriter::Create(directory.File("s"), Header()).ok());
  StreamHeader other = Header();
  other.counts = {8, 4};
  EXPECT_EQ(StreamWriter::Continue(directory.File("s"), other, 0).status().code(),
            absl::StatusCode::kFailedPrecondition);
  other = Header();
  other.interval_ps *= 2;
  EXPECT_FALSE(StreamWriter::Continue(directory.File("s"), other, 0).ok());
}

TEST(Stream, AFieldComesBackAndIsPartOfTheSystem) {
  const TemporaryDirectory directory;
  StreamHeader h = Header();
  h.field_v_per_angstrom = {0.0, 0.1 + 0.2, -1e-3};
  h.charges_e = {1.0, -2.0};
  ASSERT_TRUE(StreamWriter::Create(directory.File("s"), h).ok());
  const StreamHeader back = ReadStreamHeader(directory.File("s")).value();
  EXPECT_EQ(back.field_v_per_angstrom, h.field_v_per_angstrom);
  EXPECT_EQ(back.charges_e, h.charges_e);
  EXPECT_TRUE(StreamWriter::Continue(directory.File("s"), h, 0).ok());
  EXPECT_FALSE(StreamWriter::Continue(directory.File("s"), Header(), 0).ok());
  h.charges_e.pop_back();
  ASSERT_TRUE(StreamWriter::Create(directory.File("t"), h).ok());
  EXPECT_THAT(std::string(ReadStream(directory.File("t")).status().message()),
              HasSubstr("2 species but 1 charges"));
}

TEST(Stream, BrokenFilesNameThemselves) {
  const TemporaryDirectory directory;
  const std::string path = directory.File("s");
  EXPECT_EQ(ReadStream(path).status().code(), absl::StatusCode::kNotFound);
  for (const char* text : {"{}\n", "{\"format\":\"superion-trajectory\",\"version\":1}\n",
                           "{\"format\":\"superion-stream\",\"version\":2}\n",
                           "{\"format\":\"superion-stream\",\"version\":1,\"interval_ps\":\"x\"}\n"}) {
    ASSERT_TRUE(WriteFileAtomically(path, text).ok());
    const auto stream = ReadStream(path);
    EXPECT_EQ(stream.status().code(), absl::StatusCode::kDataLoss) << text;
    EXPECT_THAT(std::string(stream.status().message()), HasSubstr(path));
  }
}

TEST(Stream, HeadersMustAgreeWithThemselves) {
  const TemporaryDirectory directory;
  StreamHeader h = Header();
  h.counts.pop_back();
  ASSERT_TRUE(StreamWriter::Create(directory.File("s"), h).ok());
  EXPECT_THAT(std::string(ReadStream(directory.File("s")).status().message()),
              HasSubstr("2 species but 1 counts"));
}

}  // namespace
}  // namespace superion
