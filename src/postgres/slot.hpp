#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/server_facts.hpp"

namespace millrace::postgres {

/// The slot of that name, or nothing.
std::optional<SlotFacts> find_slot(Connection& connection, const std::string& name);

/// max_slot_wal_keep_size: WAL that a slot may hold back at most; none: no limit.
std::optional<std::int64_t> slot_wal_limit(Connection& connection);

struct SlotOptions {
  bool failover = false;  ///< standbys take it over: PostgreSQL 17 and later
  std::chrono::milliseconds timeout = std::chrono::seconds(60);
};

/// The statement by which create_slot makes the slot.
std::string create_slot_sql(const std::string& name, bool failover);

/// pg_create_logical_replication_slot(name, 'pgoutput'). Waits for running transactions at most `timeout`.
/// Throws Error kSlotUnfit when the name is taken, kSourcePermission, kPreflightFailed when no slot is left or the
/// server has no failover slots.
void create_slot(Connection& connection, const std::string& name, const SlotOptions& options = {});

/// Drops the slot; waits up to `timeout` for its reader to go. True: it was there. Throws Error kSlotInUse when the
/// reader stays. The slot is proven gone when this returns.
bool drop_slot(Connection& connection, const std::string& name,
               std::chrono::milliseconds timeout = std::chrono::seconds(30));

}  // namespace millrace::postgres
