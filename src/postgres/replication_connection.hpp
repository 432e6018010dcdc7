#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "postgres/connection.hpp"
#include "support/ids.hpp"

namespace millrace::postgres {

/// IDENTIFY_SYSTEM's answer.
struct SystemIdentity {
  std::string system_identifier;
  int timeline = 0;
  Lsn flush_lsn;
};

/// A slot with the snapshot that sees exactly the transactions which committed before its consistent point.
struct ExportedSlot {
  std::string slot;
  std::string snapshot;  ///< for SET TRANSACTION SNAPSHOT, while this connection lives and runs no other command
  Lsn consistent_point;
};

struct StreamOptions {
  std::string slot;
  std::string publication;
  Lsn start;               ///< where to go on; transactions that committed before are not sent
  int protocol = 0;        ///< 0: the newest that the server speaks (1 before 14, 2 on 14, 3 on 15, 4 from 16)
  bool binary = false;     ///< from PostgreSQL 14
  bool streaming = true;   ///< large transactions before their commit, from protocol 2
  bool two_phase = false;  ///< only with a slot made for it
  bool messages = true;    ///< logical messages, from PostgreSQL 14
};

/// One message of the stream.
struct StreamItem {
  enum class Kind { kData, kKeepalive } kind = Kind::kData;
  Lsn start;                     ///< kData: WAL position of the message; 0 for some
  Lsn server_end;                ///< the server's end of WAL when it sent this
  std::int64_t server_time = 0;  ///< microseconds since 2000-01-01 UTC
  std::string_view payload;      ///< kData: a pgoutput message; lives until the next call of next()
};

/// A walsender connection (replication=database). Streaming follows PostgreSQL's documentation, "Streaming Replication
/// Protocol". Not thread-safe except confirm(), which any thread may call.
class ReplicationConnection {
 public:
  /// Throws as Connection does; kSourcePermission when the role lacks REPLICATION.
  explicit ReplicationConnection(const SourceEndpoint& endpoint,
                                 std::chrono::milliseconds timeout = std::chrono::seconds(10));
  ~ReplicationConnection();
  ReplicationConnection(const ReplicationConnection&) = delete;
  ReplicationConnection& operator=(const ReplicationConnection&) = delete;

  SystemIdentity identify();
  int server_version() const;

  /// CREATE_REPLICATION_SLOT .. TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export'). Waits for the transactions that run
  /// when it starts; `stop` ends the wait with kInterrupted.
  ExportedSlot create_temporary_slot(const std::string& name, const std::stop_token& stop);

  /// START_REPLICATION. Throws Error kSlotInUse (55006: another reader), kSlotMissing (42704), kSlotLost (the slot was
  /// invalidated), kPublicationMissing.
  void start(const StreamOptions& options);

  /// Waits at most `wait` for the next item. Nothing: none came. Answers keepalives that ask for it and sends status
  /// updates at least every `status_interval` (10 s, and at once when confirm() moved); throws Error kInterrupted on
  /// stop, kSourceUnreachable when the connection is lost, kSlotLost, kPublicationMissing.
  std::optional<StreamItem> next(std::chrono::milliseconds wait, const std::stop_token& stop);

  /// What has been made durable on the target: sent to the server as flush and apply position with the next status.
  void confirm(Lsn lsn);
  /// Sends a status update now, for keepalives while nobody calls next() (a slow target).
  void send_status();
  /// Wakes a next() that waits, from any thread.
  void wake();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::postgres
