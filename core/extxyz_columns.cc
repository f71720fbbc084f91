#include "core/extxyz_columns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "core/text_fields.h"

namespace superion {
namespace {

constexpr std::array<std::string_view, kLabelFamilies> kPrefixes{"", "ref_", "dft_"};

bool IsForce(const LabelName& name) { return name.quantity == "forces" || name.quantity == "force"; }

Role RoleOf(const std::string& name, char type, int count) {
  const LabelName label = LabelNameOf(name);
  const std::string lower = Lower(name);
  const auto is = [&lower](std::initializer_list<const char*> names) {
    return std::find(names.begin(), names.end(), lower) != names.end();
  };
  if (type == 'S') {
    return is({"species", "element", "elements", "symbol", "symbols", "type"}) ? Role::kSpecies
                                                                               : Role::kIgnored;
  }
  if (type == 'L') return count == 1 ? Role::kLogical : Role::kIgnored;
  if (type == 'I' && is({"z", "numbers", "atomic_numbers"})) return Role::kAtomicNumber;
  if (is({"pos", "positions", "position"})) return Role::kPosition;
  if (IsForce(label)) return Role::kForce;
  if (is({"momenta"})) return Role::kMomentum;
  if (is({"velocities"})) return Role::kVelocity;
  return count == 1 ? Role::kScalar : Role::kIgnored;
}

// Lower is preferred.
int Rank(const Column& column, int family) {
  if (column.role != Role::kForce) return 0;
  const LabelName name = LabelNameOf(column.name);
  return 2 * (name.family == family ? 0 : name.family + 1) + (name.quantity == "forces" ? 0 : 1);
}

}  // namespace

LabelName LabelNameOf(const std::string& key) {
  LabelName name{0, Lower(key)};
  for (int f = 1; f < kLabelFamilies; ++f) {
    if (name.quantity.rfind(kPrefixes[f], 0) != 0) continue;
    name.family = f;
    name.quantity.erase(0, kPrefixes[f].size());
    break;
  }
  if (name.quantity == "virials") name.quantity = "virial";
  return name;
}

absl::StatusOr<std::vector<Column>> ParseProperties(const std::string& text) {
  std::vector<std::string> fields(1);
  for (const char c : text) {
    if (c == ':') {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  if (fields.size() % 3 != 0)
    return InvalidArgument("Properties: expected name:type:count triples in {}", text);
  std::vector<Column> columns;
  for (size_t k = 0; k < fields.size(); k += 3) {
    const std::string& count_text = fields[k + 2];
    int count = 0;
    const auto [end, error] =
        std::from_chars(count_text.data(), count_text.data() + count_text.size(), count);
    const bool type_known = fields[k + 1].size() == 1 && std::strchr("SIRL", fields[k + 1][0]) != nullptr;
    if (error != std::errc() || *end != '\0' || count < 1 || count > 4096 || !type_known) {
      return InvalidArgument(
          "Properties: {}:{}:{} is not a column (expected a name, one of S I R L, a count)", fields[k],
          fields[k + 1], count_text);
    }
    const Role role = RoleOf(fields[k], fields[k + 1][0], count);
    const bool vector =
        role == Role::kPosition || role == Role::kForce || role == Role::kMomentum || role == Role::kVelocity;
    if (role != Role::kIgnored && count != (vector ? 3 : 1)) {
      return InvalidArgument("Properties: {} has {} columns (expected {})", fields[k], count, vector ? 3 : 1);
    }
    columns.push_back({fields[k], role, count});
  }
  if (!HasRole(columns, Role::kPosition)) return InvalidArgument("Properties: no pos:R:3 in {}", text);
  if (!HasRole(columns, Role::kSpecies) && !HasRole(columns, Role::kAtomicNumber)) {
    return InvalidArgument("Properties: neither species:S:1 nor Z:I:1 in {}", text);
  }
  return columns;
}

std::vector<Column> ChosenColumns(std::vector<Column> columns, int family) {
  for (const Role role : {Role::kSpecies, Role::kAtomicNumber, Role::kPosition, Role::kForce, Role::kMomentum,
                          Role::kVelocity}) {
    Column* kept = nullptr;
    for (Column& column : columns) {
      if (column.role != role) continue;
      if (kept != nullptr) {
        const bool better = Rank(column, family) < Rank(*kept, family);
        (better ? kept : &column)->role = Role::kIgnored;
        if (!better) continue;
      }
      kept = &column;
    }
  }
  return columns;
}

bool HasRole(const std::vector<Column>& columns, Role role) {
  return std::any_of(columns.begin(), columns.end(), [role](const Column& c) { return c.role == role; });
}

}  // namespace superion
