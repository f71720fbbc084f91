#include "trainer/train_loop.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/file.h"
#include "core/random.h"
#include "trainer/checkpoint.h"

namespace superion::trainer {
namespace {

constexpr double kZblScale = 0.7;
constexpr double kRampBegin = 0.5;  // of the schedule: from here on the weights go from `early` to `late`
constexpr double kRampEnd = 0.9;
constexpr double kJump = 10.0;  // an epoch's loss above so many times the lowest is a divergence
constexpr int kMostRecoveries = 8;
constexpr int kValidations = 80;        // at most so many over a training
constexpr int kEvaluationAtoms = 1024;  // atoms per batch when only energies and forces are wanted

// Frames of one side of the dataset with their densities.
template <typename Real>
struct Side {
  std::vector<PreparedFrame> frames;
  std::vector<Real> densities;
  std::vector<size_t> first_atom;
};

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
    SUPERION_RETURN_IF_ERROR(Prepare(dataset, init));
    SUPERION_RETURN_IF_ERROR(Resume(dataset, init));
    while (state_.epoch < options_.epochs && Fraction() < 1.0) {
      SUPERION_RETURN_IF_ERROR(OneEpoch());
      if (options_.stop_after_epochs > 0 && ++epochs_here_ >= options_.stop_after_epochs) {
        SUPERION_RETURN_IF_ERROR(Checkpoint());
        return Unavailable("training stopped on request after epoch {}", state_.epoch);
      }
    }
    return Finish(dataset);
  }

 private:
  // ---- preparation
  absl::Status Prepare(const Dataset& dataset, const Model* init) {
    SUPERION_ASSIGN_OR_RETURN(train_.frames, Frames(dataset.train, "training"));
    SUPERION_ASSIGN_OR_RETURN(valid_.frames, Frames(dataset.valid, "validation"));
    scales_ = MeasureScales(architecture_, train_.frames, kZblScale);
    if (init != nullptr) {  // what the learned tensors are relative to stays as it was
      SUPERION_RETURN_IF_ERROR(CheckModel(*init));
      KeepKnownReferences(*init, architecture_, train_.frames, &scales_.reference_energy);
      scales_.density_scale = init->density_scale;
      scales_.energy_scale = init->energy_scale;
      scales_.zbl_scale = init->zbl_scale;
      if (init->zbl_scale != kZblScale)
        return InvalidArgument("warm start: the initial model has zbl_scale {}, expected {}", init->zbl_scale,
                               kZblScale);
    }
    for (Side<Real>* side : {&train_, &valid_}) {
      SubtractReference(scales_.reference_energy, &side->frames);
      side->densities =
          FrameDensities<Real>(architecture_, scales_.density_scale, side->frames, options_.threads);
      size_t atom = 0;
      for (const PreparedFrame& frame : side->frames) side->first_atom.push_back(atom), atom += frame.n_atoms;
    }
    graph_ = std::make_unique<TrainingGraph<Real>>(architecture_, scales_, options_.threads);
    return InitialState(init);
  }

  absl::StatusOr<std::vector<PreparedFrame>> Frames(const std::vector<Frame>& frames, const char* what) {
    auto prepared = PrepareFrames(architecture_, frames, kZblScale, options_.threads);
    if (!prepared.ok())
      return absl::Status(prepared.status().code(), fmt::format("{} {}", what, prepared.status().message()));
    return prepared;
  }

