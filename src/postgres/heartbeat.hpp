#pragma once

#include <string>

#include "postgres/connection.hpp"
#include "support/ids.hpp"

namespace millrace::postgres {

/// Prefix of what is written by somebody who waits for the stream: a comparison of source and target for it to pass, a
/// process that takes the pipeline over for the one before to notice. A stream that rests does not go on resting.
inline constexpr const char* kWaitedForPrefix = "millrace.awaited";

/// Writes one logical message of that prefix and returns its WAL position, so that a slot of a database without changes
/// has something to confirm, and what was written before it can be waited for.
///
/// From PostgreSQL 17 the message is not part of a transaction and is flushed at once. Before 17 such a message would
/// stay unflushed, and unread, until something else commits, so there it is a transaction of its own (one transaction
/// id; Begin, Message, Commit in the stream).
/// Before 14 pgoutput does not send messages; the slot moves all the same, as keepalives tell of the WAL that was read.
/// Throws QueryError; 25006 on a standby, where nothing can be written.
Lsn emit_heartbeat(Connection& connection, const std::string& prefix, const std::string& content = {});

/// The statement, with prefix and content as $1 and $2.
std::string heartbeat_sql(int server_version);

}  // namespace millrace::postgres
