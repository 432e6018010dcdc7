#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "postgres/connection.hpp"
#include "replication/verify.hpp"
#include "sqlserver/session.hpp"
#include "support/ids.hpp"

namespace millrace::replication {

/// Marks places in the source's WAL and waits until the target has passed them. While a process runs the pipeline its
/// checkpoint is watched; while nobody does, the pipeline is run here until it has caught up. Not thread-safe.
class StreamPosition {
 public:
  StreamPosition(const RunPlan& plan, const VerifyHooks& hooks);

  /// What a transaction of the source sees, as text: two that are equal see the same rows. Empty: not to be told.
  /// One row and column; to be run in the transaction.
  static const char* snapshot_sql();

  /// A place behind everything that has committed by now. `snapshot`: of a transaction that has begun before; when it
  /// sees just what an earlier one saw, the place is the earlier one's, and nothing new has to be waited for.
  Lsn mark(const std::string& snapshot = {});
  /// Returns when the checkpoint is at `place` or behind it. Throws kInterrupted on stop, kPipelineState when the
  /// target does not know the pipeline, and what running it throws.
  void wait(Lsn place, const std::stop_token& stop);

 private:
  struct Place {
    std::string snapshot;
    Lsn lsn;
  };

  bool nobody_runs();
  Place now();
  Lsn nudge();

  const RunPlan& plan_;
  const VerifyHooks& hooks_;
  postgres::Connection source_;
  sqlserver::Session target_;
  Place known_;  ///< the last one that was marked
};

}  // namespace millrace::replication
