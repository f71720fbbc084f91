#include "analysis/recipe/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/series/distributions.h"
#include "fmt/format.h"

namespace superion::analysis {
namespace {

constexpr double kMeanOfNormal = 0.7978845608028654;  // √(2/π): mean |z|
constexpr double kMostNoise = 2.0;
constexpr size_t kFewestPoints = 3;

// Which columns of a table are compared.
struct CurveKind {
  std::string beginning, quantity;
  size_t keys = 1, value = 1, error = 2;
};
const std::vector<CurveKind>& CurveKinds() {
  static const std::vector<CurveKind> kKinds = {
      {"rdf-", "g(r) of ", 1, 1, 2},
      {"vdos-", "density of states of ", 1, 2, 3},
      {"angle-", "angles in ", 1, 1, 2},
      {"angular-velocity-unfiltered-", "angular velocity in ", 1, 1, 2},
      {"displacement-", "mean-square displacement of ", 1, 1, 2},
      {"van-hove-self-", "G_s of ", 2, 2, 3},
      {"van-hove-distinct-", "G_d/ρ of ", 2, 2, 3},
      {"bond-angle-", "ρ(r, φ) of ", 2, 3, 4}};
  return kKinds;
}

double Blocks(const Findings& findings) { return findings.document["blocks"].get<double>(); }

double Variance(const Estimate& e) { return std::isfinite(e.error) ? e.error * e.error : 0.0; }

// Quantiles are asked for again and again with nearly the same degrees of freedom.
double Limit(double points, double dof) {
  static thread_local std::map<std::pair<double, long>, double> known;
  const long rounded = std::max(1L, std::lround(dof));
  const auto [at, fresh] = known.try_emplace({points, rounded}, 0.0);
  if (fresh) {
    const double each = -std::expm1(std::log(0.95) / points);
    at->second = StudentQuantile(1.0 - 0.5 * each, static_cast<double>(rounded));
  }
  return at->second;
}

double Dof(const Estimate& a, double n_a, const Estimate& b, double n_b) {
  const double va = Variance(a), vb = Variance(b);
  const double sum = va * va / std::max(1.0, n_a - 1.0) + vb * vb / std::max(1.0, n_b - 1.0);
  return sum > 0.0 ? (va + vb) * (va + vb) / sum : 1.0;
}

struct Point {
  std::vector<double> keys;
  Estimate here, other;
};

std::vector<long long> Rounded(const Table& table, size_t row, size_t keys) {
  std::vector<long long> out;
  for (size_t c = 0; c < keys; ++c) out.push_back(std::llround(table.values[c][row] * 1e5));
  return out;
}

// Rows that both tables have.
std::vector<Point> CommonPoints(const Table& here, const Table& other, const CurveKind& kind) {
  std::map<std::vector<long long>, size_t> rows;
  for (size_t r = 0; r < other.values[0].size(); ++r) rows[Rounded(other, r, kind.keys)] = r;
  std::vector<Point> out;
  for (size_t r = 0; r < here.values[0].size(); ++r) {
    const auto found = rows.find(Rounded(here, r, kind.keys));
    if (found == rows.end()) continue;
    Point p{{},
            {here.values[kind.value][r], here.values[kind.error][r]},
            {other.values[kind.value][found->second], other.values[kind.error][found->second]}};
    for (size_t c = 0; c < kind.keys; ++c) p.keys.push_back(here.values[c][r]);
    if (std::isfinite(p.here.value) && std::isfinite(p.other.value)) out.push_back(std::move(p));
  }
  return out;
}

CurveComparison CompareCurves(const std::vector<Point>& points, double blocks_here, double blocks_other) {
  CurveComparison out;
  for (const Point& p : points) out.points += Variance(p.here) + Variance(p.other) > 0.0 ? 1 : 0;
  double excess = -1.0;
  for (const Point& p : points) {
    const double variance = Variance(p.here) + Variance(p.other);
    if (!(variance > 0.0)) continue;
    const auto c =
        CompareNumbers(p.here, blocks_here, p.other, blocks_other, static_cast<double>(out.points));
    out.mean_difference += std::abs(p.here.value - p.other.value) / static_cast<double>(out.points);
    out.noise += kMeanOfNormal * std::sqrt(variance) / static_cast<double>(out.points);
    if (c.errors_apart / c.limit <= excess) continue;
    excess = c.errors_apart / c.limit;
    out.largest = c.errors_apart;
    out.limit = c.limit;
    out.at = p.keys;
  }
  out.agrees = excess <= 1.0 && out.mean_difference <= kMostNoise * out.noise;
  return out;
}

Table DifferenceTable(const std::string& name, const Table& from, const CurveKind& kind,
                      const std::vector<Point>& points) {
  Table out{name, {}, std::vector<std::vector<double>>(kind.keys + 6)};
  for (size_t c = 0; c < kind.keys; ++c) out.columns.push_back(from.columns[c]);
  for (const char* column : {"here", "here_error", "other", "other_error", "difference", "difference_error"})
    out.columns.emplace_back(column);
  for (const Point& p : points) {
    for (size_t c = 0; c < kind.keys; ++c) out.values[c].push_back(p.keys[c]);
    const double row[] = {p.here.value,
                          p.here.error,
                          p.other.value,
                          p.other.error,
                          p.here.value - p.other.value,
                          std::sqrt(Variance(p.here) + Variance(p.other))};
    for (size_t c = 0; c < 6; ++c) out.values[kind.keys + c].push_back(row[c]);
  }
  return out;
}

Estimate EstimateOf(const Json& json) {
  const auto number = [&](const char* key) {
    return json.contains(key) && json[key].is_number() ? json[key].get<double>() : NAN;
  };
  return {number("value"), number("error")};
}

// Walks to document[path[0]][path[1]]…; "*" stands for every key.
void Collect(const Json& here, const Json& other, const std::vector<std::string>& path, size_t depth,
             const std::string& name, std::vector<std::tuple<std::string, Estimate, Estimate>>* out) {
  if (!here.is_object() || !other.is_object()) return;
  if (depth == path.size()) {
    if (here.contains("value")) out->emplace_back(name, EstimateOf(here), EstimateOf(other));
    return;
  }
  for (const auto& [key, value] : here.items()) {
    if ((path[depth] != "*" && key != path[depth]) || !other.contains(key)) continue;
    Collect(value, other[key], path, depth + 1, path[depth] == "*" ? key : name, out);
  }
}

struct NumberKind {
  std::vector<std::string> path;
  std::string quantity, unit;
};
const std::vector<NumberKind>& NumberKinds() {
  static const std::vector<NumberKind> kKinds = {
      {{"vdos", "species", "*", "band_centre_cm1"}, "band centre of ", "cm⁻¹"},
      {{"vdos", "species", "*", "band_centre_without_diffusive_cm1"},
       "band centre without diffusive part of ",
       "cm⁻¹"},
      {{"vdos", "species", "*", "rms_frequency_cm1"}, "rms frequency of ", "cm⁻¹"},
      {{"angles", "kinds", "*", "angle_degrees", "mean"}, "mean angle in ", "°"},
      {{"angles", "kinds", "*", "angle_degrees", "sd"}, "sd of the angles in ", "°"},
      {{"angles", "kinds", "*", "angular_velocity_unfiltered_degrees_per_fs", "sd"},
       "sd of the angular velocity in ",
       "°/fs"},
      {{"b_factors", "species", "*", "b_angstrom2"}, "B factor of ", "Å²"},
      {{"sites", "species", "*", "d_tracer_cm2_per_s"}, "D of ", "cm²/s"}};
  return kKinds;
}

const Table* Named(const Findings& findings, const std::string& name) {
  const auto found = std::find_if(findings.tables.begin(), findings.tables.end(),
                                  [&](const Table& t) { return t.name == name; });
  return found == findings.tables.end() ? nullptr : &*found;
}

// Neighbours within one radius for both, the first minimum of g here.
void AddNeighbors(const Findings& here, const Findings& other, Comparison* out) {
  if (!here.document.contains("rdf")) return;
  for (const auto& [pair, entry] : here.document["rdf"]["pairs"].items()) {
    const Table *a = Named(here, "rdf-" + pair), *b = Named(other, "rdf-" + pair);
    if (!entry.contains("first_minimum_angstrom") || a == nullptr || b == nullptr) continue;
    const double radius = entry["first_minimum_angstrom"];
    size_t row = 0;  // the last bin that ends at the radius; both have the same bins
    while (row + 1 < a->values[0].size() && a->values[0][row + 1] < radius) ++row;
    if (row >= b->values[0].size() || std::abs(a->values[0][row] - b->values[0][row]) > 1e-6) continue;
    const Estimate x{a->values[3][row], a->values[4][row]}, y{b->values[3][row], b->values[4][row]};
    if (!(Variance(x) + Variance(y) > 0.0)) continue;
    out->numbers.push_back(CompareNumbers(x, Blocks(here), y, Blocks(other)));
    out->numbers.back().quantity = fmt::format("neighbours {} within {:.2f} Å", pair, radius);
  }
}

// Rates depend on the sites: only where both found as many per ion.
void AddHopRates(const Findings& here, const Findings& other, Comparison* out) {
  if (!here.document.contains("sites") || !other.document.contains("sites")) return;
  for (const auto& [name, a] : here.document["sites"]["species"].items()) {
    if (!other.document["sites"]["species"].contains(name)) continue;
    const Json& b = other.document["sites"]["species"][name];
    if (a["sites"].get<double>() * b["ions"].get<double>() !=
        b["sites"].get<double>() * a["ions"].get<double>())
      continue;
    const Estimate x = EstimateOf(a["rate_per_ion_per_ps"]), y = EstimateOf(b["rate_per_ion_per_ps"]);
    if (!(Variance(x) + Variance(y) > 0.0)) continue;
    out->numbers.push_back(CompareNumbers(x, Blocks(here), y, Blocks(other)));
    out->numbers.back().quantity = "hop rate of " + name;
    out->numbers.back().unit = "1/ps";
  }
}

}  // namespace

NumberComparison CompareNumbers(const Estimate& here, double blocks_here, const Estimate& other,
                                double blocks_other, double points) {
  NumberComparison out;
  out.here = here;
  out.other = other;
  const double variance = Variance(here) + Variance(other), difference = std::abs(here.value - other.value);
  out.limit = Limit(points, Dof(here, blocks_here, other, blocks_other));
  out.errors_apart = variance > 0.0 ? difference / std::sqrt(variance) : (difference > 0.0 ? INFINITY : 0.0);
  out.agrees = out.errors_apart <= out.limit;
  return out;
}

Comparison Compare(const Findings& here, const Findings& other, const std::string& label) {
  Comparison out;
  for (const NumberKind& kind : NumberKinds()) {
    std::vector<std::tuple<std::string, Estimate, Estimate>> found;
    Collect(here.document, other.document, kind.path, 0, "", &found);
    for (const auto& [name, a, b] : found) {
      if (!std::isfinite(a.value) || !std::isfinite(b.value) || !(Variance(a) + Variance(b) > 0.0)) continue;
      out.numbers.push_back(CompareNumbers(a, Blocks(here), b, Blocks(other)));
      out.numbers.back().quantity = kind.quantity + name;
      out.numbers.back().unit = kind.unit;
    }
  }
  AddNeighbors(here, other, &out);
  AddHopRates(here, other, &out);
  for (const Table& table : here.tables) {
    for (const CurveKind& kind : CurveKinds()) {
      const Table* same = Named(other, table.name);
      if (table.name.rfind(kind.beginning, 0) != 0 || same == nullptr) continue;
      const auto points = CommonPoints(table, *same, kind);
      CurveComparison curve = CompareCurves(points, Blocks(here), Blocks(other));
      if (curve.points < kFewestPoints) continue;
      curve.quantity = kind.quantity + table.name.substr(kind.beginning.size());
      out.curves.push_back(std::move(curve));
      out.tables.push_back(DifferenceTable("difference-" + label + "-" + table.name, table, kind, points));
    }
  }
  return out;
}

Json ToJson(const Comparison& comparison) {
  Json out = {{"numbers", Json::array()}, {"curves", Json::array()}};
  size_t differ = 0;
  for (const NumberComparison& c : comparison.numbers) {
    differ += c.agrees ? 0 : 1;
    out["numbers"].push_back({{"quantity", c.quantity},
                              {"unit", c.unit},
                              {"here", ToJson(c.here)},
                              {"other", ToJson(c.other)},
                              {"difference", NumberOrNull(c.here.value - c.other.value)},
                              {"errors_apart", NumberOrNull(c.errors_apart)},
                              {"limit", NumberOrNull(c.limit)},
                              {"agrees", c.agrees}});
  }
  for (const CurveComparison& c : comparison.curves) {
    differ += c.agrees ? 0 : 1;
    out["curves"].push_back({{"quantity", c.quantity},
                             {"points", c.points},
                             {"mean_difference", NumberOrNull(c.mean_difference)},
                             {"noise", NumberOrNull(c.noise)},
                             {"largest_errors_apart", NumberOrNull(c.largest)},
                             {"limit", NumberOrNull(c.limit)},
                             {"at", c.at},
                             {"agrees", c.agrees}});
  }
  out["compared"] = comparison.numbers.size() + comparison.curves.size();
  out["differ"] = differ;
  return out;
}

}  // namespace superion::analysis
