#include "trainer/train_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <numeric>

#include "core/file.h"
#include "core/json.h"
#include "core/random.h"
#include "trainer/checkpoint.h"
#include "trainer/radial_coordinates.h"
#include "trainer/schedule.h"
#include "trainer/standardisation.h"

namespace superion::trainer {
namespace {

constexpr double kZblScale = 0.7;
constexpr int kMostRecoveries = 8;
constexpr int kValidations = 80;   // at most so many over a training
constexpr double kAnnealed = 0.9;  // of a cycle: here the weights of the loss are the late ones
constexpr double kHandicap = 1e9;
// Of the best score before a cycle: what it must reach for another to follow.
constexpr double kWorthwhile = 0.99;
// The second in validation, against the cycle before
// (docs/adr/2026-11-21-a-decay-after-learning-by-heart.md).
constexpr double kDecay = 0.1, kDecayMayCost = 1.1;
constexpr double kEnoughLabels = 0.25;  // force components for every weight
constexpr int kEvaluationAtoms = 1024;  // atoms per batch when only energies and forces are wanted

template <typename Real>
class Loop {
 public:
  Loop(const TrainOptions& options, const EpochSink& progress)
      : options_(options),
        architecture_(options.architecture),
        layout_(options.architecture),
        progress_(progress) {}

  absl::StatusOr<TrainOutcome> Run(const Dataset& dataset, const Model* init) {
    start_ = std::chrono::steady_clock::now();
    n_new_ = static_cast<int64_t>(dataset.n_new);
    SUPERION_RETURN_IF_ERROR(Prepare(dataset, init));
    SUPERION_RETURN_IF_ERROR(Resume(dataset, init));
    while (!Done()) {
      SUPERION_RETURN_IF_ERROR(OneEpoch());
      const bool enough = options_.stop_after_epochs > 0 && ++epochs_here_ >= options_.stop_after_epochs;
      if (enough || (options_.stop != nullptr && options_.stop->load())) {
        SUPERION_RETURN_IF_ERROR(Checkpoint());
        return Unavailable("training stopped on request after epoch {}", state_.epoch);
      }
    }
    if (state_.epoch == 0)
      return InvalidArgument(
          "max_time_s: the time was over before the first epoch; preparing {} frames took {:.2g} s: give "
          "more "
          "time",
          train_.size(), Elapsed() - elapsed_before_);
    if (options_.stop_after_cycles > 0) SUPERION_RETURN_IF_ERROR(Checkpoint());
    return Finish(dataset);
  }

 private:
  // ---- preparation
  absl::Status Prepare(const Dataset& dataset, const Model* init) {
    MemoryBudget budget{options_.memory_gib * (1u << 30)};
    SUPERION_ASSIGN_OR_RETURN(train_, Store(dataset.train, "training", &budget));
    SUPERION_ASSIGN_OR_RETURN(valid_, Store(dataset.valid, "validation", &budget));
    for (FrameStore<Real>* side : {&train_, &valid_}) side->SetSources(&sources_);
    scales_ = MeasureScales(architecture_, train_.frames(), kZblScale);
    if (init != nullptr) {  // what the learned tensors are relative to stays as it was
      SUPERION_RETURN_IF_ERROR(CheckModel(*init));
      KeepKnownReferences(*init, architecture_, train_.frames(), &scales_.reference_energy);
      scales_.density_scale = init->density_scale;
      scales_.energy_scale = init->energy_scale;
      scales_.zbl_scale = init->zbl_scale;
      if (init->zbl_scale != kZblScale)
        return InvalidArgument("warm start: the initial model has zbl_scale {}, expected {}", init->zbl_scale,
                               kZblScale);
    }
    for (FrameStore<Real>* side : {&train_, &valid_}) side->Finish(scales_);
    graph_ = std::make_unique<TrainingGraph<Real>>(architecture_, scales_, options_.threads, options_.device);
    return InitialState(init);
  }

