#include "analysis/reader/format_reader.h"
#include "core/trajectory.h"

namespace superion::analysis {
namespace {

class OwnReader : public FormatReader {
 public:
  OwnReader(TrajectoryReader reader, const Vec3& field) : reader_(std::move(reader)), field_(field) {}

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
  Vec3 field_v_per_angstrom() const override { return field_; }

 private:
  TrajectoryReader reader_;
  const Vec3 field_;
  TrajectoryFrame frame_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<FormatReader>> OpenOwnTrajectory(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(TrajectoryReader reader, TrajectoryReader::Open(path));
  Vec3 field{};
  const Json& provenance = reader.header().provenance;
  if (const auto found = provenance.find("field_v_per_angstrom"); found != provenance.end()) {
    try {
      found->get_to(field);
    } catch (const Json::exception&) {
      return DataLoss("{}: field_v_per_angstrom: expected three numbers, found {}", path, found->dump());
    }
  }
  return std::make_unique<OwnReader>(std::move(reader), field);
}

}  // namespace superion::analysis