  absl::Status InitialState(const Model* init) {
    const std::vector<double> rms = DensityRms<Real>(architecture_, train_.frames, train_.densities);
    std::vector<double> parameters = InitialParameters(architecture_, rms, options_.seed);
    // mix0 is optimised in units in which all columns of the density have the same size.
    unit_.assign(parameters.size(), Real(1));
    const ParameterBlock& mix0 = layout_.block("mix0");
    for (int64_t i = 0; i < mix0.size; ++i)
      unit_[mix0.offset + i] = static_cast<Real>(1.0 / std::max(rms[i / architecture_.channels], 1e-3));
    const int z = architecture_.n_species(), f = architecture_.n_features();
    mean_.assign(static_cast<size_t>(z) * f, 0.0);
    scale_.assign(static_cast<size_t>(z) * f, 1.0);
    const auto measure = [&] {
      const std::vector<Real> theta(parameters.begin(), parameters.end());
      graph_->network().SetStandardisation(mean_, scale_);
      graph_->network().SetParameters(theta.data());
      MeasureInvariants<Real>(architecture_, train_.frames, train_.densities, graph_->network(), &mean_,
                              &scale_);
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
    std::vector<Real> scaled(parameters.size());
    for (size_t i = 0; i < parameters.size(); ++i) scaled[i] = static_cast<Real>(parameters[i] / unit_[i]);
    std::vector<bool> decayed(parameters.size(), false);
    for (const ParameterBlock& block : layout_.blocks())
      if (block.decayed) std::fill_n(decayed.begin() + block.offset, block.size, true);
    optimizer_ = std::make_unique<Optimizer<Real>>(options_.optimizer, std::move(scaled), std::move(decayed));
    return absl::OkStatus();
  }

  // ---- checkpoint
  std::string Fingerprint(const Dataset& dataset, const Model* init) const {
    const TrainOptions& o = options_;
    const ModelArchitecture& a = architecture_;
    std::string text = fmt::format("{} {} {} {} {} {} {} {} {} {} {} {} {}", dataset.content_sha256, o.epochs,
                                   o.batch_frames, o.learning_rate, o.stress, o.seed, o.max_time_s,
                                   a.cutoff_angstrom, a.n_radial, a.l_max, a.channels, a.products, a.hidden);
    for (const std::string& symbol : a.species) text += " " + symbol;
    if (init != nullptr) text += Sha256(SerializeModel(*init));
    return Sha256(text);
  }

  absl::Status Resume(const Dataset& dataset, const Model* init) {
    state_.fingerprint = Fingerprint(dataset, init);
    if (!options_.checkpoint_path.empty()) {
      auto read = ReadCheckpoint<Real>(options_.checkpoint_path, state_.fingerprint);
      if (read.ok() && read->optimizer.parameters.size() == static_cast<size_t>(layout_.size())) {
        state_ = *std::move(read);
        optimizer_->set_state(state_.optimizer);
        resumed_ = true;
        std::fprintf(stderr, "resuming after epoch %d\n", state_.epoch);
      } else if (!absl::IsNotFound(read.status())) {
        std::fprintf(stderr, "not resuming: %s\n", std::string(read.status().message()).c_str());
      }
    }
    elapsed_before_ = state_.elapsed_s;
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

  // ---- the loop
  double Elapsed() const {
    return elapsed_before_ + std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  int64_t StepsPerEpoch() const {
    return (static_cast<int64_t>(train_.frames.size()) + options_.batch_frames - 1) / options_.batch_frames;
  }
  // How far the schedule is, 0..1: by steps, or by the time limit when that is nearer.
  double Fraction() const {
    const double steps = static_cast<double>(optimizer_->state().step) /
                         (static_cast<double>(StepsPerEpoch()) * options_.epochs);
    const double time = options_.max_time_s > 0 ? Elapsed() / options_.max_time_s : 0.0;
    return std::min(1.0, std::max(steps, time));
  }
  int64_t WarmupSteps() const { return std::min<int64_t>(200, StepsPerEpoch() * options_.epochs / 20 + 1); }

  std::vector<Real> Effective(const std::vector<Real>& scaled) const {
    std::vector<Real> theta(scaled.size());
    for (size_t i = 0; i < theta.size(); ++i) theta[i] = unit_[i] * scaled[i];
    return theta;
  }

  absl::Status OneEpoch() {
    std::vector<int> order(train_.frames.size());
    std::iota(order.begin(), order.end(), 0);
    Random random(DeriveSeed(options_.seed, fmt::format("epoch/{}/{}", state_.epoch, state_.recoveries)));
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.Below(i)]);
    LossTerms mean;
    const double before = Fraction();
    for (size_t first = 0; first < order.size(); first += options_.batch_frames) {
      const size_t last = std::min(order.size(), first + options_.batch_frames);
      const LossTerms terms = OneStep({order.begin() + first, order.begin() + last});
      const double share = static_cast<double>(last - first) / static_cast<double>(order.size());
      mean.energy += share * terms.energy, mean.force += share * terms.force,
          mean.stress += share * terms.stress;
      if (!std::isfinite(terms.energy + terms.force + terms.stress)) break;
      if (options_.max_time_s > 0 && Elapsed() > options_.max_time_s) break;
    }
    const bool finite = std::isfinite(mean.energy + mean.force + mean.stress);
    if (!finite || (state_.lowest_loss > 0 && mean.force > kJump * state_.lowest_loss))
      return GoBack(mean.force);
    state_.lowest_loss = state_.lowest_loss > 0 ? std::min(state_.lowest_loss, mean.force) : mean.force;
    good_ = optimizer_->state();
    ++state_.epoch;
    const int every = std::max(1, options_.epochs / kValidations);
    const bool last = state_.epoch >= options_.epochs || Fraction() >= 1.0;
    if (state_.epoch % every == 0 || last) Validate(before);
    Report();
    if (Elapsed() - last_checkpoint_s_ > options_.checkpoint_every_s) return Checkpoint();
    return absl::OkStatus();
  }

  LossTerms OneStep(const std::vector<int>& choice) {
    const Batch<Real> batch = graph_->MakeBatch(train_.frames, choice, train_.densities, train_.first_atom);
    const double fraction = Fraction();
    const LossWeights weights = WeightsAt(options_.early, options_.late, fraction);
    const LossTerms terms =
        graph_->LossGradient(batch, Effective(optimizer_->state().parameters), weights, &gradient_);
    for (size_t i = 0; i < gradient_.size(); ++i) gradient_[i] *= unit_[i];
    const double rate = options_.learning_rate * state_.rate_factor *
                        ScheduleFactor(fraction, optimizer_->state().step, WarmupSteps());
    if (std::isfinite(terms.energy + terms.force + terms.stress)) optimizer_->Step(gradient_, rate);
    return terms;
  }

  absl::Status GoBack(double loss) {
    if (++state_.recoveries > kMostRecoveries)
      return Internal(
          "training diverged {} times (loss of the forces {:.3g}, lowest {:.3g}) in spite of a learning rate "
          "lowered to "
          "{:.3g}; check the labels",
          state_.recoveries, loss, state_.lowest_loss, options_.learning_rate * state_.rate_factor);
    state_.rate_factor *= 0.5;
    std::fprintf(
        stderr,
        "epoch %d: the loss jumped to %.3g (lowest %.3g); back to the last good state, learning rate x %g\n",
        state_.epoch + 1, loss, state_.lowest_loss, state_.rate_factor);
    optimizer_->set_state(good_);
    return absl::OkStatus();
  }

  // ---- errors
  ErrorSummary Errors(const Side<Real>& side, const std::vector<Real>& scaled) {
    const std::vector<Real> theta = Effective(scaled);
    graph_->network().SetParameters(theta.data());
    ErrorSummary e;
    double force_n = 0, stress_n = 0;
    for (size_t first = 0; first < side.frames.size();) {
      std::vector<int> choice;
      int atoms = 0;
      for (; first < side.frames.size() &&
             (choice.empty() || atoms + side.frames[first].n_atoms <= kEvaluationAtoms);
           ++first)
        choice.push_back(static_cast<int>(first)), atoms += side.frames[first].n_atoms;
      const Batch<Real> batch = graph_->MakeBatch(side.frames, choice, side.densities, side.first_atom);
      graph_->Predict(batch, options_.stress, &prediction_);
      AddErrors(batch, &e, &force_n, &stress_n);
    }
    if (e.frames == 0) return e;
    e.energy_mae *= 1e3 / e.frames;
    e.energy_rmse = 1e3 * std::sqrt(e.energy_rmse / e.frames);
    e.force_mae *= 1e3 / force_n;
    e.force_rmse = 1e3 * std::sqrt(e.force_rmse / force_n);
    e.force_rms = 1e3 * std::sqrt(e.force_rms / force_n);
    if (stress_n > 0) e.stress_mae *= 1e3 / stress_n;
    return e;
  }

  void AddErrors(const Batch<Real>& batch, ErrorSummary* e, double* force_n, double* stress_n) const {
    for (size_t k = 0; k < batch.frames.size(); ++k) {
      const PreparedFrame& frame = *batch.frames[k];
      const double energy = (prediction_.energies[k] - frame.energy) / frame.n_atoms;
      e->energy_mae += std::abs(energy);
      e->energy_rmse += energy * energy;
      ++e->frames;
      for (int i = 0; i < 3 * frame.n_atoms; ++i) {
        const double d = prediction_.forces[3 * batch.first_atom[k] + i] - frame.forces[i];
        e->force_mae += std::abs(d);
        e->force_rmse += d * d;
      }
      e->force_rms += frame.force_square;
      *force_n += 3.0 * frame.n_atoms;
      if (!options_.stress || !frame.virial.has_value()) continue;
      ++e->stress_frames;
      *stress_n += 9;
      for (int i = 0; i < 9; ++i)
        e->stress_mae +=
            std::abs(prediction_.virials[9 * k + i] - (*frame.virial)[i / 3][i % 3]) / frame.volume;
    }
  }

  // Validation on the averaged parameters; keeps the best.
  void Validate(double fraction) {
    const bool has_valid = !valid_.frames.empty();
    const std::vector<Real>& average = optimizer_->state().average;
    const ErrorSummary errors = Errors(has_valid ? valid_ : train_, average);
    const double score = (errors.force_mae + 10 * errors.energy_mae) / scales_.energy_scale;
    if (std::isfinite(score) && (state_.best_score < 0 || score < state_.best_score)) {
      state_.best_score = score;
      state_.best = average;
    }
    Json point = {{"epoch", state_.epoch},
                  {"learning_rate", options_.learning_rate * state_.rate_factor *
                                        ScheduleFactor(fraction, optimizer_->state().step, WarmupSteps())},
                  {has_valid ? "valid" : "train", ToJson(errors)}};
    state_.learning_curve.push_back(point);
    latest_ = errors;
  }

  void Report() {
    if (!progress_) return;
    const double fraction = std::max(Fraction(), 1e-9);
    const double left = Elapsed() * (1 - fraction) / fraction;
    progress_(
        {static_cast<double>(state_.epoch), static_cast<double>(options_.epochs), "epochs",
         fmt::format("epoch {} of {}: {} force MAE {:.1f} meV/Å, energy MAE {:.2f} meV/atom; {:.0f} s left",
                     state_.epoch, options_.epochs, valid_.frames.empty() ? "training" : "validation",
                     latest_.force_mae, latest_.energy_mae, left)});
  }

  absl::StatusOr<TrainOutcome> Finish(const Dataset& dataset) {
    if (state_.best.empty()) Validate(1.0);
    if (state_.best.empty()) return Internal("training gave no finite errors");
    TrainOutcome outcome;
    outcome.train = Errors(train_, state_.best);
    outcome.valid = Errors(valid_, state_.best);
    outcome.epochs = state_.epoch;
    outcome.recoveries = state_.recoveries;
    outcome.resumed = resumed_;
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
                        {"stress", options_.stress},
                        {"train", ToJson(outcome.train)},
                        {"valid", ToJson(outcome.valid)}};
    SUPERION_RETURN_IF_ERROR(CheckModel(model));
    return outcome;
  }

