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

  /// A place behind everything that has committed by now.
  Lsn mark();
  /// Returns when the checkpoint is at `place` or behind it. Throws kInterrupted on stop, kPipelineState when the
  /// target does not know the pipeline, and what running it throws.
  void wait(Lsn place, const std::stop_token& stop);

 private:
  bool nobody_runs();

  const RunPlan& plan_;
  const VerifyHooks& hooks_;
  postgres::Connection source_;
  sqlserver::Session target_;
};

}  // namespace millrace::replication
