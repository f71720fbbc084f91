#include "md_runner/force_provider.h"

#include <cmath>
#include <utility>

namespace superion {
namespace {

class FieldProvider : public ForceProvider {
 public:
  FieldProvider(std::unique_ptr<ForceProvider> provider, std::vector<double> charges, const Vec3& field)
      : provider_(std::move(provider)), charges_(std::move(charges)), field_(field) {}

  absl::Status Compute(const std::vector<ForceRequest>& requests) override {
    SUPERION_RETURN_IF_ERROR(provider_->Compute(requests));
    for (const ForceRequest& request : requests) AddField(*request.positions, request.result);
    return absl::OkStatus();
  }
  void Forget(int replica) override { provider_->Forget(replica); }

 private:
  void AddField(const std::vector<Vec3>& positions, ForceResult* result) const {
    double work = 0.0;
    for (size_t i = 0; i < positions.size(); ++i) {
      result->forces[i] += charges_[i] * field_;
      work += charges_[i] * Dot(field_, positions[i]);
    }
    result->energy -= work;
  }

  std::unique_ptr<ForceProvider> provider_;
  std::vector<double> charges_;
  Vec3 field_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ForceProvider>> AddElectricField(std::unique_ptr<ForceProvider> provider,
                                                                std::vector<double> charges,
                                                                const Vec3& field) {
  double total = 0.0, magnitude = 0.0;
  for (const double q : charges) {
    total += q;
    magnitude += std::abs(q);
  }
  if (std::abs(total) > 1e-9 * magnitude) {
    return InvalidArgument(
        "cannot apply an electric field: the charges add up to {} e, expected 0 (a charged cell would be "
        "accelerated)",
        total);
  }
  return std::make_unique<FieldProvider>(std::move(provider), std::move(charges), field);
}

}  // namespace superion
