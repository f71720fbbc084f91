// The loss of a batch of frames and its gradient by the parameters. LibTorch's autograd joins three nodes:
// the per-atom network (energies and G = ∂E/∂A; its own backward is the tangent sweep of
// atom_network_kernel.h), the fixed operator from G to forces and virial (backward: its adjoint), and the
// loss. On other devices tensor_graph.h takes the place of the first two; the loss is small and stays on the
// CPU. LibTorch stays inside training_graph.cc.
#pragma once

#include <deque>
#include <memory>

#include "trainer/atom_network.h"
#include "trainer/device.h"
#include "trainer/frame_store.h"

namespace superion::trainer {

struct LossWeights {
  double energy = 1.0, force = 1.0, stress = 0.0;
  // Where the loss turns from square to linear, for residuals in units of the energy scale (per atom, and per
  // Å).
  double huber = 0.1;
};

// Values of the terms of a loss, before weights.
struct LossTerms {
  double energy = 0.0, force = 0.0, stress = 0.0;
  double Total(const LossWeights& w) const { return w.energy * energy + w.force * force + w.stress * stress; }
};

// A choice of frames laid end to end.
template <typename Real>
struct Batch {
  std::vector<const PreparedFrame*> frames;
  std::vector<const PairList*> pairs;  // of the frames: in the store, or in `made`
  std::deque<PairList> made;
  std::vector<int> first_atom;  // [n_frames + 1]
  AtomTiles tiles;
  std::vector<Real> density;  // [n_atoms, n_density]
  int n_atoms() const { return first_atom.back(); }
};

// Energies (eV, without reference and ZBL), forces and virials of a batch.
struct Prediction {
  std::vector<double> energies;  // [n_frames]
  std::vector<double> forces;    // [n_atoms, 3]
  std::vector<double> virials;   // [n_frames, 9]
};

template <typename Real>
class TensorGraph;

template <typename Real>
class TrainingGraph {
 public:
  TrainingGraph(const ModelArchitecture& architecture, const FixedScales& scales, int threads,
                Device device = Device::kCpu);
  ~TrainingGraph();

  AtomNetwork<Real>& network() { return network_; }
  Batch<Real> MakeBatch(const FrameStore<Real>& frames, const std::vector<int>& choice) const;
  // Loss terms, and ∂loss/∂parameters into `gradient` [n_parameters].
  LossTerms LossGradient(const Batch<Real>& batch, const std::vector<Real>& parameters,
                         const LossWeights& weights, std::vector<Real>* gradient);
  // Uses the parameters given last to network().SetParameters.
  void Predict(const Batch<Real>& batch, bool virials, Prediction* prediction);

  // Used by the nodes of the graph.
  void NetworkForward(const Batch<Real>& batch, Real* energies, Real* gradient);
  void NetworkBackward(const Batch<Real>& batch, const Real* energy_weight, const Real* direction,
                       Real* gradient);
  void OperatorForward(const Batch<Real>& batch, const Real* gradient, double* forces, double* virials) const;
  void OperatorBackward(const Batch<Real>& batch, const double* forces, const double* virials,
                        Real* gradient) const;

 private:
  ModelArchitecture architecture_;
  FixedScales scales_;
  int threads_;
  AtomNetwork<Real> network_;
  DensityOperator<Real> operator_;
  typename AtomNetwork<Real>::Workspace workspace_;
  std::unique_ptr<TensorGraph<Real>> tensors_;  // null: the kernels for the CPU
};

}  // namespace superion::trainer
