#include "md_runner/checkpoint.h"

#include <cstring>

#include "core/file.h"

namespace superion {
namespace {

constexpr char kFormat[] = "superion-md-restart";
constexpr int kSchema = 1;
constexpr size_t kDigest = 64;

void Append(const std::vector<Vec3>& rows, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(Vec3));
}

// Takes `n` rows from the front of `bytes`; false when there are fewer.
bool Take(size_t n, std::string_view* bytes, std::vector<Vec3>* rows) {
  if (bytes->size() / sizeof(Vec3) < n) return false;
  rows->resize(n);
  std::memcpy(rows->data(), bytes->data(), n * sizeof(Vec3));
  bytes->remove_prefix(n * sizeof(Vec3));
  return true;
}

Json HeaderOf(const ReplicaCheckpoint& replica) {
  Json header{{"step", replica.state.step},
              {"cell", replica.state.cell},
              {"random", replica.state.random},
              {"thermostat", replica.state.thermostat},
              {"engine_bytes", replica.state.engine_bytes.size()},
              {"reference", !replica.reference.empty()},
              {"stream_rows", replica.stream_rows},
              {"trajectory_frames", replica.trajectory_frames},
              {"snapshot_bytes", replica.snapshot_bytes},
              {"recorder", replica.recorder},
              {"event", nullptr}};
  if (replica.event) {
    header["event"] = {
        {"step", replica.event->step}, {"reason", replica.event->reason}, {"grade", replica.event->grade}};
  }
  return header;
}

absl::Status ParseReplica(const Json& header, size_t n_atoms, std::string_view* rest,
                          ReplicaCheckpoint* replica) {
  replica->state.step = header.at("step").get<int64_t>();
  replica->state.cell = header.at("cell").get<Mat3>();
  replica->state.random = header.at("random").get<Random::State>();
  replica->state.thermostat = header.at("thermostat").get<std::vector<double>>();
  replica->stream_rows = header.at("stream_rows").get<int64_t>();
  replica->trajectory_frames = header.at("trajectory_frames").get<int64_t>();
  replica->snapshot_bytes = header.at("snapshot_bytes").get<int64_t>();
  replica->recorder = header.at("recorder");
  if (const Json& event = header.at("event"); !event.is_null()) {
    const Json& grade = event.at("grade");  // JSON has no NaN: written as null
    replica->event =
        GateEvent{event.at("step").get<int64_t>(), event.at("reason").get<std::string>(),
                  grade.is_null() ? std::numeric_limits<double>::quiet_NaN() : grade.get<double>()};
  }
  const size_t engine_bytes = header.at("engine_bytes").get<size_t>();
  const size_t references = header.at("reference").get<bool>() ? n_atoms : 0;
  if (!Take(n_atoms, rest, &replica->state.positions) || !Take(n_atoms, rest, &replica->state.velocities) ||
      !Take(references, rest, &replica->reference) || rest->size() < engine_bytes) {
    return DataLoss("the arrays are incomplete");
  }
  replica->state.engine_bytes = std::string(rest->substr(0, engine_bytes));
  rest->remove_prefix(engine_bytes);
  return absl::OkStatus();
}

absl::StatusOr<Checkpoint> Parse(std::string_view bytes, const std::string& origin) {
  const size_t line = bytes.find('\n');
  if (line == std::string_view::npos) return DataLoss("no header line");
  SUPERION_ASSIGN_OR_RETURN(const Json header, ParseJson(bytes.substr(0, line), origin));
  bytes.remove_prefix(line + 1);
  if (header.value("format", "") != kFormat) return DataLoss("format is not {}", kFormat);
  if (header.at("schema").get<int>() > kSchema) {
    return absl::UnimplementedError(fmt::format("{}: restart file of schema {}, this program knows {}",
                                                origin, header.at("schema").dump(), kSchema));
  }
  Checkpoint checkpoint;
  checkpoint.engine = header.at("engine").get<std::string>();
  checkpoint.species = header.at("species").get<std::vector<std::string>>();
  checkpoint.first_step = header.at("first_step").get<int64_t>();
  checkpoint.finished = header.at("finished").get<bool>();
  for (const Json& replica : header.at("replicas")) {
    checkpoint.replicas.emplace_back();
    SUPERION_RETURN_IF_ERROR(
        ParseReplica(replica, checkpoint.species.size(), &bytes, &checkpoint.replicas.back()));
  }
  return checkpoint;
}

}  // namespace

std::string SerializeCheckpoint(const Checkpoint& checkpoint) {
  Json header{{"format", kFormat},
              {"schema", kSchema},
              {"engine", checkpoint.engine},
              {"species", checkpoint.species},
              {"first_step", checkpoint.first_step},
              {"finished", checkpoint.finished},
              {"replicas", Json::array()}};
  std::string arrays;
  for (const ReplicaCheckpoint& replica : checkpoint.replicas) {
    header["replicas"].push_back(HeaderOf(replica));
    Append(replica.state.positions, &arrays);
    Append(replica.state.velocities, &arrays);
    Append(replica.reference, &arrays);
    arrays += replica.state.engine_bytes;
  }
  std::string bytes = header.dump() + "\n" + arrays;
  return bytes + Sha256(bytes);
}

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view bytes, const std::string& origin) {
  if (bytes.size() < kDigest ||
      Sha256(bytes.substr(0, bytes.size() - kDigest)) != bytes.substr(bytes.size() - kDigest)) {
    return DataLoss("{}: not a whole restart file of MD (its checksum does not fit)", origin);
  }
  absl::StatusOr<Checkpoint> checkpoint = InvalidArgument("unread");
  try {
    checkpoint = Parse(bytes.substr(0, bytes.size() - kDigest), origin);
  } catch (const Json::exception& e) {
    return DataLoss("{}: broken restart file: {}", origin, e.what());
  }
  if (absl::IsDataLoss(checkpoint.status())) {
    return DataLoss("{}: broken restart file: {}", origin, checkpoint.status().message());
  }
  return checkpoint;
}

}  // namespace superion
