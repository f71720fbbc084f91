#include "analysis/reader/ipi_comment.h"

#include <string>
#include <vector>

#include "analysis/reader/cell_parameters.h"
#include "core/extxyz_comment.h"
#include "core/units.h"

namespace superion::analysis {
namespace {

constexpr std::string_view kCell = "CELL(abcABC):";

// Of "positions{angstrom}": what stands in the braces.
absl::StatusOr<double> LengthUnit(std::string_view word) {
  const size_t open = word.find('{');
  const std::string_view unit =
      open == std::string_view::npos ? "" : word.substr(open + 1, word.find('}') - open - 1);
  if (unit == "angstrom") return 1.0;
  if (unit.empty() || unit == "atomic_unit" || unit == "automatic") return units::kBohr;
  if (unit == "nanometer") return 10.0;
  if (unit == "meter") return 1e10;
  return InvalidArgument("expected lengths in angstrom, atomic_unit, nanometer or meter, found \"{}\"", word);
}

absl::Status ReadWord(std::string_view word, std::string_view next, double* cell_unit, IpiComment* out) {
  if (word == "Traj:") {
    if (!next.starts_with("positions") && !next.starts_with("x_centroid"))
      return InvalidArgument("expected positions of i-PI, found \"{}\"", next);
    SUPERION_ASSIGN_OR_RETURN(out->position, LengthUnit(next));
  } else if (word == "Step:") {
    SUPERION_ASSIGN_OR_RETURN(out->step, ParseReal(next));
  } else if (word.starts_with("cell{")) {
    SUPERION_ASSIGN_OR_RETURN(*cell_unit, LengthUnit(word));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<IpiComment>> ParseIpiComment(std::string_view line) {
  const size_t at = line.find(kCell);
  if (at == std::string_view::npos) return std::nullopt;
  std::vector<std::string_view> words;
  SplitBlanks(line.substr(at + kCell.size()), &words);
  std::vector<double> lengths;
  for (size_t k = 0; k < std::min<size_t>(6, words.size()); ++k) {
    SUPERION_ASSIGN_OR_RETURN(const double number, ParseReal(words[k]));
    lengths.push_back(number);
  }
  if (lengths.size() != 6)
    return InvalidArgument("{}: expected three lengths and three angles, found {} numbers", kCell,
                           lengths.size());
  IpiComment out;
  double cell_unit = units::kBohr;
  for (size_t k = 6; k < words.size(); ++k)
    SUPERION_RETURN_IF_ERROR(ReadWord(words[k], k + 1 < words.size() ? words[k + 1] : "", &cell_unit, &out));
  for (size_t k = 0; k < 3; ++k) lengths[k] *= cell_unit;
  SUPERION_ASSIGN_OR_RETURN(out.cell, CellOf(lengths));
  return out;
}

}  // namespace superion::analysis
