#include "postgres/copy_reader.hpp"

#include <sys/socket.h>

#include <chrono>

#include "postgres/copy_channel.hpp"
#include "postgres/libpq.hpp"
#include "postgres/query_cancel.hpp"
#include "postgres/socket_wait.hpp"

namespace millrace::postgres {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto kPatience = std::chrono::seconds(30);
constexpr std::chrono::milliseconds kLongWait = std::chrono::hours(1);

/// What SET TRANSACTION SNAPSHOT answers for a snapshot that is no more: "invalid snapshot identifier" or, from 17,
/// "does not exist" (42704); "the source process is not running anymore" (55000).
bool snapshot_gone(const std::string& sqlstate) {
  return sqlstate == "22023" || sqlstate == "42704" || sqlstate == "55000";
}

}  // namespace

struct CopyReader::Impl {
  Impl(Connection& given, const std::filesystem::path& spill_dir)
      : connection(given), channel(given.native(), spill_dir) {}

  Connection& connection;
  SocketWait socket;
  CopyChannel channel;
  bool in_transaction = false;
  bool copying = false;  ///< the COPY is sent, and ReadyForQuery has not come
  bool complete = false;
  std::optional<ServerMessage> refusal;

  PGconn* native() const { return connection.native(); }

  void begin(const std::string& snapshot, const std::vector<std::string>& settings) {
    for (const auto& sql : settings) connection.execute(sql);
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    in_transaction = true;
    if (!snapshot.empty()) import(snapshot);
    connection.execute("SET LOCAL statement_timeout = 0");
  }

  /// The rows of a file that came after the snapshot are not seen by it: ALTER TABLE rewrites a table, and TRUNCATE
  /// empties it, without regard to older snapshots (PostgreSQL, "Caveats" of concurrency control). The SELECT takes
  /// the lock under which none of that happens any more until the COPY has ended; the catalog's row is as the snapshot
  /// sees it, the function tells what is.
  void require_same_file(const TablePart& part) {
    const auto name = schema::quote_pg(part.relation);
    connection.execute("SELECT FROM ONLY " + name + " LIMIT 0");
    const auto same = connection.query(
        "SELECT c.relfilenode::bigint = coalesce(pg_relation_filenode(c.oid), 0)::bigint FROM pg_class c "
        "WHERE c.oid = to_regclass($1)",
        {name});
    if (!same.empty() && same.boolean(0, 0)) return;
    throw Error(ErrorCode::kSnapshotGone,
                "The table was rewritten or emptied after the snapshot under which it is read.",
                {.table = part.relation.to_string()});
  }

  /// Must come before any query of the transaction.
  void import(const std::string& snapshot) {
    try {
      connection.execute("SET TRANSACTION SNAPSHOT " + schema::quote_pg_literal(snapshot));
    } catch (const QueryError& error) {
      if (!snapshot_gone(error.sqlstate())) throw;
      throw Error(ErrorCode::kSnapshotGone, "The snapshot of the load is gone: the connection that held it has ended.")
          .because(error.message());
    }
  }

  /// Not waited for: the server answers only with the first rows, and these may need a long time.
  void send(const std::string& sql) {
    channel.query(sql);
    copying = true;
    if (!channel.flush()) throw gone();
  }

  Error gone() const {
    Error lost(ErrorCode::kSourceUnreachable, "The connection to " + connection.place() + " was lost.");
    return lost.because(channel.failure());
  }

  /// The next row of what has been received; nothing: more must be, or it is over.
  std::optional<HeldBytes> take() {
    while (copying) {
      const auto message = channel.take();
      if (!message) return std::nullopt;
      switch (message->type) {
        case 'd':
          return HeldBytes{message->body, message->mapped};
        case 'C':
          complete = true;
          break;
        case 'E':
          refusal = parse_server_message(message->body);
          break;
        case 'Z':
          copying = false;
          break;
        default:  // CopyOutResponse, CopyDone, notices, parameters
          break;
      }
    }
    return std::nullopt;
  }

  /// The server has sent all rows, or an error.
  void end() {
    if (refusal) throw query_error(*refusal);
    if (!complete) throw Error(ErrorCode::kProtocol, "The source ended a COPY without a word.");
    connection.execute("COMMIT");
    in_transaction = false;
  }

  /// Ends a COPY whose rows are wanted no more. A server that does not hear of it is left: the connection is lost then.
  void cancel() {
    channel.discard_long();
    const auto ended = [this](std::chrono::milliseconds wait) { return drained_within(wait); };
    if (!cancel_query(native(), ended, kPatience)) ::shutdown(PQsocket(native()), SHUT_RDWR);
    copying = false;
  }

  /// Drops rows until the COPY's end. False: it did not come in this time.
  bool drained_within(std::chrono::milliseconds time) {
    const auto deadline = Clock::now() + time;
    while (true) {
      while (take()) {
      }
      if (!copying) return true;
      if (!channel.flush()) return true;
      const auto received = channel.receive();
      if (received == CopyChannel::Received::kEnd) return true;
      const auto now = Clock::now();
      if (now >= deadline) return false;
      if (received == CopyChannel::Received::kSome) continue;
      socket.wait(PQsocket(native()), channel.output_pending(),
                  std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
    }
  }

  void abandon() noexcept {
    try {
      if (copying) cancel();
    } catch (const Error&) {  // what came is no answer: this connection is of no use to anybody
      ::shutdown(PQsocket(native()), SHUT_RDWR);
    }
    if (in_transaction && PQstatus(native()) == CONNECTION_OK) ResultHandle(PQexec(native(), "ROLLBACK"));
  }

  /// The next message; nothing at the end. No system call when one has been received already.
  std::optional<HeldBytes> next(const std::stop_token& stop) {
    if (auto piece = take()) return piece;
    const std::stop_callback on_stop(stop, [this] { socket.wake(); });
    while (copying) {
      if (!channel.flush()) throw gone();
      const auto received = channel.receive();
      if (auto piece = take()) return piece;
      if (!copying) break;
      if (received == CopyChannel::Received::kEnd) {
        copying = false;
        if (refusal) throw query_error(*refusal);
        throw gone();
      }
      if (stop.stop_requested()) interrupted();
      if (received == CopyChannel::Received::kNothing) {
        socket.wait(PQsocket(native()), channel.output_pending(), kLongWait);
      }
    }
    end();
    return std::nullopt;
  }

  [[noreturn]] static void interrupted() {
    throw Error(ErrorCode::kInterrupted, "Reading a table of the source was stopped.");
  }
};

CopyReader::CopyReader(Connection& connection, const TablePart& part, const std::vector<std::string>& expressions,
                       const std::string& snapshot, bool only_this_relation, const std::vector<std::string>& settings,
                       const std::filesystem::path& spill_dir)
    : impl_(std::make_unique<Impl>(connection, spill_dir)) {
  try {
    impl_->begin(snapshot, settings);
    if (!snapshot.empty()) impl_->require_same_file(part);
    impl_->send(copy_sql(part, expressions, only_this_relation));
  } catch (...) {
    impl_->abandon();
    throw;
  }
}

CopyReader::~CopyReader() {
  impl_->abandon();
}

std::optional<HeldBytes> CopyReader::next(const std::stop_token& stop) {
  if (stop.stop_requested()) Impl::interrupted();
  if (!impl_->copying) return std::nullopt;
  return impl_->next(stop);
}

}  // namespace millrace::postgres
