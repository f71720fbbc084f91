// The always-on displacement stream of an MD run (conductivity.md, section 1.3): one JSON header line, then
// rows of little-endian float64. Columns, in order: step; for every species a its sum displacement R_a(t) =
// sum_{i in a} [r_i(t) - r_i(0)], x y z (Å, lab frame, unwrapped); then the scalars named in the header
// ("temperature_k", "potential_energy_ev", "conserved_ev", "max_grade", "momentum_x", …).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/record_file.h"
#include "core/structure.h"

namespace superion {

struct StreamHeader {
  double interval_ps = 0.0;          // time between rows
  double temperature_k = 0.0;        // target of the thermostat; 0 for NVE
  Mat3 cell{};                       // Å
  std::vector<std::string> species;  // one entry per species, order of the columns
  std::vector<int64_t> counts;       // ions of each species
  std::vector<double> masses_u;
  std::vector<std::string> scalars;  // names of the columns after the displacements
  Vec3 field_v_per_angstrom{};       // uniform electric field that acted on the ions
  std::vector<double> charges_e;     // of each species in that field; empty without one
  Json provenance = Json::object();  // seed, model hash, ensemble, time step, …
  size_t columns() const { return 1 + 3 * species.size() + scalars.size(); }
};

struct Stream {
  StreamHeader header;
  std::vector<double> rows;  // [n_rows, columns]
  size_t size() const { return header.columns() == 0 ? 0 : rows.size() / header.columns(); }
  const double* row(size_t k) const { return rows.data() + k * header.columns(); }
};

// Appends rows and flushes them to the system; after a crash at most the last incomplete row is lost.
class StreamWriter {
 public:
  static absl::StatusOr<StreamWriter> Create(const std::string& path, const StreamHeader& header);
  // Continues a stream after a restart: keeps the first `n_rows` rows, drops the rest. FailedPrecondition
  // when the file was written for other columns, another interval or field; its provenance stays as it was.
  static absl::StatusOr<StreamWriter> Continue(const std::string& path, const StreamHeader& header,
                                               size_t n_rows);
  // `row` holds header.columns() finite numbers.
  absl::Status Append(const std::vector<double>& row);
  // Waits until all rows are on the disk; Append already hands each row to the system.
  absl::Status Flush();

 private:
  explicit StreamWriter(RecordWriter records) : records_(std::move(records)) {}
  RecordWriter records_;
};

// DataLoss for a broken header, a row count that does not fit (an incomplete last row is dropped), or numbers
// that are not finite; the message names the file and the row.
absl::StatusOr<Stream> ReadStream(const std::string& path);
absl::StatusOr<StreamHeader> ReadStreamHeader(const std::string& path);

}  // namespace superion
