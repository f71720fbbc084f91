#include "analysis/reader/line_counter.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "core/extxyz_comment.h"

namespace superion::analysis {
namespace {

constexpr size_t kEarly = 1000, kFewestLines = 10;

// By how much a printed number may differ from the true one: half of its last digit, and some more.
double Rounding(std::string_view text) {
  const size_t exponent_at = text.find_first_of("eEdD"), point = text.find('.');
  if (exponent_at == std::string_view::npos && point == std::string_view::npos) return 0.0;  // a whole number
  const std::string_view digits = text.substr(0, exponent_at);
  const double decimals = point == std::string_view::npos || point > digits.size()
                              ? 0.0
                              : static_cast<double>(digits.size() - point - 1);
  int exponent = 0;
  if (exponent_at != std::string_view::npos) {
    std::string_view rest = text.substr(exponent_at + 1);
    if (!rest.empty() && rest[0] == '+') rest.remove_prefix(1);
    std::from_chars(rest.data(), rest.data() + rest.size(), exponent);
  }
  return 0.51 * std::pow(10.0, exponent - decimals);
}

double Median(std::vector<double> x) {
  const auto middle = x.begin() + static_cast<std::ptrdiff_t>(x.size() / 2);
  std::nth_element(x.begin(), middle, x.end());
  return *middle;
}

}  // namespace

absl::Status LineCounter::Add(std::string_view text, const std::string& where) {
  const auto value = ParseReal(text);
  if (!value.ok()) {
    column_.reset();
    return absl::OkStatus();
  }
  const Line before = std::exchange(last_, Line{*value, Rounding(text), where});
  repeated_ = n_++ > 0 && last_.value == before.value && !(step_ && Even(before, last_));
  if (n_ == 1) first_ = last_.value;
  if (step_) return repeated_ ? absl::OkStatus() : Check(before, last_);
  early_.push_back(last_);
  return early_.size() < kEarly ? absl::OkStatus() : Establish();
}

absl::Status LineCounter::Finish() {
  return !column_ || step_ || early_.size() < 3 ? absl::OkStatus() : Establish();
}

double LineCounter::interval_ps() const {
  return column_ && n_ > 1 ? ps_ * (last_.value - first_) / static_cast<double>(n_ - 1) : 0.0;
}

bool LineCounter::Even(const Line& before, const Line& line) const {
  return std::abs(line.value - before.value - *step_) <= 1e-3 * *step_ + line.rounding + before.rounding;
}

void LineCounter::Forget() {
  --n_;
  if (!step_) early_.pop_back();
}

absl::Status LineCounter::Check(const Line& before, const Line& line) const {
  if (Even(before, line)) return absl::OkStatus();
  return DataLoss(
      "{}: column {} goes from {:.9g} to {:.9g}, elsewhere by {:.6g}: lines are missing or there twice, "
      "times go back, or "
      "the interval changes",
      line.where, *column_ + 1, before.value, line.value, *step_);
}

absl::Status LineCounter::Establish() {
  std::vector<double> increments;
  for (size_t k = 1; k < early_.size(); ++k) increments.push_back(early_[k].value - early_[k - 1].value);
  step_ = Median(std::move(increments));
  if (*step_ <= 2.0 * early_.back().rounding)  // some are rounded to nothing
    step_ = (early_.back().value - early_.front().value) / static_cast<double>(early_.size() - 1);
  size_t even = 0;
  for (size_t k = 1; k < early_.size(); ++k) even += Even(early_[k - 1], early_[k]);
  const bool counts = named_ || (early_.size() >= kFewestLines && 10 * even >= 9 * (early_.size() - 1));
  if (!(*step_ > 0.0) || !counts) {
    column_.reset();
    step_.reset();
    return absl::OkStatus();
  }
  for (size_t k = 1; k < early_.size(); ++k) SUPERION_RETURN_IF_ERROR(Check(early_[k - 1], early_[k]));
  repeated_ = repeated_ && !Even(early_[early_.size() - 2], early_.back());
  early_.clear();
  return absl::OkStatus();
}

}  // namespace superion::analysis
