// Where labelled frames come from, so that errors can be told apart by it.
#pragma once

#include <string>

#include "core/structure.h"

namespace superion {

// Key of the name of the file that a frame was read from, in Frame::info.
inline constexpr char kFileKey[] = "superion_file";

// The same for its place in that file, from 1.
inline constexpr char kFrameKey[] = "superion_frame";

// "file.xyz, frame 3", or "" for a frame that was not read from a file.
inline std::string PlaceOf(const Frame& frame) {
  const auto file = frame.info.find(kFileKey), number = frame.info.find(kFrameKey);
  if (file == frame.info.end() || number == frame.info.end()) return "";
  return file->second + ", frame " + number->second;
}

// `source` or `config_type` of the comment line, else the name of the file, else "".
inline std::string SourceOf(const Frame& frame) {
  for (const char* key : {"source", "config_type", kFileKey})
    if (const auto at = frame.info.find(key); at != frame.info.end()) return at->second;
  return "";
}

}  // namespace superion
