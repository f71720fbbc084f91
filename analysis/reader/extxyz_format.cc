#include "absl/strings/numbers.h"
#include "analysis/reader/format_reader.h"
#include "analysis/reader/ipi_comment.h"
#include "core/extxyz.h"

namespace superion::analysis {
namespace {

std::optional<double> Number(const Frame& frame, const char* key, double factor) {
  const auto found = frame.info.find(key);
  double value = 0.0;
  if (found == frame.info.end() || !absl::SimpleAtod(found->second, &value)) return std::nullopt;
  return value * factor;
}

class ExtxyzFormat : public FormatReader {
 public:
  ExtxyzFormat(ExtxyzReader reader, std::string path, std::string charge_column)
      : reader_(std::move(reader)), path_(std::move(path)), charge_column_(std::move(charge_column)) {}

  absl::StatusOr<bool> Next(RawFrame* out) override {
    SUPERION_ASSIGN_OR_RETURN(std::optional<Frame> frame, reader_.Next());
    if (!frame) return false;
    out->time_ps = Number(*frame, "time_ps", 1.0);
    if (!out->time_ps) out->time_ps = Number(*frame, "time_fs", 1e-3);
    Structure& s = frame->structure;
    out->species = std::move(s.species);
    out->positions = std::move(s.positions);
    out->velocities = std::move(frame->velocities);
    if (const auto masses = frame->atom_scalars.find("masses"); masses != frame->atom_scalars.end())
      out->masses_u = masses->second;
    if (const auto charges = frame->atom_scalars.find(charge_column_); charges != frame->atom_scalars.end())
      out->charges_e = charges->second;
    // A time without a unit counts frames, no more: fs in one program, ps in another.
    for (const char* key : {"step", "Step", "Timestep", "timestep", "Time", "time"}) {
      if (!out->step) out->step = Number(*frame, key, 1.0);
    }
    out->cell = s.cell;
    out->pbc = s.pbc;
    ++frame_;
    if (Determinant(s.cell) == 0.0) SUPERION_RETURN_IF_ERROR(AddIpiCell(out));
    return true;
  }
  bool truncated() const override { return reader_.truncated(); }
  Continuity continuity() const override { return Continuity::kUnknown; }

 private:
  absl::Status AddIpiCell(RawFrame* out) const {
    const auto comment = ParseIpiComment(reader_.comment());
    if (!comment.ok()) return InvalidArgument("{}, frame {}: {}", path_, frame_, comment.status().message());
    if (!*comment) return absl::OkStatus();
    out->cell = (*comment)->cell;
    out->pbc = {true, true, true};
    out->step = (*comment)->step;
    for (Vec3& r : out->positions) r = (*comment)->position * r;
    return absl::OkStatus();
  }

  ExtxyzReader reader_;
  const std::string path_, charge_column_;
  size_t frame_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FormatReader>> OpenExtxyz(const std::string& path,
                                                         const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  return std::make_unique<ExtxyzFormat>(ExtxyzReader(std::move(lines), path), path, options.charge_column);
}

}  // namespace superion::analysis
