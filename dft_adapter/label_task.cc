#include "dft_adapter/label_task.h"

#include <cstdio>
#include <cstring>

#include "core/extxyz.h"
#include "core/file.h"

namespace superion {
namespace {

constexpr size_t kIdLength = 16;

struct Counts {
  int labelled = 0, failed = 0;
  double cpu_s = 0.0;
  std::map<std::string, int> by_class, sources;
};

absl::StatusOr<std::vector<Frame>> ReadSlice(const LabelTaskOptions& options) {
  std::vector<Frame> frames;
  int64_t at = 0;
  for (const std::string& path : options.frames) {
    SUPERION_RETURN_IF_ERROR(ForEachExtxyzFrame(path, [&](Frame frame) {
      const bool wanted = at >= options.first && (options.count < 0 || at < options.first + options.count);
      ++at;
      if (wanted) frames.push_back(std::move(frame));
      return absl::OkStatus();
    }));
  }
  return frames;
}

// Labels of whoever made the frame must not survive beside ours.
Frame WithLabels(const Frame& input, const LabelOutcome& outcome, const std::string& label_hash) {
  Frame frame = outcome.frame;
  frame.velocities = input.velocities;
  frame.info = input.info;
  frame.atom_scalars = input.atom_scalars;
  frame.info["frame_id"] = FrameId(input);
  frame.info["label_hash"] = label_hash;
  frame.info["label_source"] = outcome.source;
  return frame;
}

absl::Status Record(const LabelTaskOptions& options, int64_t index, const Frame& input,
                    const LabelOutcome& outcome, const std::string& label_hash, Counts* counts) {
  counts->cpu_s += outcome.cpu_s;
  if (!outcome.failure) {
    ++counts->labelled;
    ++counts->sources[outcome.source];
    return AppendText(options.labelled, FormatExtxyz(WithLabels(input, outcome, label_hash)));
  }
  ++counts->failed;
  ++counts->by_class[outcome.failure->failure_class];
  const Json line = {{"frame", index},
                     {"frame_id", FrameId(input)},
                     {"class", outcome.failure->failure_class},
                     {"message", outcome.failure->message},
                     {"attempts", outcome.attempts}};
  return AppendText(options.failures, DumpJson(line) + "\n");
}

}  // namespace

std::string FrameId(const Frame& frame) {
  const auto known = frame.info.find("frame_id");
  if (known != frame.info.end()) return known->second;
  Frame bare;
  bare.structure = frame.structure;
  return Sha256(FormatExtxyz(bare)).substr(0, kIdLength);
}

absl::Status AppendText(const std::string& path, std::string_view text) {
  std::FILE* file = std::fopen(path.c_str(), "a");
  if (file == nullptr) return Unavailable("cannot open {} for writing: {}", path, std::strerror(errno));
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !written) {
    return ResourceExhausted("cannot write {} bytes to {}: {}", text.size(), path, std::strerror(errno));
  }
  return absl::OkStatus();
}

absl::StatusOr<Json> LabelFrames(const LabelTaskOptions& options, Labeler* labeler,
                                 const ProgressSink& progress) {
  SUPERION_ASSIGN_OR_RETURN(const std::vector<Frame> frames, ReadSlice(options));
  // A repeated attempt starts afresh.
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(options.labelled, ""));
  SUPERION_RETURN_IF_ERROR(WriteFileAtomically(options.failures, ""));
  const std::string hash = labeler->LabelHash();
  Counts counts;
  const auto report = [&](size_t done) {
    progress({static_cast<double>(done), static_cast<double>(frames.size()), "labels",
              fmt::format("{} of {} labels, {} failed", done, frames.size(), counts.failed)});
  };
  report(0);
  for (size_t k = 0; k < frames.size(); ++k) {
    SUPERION_ASSIGN_OR_RETURN(const LabelOutcome outcome,
                              labeler->Label(frames[k].structure, Sequence::kIndependent));
    SUPERION_RETURN_IF_ERROR(
        Record(options, options.first + static_cast<int64_t>(k), frames[k], outcome, hash, &counts));
    report(k + 1);
  }
  return Json{
      {"labelled", counts.labelled}, {"failed", counts.failed},   {"failures_by_class", counts.by_class},
      {"cpu_s", counts.cpu_s},       {"sources", counts.sources}, {"label_hash", hash}};
}

}  // namespace superion
