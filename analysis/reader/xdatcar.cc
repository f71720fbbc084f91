#include <cmath>
#include <deque>

#include "absl/strings/match.h"
#include "analysis/reader/format_reader.h"
#include "core/line_source.h"
#include "core/text_fields.h"

namespace superion::analysis {
namespace {

// Lines with a few of them put back.
class Lines {
 public:
  Lines(std::unique_ptr<LineSource> source, std::string path)
      : source_(std::move(source)), path_(std::move(path)) {}

  bool Next(std::string* line) {
    ++number_;
    if (!back_.empty()) {
      *line = std::move(back_.front());
      back_.pop_front();
      return true;
    }
    std::string_view view;
    if (!source_->Next(&view)) return false;
    if (!view.empty() && view.back() == '\r') view.remove_suffix(1);
    *line = std::string(view);
    return true;
  }
  void PutBack(std::string line) {
    --number_;
    back_.push_front(std::move(line));
  }
  absl::Status Wrong(std::string_view expected, std::string_view found) const {
    return InvalidArgument("{}, line {}: expected {}, found \"{}\"", path_, number_, expected,
                           found.substr(0, 80));
  }
  absl::Status Ended() const {
    SUPERION_RETURN_IF_ERROR(source_->status());
    return DataLoss("{}: the file ends within a frame, after line {}", path_, number_ - 1);
  }
  bool cut() const { return back_.empty() && source_->cut(); }
  absl::Status status() const { return source_->status(); }
  const std::string& path() const { return path_; }

 private:
  std::unique_ptr<LineSource> source_;
  std::string path_;
  std::deque<std::string> back_;
  size_t number_ = 0;
};

size_t CountNumbers(std::string_view line) {
  std::vector<std::string_view> fields;
  SplitBlanks(line, &fields);
  for (const auto field : fields) {
    if (!ParseReal(field).ok()) return 0;
  }
  return fields.size();
}

class XdatcarReader : public FormatReader {
 public:
  XdatcarReader(Lines lines, const InputOptions& options) : lines_(std::move(lines)), options_(options) {}

  absl::StatusOr<bool> Next(RawFrame* frame) override {
    const auto more = ReadFrame(frame);
    truncated_ = truncated_ || lines_.cut();
    return more;
  }
  bool truncated() const override { return truncated_; }
  Continuity continuity() const override { return Continuity::kUnknown; }

 private:
  // A frame begins with "Direct configuration=" (or "Konfig="), in older files with a blank line; anything
  // else is the header again, which runs with a changing cell and runs put behind each other repeat.
  absl::StatusOr<bool> ReadFrame(RawFrame* frame) {
    std::string line, next;
    for (;;) {
      if (!lines_.Next(&line)) {
        SUPERION_RETURN_IF_ERROR(lines_.status());
        return false;
      }
      const std::string word = Lower(Trim(line).substr(0, 6));
      if (species_.empty()) {
        SUPERION_RETURN_IF_ERROR(ReadHeader());
      } else if (word == "direct" || word == "konfig" || absl::StartsWith(word, "cart")) {
        return ReadPositions(line, absl::StartsWith(word, "cart"), frame);
      } else if (!word.empty()) {
        SUPERION_RETURN_IF_ERROR(ReadHeader());
      } else if (lines_.Next(&next)) {
        const size_t numbers = CountNumbers(next);
        lines_.PutBack(next);
        if (numbers == 1) SUPERION_RETURN_IF_ERROR(ReadHeader());  // of a run without a name
        if (numbers == 3) return ReadPositions("", false, frame);
      }
    }
  }

  absl::StatusOr<std::vector<std::string_view>> Fields(std::string* line) {
    if (!lines_.Next(line)) {
      truncated_ = true;
      return lines_.Ended();
    }
    std::vector<std::string_view> fields;
    SplitBlanks(*line, &fields);
    return fields;
  }

  absl::StatusOr<Vec3> Vector(std::string_view expected) {
    std::string line;
    SUPERION_ASSIGN_OR_RETURN(const auto fields, Fields(&line));
    const auto v = ParseVector(fields);
    if (!v.ok()) return Wrong(expected, line);
    return *v;
  }

  absl::Status Wrong(std::string_view expected, std::string_view found) {
    truncated_ = lines_.cut();
    return lines_.Wrong(expected, found);
  }

