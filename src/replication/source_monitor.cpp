#include "replication/source_monitor.hpp"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <utility>

#include "postgres/connection.hpp"
#include "postgres/heartbeat.hpp"
#include "postgres/slot.hpp"
#include "support/error.hpp"
#include "support/retry.hpp"

namespace millrace::replication {
namespace {

constexpr std::chrono::seconds kInterval{5};
constexpr std::chrono::seconds kAfterRefusedLogin{60};
/// Shares of max_slot_wal_keep_size that are left.
constexpr int kWarnPercent = 50;
constexpr int kAlarmPercent = 20;

/// 0: fine; higher: closer to the loss of the slot.
int risk(const postgres::SlotFacts& slot) {
  if (slot.wal_status == "lost") return 4;
  if (slot.wal_status == "unreserved") return 3;
  if (!slot.safe_wal_bytes) return 0;
  const auto budget = *slot.safe_wal_bytes + slot.retained_bytes;
  if (budget <= 0) return 3;
  const auto left = *slot.safe_wal_bytes * 100 / budget;
  return left < kAlarmPercent ? 2 : left < kWarnPercent ? 1 : 0;
}

}  // namespace

SourceMonitor::SourceMonitor(const SourceEndpoint& source, std::string slot, Callbacks callbacks)
    : source_(source),
      slot_(std::move(slot)),
      callbacks_(std::move(callbacks)),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

SourceMonitor::~SourceMonitor() = default;

void SourceMonitor::watch(const std::stop_token& stop) {
  ClockPause pause;
  std::unique_ptr<postgres::Connection> connection;
  std::optional<std::int64_t> limit;
  int told = 0;
  auto interval = kInterval;
  do {
    interval = kInterval;
    try {
      if (!connection) {
        connection = std::make_unique<postgres::Connection>(source_);
        limit = postgres::slot_wal_limit(*connection);
      }
      postgres::emit_heartbeat(*connection, "millrace.heartbeat");
      const auto position = Lsn::parse(connection->query("SELECT pg_current_wal_lsn()").text(0, 0));
      if (position) callbacks_.position(*position);
      const auto slot = postgres::find_slot(*connection, slot_);
      if (slot) {
        callbacks_.slot({.name = slot_,
                         .active = slot->active,
                         .retained_bytes = slot->retained_bytes,
                         .safe_bytes = slot->safe_wal_bytes,
                         .limit_bytes = limit,
                         .wal_status = slot->wal_status});
      }
      const int now = slot ? risk(*slot) : 0;
      if (now > told) {
        callbacks_.at_risk(
            fmt::format("the slot {} keeps {} MiB of WAL ({}){}", slot_, slot->retained_bytes >> 20, slot->wal_status,
                        slot->safe_wal_bytes
                            ? fmt::format("; {} MiB more and PostgreSQL gives it up", *slot->safe_wal_bytes >> 20)
                            : std::string()),
            now > 1);
      }
      told = now;
    } catch (const Error& error) {
      connection.reset();
      if (error.code() == ErrorCode::kSourceAuth) interval = kAfterRefusedLogin;
    }
  } while (pause.wait(interval, stop));
}

}  // namespace millrace::replication
