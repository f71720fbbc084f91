#include "core/stream.h"

namespace superion {
namespace {

constexpr char kFormat[] = "superion-stream";

Json HeaderJson(const StreamHeader& h) {
  Json json = {{"format", kFormat},
               {"version", 1},
               {"interval_ps", h.interval_ps},
               {"temperature_k", h.temperature_k},
               {"cell_angstrom", h.cell},
               {"species", h.species},
               {"counts", h.counts},
               {"masses_u", h.masses_u},
               {"scalars", h.scalars},
               {"provenance", h.provenance}};
  if (h.field_v_per_angstrom != Vec3{}) {
    json["field_v_per_angstrom"] = h.field_v_per_angstrom;
    json["charges_e"] = h.charges_e;
  }
  return json;
}

// Both keys are absent from a stream without a field.
absl::Status ReadField(const Json& json, const std::string& path, StreamHeader* h) {
  if (!json.contains("field_v_per_angstrom")) return absl::OkStatus();
  json.at("field_v_per_angstrom").get_to(h->field_v_per_angstrom);
  json.at("charges_e").get_to(h->charges_e);
  if (h->charges_e.size() == h->species.size()) return absl::OkStatus();
  return DataLoss("{}: the header names {} species but {} charges", path, h->species.size(),
                  h->charges_e.size());
}

absl::StatusOr<StreamHeader> HeaderFromJson(const Json& json, const std::string& path) {
  try {
    if (json.at("format") != kFormat || json.at("version") != 1) {
      return DataLoss("{}: expected a {} of version 1, found {} of version {}", path, kFormat,
                      DumpJson(json.at("format")), DumpJson(json.at("version")));
    }
    StreamHeader h;
    json.at("interval_ps").get_to(h.interval_ps);
    json.at("temperature_k").get_to(h.temperature_k);
    json.at("cell_angstrom").get_to(h.cell);
    json.at("species").get_to(h.species);
    json.at("counts").get_to(h.counts);
    json.at("masses_u").get_to(h.masses_u);
    json.at("scalars").get_to(h.scalars);
    h.provenance = json.at("provenance");
    SUPERION_RETURN_IF_ERROR(ReadField(json, path, &h));
    if (h.counts.size() != h.species.size() || h.masses_u.size() != h.species.size()) {
      return DataLoss("{}: the header names {} species but {} counts and {} masses", path, h.species.size(),
                      h.counts.size(), h.masses_u.size());
    }
    if (!(h.interval_ps > 0)) return DataLoss("{}: the header has interval_ps = {}", path, h.interval_ps);
    return h;
  } catch (const Json::exception& e) {
    return DataLoss("{}: broken stream header: {}", path, e.what());
  }
}

}  // namespace

absl::StatusOr<StreamWriter> StreamWriter::Create(const std::string& path, const StreamHeader& header) {
  SUPERION_ASSIGN_OR_RETURN(RecordWriter records,
                            RecordWriter::Create(path, HeaderJson(header), header.columns()));
  return StreamWriter(std::move(records));
}

absl::StatusOr<StreamWriter> StreamWriter::Continue(const std::string& path, const StreamHeader& header,
                                                    size_t n_rows) {
  SUPERION_ASSIGN_OR_RETURN(const StreamHeader found, ReadStreamHeader(path));
  if (found.species != header.species || found.counts != header.counts || found.scalars != header.scalars ||
      found.interval_ps != header.interval_ps || found.field_v_per_angstrom != header.field_v_per_angstrom ||
      found.charges_e != header.charges_e) {
    return FailedPrecondition("{}: cannot continue: it was written for {}, now {}", path,
                              DumpJson(HeaderJson(found)), DumpJson(HeaderJson(header)));
  }
  SUPERION_ASSIGN_OR_RETURN(RecordWriter records, RecordWriter::Continue(path, header.columns(), n_rows));
  return StreamWriter(std::move(records));
}

absl::Status StreamWriter::Append(const std::vector<double>& row) {
  SUPERION_CHECK(row.size() == records_.width());
  return records_.Append(row.data());
}

absl::Status StreamWriter::Flush() { return records_.Sync(); }

absl::StatusOr<StreamHeader> ReadStreamHeader(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(const Json json, ReadRecordHeader(path));
  return HeaderFromJson(json, path);
}

absl::StatusOr<Stream> ReadStream(const std::string& path) {
  Stream stream;
  SUPERION_ASSIGN_OR_RETURN(stream.header, ReadStreamHeader(path));
  const size_t columns = stream.header.columns();
  SUPERION_RETURN_IF_ERROR(ForEachRecord(path, columns, [&](size_t, const double* row) {
    stream.rows.insert(stream.rows.end(), row, row + columns);
    return absl::OkStatus();
  }));
  return stream;
}

}  // namespace superion