  const TrainOptions& options_;
  const ModelArchitecture& architecture_;
  ParameterLayout layout_;
  const EpochSink& progress_;
  std::chrono::steady_clock::time_point start_;
  double elapsed_before_ = 0.0, last_checkpoint_s_ = 0.0;
  int epochs_here_ = 0;
  bool resumed_ = false;
  Side<Real> train_, valid_;
  FixedScales scales_;
  std::vector<double> mean_, scale_;
  std::vector<Real> unit_, gradient_;
  std::unique_ptr<TrainingGraph<Real>> graph_;
  std::unique_ptr<Optimizer<Real>> optimizer_;
  typename Optimizer<Real>::State good_;
  TrainingState<Real> state_;
  Prediction prediction_;
  ErrorSummary latest_;
};

}  // namespace

Json ToJson(const ErrorSummary& e) {
  Json json = {{"energy_mae_mev_per_atom", e.energy_mae},   {"energy_rmse_mev_per_atom", e.energy_rmse},
               {"force_mae_mev_per_angstrom", e.force_mae}, {"force_rmse_mev_per_angstrom", e.force_rmse},
               {"force_rms_mev_per_angstrom", e.force_rms}, {"frames", e.frames}};
  if (e.stress_frames > 0) json["stress_mae_mev_per_angstrom3"] = e.stress_mae;
  return json;
}

