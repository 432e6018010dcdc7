#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "pgoutput/decoder.hpp"
#include "postgres/replication_connection.hpp"
#include "replication/batch_builder.hpp"
#include "replication/batch_queue.hpp"
#include "replication/batch_sink.hpp"
#include "replication/diversion.hpp"
#include "replication/spill_file.hpp"
#include "replication/stream_activity.hpp"

namespace millrace::replication {

/// Numbers of the stream. Written by its threads, read by any.
struct StreamCounters {
  std::atomic<std::uint64_t> received_lsn{0};
  std::atomic<std::uint64_t> applied_lsn{0};  ///< recorded on the target
  std::atomic<std::uint64_t> passed_lsn{0};   ///< at the last look with nothing to apply: all before it was
  std::atomic<std::uint64_t> transactions{0};
  std::atomic<std::uint64_t> changes{0};
  std::atomic<std::uint64_t> batches{0};
  std::atomic<std::int64_t> commit_time{0};  ///< of the last transaction applied, microseconds since 2000-01-01 UTC
  std::atomic<std::int64_t> apply_us{0};     ///< time spent in the sink
  std::atomic<std::uint64_t> spilled_bytes{0};
  std::atomic<std::int64_t> oldest_pending{0};  ///< about: commit time of the oldest transaction not applied; 0: none
  StreamActivity activity;                      ///< table by table
};

struct StreamSettings {
  std::size_t batch_bytes = 16U << 20U;  ///< a batch is given on when it is larger
  std::uint64_t batch_changes = 100'000;
  std::chrono::milliseconds idle_checkpoint{3000};  ///< how often a position without changes is recorded
  std::chrono::milliseconds rest_after{30'000};     ///< without changes for so long: only with the sign of life
  std::chrono::milliseconds sign_of_life{10'000};   ///< how often the checkpoint is touched, and the fence with it
  std::chrono::milliseconds sign_at_rest{300'000};  ///< the same then
  std::chrono::milliseconds moved_at_rest{60'000};  ///< then, of a position that has moved
  std::uint64_t bytes_at_rest = 64U << 20U;         ///< then, of WAL behind which it is recorded as soon as else
  std::optional<Lsn> until;                         ///< ends when everything before it is applied
};

/// Reads a started replication connection, folds transactions into batches and gives them to the sink on a second
/// thread, which ends while the stream rests. While the sink is busy the batch grows: small batches and low latency
/// when it keeps up, large ones when it does not. A sink that is slower than the source makes reading stop, which
/// PostgreSQL sees; keepalives are answered all the while. Not thread-safe.
class ChangeStream {
 public:
  ChangeStream(postgres::ReplicationConnection& connection, BatchBuilder& builder, BatchSink& sink, SpillStore& spill,
               StreamCounters& counters, StreamSettings settings);

  /// Returns when `stop` is requested, with every whole transaction applied that had been read, or when `until` is
  /// reached. Throws what the connection, the builder or the sink throws; then the sink is not to be used again.
  void run(const std::stop_token& stop);

  /// Called by the applying thread after each batch that was committed.
  std::function<void(const Batch&)> on_applied;
  /// Changes that are held back for a while; none, or longer alive than run().
  Diversion* diversion = nullptr;
  /// Called by the reading thread between messages, at least every minute while no transaction is open.
  std::function<void()> on_pause;
  /// Nothing was to be applied for a while, nor did anybody wait for a position. For the reading thread.
  bool rests() const;

 private:
  void start_applying();
  void end_applying();
  void apply_batches(const std::stop_token& stop);
  void receive(const postgres::StreamItem& item);
  void handle(const pgoutput::Message& message, HeldBytes raw);
  void replay(Xid xid, Lsn commit_lsn, Lsn end_lsn, std::int64_t commit_time);
  void change(const pgoutput::Message& message, HeldBytes raw, bool streamed);
  void begin(Lsn commit_lsn, std::int64_t commit_time);
  void commit(Lsn end_lsn, std::int64_t commit_time);
  void hand_over();
  void give(bool may_wait);
  void give_all();
  void note_passed();
  std::chrono::milliseconds between_signs() const;
  std::chrono::milliseconds patience() const;
  bool reached() const;
  std::chrono::milliseconds rest() const;
  void rethrow_failure();

  postgres::ReplicationConnection& connection_;
  BatchBuilder& builder_;
  BatchSink& sink_;
  SpillStore& spill_;
  StreamCounters& counters_;
  StreamSettings settings_;
  BatchQueue queue_;
  pgoutput::Decoder decoder_;
  pgoutput::Message message_;
  std::optional<Xid> streamed_;  ///< inside a streamed block: its top transaction
  std::unique_ptr<Batch> ready_;
  std::chrono::steady_clock::time_point last_checkpoint_;
  Lsn last_position_;                                  ///< of the last checkpoint that was handed on
  std::chrono::steady_clock::time_point last_change_;  ///< when something was read that is to be applied
  std::int64_t transaction_time_ = 0;                  ///< commit time of the transaction that is being read
  std::exception_ptr failure_;                         ///< written before the queue is closed, read after
  std::optional<std::jthread> applier_;                ///< last: it uses all of the above
};

}  // namespace millrace::replication
