#include "trainer/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "core/file.h"

namespace superion::trainer {
namespace {

constexpr std::string_view kMagic = "superion training 1\n";
constexpr size_t kHashSize = 64;

template <typename Real>
void Append(const std::vector<Real>& values, std::string* out) {
  out->append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Real));
}

template <typename Real>
bool Take(std::string_view* bytes, size_t count, std::vector<Real>* values) {
  if (bytes->size() / sizeof(Real) < count) return false;
  values->resize(count);
  std::memcpy(values->data(), bytes->data(), count * sizeof(Real));
  bytes->remove_prefix(count * sizeof(Real));
  return true;
}

absl::Status Damaged(const std::string& path) {
  return DataLoss("{}: not a whole checkpoint of a training", path);
}

// The JSON header of a file whose magic and hash are right, and what follows it.
absl::StatusOr<Json> TakeHeader(const std::string& path, std::string_view* bytes) {
  if (bytes->size() < kMagic.size() + kHashSize || bytes->substr(0, kMagic.size()) != kMagic)
    return Damaged(path);
  const std::string_view hash = bytes->substr(bytes->size() - kHashSize);
  bytes->remove_suffix(kHashSize);
  if (Sha256(*bytes) != hash) return Damaged(path);
  bytes->remove_prefix(kMagic.size());
  const size_t end = bytes->find('\n');
  if (end == std::string_view::npos) return Damaged(path);
  SUPERION_ASSIGN_OR_RETURN(Json header, ParseJson(bytes->substr(0, end), path));
  bytes->remove_prefix(end + 1);
  return header;
}

}  // namespace

double NumberOrNan(const Json& object, const char* key) {
  const Json& value = object[key];
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

template <typename Real>
absl::Status WriteCheckpoint(const std::string& path, const TrainingState<Real>& s) {
  const Json header = {{"fingerprint", s.fingerprint},
                       {"real", sizeof(Real)},
                       {"parameters", s.optimizer.parameters.size()},
                       {"best", s.best.size()},
                       {"epoch", s.epoch},
                       {"rate_factor", s.rate_factor},
                       {"lowest_loss", s.lowest_loss},
                       {"elapsed_s", s.elapsed_s},
                       {"recoveries", s.recoveries},
                       {"best_score", s.best_score},
                       {"earlier_score", s.earlier.score},
                       {"earlier_valid_force_mae", s.earlier.valid_force_mae},
                       {"earlier_training_force_mae", s.earlier.training_force_mae},
                       {"settled", s.settled},
                       {"decayed", s.decayed},
                       {"step", s.optimizer.step},
                       {"norm", s.optimizer.norm},
                       {"learning_curve", s.learning_curve}};
  std::string bytes = std::string(kMagic) + header.dump() + "\n";
  for (const auto* v : {&s.optimizer.parameters, &s.optimizer.first, &s.optimizer.second,
                        &s.optimizer.largest, &s.optimizer.average, &s.best})
    Append(*v, &bytes);
  bytes += Sha256(bytes);
  return WriteFileAtomically(path, bytes);
}

template <typename Real>
absl::StatusOr<TrainingState<Real>> ReadCheckpoint(const std::string& path, const std::string& fingerprint) {
  SUPERION_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  std::string_view bytes = content;
  SUPERION_ASSIGN_OR_RETURN(const Json h, TakeHeader(path, &bytes));
  if (h["fingerprint"] != fingerprint || h["real"] != sizeof(Real))
    return FailedPrecondition("{}: belongs to a training with other data or settings", path);
  TrainingState<Real> s;
  s.fingerprint = fingerprint;
  s.epoch = h["epoch"];
  s.rate_factor = NumberOrNan(h, "rate_factor");
  s.lowest_loss = NumberOrNan(h, "lowest_loss");
  s.elapsed_s = NumberOrNan(h, "elapsed_s");
  s.recoveries = h["recoveries"];
  s.best_score = NumberOrNan(h, "best_score");
  s.earlier = {NumberOrNan(h, "earlier_score"), NumberOrNan(h, "earlier_valid_force_mae"),
               NumberOrNan(h, "earlier_training_force_mae")};
  s.settled = h["settled"];
  s.decayed = h["decayed"];
  s.optimizer.step = h["step"];
  s.optimizer.norm = NumberOrNan(h, "norm");
  s.learning_curve = h["learning_curve"];
  const size_t n = h["parameters"], best = h["best"];
  auto& o = s.optimizer;
  if (!Take(&bytes, n, &o.parameters) || !Take(&bytes, n, &o.first) || !Take(&bytes, n, &o.second) ||
      !Take(&bytes, n, &o.largest) || !Take(&bytes, n, &o.average) || !Take(&bytes, best, &s.best))
    return Damaged(path);
  return s;
}

std::string FingerprintOfCheckpoint(const std::string& path) {
  const absl::StatusOr<std::string> content = ReadFile(path);
  if (!content.ok()) return "";
  std::string_view bytes = *content;
  const absl::StatusOr<Json> header = TakeHeader(path, &bytes);
  return header.ok() ? (*header)["fingerprint"].get<std::string>() : "";
}

absl::Status Readdress(const std::string& path, const std::string& fingerprint, double elapsed_s) {
  SUPERION_ASSIGN_OR_RETURN(const std::string content, ReadFile(path));
  std::string_view values = content;
  SUPERION_ASSIGN_OR_RETURN(Json header, TakeHeader(path, &values));
  header["fingerprint"] = fingerprint;
  header["elapsed_s"] = std::max(header["elapsed_s"].get<double>(), elapsed_s);
  std::string bytes = fmt::format("{}{}\n{}", kMagic, header.dump(), values);
  bytes += Sha256(bytes);
  return WriteFileAtomically(path, bytes);
}

template absl::Status WriteCheckpoint(const std::string&, const TrainingState<float>&);
template absl::Status WriteCheckpoint(const std::string&, const TrainingState<double>&);
template absl::StatusOr<TrainingState<float>> ReadCheckpoint(const std::string&, const std::string&);
template absl::StatusOr<TrainingState<double>> ReadCheckpoint(const std::string&, const std::string&);

}  // namespace superion::trainer
