// A daemon and a worker of one's own, as child processes beside the client: what `superion run` needs on one
// machine.
#pragma once

#include <memory>
#include <string>

#include "cli/daemon.h"
#include "cli/interrupt.h"
#include "core/subprocess.h"

namespace superion {

struct EmbeddedOptions {
  std::string data_directory;     // of the daemon
  std::string work_directory;     // of the worker
  std::string program_directory;  // where superiond and superion-worker lie
  int cores = 0;                  // 0: the worker decides
};

class Embedded {
 public:
  // Locks the data folder, starts the daemon, waits until it answers, starts the worker. FailedPrecondition
  // when another `superion run` uses the folder; Unavailable with the end of a child's log when it does not
  // come up.
  static absl::StatusOr<std::unique_ptr<Embedded>> Start(const EmbeddedOptions& options,
                                                         Interrupt* interrupt);
  ~Embedded();

  Daemon* daemon() { return daemon_.get(); }
  // Starts a child again that has died; Unavailable when it keeps dying.
  absl::Status Revive(Interrupt* interrupt);
  // Ends the worker, then the daemon; nothing of them is left.
  void Stop();

 private:
  explicit Embedded(EmbeddedOptions options) : options_(std::move(options)) {}
  absl::Status Lock();
  absl::Status StartDaemon(Interrupt* interrupt);
  absl::Status StartWorker();
  absl::StatusOr<std::unique_ptr<Subprocess>> Child(const std::string& program,
                                                    std::vector<std::string> arguments);
  absl::Status Died(const std::string& program) const;
  std::string Log(const std::string& program) const {
    return options_.data_directory + "/" + program + ".log";
  }

  const EmbeddedOptions options_;
  int lock_ = -1;
  std::string server_;
  std::unique_ptr<Subprocess> process_, worker_;
  std::unique_ptr<Daemon> daemon_;
  int restarts_ = 0;
};

}  // namespace superion
