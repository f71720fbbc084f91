// pw.x kept alive behind a Unix socket (`-ipi NAME:UNIX`): no start-up per label, extrapolated wave functions
// for nearby geometries. One driver per list of atoms and cell. Quirks of pw.x 6.7 are handled in the .cc.
#pragma once

#include <memory>
#include <string>

#include "dft_adapter/pw_watch.h"
#include "dft_adapter/qe_output.h"

namespace superion {

struct QeDriverOptions {
  std::vector<std::string> command;  // pw.x and its arguments
  std::string directory;             // working folder of pw.x; exists
  std::string pseudo_directory;      // relative to `directory`
  QeNumerics numerics;
  std::chrono::milliseconds silence_limit{0};  // of PwWatch
};

class QeDriver {
 public:
  // Starts pw.x on `first`, which must be the first geometry asked for (pw.x returns garbage forces
  // otherwise, so Compute refuses another one). Unimplemented without the program, Unavailable when it dies
  // before it connects: the message holds its own error.
  static absl::StatusOr<std::unique_ptr<QeDriver>> Start(const QeSettings& settings, const Structure& first,
                                                         const QeDriverOptions& options);
  ~QeDriver();

  // Same species, order and cell as the first geometry.
  bool Fits(const Structure& structure) const;

  // Fills `frame` (its structure is the question). A failure whose `alive` is false means that pw.x is gone.
  struct Outcome {
    std::optional<LabelFailure> failure;
    double cpu_s = 0.0;
  };
  Outcome Compute(Sequence sequence, Frame* frame);
  bool alive() const { return alive_; }
  int computed() const { return computed_; }  // geometries asked for, the failed one included

 private:
  QeDriver() = default;
  // Waits until the socket can be read or written; false when pw.x ended, or hung and has to be.
  bool AwaitSocket(int socket, short events);
  int Accept(int listener);
  bool Send(const void* bytes, size_t n);
  bool SendHeader(const std::string& header);
  bool Receive(void* bytes, size_t n);
  std::string Status();
  bool SendGeometry(const Structure& structure);
  bool ReceiveReply(QeDriverReply* reply);
  std::string NewOutput();
  LabelFailure Lost(const std::string& output);
  QeSettings settings_;
  QeDriverOptions options_;
  Structure first_;
  std::unique_ptr<Subprocess> process_;
  std::optional<PwWatch> watch_;       // of the present wait
  std::optional<LabelFailure> ended_;  // why the watch wants pw.x ended
  int socket_ = -1;
  bool alive_ = true;
  int computed_ = 0;
  int replica_ = 0;
  size_t output_offset_ = 0;
  double cpu_s_ = 0.0;
};

}  // namespace superion
