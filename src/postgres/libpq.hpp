#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/stream_errors.hpp"

/// What this room's connections have in common. Only its .cpp files include this: libpq stays in the room.
namespace millrace::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Handle = std::unique_ptr<PGconn, Finish>;
using ResultHandle = std::unique_ptr<PGresult, Clear>;

/// kReplication: a walsender of the endpoint's database, which takes replication commands and simple queries.
enum class SessionKind { kSql, kReplication };

/// Connects within `timeout` with the session settings of Connection, and TCP keepalives; throws as Connection does.
Handle open_libpq(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout, SessionKind kind);

/// What a failed result tells; without a SQLSTATE it is not from the server.
ServerMessage server_message(const PGresult* result);
/// The error of a statement, which carries a SQLSTATE.
QueryError query_error(const ServerMessage& message);
QueryError query_error(const PGresult* result);
/// kSourceUnreachable with libpq's reason; `place` is the endpoint's URL without password.
Error lost(PGconn* connection, const std::string& place);
/// Reads what has arrived, without waiting. Must come before a wait on the socket: TLS may hold bytes that the socket
/// does not show any more. False: the connection is lost; what came before can still be taken.
bool read_input(PGconn* connection);
/// Without the line feed that libpq's messages end with.
std::string trimmed(std::string text);

}  // namespace millrace::postgres
