#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/connection.hpp"
#include "support/ids.hpp"
#include "support/mapped_bytes.hpp"

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
  std::filesystem::path spill_dir = {};  ///< for long messages; empty: the system's temporary directory
  bool skip_replicated = false;  ///< origin 'none', from PostgreSQL 16: without what another replication wrote here
};

/// The command, with what the server's version knows: binary, streaming and messages are left out before 14, origin
/// before 16. Throws Error kUsage for two_phase before 15, or a protocol that the version does not speak.
std::string start_replication_sql(const StreamOptions& options, int server_version);
/// The newest protocol of pgoutput that a server of this version speaks.
int newest_protocol(int server_version);
/// CREATE_REPLICATION_SLOT for a temporary slot with an exported snapshot; PostgreSQL 15 changed its form.
std::string temporary_slot_sql(const std::string& name, int server_version);

/// One message of the stream.
struct StreamItem {
  enum class Kind { kData, kKeepalive } kind = Kind::kData;
  Lsn start;                     ///< kData: WAL position of the message; 0 for some
  Lsn server_end;                ///< kKeepalive: all before this was read by the server and sent if it was for us;
                                 ///< kData: pgoutput repeats `start` here
  std::int64_t server_time = 0;  ///< microseconds since 2000-01-01 UTC
  HeldBytes payload;             ///< kData: a pgoutput message; lives until the next call of next()
};

/// A walsender connection (replication=database). Streaming follows PostgreSQL's documentation, "Streaming Replication
/// Protocol". Not thread-safe except confirm() and wake(), which any thread may call. Holds one message at a time,
/// a long one in a file.
///
/// A server that shuts down (smart or fast) waits until the reader has confirmed all that it sent. So a reader with
/// nothing left to apply should confirm() the `server_end` of keepalives, which moves an idle slot too.
/// A reader that is not called for longer than wal_sender_timeout is thrown out; send_status() prevents that.
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
  /// Runs statements that prepare the session ("SET .."), before start() or create_temporary_slot().
  void prepare(const std::vector<std::string>& statements);

  /// CREATE_REPLICATION_SLOT .. TEMPORARY LOGICAL pgoutput (SNAPSHOT 'export'). Waits for the transactions that run
  /// when it starts; `stop` ends the wait with kInterrupted.
  ExportedSlot create_temporary_slot(const std::string& name, const std::stop_token& stop);

  /// START_REPLICATION. Throws Error kSlotInUse (55006: another reader), kSlotMissing (42704), kSlotLost (the slot was
  /// invalidated), kPublicationMissing. Nothing but the stream is to be had of the connection after that.
  void start(const StreamOptions& options);

  /// Waits at most `wait` for the next item. Nothing: none came. Answers keepalives that ask for it and sends status
  /// updates at least every `status_interval` (30 s, and about every 20 ms while confirm() moves); throws Error
  /// kInterrupted on stop, kSourceUnreachable when the connection is lost or the server shuts down, kSlotLost,
  /// kPublicationMissing, kSpillFull and kSpillFailed for a long message. A keepalive is an item too. A slot that is
  /// invalidated while it is read ends with kSourceUnreachable, as any other termination by the server does; the next
  /// start() then tells kSlotLost.
  std::optional<StreamItem> next(std::chrono::milliseconds wait, const std::stop_token& stop);

  /// What has been made durable on the target: sent to the server as flush and apply position with the next status.
  /// Never goes back; until the first call the slot stays where it is.
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
