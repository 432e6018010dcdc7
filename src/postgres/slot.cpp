#include "postgres/slot.hpp"

#include "schema/table_name.hpp"
#include "support/retry.hpp"

namespace millrace::postgres {
namespace {

constexpr const char* kDuplicateObject = "42710";
constexpr const char* kUndefinedObject = "42704";
constexpr const char* kObjectInUse = "55006";
constexpr const char* kConfigurationLimit = "53400";
constexpr const char* kQueryCanceled = "57014";

std::string milliseconds(std::chrono::milliseconds time) {
  return std::to_string(time.count());
}

/// Another statement_timeout for a while.
class StatementTimeout {
 public:
  StatementTimeout(Connection& connection, std::chrono::milliseconds timeout)
      : connection_(connection), before_(connection.query("SELECT current_setting('statement_timeout')").text(0, 0)) {
    set(milliseconds(timeout));
  }
  ~StatementTimeout() {
    try {
      set(before_);
    } catch (const Error&) {
      // The connection is lost, and its settings with it: what led here tells of it.
    }
  }
  StatementTimeout(const StatementTimeout&) = delete;
  StatementTimeout& operator=(const StatementTimeout&) = delete;

 private:
  void set(const std::string& value) {
    connection_.execute("SELECT set_config('statement_timeout', $1, false)", {value});
  }

  Connection& connection_;
  std::string before_;
};

}  // namespace

std::optional<SlotFacts> find_slot(Connection& connection, const std::string& name) {
  auto found = read_slots(connection, name);
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

std::optional<std::int64_t> slot_wal_limit(Connection& connection) {
  constexpr std::int64_t kMiB = std::int64_t{1} << 20U;
  const auto result = connection.query("SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'");
  if (result.empty() || result.integer(0, 0) < 0) return std::nullopt;
  return result.integer(0, 0) * kMiB;
}

std::string create_slot_sql(const std::string& name, bool failover) {
  // temporary, twophase, failover
  return "SELECT pg_create_logical_replication_slot(" + schema::quote_pg_literal(name) + ", 'pgoutput'" +
         (failover ? ", false, false, true)" : ")");
}

void create_slot(Connection& connection, const std::string& name, const SlotOptions& options) {
  constexpr int kFirstWithFailover = 170000;
  if (options.failover && connection.server_version() < kFirstWithFailover) {
    throw Error(ErrorCode::kPreflightFailed, "The source has no failover slots: they came with PostgreSQL 17.",
                {.field = "slot_failover"})
        .suggest("Leave --slot-failover out, or upgrade the source.");
  }
  const auto timeout = options.timeout;
  const StatementTimeout bound(connection, timeout);
  try {
    connection.execute(create_slot_sql(name, options.failover));
  } catch (const QueryError& error) {
    if (error.sqlstate() == kDuplicateObject) {
      throw Error(ErrorCode::kSlotUnfit, "The slot " + name + " exists already.", {.field = "slot"});
    }
    if (error.sqlstate() == kConfigurationLimit) {
      throw Error(ErrorCode::kPreflightFailed, "No replication slot is left on the source.")
          .suggest("Raise max_replication_slots (needs a restart), or drop a slot that nobody reads.");
    }
    if (error.sqlstate() == kQueryCanceled) {
      throw Error(ErrorCode::kSourceQuery, "The slot " + name + " could not be made within " + milliseconds(timeout) +
                                               " ms: it waits for the transactions that are open on the source.")
          .because(error.message())
          .suggest("End long transactions (pg_stat_activity) and prepared ones (pg_prepared_xacts), then try again.");
    }
    throw;
  }
}

bool drop_slot(Connection& connection, const std::string& name, std::chrono::milliseconds timeout) {
  ClockPause pause;
  Backoff backoff(Milliseconds(100), Milliseconds(2000));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    try {
      connection.execute("SELECT pg_drop_replication_slot($1)", {name});
      return true;
    } catch (const QueryError& error) {
      if (error.sqlstate() == kUndefinedObject) return false;
      if (error.sqlstate() != kObjectInUse) throw;
    }
    // PostgreSQL offers nothing to wait on for a slot's release, so it is asked again.
    if (std::chrono::steady_clock::now() >= deadline) break;
    pause.wait(backoff.next(), {});
  }
  const auto facts = find_slot(connection, name);
  throw Error(ErrorCode::kSlotInUse, "The slot " + name + " is still read by " +
                                         (facts && facts->active_pid ? "process " + std::to_string(*facts->active_pid)
                                                                     : std::string("another process")) +
                                         ".");
}

}  // namespace millrace::postgres
