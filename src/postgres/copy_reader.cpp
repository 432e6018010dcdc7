#include "postgres/copy_reader.hpp"

#include <sys/socket.h>

#include <chrono>

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
  explicit Impl(Connection& given) : connection(given) {}

  Connection& connection;
  SocketWait socket;
  std::unique_ptr<char, FreeCopy> buffer;
  bool in_transaction = false;
  bool starting = false;  ///< the COPY is sent, not yet answered
  bool copying = false;

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
    if (PQsendQuery(native(), sql.c_str()) == 0) throw lost(native(), connection.place());
    starting = true;
  }

  void take_start() {
    if (PQisBusy(native()) != 0) return;
    starting = false;
    const ResultHandle result(PQgetResult(native()));
    copying = PQresultStatus(result.get()) == PGRES_COPY_OUT;
    if (copying) return;
    while (const ResultHandle rest{PQgetResult(native())}) {
    }
    raise(result.get());
  }

  [[noreturn]] void raise(const PGresult* result) const {
    if (PQresultErrorField(result, PG_DIAG_SQLSTATE) == nullptr) throw lost(native(), connection.place());
    throw query_error(result);
  }

  /// The server has sent all rows, or an error.
  void end() {
    copying = false;
    const ResultHandle result(PQgetResult(native()));
    const bool good = PQresultStatus(result.get()) == PGRES_COMMAND_OK;
    while (const ResultHandle rest{PQgetResult(native())}) {
    }
    if (!good) raise(result.get());
    connection.execute("COMMIT");
    in_transaction = false;
  }

  /// Ends a COPY whose rows are wanted no more. A server that does not hear of it is left: the connection is lost then.
  void cancel() noexcept {
    if (PQstatus(native()) == CONNECTION_OK) {
      const bool ended = cancel_query(
          native(), [this](std::chrono::milliseconds wait) { return drained_within(wait); }, kPatience);
      if (!ended) ::shutdown(PQsocket(native()), SHUT_RDWR);
    }
    starting = copying = false;
  }

  /// Drops rows until the COPY's end. False: it did not come in this time.
  bool drained_within(std::chrono::milliseconds time) {
    const auto deadline = Clock::now() + time;
    while (true) {
      const bool alive = read_input(native());
      while (copying || PQisBusy(native()) == 0) {
        if (!copying) {
          const ResultHandle result(PQgetResult(native()));
          if (!result) return true;
          copying = PQresultStatus(result.get()) == PGRES_COPY_OUT;
          continue;
        }
        char* bytes = nullptr;
        const int size = PQgetCopyData(native(), &bytes, 1);
        PQfreemem(bytes);
        if (size == 0) break;
        if (size < 0) copying = false;
      }
      if (!alive) return true;
      const auto now = Clock::now();
      if (now >= deadline) return false;
      socket.wait(PQsocket(native()), false, std::chrono::ceil<std::chrono::milliseconds>(deadline - now));
    }
  }

  void abandon() noexcept {
    if (starting || copying) cancel();
    if (in_transaction && PQstatus(native()) == CONNECTION_OK) ResultHandle(PQexec(native(), "ROLLBACK"));
  }

  /// The next message; nothing at the end. No system call when libpq has read one already.
  std::optional<std::string_view> next(const std::stop_token& stop) {
    if (auto piece = take()) return piece;
    if (over()) return std::nullopt;
    const std::stop_callback on_stop(stop, [this] { socket.wake(); });
    while (true) {
      const bool alive = read_input(native());
      if (auto piece = take()) return piece;
      if (over()) return std::nullopt;
      if (!alive) throw lost(native(), connection.place());
      if (stop.stop_requested()) interrupted();
      socket.wait(PQsocket(native()), false, kLongWait);
    }
  }

  bool over() const { return !starting && !copying; }

  std::optional<std::string_view> take() {
    if (starting) take_start();
    if (!copying) return std::nullopt;
    char* bytes = nullptr;
    const int size = PQgetCopyData(native(), &bytes, 1);
    buffer.reset(size > 0 ? bytes : nullptr);
    if (size > 0) return std::string_view(bytes, static_cast<std::size_t>(size));
    if (size < 0) end();
    return std::nullopt;
  }

  [[noreturn]] static void interrupted() {
    throw Error(ErrorCode::kInterrupted, "Reading a table of the source was stopped.");
  }
};

CopyReader::CopyReader(Connection& connection, const TablePart& part, const std::vector<std::string>& expressions,
                       const std::string& snapshot, bool only_this_relation, const std::vector<std::string>& settings)
    : impl_(std::make_unique<Impl>(connection)) {
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

std::optional<std::string_view> CopyReader::next(const std::stop_token& stop) {
  if (stop.stop_requested()) Impl::interrupted();
  if (impl_->over()) return std::nullopt;
  return impl_->next(stop);
}

}  // namespace millrace::postgres
