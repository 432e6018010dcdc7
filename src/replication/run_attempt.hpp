#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "replication/bound_tables.hpp"
#include "replication/change_stream.hpp"
#include "replication/run_reporter.hpp"
#include "replication/runner.hpp"
#include "sqlserver/session.hpp"
#include "sqlserver/state_tables.hpp"

namespace millrace::replication {

/// One try at running a pipeline: take over, look, load, stream. All that it knows of the past is on the target, so a
/// new try after any failure goes on exactly where the target is. Used by one thread, once.
class RunAttempt {
 public:
  RunAttempt(const RunPlan& plan, const RunOptions& options, RunReporter& reporter, std::optional<Lsn>& until);

  /// Returns on stop or when `until` is reached.
  void run(const std::stop_token& stop);

  /// True when changes or rows got through: the next failure is a new one, not the same again.
  bool progressed() const { return progressed_; }

 private:
  void take_over();
  void check_source();
  void load(const std::stop_token& stop);
  void stream(const std::stop_token& stop);
  void prepare_table(BoundTable& table, Lsn snapshot_lsn);
  void finish_table(BoundTable& table, std::int64_t rows);
  void save(BoundTable& table, const std::string& state);
  void tell(RunEvent::Severity severity, const std::string& kind, const std::string& table, const std::string& message,
            const std::string& lsn = {});

  const RunPlan& plan_;
  const RunOptions& options_;
  RunReporter& reporter_;
  std::optional<Lsn>& until_;
  std::mutex target_mutex_;  ///< the session below is used by load workers too
  std::unique_ptr<sqlserver::Session> target_;
  sqlserver::Checkpoint checkpoint_;
  std::vector<BoundTable> tables_;
  bool progressed_ = false;
};

}  // namespace millrace::replication
