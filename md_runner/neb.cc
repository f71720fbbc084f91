#include "md_runner/neb.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace superion {
namespace {

double Product(const Coordinates& a, const Coordinates& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

Coordinates Difference(const Coordinates& to, const Coordinates& from) {
  Coordinates d(to.size());
  for (size_t i = 0; i < d.size(); ++i) d[i] = to[i] - from[i];
  return d;
}

double Length(const Coordinates& x) { return std::sqrt(Product(x, x)); }

// Weights of the steps to the next and from the last image in the tangent of an inner image.
std::pair<double, double> TangentWeights(double before, double here, double after) {
  if (after > here && here > before) return {1.0, 0.0};
  if (after < here && here < before) return {0.0, 1.0};
  const double up = std::abs(after - here), down = std::abs(before - here);
  const double most = std::max(up, down), least = std::min(up, down);
  if (most == 0.0) return {1.0, 1.0};
  return after > before ? std::pair{most, least} : std::pair{least, most};
}

class BandSearch {
 public:
  BandSearch(const EnergySurface& surface, const NebOptions& options)
      : surface_(surface), options_(options), fire_(options.fire) {}

  absl::StatusOr<Band> Find(const Coordinates& initial, const Coordinates& final) {
    Interpolate(initial, final);
    SUPERION_ASSIGN_OR_RETURN(band_.points, surface_(band_.images));
    for (band_.steps = 0;; ++band_.steps) {
      SUPERION_RETURN_IF_ERROR(CheckFinite());
      Shape();
      ChooseClimber();
      const Coordinates forces = BandForces();
      if (options_.on_step) options_.on_step(band_.steps, band_.max_force);
      band_.converged = band_.max_force <= options_.force_tolerance && (band_.saddle < 0 || climbing_);
      if (band_.converged || band_.steps >= options_.max_steps) return std::move(band_);
      SUPERION_RETURN_IF_ERROR(Move(forces));
    }
  }

 private:
  size_t last() const { return band_.images.size() - 1; }

  void Interpolate(const Coordinates& initial, const Coordinates& final) {
    const Coordinates whole = Difference(final, initial);
    for (int k = 0; k <= options_.images + 1; ++k) {
      Coordinates x = initial;
      const double part = static_cast<double>(k) / static_cast<double>(options_.images + 1);
      for (size_t i = 0; i < x.size(); ++i) x[i] += part * whole[i];
      band_.images.push_back(std::move(x));
    }
  }

  absl::Status CheckFinite() const {
    for (size_t k = 0; k <= last(); ++k) {
      const SurfacePoint& p = band_.points[k];
      if (!std::isfinite(p.energy) || !std::isfinite(Length(p.forces)))
        return FailedPrecondition(
            "the energy of image {} is {} after {} steps: do atoms overlap on the path?", k, p.energy,
            band_.steps);
    }
    return absl::OkStatus();
  }

  // Tangents, lengths and forces along the path.
  void Shape() {
    const size_t n = last();
    std::vector<Coordinates> steps;
    for (size_t k = 0; k < n; ++k) steps.push_back(Difference(band_.images[k + 1], band_.images[k]));
    band_.arc.assign(1, 0.0);
    for (const auto& step : steps) band_.arc.push_back(band_.arc.back() + Length(step));
    band_.tangents.assign(n + 1, {});
    band_.tangents[0] = steps[0];
    band_.tangents[n] = steps[n - 1];
    for (size_t k = 1; k < n; ++k) {
      const auto [next, former] =
          TangentWeights(band_.points[k - 1].energy, band_.points[k].energy, band_.points[k + 1].energy);
      band_.tangents[k].resize(steps[k].size());
      for (size_t i = 0; i < steps[k].size(); ++i)
        band_.tangents[k][i] = next * steps[k][i] + former * steps[k - 1][i];
    }
    band_.tangential.resize(n + 1);
    for (size_t k = 0; k <= n; ++k) {
      Coordinates& t = band_.tangents[k];
      const double length = Length(t);
      for (double& x : t) x /= length;
      band_.tangential[k] = Product(t, band_.points[k].forces);
    }
  }

  void ChooseClimber() {
    const auto energy = [&](size_t k) { return band_.points[k].energy; };
    size_t top = 1;
    for (size_t k = 1; k < last(); ++k) {
      if (energy(k) > energy(top)) top = k;
    }
    band_.saddle =
        energy(top) > energy(top - 1) && energy(top) > energy(top + 1) ? static_cast<int>(top) : -1;
  }

  // Forces on the inner images, end to end; also what is left to converge.
  Coordinates BandForces() {
    const size_t size = band_.images[0].size();
    Coordinates all;
    double across_all = 0.0, across_others = 0.0, top_force = 0.0;
    for (size_t k = 1; k < last(); ++k) {
      const Coordinates &f = band_.points[k].forces, &t = band_.tangents[k];
      Coordinates across(size);
      for (size_t i = 0; i < size; ++i) across[i] = f[i] - band_.tangential[k] * t[i];
      const double left = LargestBlock(across, options_.block);
      across_all = std::max(across_all, left);
      const bool top = static_cast<int>(k) == band_.saddle;
      if (top) {
        top_force = LargestBlock(f, options_.block);
      } else {
        across_others = std::max(across_others, left);
      }
      const double spring = options_.spring * (band_.arc[k + 1] - 2.0 * band_.arc[k] + band_.arc[k - 1]);
      const double along = top && climbing_ ? -band_.tangential[k] : spring;
      for (size_t i = 0; i < size; ++i) all.push_back(across[i] + along * t[i]);
    }
    if (across_all < options_.climb_below) climbing_ = true;
    band_.max_force = climbing_ ? std::max(across_others, top_force) : across_all;
    return all;
  }

  absl::Status Move(const Coordinates& forces) {
    const size_t size = band_.images[0].size();
    Coordinates x;
    for (size_t k = 1; k < last(); ++k) x.insert(x.end(), band_.images[k].begin(), band_.images[k].end());
    fire_.Step(forces, &x);
    std::vector<Coordinates> inner;
    for (size_t k = 1; k < last(); ++k) {
      const auto begin = x.begin() + static_cast<std::ptrdiff_t>((k - 1) * size);
      band_.images[k].assign(begin, begin + static_cast<std::ptrdiff_t>(size));
      inner.push_back(band_.images[k]);
    }
    SUPERION_ASSIGN_OR_RETURN(std::vector<SurfacePoint> points, surface_(inner));
    for (size_t k = 1; k < last(); ++k) band_.points[k] = std::move(points[k - 1]);
    return absl::OkStatus();
  }

  const EnergySurface& surface_;
  const NebOptions& options_;
  Fire fire_;
  Band band_;
  bool climbing_ = false;
};

}  // namespace

absl::StatusOr<Band> FindPath(const EnergySurface& surface, const Coordinates& initial,
                              const Coordinates& final, const NebOptions& options) {
  if (initial.size() != final.size() || initial.empty())
    return InvalidArgument("the ends of a path need the same coordinates, found {} and {}", initial.size(),
                           final.size());
  if (options.images < 1) return InvalidArgument("a path needs an image, asked for are {}", options.images);
  if (Length(Difference(final, initial)) == 0.0)
    return InvalidArgument("both ends of the path are the same point");
  return BandSearch(surface, options).Find(initial, final);
}

}  // namespace superion
