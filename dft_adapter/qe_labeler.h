// The Quantum ESPRESSO labeler: pw.x as a process per label, or kept alive behind a socket where that pays;
// failed SCFs are escalated as processes (qe_escalation.h).
#pragma once

#include <memory>

#include "dft_adapter/labeler.h"
#include "dft_adapter/pseudopotential.h"
#include "dft_adapter/qe_driver.h"
#include "dft_adapter/qe_escalation.h"

namespace superion {

// `auto` uses the driver for steps of MD, where it extrapolates the density from step to step (52 atoms of
// Li6PS5Cl at 25 Ry, on a busy core: 4.4 instead of 7.8 CPU s), and below this many atoms: above, start-up is
// negligible and a process isolates failures.
inline constexpr size_t kDriverAtoms = 48;

class QeLabeler : public Labeler {
 public:
  // `first_attempt` are the numerics that escalation starts from. Looks up every pseudopotential; NotFound
  // names what is missing.
  static absl::StatusOr<std::unique_ptr<QeLabeler>> Create(const QeSettings& settings,
                                                           const LabelerOptions& options,
                                                           const QeNumerics& first_attempt = {});
  ~QeLabeler() override;

  absl::StatusOr<LabelOutcome> Label(const Structure& structure, Sequence sequence) override;
  Json Identity() const override;
  const std::map<std::string, Pseudopotential>& pseudopotentials() const { return pseudopotentials_; }

 private:
  QeLabeler() = default;
  absl::Status PreparePseudopotentials();
  bool UsesDriver(const Structure& structure, Sequence sequence) const;
  absl::Status LabelByDriver(Sequence sequence, std::vector<QeAttempt>* history, LabelOutcome* outcome);
  absl::Status LabelByProcess(std::vector<QeAttempt> history, LabelOutcome* outcome);
  // One run of pw.x in `folder`; fills the frame or the failure, and the accuracies of `attempt`.
  absl::Status Run(const std::string& folder, const StagnationRule& rule, QeAttempt* attempt,
                   LabelOutcome* outcome);
  std::string NewFolder(const std::string& name);

  QeSettings settings_;
  LabelerOptions options_;
  QeNumerics first_attempt_;
  std::map<std::string, Pseudopotential> pseudopotentials_;
  std::unique_ptr<QeDriver> driver_;
  std::string driver_folder_;
  int folders_ = 0;
  int useless_drivers_ = 0;  // hung, or never connected
};

absl::StatusOr<std::unique_ptr<Labeler>> MakeQeLabeler(const Json& checked, const LabelerOptions& options);

// What pw.x says about itself ("6.7MaX"); Unimplemented when it is not there.
absl::StatusOr<std::string> QeVersion(const LabelerOptions& options);

}  // namespace superion
