// Runs another program in a test and collects what it prints.
#pragma once

#include <string>
#include <vector>

#include "core/subprocess.h"

namespace superion {

struct CommandOutput {
  int exit_code = -1;
  std::string out;
};

inline CommandOutput RunCommand(std::vector<std::string> arguments, const std::string& directory = ".") {
  CommandOutput output;
  SubprocessOptions options;
  options.arguments = std::move(arguments);
  options.working_directory = directory;
  options.on_stdout_line = [&output](std::string_view line) { output.out.append(line).append("\n"); };
  auto process = Subprocess::Start(std::move(options));
  if (!process.ok()) {
    output.out = process.status().ToString();
    return output;
  }
  output.exit_code = (*process)->Wait().exit_code;
  return output;
}

// Debian's Python with ASE, the independent reader and writer.
inline const std::string kPython = "/usr/bin/python3";
inline bool HaveAse() { return RunCommand({kPython, "-c", "import ase.io"}).exit_code == 0; }

}  // namespace superion
