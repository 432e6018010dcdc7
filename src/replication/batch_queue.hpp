#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "replication/batch.hpp"

namespace millrace::replication {

/// Hands batches from the reading thread to the applying one; holds at most one, so that memory is bounded by three
/// batches: one being built, one waiting, one being applied. Thread-safe.
class BatchQueue {
 public:
  /// Puts the batch in when there is room within `wait`; else leaves it with the caller and returns false.
  bool push(std::unique_ptr<Batch>& batch, std::chrono::milliseconds wait);
  /// The next batch; nothing after close() or when `stop` is requested.
  std::unique_ptr<Batch> pop(const std::stop_token& stop);
  /// The applying thread is done with the batch that it popped.
  void done();
  /// Nobody pops any more: push() returns false at once.
  void close();
  bool closed() const;
  /// No batch waits or is being applied.
  bool idle() const;
  /// Waits until idle, closed, or the time is over.
  bool wait_idle(std::chrono::milliseconds wait);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::unique_ptr<Batch> waiting_;
  bool applying_ = false;
  std::atomic<bool> closed_ = false;  ///< written under the mutex; closed() is asked for every message
};

}  // namespace millrace::replication
