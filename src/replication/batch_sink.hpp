#pragma once

#include "replication/batch.hpp"

namespace millrace::replication {

/// Where batches end: SQL Server, or nowhere for benchmarks. Called by one thread.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  /// Applies the batch; when it commits, everything up to its end_lsn is durable when this returns. Throws Error;
  /// afterwards the sink is not used again: what was committed is read from the target.
  virtual void apply(const Batch& batch) = 0;
};

}  // namespace millrace::replication
