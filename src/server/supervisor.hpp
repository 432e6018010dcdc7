#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "manager/shared_run_watch.hpp"
#include "manager/workspace.hpp"
#include "replication/runner.hpp"
#include "replication/source_monitor.hpp"
#include "server/event_feed.hpp"
#include "server/live_board.hpp"
#include "server/pipeline_place.hpp"
#include "server/told_alerts.hpp"
#include "store/pipelines.hpp"
#include "support/shared_ticker.hpp"
#include "support/spare_memory.hpp"

namespace millrace::server {

/// Runs every active pipeline of the embedded engine, of all tenants, in this process, a thread each with what the
/// runner adds; the looks at the store and at sources are shared by all, and so are the sessions of streams that rest.
/// Follows what is created, paused, resumed and
/// deleted. A run that fails in a way that may pass, or unexpectedly, is begun again after a pause that doubles from 1
/// s to 60 s; one that needs a person waits until the pipeline is changed or restarted. A stream that does not move for
/// five minutes while the source does is told as an event. Thread-safe.
class Supervisor {
 public:
  /// `workspace`: whose tenant does not matter. What is referred to must outlive the supervisor.
  Supervisor(manager::Workspace workspace, EventFeed& events, LiveBoard& board, pipeline::ServerSessions& sessions);
  /// Ends all runs between two batches.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// When the supervisor last looked at the store without a fault, by the steady clock; for readiness.
  bool looked_lately() const;
  /// Whether this server runs the pipelines: of several on one store one does.
  bool leads() const { return leads_; }

 private:
  struct Worker;
  void supervise(const std::stop_token& stop);
  void look();
  /// One pipeline as it is stored; false when it has to be looked at again though it stays as it is.
  bool look_at(const PipelinePlace& place, const store::Pipelines::Place& stored);
  /// Whether this process is to run it; false as well when its settings cannot be read, which is told once.
  bool is_ours(const PipelinePlace& place, std::int64_t revision);
  std::shared_ptr<Worker> make_worker(const PipelinePlace& place, std::int64_t revision);

  manager::Workspace workspace_;
  EventFeed& events_;
  LiveBoard& board_;
  pipeline::ServerSessions& sessions_;
  // Before the workers, who use them.
  manager::SharedRunWatch watch_;
  replication::SourceMonitors monitors_;
  SharedTicker ticker_;
  SpareMemory spare_memory_;
  const int memory_tick_;
  replication::Starts starts_;
  mutable std::mutex mutex_;
  std::map<PipelinePlace, std::shared_ptr<Worker>> workers_;
  std::string glance_;                                ///< of the store, by the last look; the thread's own
  std::set<PipelinePlace> known_;                     ///< by the last look
  bool settled_ = false;                              ///< nothing that it saw is still to be done
  std::map<PipelinePlace, std::int64_t> elsewhere_;   ///< revisions of those whose engine runs in another place
  std::map<PipelinePlace, std::int64_t> unreadable_;  ///< revisions that were told
  ToldAlerts told_;                                   ///< when this server began to lead; used by the thread alone
  std::chrono::steady_clock::time_point looked_{};
  std::atomic<bool> leads_{false};
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace millrace::server
