#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/server_sessions.hpp"
#include "replication/run_observer.hpp"
#include "sqlserver/session.hpp"
#include "support/endpoint.hpp"

namespace millrace::replication {

/// Passes everything on to another observer, and writes events into millrace.events on the target, on a thread of its
/// own, which ends with its connection when nothing is told for a while, or at once where sessions are shared: the
/// newest kEventsKept of each pipeline stay. What cannot be written now is kept (the newest thousand) and tried again
/// with the next event; an event never holds the run up, and is lost when the process ends while the target is away.
/// Thread-safe.
class EventLog : public RunObserver {
 public:
  /// `sessions`: shared with others, and alive for longer; none: it opens one of its own. `idle`: how long that one and
  /// the thread wait for more.
  EventLog(RunObserver& inner, const TargetEndpoint& target, std::string pipeline,
           pipeline::TenantSessions* sessions = nullptr, std::chrono::milliseconds idle = std::chrono::seconds(10));
  ~EventLog() override;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  void event(const RunEvent& event) override;
  void load_progress(const std::vector<TableProgress>& tables) override { inner_.load_progress(tables); }
  void stream_progress(const StreamProgress& progress) override { inner_.stream_progress(progress); }
  void slot_progress(const SlotProgress& progress) override { inner_.slot_progress(progress); }

 private:
  struct Entry {
    RunEvent event;
    std::string at;  ///< UTC, ISO 8601
  };
  void begin_writing();
  void write(const std::stop_token& stop);
  void write_one(const Entry& entry, std::unique_ptr<sqlserver::Session>& own);

  RunObserver& inner_;
  TargetEndpoint target_;
  std::string pipeline_;
  pipeline::TenantSessions* sessions_;
  const std::chrono::milliseconds idle_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Entry> waiting_;
  bool fresh_ = false;    ///< something came since the last try
  bool writing_ = false;  ///< the thread is there, and sees what comes
  int untrimmed_;         ///< events since old ones were looked for; the thread's
  std::jthread thread_;   ///< last: it uses all of the above
};

inline constexpr int kEventsKept = 10'000;

}  // namespace millrace::replication