  // Behind the name of the run: scale, cell, symbols (not before VASP 5), counts.
  absl::Status ReadHeader() {
    std::string line;
    SUPERION_ASSIGN_OR_RETURN(auto fields, Fields(&line));
    const auto scale = fields.size() == 1 ? ParseReal(fields[0]) : InvalidArgument("none");
    if (!scale.ok() || *scale == 0.0) return Wrong("the scale of the cell", line);
    for (Vec3& row : cell_) {
      SUPERION_ASSIGN_OR_RETURN(row, Vector("a cell vector"));
    }
    double factor = *scale;
    if (factor < 0.0) factor = std::cbrt(-factor / std::abs(Determinant(cell_)));  // the volume
    for (Vec3& row : cell_) row = factor * row;
    SUPERION_ASSIGN_OR_RETURN(fields, Fields(&line));
    std::vector<std::string> symbols;
    if (!fields.empty() && !ParseInteger(fields[0]).ok()) {
      for (const auto label : fields) {
        const auto element = ElementOfLabel(label);
        if (!element.ok()) return Wrong("chemical symbols", line);
        symbols.push_back(*element);
      }
      SUPERION_ASSIGN_OR_RETURN(fields, Fields(&line));
    }
    std::vector<int> counts;
    for (const auto field : fields) {
      const auto count = ParseInteger(field);
      if (!count.ok() || *count < 1) return Wrong("the number of atoms of every species", line);
      counts.push_back(*count);
    }
    return SetSpecies(std::move(symbols), counts, line);
  }

  absl::Status SetSpecies(std::vector<std::string> symbols, const std::vector<int>& counts,
                          const std::string& line) {
    for (size_t k = 0; symbols.size() < counts.size() && !options_.types.empty(); ++k) {
      const auto found = options_.types.find(std::to_string(k + 1));
      if (found == options_.types.end()) break;
      symbols.push_back(found->second);
    }
    // Who names every atom needs no symbols.
    if (!options_.species.empty()) symbols.assign(counts.size(), "X");
    if (symbols.empty())
      return InvalidArgument(
          "{}: no line of chemical symbols: give types, the species of every count, such as 1=Li,2=S",
          lines_.path());
    if (symbols.size() != counts.size() || counts.empty())
      return Wrong(fmt::format("{} numbers of atoms, one per species", symbols.size()), line);
    species_.clear();
    for (size_t k = 0; k < counts.size(); ++k)
      species_.insert(species_.end(), static_cast<size_t>(counts[k]), symbols[k]);
    return absl::OkStatus();
  }

  absl::StatusOr<bool> ReadPositions(const std::string& title, bool cartesian, RawFrame* frame) {
    if (const size_t equals = title.find('='); equals != std::string::npos) {
      if (const auto step = ParseReal(Trim(std::string_view(title).substr(equals + 1))); step.ok())
        frame->step = *step;
    }
    frame->species = species_;
    frame->cell = cell_;
    for (size_t i = 0; i < species_.size(); ++i) {
      SUPERION_ASSIGN_OR_RETURN(const Vec3 r, Vector("a position (three finite numbers)"));
      frame->positions.push_back(cartesian ? r : r * cell_);
    }
    return true;
  }

  Lines lines_;
  const InputOptions options_;
  Mat3 cell_{};
  std::vector<std::string> species_;
  bool truncated_ = false;
};

}  // namespace

absl::StatusOr<bool> LooksLikeXdatcar(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  const size_t numbers[] = {0, 1, 3, 3, 3};
  std::string_view line;
  for (size_t k = 0; k < 5; ++k) {
    if (!lines->Next(&line) || (k > 0 && CountNumbers(line) != numbers[k])) return false;
  }
  return true;
}

absl::StatusOr<bool> LooksLikeOldXdatcar(const std::string& path) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  std::string_view line;
  for (size_t k = 0; k < 4; ++k) {
    if (!lines->Next(&line) || (k < 3 && CountNumbers(line) == 0)) return false;
  }
  return Trim(line) == "CAR";
}

absl::StatusOr<std::unique_ptr<FormatReader>> OpenXdatcar(const std::string& path,
                                                          const InputOptions& options) {
  SUPERION_ASSIGN_OR_RETURN(auto lines, OpenLines(path));
  return std::make_unique<XdatcarReader>(Lines(std::move(lines), path), options);
}

}  // namespace superion::analysis
