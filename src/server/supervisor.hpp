#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "manager/workspace.hpp"
#include "server/event_feed.hpp"

namespace millrace::server {

/// Runs every active pipeline of the embedded engine in this process, a thread each with what the runner adds, and
/// follows what is created, paused, resumed and deleted. A run that fails in a way that may pass, or unexpectedly, is
/// begun again after a pause that doubles from 1 s to 60 s; one that needs a person waits until the pipeline is changed
/// or restarted. A stream that does not move for five minutes while the source does is told as an event. Thread-safe.
class Supervisor {
 public:
  Supervisor(manager::Workspace workspace, EventFeed& events);
  /// Ends all runs between two batches.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// What /metrics tells of a run.
  struct Numbers {
    bool running = false;
    std::int64_t lag_bytes = 0;
    std::optional<double> lag_s;
    std::uint64_t changes = 0;       ///< since this run of it began
    std::uint64_t transactions = 0;  ///< likewise
    std::uint64_t restarts = 0;      ///< after failures, since the server started
    std::uint64_t failures = 0;      ///< likewise
  };
  std::map<std::string, Numbers> numbers() const;
  /// When the supervisor last looked at the store without a fault, by the steady clock; for readiness.
  bool looked_lately() const;

 private:
  struct Worker;
  void supervise(const std::stop_token& stop);
  void look();
  std::shared_ptr<Worker> make_worker(const std::string& name, std::int64_t revision);

  manager::Workspace workspace_;
  EventFeed& events_;
  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Worker>> workers_;
  std::chrono::steady_clock::time_point looked_{};
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace::server
