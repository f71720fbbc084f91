#include "core/trajectory.h"

namespace superion {
namespace {

constexpr char kFormat[] = "superion-trajectory";

size_t RecordWidth(size_t n_atoms) { return 1 + 9 + 3 * n_atoms; }

Json HeaderJson(const TrajectoryHeader& h) {
  return {{"format", kFormat},
          {"version", 1},
          {"species", h.species},
          {"masses_u", h.masses_u},
          {"interval_ps", h.interval_ps},
          {"temperature_k", h.temperature_k},
          {"provenance", h.provenance}};
}

absl::StatusOr<TrajectoryHeader> HeaderFromJson(const Json& json, const std::string& path) {
  try {
    if (json.at("format") != kFormat || json.at("version") != 1) {
      return DataLoss("{}: expected a {} of version 1, found {} of version {}", path, kFormat,
                      DumpJson(json.at("format")), DumpJson(json.at("version")));
    }
    TrajectoryHeader h;
    json.at("species").get_to(h.species);
    json.at("masses_u").get_to(h.masses_u);
    json.at("interval_ps").get_to(h.interval_ps);
    json.at("temperature_k").get_to(h.temperature_k);
    h.provenance = json.at("provenance");
    if (h.masses_u.size() != h.species.size()) {
      return DataLoss("{}: the header names {} atoms but {} masses", path, h.species.size(),
                      h.masses_u.size());
    }
    return h;
  } catch (const Json::exception& e) {
    return DataLoss("{}: broken trajectory header: {}", path, e.what());
  }
}

}  // namespace

absl::StatusOr<TrajectoryWriter> TrajectoryWriter::Create(const std::string& path,
                                                          const TrajectoryHeader& header) {
  const size_t width = RecordWidth(header.species.size());
  SUPERION_ASSIGN_OR_RETURN(RecordWriter records, RecordWriter::Create(path, HeaderJson(header), width));
  return TrajectoryWriter(std::move(records));
}

absl::StatusOr<TrajectoryWriter> TrajectoryWriter::Continue(const std::string& path,
                                                            const TrajectoryHeader& header, size_t n_frames) {
  SUPERION_ASSIGN_OR_RETURN(const TrajectoryHeader found, ReadTrajectoryHeader(path));
  if (found.species != header.species || found.interval_ps != header.interval_ps) {
    return FailedPrecondition(
        "{}: cannot continue: it holds {} atoms every {} ps, now {} atoms every {} ps{}", path,
        found.species.size(), found.interval_ps, header.species.size(), header.interval_ps,
        found.species.size() == header.species.size() ? " of other species" : "");
  }
  const size_t width = RecordWidth(header.species.size());
  SUPERION_ASSIGN_OR_RETURN(RecordWriter records, RecordWriter::Continue(path, width, n_frames));
  return TrajectoryWriter(std::move(records));
}

absl::Status TrajectoryWriter::Append(const TrajectoryFrame& frame) {
  SUPERION_CHECK(RecordWidth(frame.positions.size()) == records_.width());
  record_.assign(1, frame.time_ps);
  for (const Vec3& v : frame.cell) record_.insert(record_.end(), v.begin(), v.end());
  for (const Vec3& v : frame.positions) record_.insert(record_.end(), v.begin(), v.end());
  return records_.Append(record_.data());
}

absl::Status TrajectoryWriter::Flush() { return records_.Sync(); }

absl::StatusOr<TrajectoryHeader> ReadTrajectoryHeader(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const Json json, ReadRecordHeader(path));
  return HeaderFromJson(json, path);
}

absl::StatusOr<TrajectoryReader> TrajectoryReader::Open(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(TrajectoryHeader header, ReadTrajectoryHeader(path));
  const size_t width = RecordWidth(header.species.size());
  SUPERION_ASSIGN_OR_RETURN(RecordReader records, RecordReader::Open(path, width));
  return TrajectoryReader(std::move(header), std::move(records));
}

absl::StatusOr<bool> TrajectoryReader::Next(TrajectoryFrame* frame) {
  record_.resize(RecordWidth(header_.species.size()));
  SUPERION_ASSIGN_OR_RETURN(const bool more, records_.Next(record_.data()));
  if (!more) return false;
  frame->time_ps = record_[0];
  for (size_t k = 0; k < 9; ++k) frame->cell[k / 3][k % 3] = record_[1 + k];
  frame->positions.resize(header_.species.size());
  for (size_t i = 0; i < frame->positions.size(); ++i) {
    for (size_t k = 0; k < 3; ++k) frame->positions[i][k] = record_[10 + 3 * i + k];
  }
  return true;
}

absl::Status ForEachTrajectoryFrame(const std::string& path,
                                    const std::function<absl::Status(const TrajectoryFrame&)>& visit) {
  SUPERION_ASSIGN_OR_RETURN(TrajectoryReader reader, TrajectoryReader::Open(path));
  TrajectoryFrame frame;
  for (;;) {
    SUPERION_ASSIGN_OR_RETURN(const bool more, reader.Next(&frame));
    if (!more) return absl::OkStatus();
    SUPERION_RETURN_IF_ERROR(visit(frame));
  }
}

}  // namespace superion