  absl::StatusOr<FrameStore<Real>> Store(const std::vector<Frame>& frames, const char* what,
                                         MemoryBudget* budget) {
    auto store = FrameStore<Real>::Create(architecture_, frames, kZblScale, options_.threads, budget);
    if (!store.ok())
      return absl::Status(store.status().code(), fmt::format("{} {}", what, store.status().message()));
    return store;
  }

  absl::Status InitialState(const Model* init) {
    // mix0 is optimised in coordinates in which smooth functions that the frames need come first.
    coordinates_ = RadialCoordinates(architecture_, DensityGram(architecture_, train_));
    std::vector<double> parameters = InitialParameters(architecture_, coordinates_.Seen(), options_.seed);
    mix0_ = layout_.block("mix0").offset;
    coordinates_.ToWeights(parameters.data() + mix0_);
    const int z = architecture_.n_species(), f = architecture_.n_features();
    mean_.assign(static_cast<size_t>(z) * f, 0.0);
    scale_.assign(static_cast<size_t>(z) * f, 1.0);
    const auto measure = [&] {
      const std::vector<Real> theta(parameters.begin(), parameters.end());
      graph_->network().SetStandardisation(mean_, scale_);
      graph_->network().SetParameters(theta.data());
      MeasureInvariants(architecture_, train_, graph_->network(), &mean_, &scale_);
    };
    if (init == nullptr) {
      measure();
    } else {
      // First with everything copied, so that a new species sees the invariants of the copied mixings.
      SUPERION_RETURN_IF_ERROR(CopyKnownSpecies(*init, architecture_, &parameters, &mean_, &scale_));
      measure();
      SUPERION_RETURN_IF_ERROR(CopyKnownSpecies(*init, architecture_, &parameters, &mean_, &scale_));
    }
    graph_->network().SetStandardisation(mean_, scale_);
    coordinates_.FromWeights(parameters.data() + mix0_);
    optimizer_ = std::make_unique<Optimizer<Real>>(
        options_.optimizer, std::vector<Real>(parameters.begin(), parameters.end()), Decay());
    return absl::OkStatus();
  }

  std::vector<Real> Decay() const {
    std::vector<Real> decay(layout_.size(), Real(0));
    for (const ParameterBlock& block : layout_.blocks())
      if (block.decayed) std::fill_n(decay.begin() + block.offset, block.size, Real(1));
    return decay;
  }

  // ---- checkpoint
  absl::Status Resume(const Dataset& dataset, const Model* init) {
    state_.fingerprint = TrainingFingerprint(options_, dataset, init);
    if (!options_.checkpoint_path.empty()) {
      auto read = ReadCheckpoint<Real>(options_.checkpoint_path, state_.fingerprint);
      if (read.ok() && read->optimizer.parameters.size() == static_cast<size_t>(layout_.size())) {
        state_ = *std::move(read);
        optimizer_->set_state(state_.optimizer);
        resumed_ = true;
        std::fprintf(stderr, "resuming after epoch %d\n", state_.epoch);
        if (progress_)
          progress_({static_cast<double>(state_.epoch), static_cast<double>(options_.epochs), "epochs",
                     fmt::format("going on after epoch {}", state_.epoch)});
      } else if (!absl::IsNotFound(read.status())) {
        std::fprintf(stderr, "not resuming: %s\n", std::string(read.status().message()).c_str());
      }
    }
    elapsed_before_ = std::max(state_.elapsed_s, options_.elapsed_s);
    if (!state_.learning_curve.empty()) latest_ = LatestErrors();
    good_ = optimizer_->state();
    last_checkpoint_s_ = Elapsed();
    return absl::OkStatus();
  }

  absl::Status Checkpoint() {
    if (options_.checkpoint_path.empty()) return absl::OkStatus();
    state_.optimizer = optimizer_->state();
    state_.elapsed_s = Elapsed();
    last_checkpoint_s_ = state_.elapsed_s;
    return WriteCheckpoint(options_.checkpoint_path, state_);
  }

  // Those of the last validation that the target and the progress look at.
  ErrorSummary LatestErrors() const {
    const Json& errors = state_.learning_curve.back()[valid_.size() > 0 ? "valid" : "train"];
    ErrorSummary latest;
    latest.frames = errors["frames"];
    latest.force_mae = NumberOrNan(errors, "force_mae_mev_per_angstrom");
    latest.energy_mae = NumberOrNan(errors, "energy_mae_mev_per_atom");
    return latest;
  }

