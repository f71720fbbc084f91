#include "dft_adapter/qe_labeler.h"

#include <cmath>
#include <filesystem>
#include <sstream>

#include "core/file.h"
#include "dft_adapter/qe_input.h"

namespace superion {
namespace {

namespace fs = std::filesystem;

constexpr int kMostUselessDrivers = 2;       // each may cost the limit: then processes alone
constexpr uintmax_t kLeastSpace = 16 << 20;  // bytes; below, a failed run is blamed on the disk

std::vector<std::string> Words(const std::string& command) {
  std::istringstream in(command);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

SubprocessOptions PwProcess(const std::string& command, const std::string& folder, const std::string& stem) {
  SubprocessOptions options;
  options.arguments = Words(command);
  options.arguments.insert(options.arguments.end(), {"-i", stem + ".in"});
  options.working_directory = folder;
  options.stdout_path = folder + "/" + stem + ".out";
  options.stderr_path = folder + "/" + stem + ".err";
  options.environment = {
      {"OMP_NUM_THREADS", "1"},
      {"OPENBLAS_NUM_THREADS", "1"},
      {"OMPI_MCA_ess_singleton_isolated", "1"},
      {"GFORTRAN_UNBUFFERED_PRECONNECTED", "y"}};  // the watch reads the output while it is written
  return options;
}

std::chrono::milliseconds SilenceLimit(const SiteProfile& site) {
  return std::chrono::milliseconds(std::llround(site.pw_silence_min * 60e3));
}

void RemoveFolder(const std::string& folder) {
  std::error_code error;
  if (!folder.empty()) fs::remove_all(folder, error);
}

absl::Status CheckDisk(const std::string& folder) {
  std::error_code error;
  const fs::space_info space = fs::space(folder, error);
  if (!error && space.available < kLeastSpace) {
    return ResourceExhausted("the disk of {} is full ({} bytes left): pw.x cannot write its files", folder,
                             space.available);
  }
  return absl::OkStatus();
}

// pw.x falls back to a packaged folder without a word when it does not find a file in pseudo_dir.
std::optional<LabelFailure> CheckPseudoFiles(const QeOutput& output) {
  for (const std::string& path : output.pseudo_files) {
    if (path.rfind("../pseudo/", 0) != 0) {
      return LabelFailure{failure_class::kMismatch,
                          fmt::format("pw.x read another pseudopotential: {}", path)};
    }
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::unique_ptr<QeLabeler>> QeLabeler::Create(const QeSettings& settings,
                                                             const LabelerOptions& options,
                                                             const QeNumerics& first_attempt) {
  auto labeler = std::unique_ptr<QeLabeler>(new QeLabeler());
  labeler->settings_ = settings;
  labeler->options_ = options;
  std::error_code error;
  labeler->options_.work_directory = fs::absolute(options.work_directory, error).string();
  labeler->first_attempt_ = first_attempt;
  const std::vector<std::string> command = Words(options.site.pw_command);
  if (command.empty()) return InvalidArgument("site.pw_command is empty");
  SUPERION_RETURN_IF_ERROR(FindProgram(command[0]).status());
  SUPERION_RETURN_IF_ERROR(labeler->PreparePseudopotentials());
  return labeler;
}

QeLabeler::~QeLabeler() {
  driver_.reset();
  RemoveFolder(driver_folder_);
  RemoveFolder(options_.work_directory + "/pseudo");
}

// pw.x sees a folder that holds the exact files and nothing else.
absl::Status QeLabeler::PreparePseudopotentials() {
  const fs::path folder = fs::path(options_.work_directory) / "pseudo";
  std::error_code error;
  fs::create_directories(folder, error);
  for (const auto& [species, file] : settings_.pseudopotentials) {
    SUPERION_ASSIGN_OR_RETURN(Pseudopotential found,
                              FindPseudopotential(species, file, options_.site, options_.work_directory));
    fs::remove(folder / file, error);
    fs::create_symlink(found.path, folder / file, error);
    if (error) return Unavailable("cannot make {}: {}", (folder / file).string(), error.message());
    pseudopotentials_[species] = std::move(found);
  }
  return absl::OkStatus();
}

Json QeLabeler::Identity() const {
  Json hashes = Json::object();
  for (const auto& [species, p] : pseudopotentials_) hashes[species] = p.content_sha256;
  return {{"kind", "qe"},
          {"functional", settings_.functional},
          {"ecutwfc_ry", settings_.ecutwfc_ry},
          {"ecutrho_ry", settings_.ecutrho_ry ? Json(*settings_.ecutrho_ry) : Json()},
          {"kpoints", settings_.kpoints},
          {"kshift", settings_.kshift},
          {"conv_thr_ry", settings_.conv_thr_ry},
          {"smearing_ev", settings_.smearing_ev},
          {"total_charge", settings_.total_charge},
          {"stress", settings_.stress},
          {"pseudopotentials", hashes}};
}

bool QeLabeler::UsesDriver(const Structure& structure, Sequence sequence) const {
  if (settings_.mode != "auto") return settings_.mode == "driver";
  return sequence == Sequence::kNearby || structure.size() < kDriverAtoms;
}

std::string QeLabeler::NewFolder(const std::string& name) {
  std::string folder = fmt::format("{}/{}-{}", options_.work_directory, name, folders_++);
  RemoveFolder(folder);
  std::error_code error;
  fs::create_directories(folder, error);
  return folder;
}

absl::StatusOr<LabelOutcome> QeLabeler::Label(const Structure& structure, Sequence sequence) {
  LabelOutcome outcome;
  outcome.frame.structure = structure;
  outcome.attempts = 0;
  outcome.source = "process";
  outcome.failure = CheckGeometry(structure);
  if (outcome.failure) return outcome;
  for (const std::string& symbol : DistinctSpecies(structure)) {
    if (pseudopotentials_.count(symbol) == 0) {
      return InvalidArgument("labeler.pseudopotentials: no entry for {}, which is in the structure", symbol);
    }
  }
  std::vector<QeAttempt> history;
  if (useless_drivers_ < kMostUselessDrivers && UsesDriver(structure, sequence)) {
    SUPERION_RETURN_IF_ERROR(LabelByDriver(sequence, &history, &outcome));
    if (!outcome.failure) return outcome;
  }
  SUPERION_RETURN_IF_ERROR(LabelByProcess(std::move(history), &outcome));
  return outcome;
}

absl::Status QeLabeler::LabelByDriver(Sequence sequence, std::vector<QeAttempt>* history,
                                      LabelOutcome* outcome) {
  if (driver_ != nullptr && !driver_->Fits(outcome->frame.structure)) driver_.reset();
  if (driver_ == nullptr) {
    RemoveFolder(driver_folder_);
    driver_folder_ = NewFolder("driver");
    auto started = QeDriver::Start(settings_, outcome->frame.structure,
                                   {Words(options_.site.pw_command), driver_folder_, "../pseudo",
                                    first_attempt_, SilenceLimit(options_.site)});
    if (absl::IsUnavailable(started.status())) {
      ++useless_drivers_;
      outcome->failure = LabelFailure{failure_class::kProgram, std::string(started.status().message())};
      return CheckDisk(options_.work_directory);
    }
    if (!started.ok()) return started.status();
    driver_ = std::move(*started);
  }
  QeDriver::Outcome result = driver_->Compute(sequence, &outcome->frame);
  outcome->cpu_s += result.cpu_s;
  outcome->failure = std::move(result.failure);
  outcome->source = "driver";
  ++outcome->attempts;
  if (!outcome->failure) return absl::OkStatus();
  // On its first geometry the driver does what a process would do: that input is not tried again, unless it
  // was the driver that hung.
  if (outcome->failure->failure_class == failure_class::kHung) {
    ++useless_drivers_;
  } else if (driver_->computed() == 1) {
    history->push_back({first_attempt_, outcome->failure->failure_class, {}});
  }
  driver_.reset();  // a driver that failed once is not trusted with its history again
  return absl::OkStatus();
}

absl::Status QeLabeler::LabelByProcess(std::vector<QeAttempt> history, LabelOutcome* outcome) {
  const std::string folder = NewFolder("scf");
  std::optional<QeNumerics> numerics = history.empty() ? first_attempt_ : NextAttempt(history);
  if (numerics && !history.empty()) numerics->from_density = false;  // the driver's density is gone
  outcome->source = "process";
  absl::Status status;
  while (numerics && status.ok() && outcome->attempts < kMaxQeAttempts) {
    history.push_back({*numerics, "", {}});
    ++outcome->attempts;
    status =
        Run(folder, StagnationRuleOf(history.size() - 1, settings_.conv_thr_ry), &history.back(), outcome);
    if (!status.ok() || !outcome->failure) break;
    history.back().failure_class = outcome->failure->failure_class;
    status = CheckDisk(folder);
    numerics = NextAttempt(history);
  }
  RemoveFolder(folder);
  return status;
}

absl::Status QeLabeler::Run(const std::string& folder, const StagnationRule& rule, QeAttempt* attempt,
                            LabelOutcome* outcome) {
  std::error_code error;
  if (!attempt->numerics.from_density) fs::remove_all(folder + "/out", error);
  fs::remove(folder + "/out/label.xml", error);  // an old one must not pass for a new one
  SUPERION_ASSIGN_OR_RETURN(
      const std::string input,
      QeInput(settings_, attempt->numerics, outcome->frame.structure, QeTask::kScf, "../pseudo"));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(folder + "/scf.in", input));
  SUPERION_ASSIGN_OR_RETURN(const auto process,
                            Subprocess::Start(PwProcess(options_.site.pw_command, folder, "scf")));
  ExitState exit;
  const auto ended =
      WaitWatched(process.get(), {folder + "/scf.out", SilenceLimit(options_.site), rule}, &exit);
  outcome->cpu_s += exit.cpu_s;
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(folder + "/scf.out"));
  const QeOutput output = ParseQeOutput(text);
  attempt->accuracies_ry = output.accuracies_ry;
  attempt->stagnated = StagnatesAt(output.accuracies_ry, rule).has_value();
  outcome->failure = CheckPseudoFiles(output);
  if (ended) outcome->failure = ended;
  if (outcome->failure) return absl::OkStatus();
  const auto xml_text = ReadFile(folder + "/out/label.xml");
  if (exit.exit_code != 0 || exit.signal != 0 || !xml_text.ok()) {
    outcome->failure = ClassifyQeFailure(output, exit);
    return absl::OkStatus();
  }
  const auto xml = ParseQeXml(*xml_text, folder + "/out/label.xml");
  if (!xml.ok()) {
    outcome->failure = LabelFailure{failure_class::kOutput, std::string(xml.status().message())};
    return absl::OkStatus();
  }
  outcome->failure = AcceptQeXml(*xml, exit, settings_, &outcome->frame);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Labeler>> MakeQeLabeler(const Json& checked, const LabelerOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(auto labeler, QeLabeler::Create(QeSettingsFromJson(checked), options));
  return std::unique_ptr<Labeler>(std::move(labeler));
}

absl::StatusOr<std::string> QeVersion(const LabelerOptions& options) {
  const std::string folder = fs::absolute(options.work_directory).string() + "/version";
  std::error_code error;
  fs::create_directories(folder, error);
  // pw.x prints its banner before it finds that the input is empty.
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(folder + "/version.in", "\n"));
  SUPERION_ASSIGN_OR_RETURN(const auto process,
                            Subprocess::Start(PwProcess(options.site.pw_command, folder, "version")));
  ExitState exit;
  const auto ended = WaitWatched(process.get(), {folder + "/version.out", SilenceLimit(options.site)}, &exit);
  if (ended) return Unavailable("{}: {}", options.site.pw_command, ended->message);
  SUPERION_ASSIGN_OR_RETURN(const std::string text, ReadFile(folder + "/version.out"));
  RemoveFolder(folder);
  const std::string version = ParseQeOutput(text).version;
  if (version.empty()) {
    return FailedPrecondition("{} did not introduce itself as PWSCF; it printed: {}", options.site.pw_command,
                              text.substr(0, 200));
  }
  return version;
}

}  // namespace superion