LossWeights WeightsAt(const LossWeights& early, const LossWeights& late, double fraction) {
  const double t = std::clamp((fraction - kRampBegin) / (kRampEnd - kRampBegin), 0.0, 1.0);
  const auto blend = [t](double a, double b) {
    return a > 0 && b > 0 ? a * std::pow(b / a, t) : a + t * (b - a);
  };
  return {blend(early.energy, late.energy), blend(early.force, late.force), blend(early.stress, late.stress),
          blend(early.huber, late.huber)};
}

double ScheduleFactor(double fraction, int64_t step, int64_t warmup_steps) {
  const double warmup = std::min(1.0, static_cast<double>(step + 1) / static_cast<double>(warmup_steps));
  return warmup * (0.001 + 0.999 * 0.5 * (1 + std::cos(M_PI * std::min(1.0, fraction))));
}

absl::StatusOr<TrainOutcome> Train(const TrainOptions& options, const Dataset& dataset, const Model* init,
                                   const EpochSink& progress) {
  if (dataset.train.empty())
    return InvalidArgument("training: expected at least one labelled frame, found none");
  if (options.double_precision) return Loop<double>(options, progress).Run(dataset, init);
  return Loop<float>(options, progress).Run(dataset, init);
}

}  // namespace superion::trainer
