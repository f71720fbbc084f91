#include "trainer/warm_start.h"

#include <vector>

namespace superion::trainer {
namespace {

// What S, M and L stood for up to version 4 of the model file.
const ModelArchitecture* EarlierShape(const std::string& size) {
  static const std::vector<std::pair<std::string, ModelArchitecture>> earlier = [] {
    ModelArchitecture s, m, l;
    s.channels = 16, s.l_max = 2, s.n_radial = 8, s.products = 1, s.hidden = 32;
    s.invariant_pairs = {{0, 0}, {0, 1}};
    m.channels = 32, m.l_max = 3, m.n_radial = 10, m.products = 1, m.hidden = 64;
    m.invariant_pairs = {{0, 0}, {0, 1}, {1, 1}};
    l.channels = 64, l.l_max = 3, l.n_radial = 10, l.products = 2, l.hidden = 64;
    l.invariant_pairs = {{0, 0}, {0, 1}, {1, 1}, {0, 2}};
    return std::vector<std::pair<std::string, ModelArchitecture>>{{"S", s}, {"M", m}, {"L", l}};
  }();
  for (const auto& [name, shape] : earlier)
    if (name == size) return &shape;
  return nullptr;
}

bool IsOfSize(const ModelArchitecture& architecture, const std::string& size) {
  const auto now = ArchitectureOfSize(size, architecture.species, architecture.cutoff_angstrom);
  const ModelArchitecture* earlier = EarlierShape(size);
  return (now.ok() && SameShape(*now, architecture)) || (earlier && SameShape(*earlier, architecture));
}

std::string WhatToDo(const ModelArchitecture& init) {
  for (const char* size : {"S", "M", "L"})
    if (IsOfSize(init, size))
      return fmt::format("ask for size {} and a cutoff of {:g} Å to go on from it, or train without it", size,
                         init.cutoff_angstrom);
  return "no size goes on from it: train without it";
}

}  // namespace

bool SameShape(const ModelArchitecture& a, const ModelArchitecture& b) {
  return a.n_radial == b.n_radial && a.l_max == b.l_max && a.channels == b.channels &&
         a.products == b.products && a.hidden == b.hidden && a.invariant_pairs == b.invariant_pairs;
}

std::string DescribeShape(const ModelArchitecture& a) {
  const std::string power = a.cutoff_power == 0 ? "quintic" : fmt::format("power {}", a.cutoff_power);
  return fmt::format(
      "cutoff {:g} Å ({}), {} radial functions ({}), l_max {}, {} channels, {} products, {} hidden units",
      a.cutoff_angstrom, power, a.n_radial, a.smoothstep ? "smoothstep" : "linear", a.l_max, a.channels,
      a.products, a.hidden);
}

absl::StatusOr<ModelArchitecture> ArchitectureOfWarmStart(const std::string& size, ModelArchitecture asked,
                                                          const ModelArchitecture& init) {
  asked.cutoff_power = init.cutoff_power;
  asked.smoothstep = init.smoothstep;
  if (!IsOfSize(init, size) || asked.cutoff_angstrom != init.cutoff_angstrom)
    return InvalidArgument("warm start: the initial model has {}; size {} asked for has {}; {}",
                           DescribeShape(init), size, DescribeShape(asked), WhatToDo(init));
  asked.n_radial = init.n_radial, asked.l_max = init.l_max, asked.channels = init.channels;
  asked.products = init.products, asked.hidden = init.hidden, asked.invariant_pairs = init.invariant_pairs;
  return asked;
}

}  // namespace superion::trainer
