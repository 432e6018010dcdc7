#pragma once

#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "replication/run_observer.hpp"
#include "support/endpoint.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// Looks at the source's WAL and slot every few seconds on a connection and a thread of its own: tells the WAL
/// position, warns before the slot is at risk, and writes a heartbeat message so that the slot moves while the copied
/// tables are quiet. What fails here only means that nothing is told: the stream meets the same trouble itself.
class SourceMonitor {
 public:
  struct Callbacks {
    std::function<void(Lsn)> position;
    std::function<void(const SlotProgress&)> slot;
    /// At most once per worsening; `grave`: PostgreSQL is about to give the slot up, or has.
    std::function<void(const std::string&, bool grave)> at_risk;
  };
  SourceMonitor(const SourceEndpoint& source, std::string slot, Callbacks callbacks);
  ~SourceMonitor();
  SourceMonitor(const SourceMonitor&) = delete;
  SourceMonitor& operator=(const SourceMonitor&) = delete;

 private:
  void watch(const std::stop_token& stop);

  SourceEndpoint source_;
  std::string slot_;
  Callbacks callbacks_;
  std::jthread thread_;
};

}  // namespace millrace::replication
