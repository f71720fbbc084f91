#include "core/extxyz_comment.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace superion {
namespace {

bool Blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void SkipBlanks() {
    while (!AtEnd() && Blank(text_[at_])) ++at_;
  }
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return text_[at_]; }

  absl::StatusOr<std::string> Key() {
    if (Peek() == '"' || Peek() == '\'') return Quoted();
    return Bare(/*stop_at_equals=*/true);
  }

  // "T" unless an equals sign follows, blanks around it allowed.
  absl::StatusOr<std::string> Value() {
    const size_t after_key = at_;
    SkipBlanks();
    if (AtEnd() || Peek() != '=') {
      at_ = after_key;
      return std::string("T");
    }
    ++at_;
    SkipBlanks();
    if (AtEnd()) return std::string();
    if (Peek() == '"' || Peek() == '\'') return Quoted();
    if (Peek() == '{') return Bracketed('{', '}', /*keep=*/false);
    if (Peek() == '[') return Bracketed('[', ']', /*keep=*/true);
    return Bare(/*stop_at_equals=*/false);
  }

 private:
  std::string Bare(bool stop_at_equals) {
    const size_t begin = at_;
    while (!AtEnd() && !Blank(Peek()) && !(stop_at_equals && Peek() == '=')) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  absl::StatusOr<std::string> Quoted() {
    const size_t begin = at_;
    const char quote = text_[at_++];
    std::string value;
    for (; !AtEnd(); ++at_) {
      if (Peek() == quote) {
        ++at_;
        return value;
      }
      if (Peek() == '\\' && at_ + 1 < text_.size()) {
        ++at_;
        value.push_back(Peek() == 'n' ? '\n' : Peek());
      } else {
        value.push_back(Peek());
      }
    }
    return InvalidArgument("column {}: the quote {} is not closed", begin + 1, quote);
  }

  absl::StatusOr<std::string> Bracketed(char open, char close, bool keep) {
    const size_t begin = at_;
    for (int depth = 0; !AtEnd(); ++at_) {
      if (Peek() == open) ++depth;
      if (Peek() == close && --depth == 0) {
        ++at_;
        const std::string_view all = text_.substr(begin, at_ - begin);
        return std::string(keep ? all : all.substr(1, all.size() - 2));
      }
    }
    return InvalidArgument("column {}: the bracket {} is not closed", begin + 1, open);
  }

  std::string_view text_;
  size_t at_ = 0;
};

bool IsBare(std::string_view value) {
  return !value.empty() && value.find_first_of(" \t\r\n\v\f\"'{}[]=,\\") == std::string_view::npos;
}

// A list that Bracketed() reads back whole.
bool IsList(std::string_view value) {
  if (value.empty() || value.front() != '[' || value.find('\n') != std::string_view::npos) return false;
  int depth = 0;
  for (size_t k = 0; k < value.size(); ++k) {
    depth += value[k] == '[' ? 1 : value[k] == ']' ? -1 : 0;
    if (depth == 0) return k + 1 == value.size();
  }
  return false;
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '\n') {
      quoted += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string WithoutBrackets(std::string_view text) {
  std::string plain(text);
  for (char& c : plain) {
    if (c == '[' || c == ']' || c == '{' || c == '}' || c == '(' || c == ')' || c == ',') c = ' ';
  }
  return plain;
}

template <typename Number>
absl::StatusOr<Number> ParseNumber(std::string_view text) {
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  std::string fortran;
  if (digits.find_first_of("dD") != std::string_view::npos) {
    fortran = digits;
    std::replace_if(
        fortran.begin(), fortran.end(), [](char c) { return c == 'd' || c == 'D'; }, 'e');
    digits = fortran;
  }
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc::result_out_of_range) return InvalidArgument("\"{}\" is out of range", text);
  if (error != std::errc() || end != digits.data() + digits.size()) {
    return InvalidArgument("expected a number, found \"{}\"", text);
  }
  if (!std::isfinite(value)) return InvalidArgument("expected a finite number, found \"{}\"", text);
  return value;
}

}  // namespace

absl::StatusOr<std::vector<CommentItem>> ParseComment(std::string_view line) {
  std::vector<CommentItem> items;
  Scanner scanner(line);
  for (scanner.SkipBlanks(); !scanner.AtEnd(); scanner.SkipBlanks()) {
    CommentItem item;
    SUPERION_ASSIGN_OR_RETURN(item.key, scanner.Key());
    SUPERION_ASSIGN_OR_RETURN(item.value, scanner.Value());
    items.push_back(std::move(item));
  }
  return items;
}

std::string FormatCommentItem(std::string_view key, std::string_view value) {
  std::string text = IsBare(key) ? std::string(key) : Quote(key);
  text += '=';
  return text + (IsBare(value) || IsList(value) ? std::string(value) : Quote(value));
}

absl::StatusOr<double> ParseReal(std::string_view text) { return ParseNumber<double>(text); }

absl::StatusOr<long double> ParseWideReal(std::string_view text) { return ParseNumber<long double>(text); }

absl::StatusOr<std::vector<double>> ParseReals(std::string_view text) {
  const std::string plain = WithoutBrackets(text);
  std::vector<std::string_view> pieces;
  SplitBlanks(plain, &pieces);
  std::vector<double> values;
  for (const std::string_view piece : pieces) {
    SUPERION_ASSIGN_OR_RETURN(const double value, ParseReal(piece));
    values.push_back(value);
  }
  return values;
}

absl::StatusOr<bool> ParseLogical(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  if (lower == "t" || lower == "true" || lower == "1" || lower == ".true.") return true;
  if (lower == "f" || lower == "false" || lower == "0" || lower == ".false.") return false;
  return InvalidArgument("expected T or F, found \"{}\"", text);
}

absl::StatusOr<std::vector<bool>> ParseLogicals(std::string_view text) {
  const std::string plain = WithoutBrackets(text);
  std::vector<std::string_view> pieces;
  SplitBlanks(plain, &pieces);
  std::vector<bool> values;
  for (const std::string_view piece : pieces) {
    SUPERION_ASSIGN_OR_RETURN(const bool value, ParseLogical(piece));
    values.push_back(value);
  }
  return values;
}

void SplitBlanks(std::string_view line, std::vector<std::string_view>* pieces) {
  pieces->clear();
  size_t at = 0;
  while (true) {
    while (at < line.size() && Blank(line[at])) ++at;
    if (at == line.size()) return;
    const size_t begin = at;
    while (at < line.size() && !Blank(line[at])) ++at;
    pieces->push_back(line.substr(begin, at - begin));
  }
}

}  // namespace superion
