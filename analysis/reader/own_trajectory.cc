#include "analysis/reader/format_reader.h"
#include "core/trajectory.h"

namespace superion::analysis {
namespace {

class OwnReader : public FormatReader {
 public:
  explicit OwnReader(TrajectoryReader reader) : reader_(std::move(reader)) {}

  absl::StatusOr<bool> Next(RawFrame* frame) override {
    SUPERION_ASSIGN_OR_RETURN(const bool more, reader_.Next(&frame_));
    if (!more) return false;
    frame->species = reader_.header().species;
    frame->masses_u = reader_.header().masses_u;
    frame->positions = frame_.positions;
    frame->cell = frame_.cell;
    frame->time_ps = frame_.time_ps;
    return true;
  }
  bool truncated() const override { return reader_.truncated(); }
  Continuity continuity() const override { return Continuity::kIntegrated; }
  double temperature_k() const override { return reader_.header().temperature_k; }

 private:
  TrajectoryReader reader_;
  TrajectoryFrame frame_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FormatReader>> OpenOwnTrajectory(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(TrajectoryReader reader, TrajectoryReader::Open(path));
  return std::make_unique<OwnReader>(std::move(reader));
}

}  // namespace superion::analysis
