#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <functional>

namespace millrace::postgres {

/// Asks the server to end what `connection` executes, again and again until `ended_within(wait)` says that its answer
/// has come. A single request may be lost without a word: one that arrives before the command is begun is ignored
/// (PostgreSQL, "Canceling Requests in Progress"; ProcessInterrupts in postgres.c while a command is read), and the
/// command would then run to its end. `ended_within` reads and drops what comes, for at most so long. False: `patience`
/// is over. Throws what `ended_within` throws.
bool cancel_query(PGconn* connection, const std::function<bool(std::chrono::milliseconds)>& ended_within,
                  std::chrono::milliseconds patience);

}  // namespace millrace::postgres
