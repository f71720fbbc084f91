#include "analysis/reader/cell_parameters.h"

#include <cmath>

#include "fmt/ranges.h"

namespace superion::analysis {

absl::StatusOr<Mat3> CellOf(const std::vector<double>& p) {
  Mat3 cell{};
  if (p.size() == 9) {
    cell = {{{p[0], p[1], p[2]}, {p[3], p[4], p[5]}, {p[6], p[7], p[8]}}};
  } else if (p.size() == 3) {
    for (size_t k = 0; k < 3; ++k) cell[k][k] = p[k];
  } else if (p.size() == 6) {
    const auto cosine = [](double degrees) {
      return degrees == 90.0 ? 0.0 : std::cos(degrees * M_PI / 180.0);
    };
    const double ca = cosine(p[3]), cb = cosine(p[4]), cc = cosine(p[5]), sc = std::sqrt(1.0 - cc * cc);
    const double y = (ca - cb * cc) / sc;
    cell = {{{p[0], 0, 0}, {p[1] * cc, p[1] * sc, 0}, {p[2] * cb, p[2] * y, 0}}};
    cell[2][2] = p[2] * std::sqrt(1.0 - cb * cb - y * y);
  } else {
    return InvalidArgument("cell_angstrom: expected 3, 6 or 9 numbers, found {}", p.size());
  }
  // Not finite where the angles are impossible.
  if (!(std::abs(Determinant(cell)) > 0.0))
    return InvalidArgument("cell_angstrom: ({}) is a cell without volume", fmt::join(p, ", "));
  return cell;
}

namespace {

double Cosine(const Vec3& a, const Vec3& b) { return Dot(a, b) / (Norm(a) * Norm(b)); }

// "a, b, c Å and α, β, γ°".
std::string EdgesAndAngles(const Mat3& cell) {
  auto angle = [&](size_t i, size_t j) { return 180.0 / M_PI * std::acos(Cosine(cell[i], cell[j])); };
  return fmt::format("{:.6g}, {:.6g}, {:.6g} Å and {:.4g}, {:.4g}, {:.4g}°", Norm(cell[0]), Norm(cell[1]),
                     Norm(cell[2]), angle(1, 2), angle(0, 2), angle(0, 1));
}

}  // namespace

absl::Status CheckSameCell(const Mat3& given, const Mat3& held, const std::string& where) {
  if (Determinant(given) == 0.0 || Determinant(held) == 0.0) return absl::OkStatus();
  constexpr double kTolerance = 1e-3;
  bool same = true;
  for (size_t i = 0; i < 3; ++i) {
    same = same && std::abs(Norm(given[i]) / Norm(held[i]) - 1.0) <= kTolerance;
    for (size_t j = 0; j < i; ++j)
      same = same && std::abs(Cosine(given[i], given[j]) - Cosine(held[i], held[j])) <= kTolerance;
  }
  if (same) return absl::OkStatus();
  return InvalidArgument(
      "{}: cell_angstrom: the cell of {} was given, but the file holds one of {}: leave out cell_angstrom, "
      "which is for files without a cell",
      where, EdgesAndAngles(given), EdgesAndAngles(held));
}

}  // namespace superion::analysis
