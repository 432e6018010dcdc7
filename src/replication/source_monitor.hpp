#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "replication/run_observer.hpp"
#include "support/endpoint.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

class SourceLook;

/// One look at each source database for all the pipelines of a process that read it: what it costs the source does not
/// grow with their number. Thread-safe.
class SourceMonitors {
 public:
  /// The look at this database with these credentials; it ends with its last holder.
  std::shared_ptr<SourceLook> look_at(const SourceEndpoint& source);

 private:
  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<SourceLook>> looks_;
};

/// Looks at the source's WAL and slot every few seconds, on a connection and a thread that those who watch the same
/// database share: tells the WAL position, warns before the slot is at risk, and writes a heartbeat message so that the
/// slot moves while the copied tables are quiet: when others have written WAL, and every five minutes. What fails here
/// only means that nothing is told: the stream meets the same trouble itself.
class SourceMonitor {
 public:
  /// Called by the look's thread, one at a time; must not wait for servers.
  struct Callbacks {
    std::function<void(Lsn)> position;
    std::function<void(const SlotProgress&)> slot;
    /// At most once per worsening; `grave`: PostgreSQL is about to give the slot up, or has.
    std::function<void(const std::string&, bool grave)> at_risk;
  };
  SourceMonitor(SourceMonitors& monitors, const SourceEndpoint& source, std::string slot, Callbacks callbacks);
  /// No callback runs when it returns.
  ~SourceMonitor();
  SourceMonitor(const SourceMonitor&) = delete;
  SourceMonitor& operator=(const SourceMonitor&) = delete;

 private:
  std::shared_ptr<SourceLook> look_;
  int number_;  ///< of this watcher there
};

}  // namespace millrace::replication