  // ---- the loop
  // Of all threads of the process.
  static double CpuSeconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }
  bool Done() const {
    return ScheduleEnds() || state_.settled || TargetReached() || BeyondCycles(Fraction());
  }
  // Of those that are wanted.
  bool BeyondCycles(double fraction) const {
    return options_.stop_after_cycles > 0 && CycleAt(fraction, options_.cycles) >= options_.stop_after_cycles;
  }
  bool TargetReached() const {
    const double force = options_.target_force_mae, energy = options_.target_energy_mae;
    return (force > 0 || energy > 0) && latest_.frames > 0 && (force <= 0 || latest_.force_mae <= force) &&
           (energy <= 0 || latest_.energy_mae <= energy);
  }
  // Frames of an epoch: the new ones, and as many of those that are replayed.
  int64_t EpochFrames() const {
    const int64_t all = static_cast<int64_t>(train_.size());
    return n_new_ > 0 && n_new_ < all ? std::min(all, 2 * n_new_) : all;
  }
  std::vector<int> EpochOrder() const {
    std::vector<int> order(train_.size());
    std::iota(order.begin(), order.end(), 0);
    Random random(DeriveSeed(options_.seed, fmt::format("epoch/{}/{}", state_.epoch, state_.recoveries)));
    const auto shuffle = [&](size_t begin) {
      for (size_t i = order.size(); i > begin + 1; --i)
        std::swap(order[i - 1], order[begin + random.Below(i - begin)]);
    };
    if (EpochFrames() < static_cast<int64_t>(order.size())) {
      shuffle(static_cast<size_t>(n_new_));
      order.resize(static_cast<size_t>(EpochFrames()));
    }
    shuffle(0);
    return order;
  }
  double Elapsed() const {
    return elapsed_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  int64_t StepsPerEpoch() const {
    return (EpochFrames() + options_.batch_frames - 1) / options_.batch_frames;
  }
  // How far the schedule is, 0..1: by steps, or by the time limit when that is nearer.
  double Fraction() const {
    const double steps = static_cast<double>(optimizer_->state().step) /
                         (static_cast<double>(StepsPerEpoch()) * options_.epochs);
    return std::min(1.0, std::max(steps, TimeFraction()));
  }
  double TimeFraction() const { return options_.max_time_s > 0 ? Elapsed() / options_.max_time_s : 0.0; }
  // Of the cycle in which the epoch began: the next one begins with an epoch, when this one was validated.
  double CycleFractionNow() const { return CycleFraction(Fraction(), cycle_, options_.cycles); }
  int64_t WarmupSteps() const { return std::min<int64_t>(200, StepsPerEpoch() * options_.epochs / 20 + 1); }

  // Parameters of the network from those of the optimiser.
  std::vector<Real> Effective(std::vector<Real> theta) const {
    coordinates_.ToWeights(theta.data() + mix0_);
    return theta;
  }

  absl::Status OneEpoch() {
    const std::vector<int> order = EpochOrder();
    const double begin = Elapsed(), cpu_begin = CpuSeconds();
    LossTerms mean;
    double seen = 0.0;  // of the epoch
    cycle_ = CycleAt(Fraction(), options_.cycles);
    const double before = CycleFractionNow();
    for (size_t first = 0; first < order.size(); first += options_.batch_frames) {
      const size_t last = std::min(order.size(), first + options_.batch_frames);
      const LossTerms terms = OneStep({order.begin() + first, order.begin() + last});
      const double share = static_cast<double>(last - first) / static_cast<double>(order.size());
      mean.energy += share * terms.energy, mean.force += share * terms.force,
          mean.stress += share * terms.stress;
      seen += share;
      if (!std::isfinite(terms.energy + terms.force + terms.stress)) break;
      if (TimeFraction() > 1 || BeyondCycles(TimeFraction())) {
        mean.force /= seen;  // the next epoch is held against it
        break;
      }
    }
    stepping_s_ += Elapsed() - begin, stepping_cpu_s_ += CpuSeconds() - cpu_begin, ++epochs_timed_;
    const bool finite = std::isfinite(mean.energy + mean.force + mean.stress);
    if (!finite ||
        (state_.lowest_loss > 0 && mean.force > LargestForceLoss(state_.lowest_loss, HuberAt(before))))
      return GoBack(mean.force);
    state_.lowest_loss = state_.lowest_loss > 0 ? std::min(state_.lowest_loss, mean.force) : mean.force;
    good_ = optimizer_->state();
    failures_here_ = 0;
    ++state_.epoch;
    const int every = std::max(1, options_.epochs / kValidations);
    if (state_.epoch % every == 0 || ScheduleEnds() || CycleEnds()) {
      Validate(before);
      // Asked anew: it may end while it is validated, or be the last as the target is reached.
      if (CycleEnds() && !ScheduleEnds() && !TargetReached()) EndCycle();
      SUPERION_RETURN_IF_ERROR(WriteCurve());
    }
    Report();
    if (Elapsed() - last_checkpoint_s_ > options_.checkpoint_every_s) return Checkpoint();
    return absl::OkStatus();
  }

  bool ScheduleEnds() const { return state_.epoch >= options_.epochs || Fraction() >= 1.0; }
  // The one in which the epoch began.
  bool CycleEnds() const { return CycleAt(Fraction(), options_.cycles) > cycle_; }

  // A cycle of twice the length that is hardly better than those before learns the frames by heart.
  void EndCycle() {
    const CycleErrors before = state_.earlier;
    state_.earlier = {state_.best_score, latest_.force_mae, 0.0};
    state_.settled =
        before.score > 0 && state_.best_score > kWorthwhile * before.score && !valid_.frames().empty();
    // What a first cycle saw but once it did not learn by heart, and its errors take the time of many steps.
    const bool comparable = before.score < 0 ? state_.epoch > 1 : before.training_force_mae > 0;
    if (!state_.settled && comparable && MayDecay()) DecayAfterLearningByHeart(before);
  }

  // With fewer labels all is learned by heart whether weights decay or not, and a decay only costs energies.
  bool MayDecay() const {
    int64_t atoms = 0;
    for (const PreparedFrame& frame : train_.frames()) atoms += frame.n_atoms;
    return architecture_.n_species() > 1 && !valid_.frames().empty() &&
           3.0 * static_cast<double>(atoms) > kEnoughLabels * static_cast<double>(layout_.size());
  }

  // From here on the weights decay: errors on frames like those of training stay, those of training come
  // closer to them. AdamW's decoupled decay (arXiv:1711.05101) of all but biases and the output layer.
  void DecayAfterLearningByHeart(const CycleErrors& before) {
    state_.earlier.training_force_mae = Errors(train_, optimizer_->state().average).force_mae;
    if (before.score < 0 || !LearnsByHeart(before, state_.earlier)) return;
    state_.decayed = true;
    state_.best_score *= kDecayMayCost;
  }

  LossTerms OneStep(const std::vector<int>& choice) {
    const Batch<Real> batch = graph_->MakeBatch(train_, choice);
    const double fraction = CycleFractionNow();
    const LossWeights weights = WeightsAt(options_.early, options_.late, fraction);
    const LossTerms terms =
        graph_->LossGradient(batch, Effective(optimizer_->state().parameters), weights, &gradient_);
    coordinates_.GradientToCoordinates(gradient_.data() + mix0_);
    const double rate = options_.learning_rate * state_.rate_factor *
                        ScheduleFactor(fraction, optimizer_->state().step, WarmupSteps());
    if (std::isfinite(terms.energy + terms.force + terms.stress))
      optimizer_->Step(gradient_, rate, WeightDecay());
    return terms;
  }

  double WeightDecay() const { return state_.decayed ? kDecay : 0.0; }
  double HuberAt(double fraction) const { return WeightsAt(options_.early, options_.late, fraction).huber; }

  absl::Status GoBack(double loss) {
    if (++state_.recoveries > kMostRecoveries)
      return Internal(
          "training diverged {} times (loss of the forces {:.3g}, lowest {:.3g}) in spite of a learning rate "
          "lowered to "
          "{:.3g}; check the labels",
          state_.recoveries, loss, state_.lowest_loss, options_.learning_rate * state_.rate_factor);
    state_.rate_factor *= 0.5;
    // The end of the last good epoch may already lie beyond the edge. The averaged parameters lag behind it.
    if (++failures_here_ > 1) {
      good_.parameters = state_.best.empty() ? good_.average : state_.best;
      good_.average = good_.parameters;
      state_.lowest_loss = 0.0;  // unknown there: the best in validation may have been early
      std::fill(good_.first.begin(), good_.first.end(), Real(0));
    }
    std::fprintf(
        stderr,
        "epoch %d: the loss jumped to %.3g (lowest %.3g); back to the last good state, learning rate x %g\n",
        state_.epoch + 1, loss, state_.lowest_loss, state_.rate_factor);
    optimizer_->set_state(good_);
    return absl::OkStatus();
  }

  // ---- errors
  ErrorSummary Errors(const FrameStore<Real>& side, const std::vector<Real>& scaled) {
    const std::vector<Real> theta = Effective(scaled);
    graph_->network().SetParameters(theta.data());
    ErrorCollector errors(architecture_.species, sources_);
    for (size_t first = 0; first < side.size();) {
      std::vector<int> choice;
      int atoms = 0;
      for (; first < side.size() &&
             (choice.empty() || atoms + side.frames()[first].n_atoms <= kEvaluationAtoms);
           ++first)
        choice.push_back(static_cast<int>(first)), atoms += side.frames()[first].n_atoms;
      const Batch<Real> batch = graph_->MakeBatch(side, choice);
      graph_->Predict(batch, options_.stress, &prediction_);
      errors.Add(batch, prediction_);
    }
    return errors.Summary();
  }

  // Validation on the averaged parameters; keeps the best of the annealed ones.
  void Validate(double fraction) {
    const bool has_valid = valid_.size() > 0;
    const std::vector<Real>& average = optimizer_->state().average;
    const ErrorSummary errors = Errors(has_valid ? valid_ : train_, average);
    latest_ = errors;
    // A state that is not annealed counts only as long as there is none that is: its energies, weighted low,
    // may be good by chance for some epochs.
    const double handicap = CycleFractionNow() < kAnnealed && !TargetReached() ? kHandicap : 0.0;
    const double score = (errors.force_mae + 10 * errors.energy_mae) / scales_.energy_scale + handicap;
    if (std::isfinite(score) && (state_.best_score < 0 || score < state_.best_score)) {
      state_.best_score = score;
      state_.best = average;
    }
    Json point = {{"epoch", state_.epoch},
                  {"learning_rate", options_.learning_rate * state_.rate_factor *
                                        ScheduleFactor(fraction, optimizer_->state().step, WarmupSteps())},
                  {has_valid ? "valid" : "train", ToJson(errors)}};
    state_.learning_curve.push_back(point);
  }

  // Whole, because a training that was resumed must not leave lines twice.
  absl::Status WriteCurve() const {
    if (options_.curve_path.empty()) return absl::OkStatus();
    std::string curve;
    for (const Json& point : state_.learning_curve) curve += DumpJson(point) + "\n";
    return WriteFileAtomically(options_.curve_path, curve);
  }

  void Report() {
    if (!progress_) return;
    const double fraction = std::max(Fraction(), 1e-9);
    const double left = Elapsed() * (1 - fraction) / fraction;
    progress_(
        {static_cast<double>(state_.epoch), static_cast<double>(options_.epochs), "epochs",
         fmt::format("epoch {} of {}: {} force MAE {:.1f} meV/Å, energy MAE {:.2f} meV/atom; {:.0f} s left",
                     state_.epoch, options_.epochs, valid_.size() == 0 ? "training" : "validation",
                     latest_.force_mae, latest_.energy_mae, left)});
  }

  absl::StatusOr<TrainOutcome> Finish(const Dataset& dataset) {
    if (state_.best.empty()) Validate(1.0);
    if (state_.best.empty()) return Internal("training gave no finite errors");
    SUPERION_RETURN_IF_ERROR(WriteCurve());  // a training that was over when it went on has written none
    TrainOutcome outcome;
    if (options_.stop_after_cycles == 0) outcome.train = Errors(train_, state_.best);
    outcome.valid = Errors(valid_, state_.best);
    outcome.epochs = state_.epoch;
    outcome.recoveries = state_.recoveries;
    outcome.settled = state_.settled;
    outcome.decayed = state_.decayed;
    outcome.resumed = resumed_;
    outcome.target_reached = TargetReached();
    outcome.epoch_s = stepping_s_ / std::max(1, epochs_timed_);
    outcome.epoch_cpu_s = stepping_cpu_s_ / std::max(1, epochs_timed_);
    outcome.kept_frames = train_.n_kept();
    for (const Json& point : state_.learning_curve) outcome.learning_curve.push_back(point);
    Model& model = outcome.model;
    model.architecture = architecture_;
    model.density_scale = scales_.density_scale;
    model.energy_scale = scales_.energy_scale;
    model.zbl_scale = scales_.zbl_scale;
    const std::vector<Real> theta = Effective(state_.best);
    StoreParameters(architecture_, {theta.begin(), theta.end()}, &model);
    const int64_t z = architecture_.n_species(), f = architecture_.n_features();
    model.tensors["feature_mean"] = {{z, f}, mean_};
    model.tensors["feature_scale"] = {{z, f}, scale_};
    model.tensors["reference_energy"] = {{z}, scales_.reference_energy};
    model.provenance = {{"data_sha256", dataset.content_sha256},
                        {"train_frames", dataset.train.size()},
                        {"valid_frames", dataset.valid.size()},
                        {"seed", options_.seed},
                        {"epochs", state_.epoch},
                        {"batch_frames", options_.batch_frames},
                        {"learning_rate", options_.learning_rate},
                        {"late_energy_weight", options_.late.energy},
                        {"stress", options_.stress},
                        {"train", ToJson(outcome.train)},
                        {"valid", ToJson(outcome.valid)}};
    SUPERION_RETURN_IF_ERROR(CheckModel(model));
    outcome.elapsed_s = Elapsed();
    return outcome;
  }

  const TrainOptions& options_;
  const ModelArchitecture& architecture_;
  ParameterLayout layout_;
  const EpochSink& progress_;
  std::chrono::steady_clock::time_point start_;
  double elapsed_before_ = 0.0, last_checkpoint_s_ = 0.0;
  int64_t n_new_ = 0;
  double stepping_s_ = 0.0, stepping_cpu_s_ = 0.0;
  int epochs_timed_ = 0;
  int epochs_here_ = 0;
  int cycle_ = 0;
  bool resumed_ = false;
  FrameStore<Real> train_, valid_;
  std::vector<std::string> sources_;
  FixedScales scales_;
  std::vector<double> mean_, scale_;
  RadialCoordinates coordinates_;
  int64_t mix0_ = 0;  // where it begins in the parameters
  std::vector<Real> gradient_;
  std::unique_ptr<TrainingGraph<Real>> graph_;
  std::unique_ptr<Optimizer<Real>> optimizer_;
  typename Optimizer<Real>::State good_;
  int failures_here_ = 0;  // of the guard since the last good epoch
  TrainingState<Real> state_;
  Prediction prediction_;
  ErrorSummary latest_;
};

}  // namespace

absl::StatusOr<TrainOutcome> Train(const TrainOptions& options, const Dataset& dataset, const Model* init,
                                   const EpochSink& progress) {
  if (dataset.train.empty())
    return InvalidArgument("training: expected at least one labelled frame, found none");
  absl::StatusOr<TrainOutcome> outcome = Internal("training did not start");
  SUPERION_RETURN_IF_ERROR(CatchDeviceErrors(options.device, [&] {
    outcome = options.double_precision ? Loop<double>(options, progress).Run(dataset, init)
                                       : Loop<float>(options, progress).Run(dataset, init);
    return outcome.status();
  }));
  return outcome;
}

}  // namespace superion::trainer
