#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>

#include "postgres/connection.hpp"

/// What this room's connections have in common. Only its .cpp files include this: libpq stays in the room.
namespace millrace::postgres {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
/// Of what PQgetCopyData gives out.
struct FreeCopy {
  void operator()(char* buffer) const { PQfreemem(buffer); }
};
using Handle = std::unique_ptr<PGconn, Finish>;
using ResultHandle = std::unique_ptr<PGresult, Clear>;

/// kReplication: a walsender of the endpoint's database, which takes replication commands and simple queries.
enum class SessionKind { kSql, kReplication };

/// Connects within `timeout` with the session settings of Connection, and TCP keepalives; throws as Connection does.
Handle open_libpq(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout, SessionKind kind);

/// The error of a failed result that carries a SQLSTATE.
QueryError query_error(const PGresult* result);
/// kSourceUnreachable with libpq's reason; `place` is the endpoint's URL without password.
Error lost(PGconn* connection, const std::string& place);
/// Reads what has arrived, without waiting. Must come before a wait on the socket: TLS may hold bytes that the socket
/// does not show any more. False: the connection is lost; what came before can still be taken.
bool read_input(PGconn* connection);
/// Without the line feed that libpq's messages end with.
std::string trimmed(std::string text);

}  // namespace millrace::postgres
