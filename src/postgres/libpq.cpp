#include "postgres/libpq.hpp"

#include <algorithm>
#include <array>

namespace millrace::postgres {
namespace {

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

ErrorCode connect_error_of_state(const std::string& sqlstate) {
  if (sqlstate.starts_with("28")) return ErrorCode::kSourceAuth;
  if (sqlstate == "3D000") return ErrorCode::kSourceDatabaseNotFound;
  if (sqlstate == "42501") return ErrorCode::kSourcePermission;
  return ErrorCode::kSourceUnreachable;
}

/// The SQLSTATE of a verbose message, "FATAL:  28P01: ...", or nothing. The severity's word is the server's language's.
std::string state_in(const std::string& message) {
  for (auto at = message.find(":  "); at != std::string::npos; at = message.find(":  ", at + 1)) {
    const auto state = message.substr(at + 3, 5);
    const bool plain = std::all_of(state.begin(), state.end(), [](unsigned char letter) {
      return (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z');
    });
    if (plain && state.size() == 5 && message.compare(at + 8, 1, ":") == 0) return state;
  }
  return {};
}

/// libpq gives no SQLSTATE for a failed connection, so its message decides.
ErrorCode connect_error_of_text(const std::string& message) {
  if (contains(message, "password authentication failed") || contains(message, "no password supplied") ||
      contains(message, "authentication failed") || contains(message, "no pg_hba.conf entry")) {
    return ErrorCode::kSourceAuth;
  }
  if (contains(message, "role \"") && contains(message, "does not exist")) return ErrorCode::kSourceAuth;
  if (contains(message, "database \"") && contains(message, "does not exist"))
    return ErrorCode::kSourceDatabaseNotFound;
  if (contains(message, "permission denied for database")) return ErrorCode::kSourcePermission;
  return ErrorCode::kSourceUnreachable;
}

/// A server may answer in another language than English. Then it is asked once more with verbose messages, which carry
/// the SQLSTATE; ":  " follows the severity of every answer from a server.
ErrorCode connect_error(PGconn* connection, const std::string& message) {
  const ErrorCode code = connect_error_of_text(message);
  if (code != ErrorCode::kSourceUnreachable || !contains(message, ":  ")) return code;
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQreset(connection);
  return PQstatus(connection) == CONNECTION_OK ? code : connect_error_of_state(state_in(PQerrorMessage(connection)));
}

const char* connect_field(ErrorCode code) {
  if (code == ErrorCode::kSourceAuth) return "source.password";
  if (code == ErrorCode::kSourceDatabaseNotFound) return "source.database";
  if (code == ErrorCode::kSourcePermission) return "source.user";
  return "source.host";
}

ErrorCode query_error_code(const std::string& sqlstate) {
  if (sqlstate == "42501") return ErrorCode::kSourcePermission;
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P0")) return ErrorCode::kSourceUnreachable;
  return ErrorCode::kSourceQuery;
}

}  // namespace

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

namespace {

/// The same text for each of the addresses: libpq wants as many hosts as it gets addresses.
std::string repeated(const std::string& text, std::size_t times) {
  std::string list = text;
  for (std::size_t i = 1; i < times; ++i) list += "," + text;
  return list;
}

std::string joined(const std::vector<std::string>& addresses) {
  std::string list;
  for (const auto& address : addresses) list += (list.empty() ? "" : ",") + address;
  return list;
}

}  // namespace

Handle open_libpq(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout, SessionKind kind) {
  // The host's name is for the certificate; what was judged is dialled, and looked up no second time.
  const auto addresses = addresses_to_dial(endpoint, "source");
  const auto host = repeated(endpoint.host, addresses.size());
  const auto hostaddr = joined(addresses);
  const auto port = std::to_string(endpoint.port);
  // Whole seconds, and libpq takes 1 for 2.
  const auto seconds = std::to_string(std::max<long>(2, static_cast<long>((timeout.count() + 999) / 1000)));
  const std::array keywords = {"host",
                               "hostaddr",
                               "port",
                               "dbname",
                               "user",
                               "password",
                               "sslmode",
                               "sslrootcert",
                               "gssencmode",
                               "connect_timeout",
                               "application_name",
                               "client_encoding",
                               "keepalives_idle",
                               "keepalives_interval",
                               "keepalives_count",
                               "tcp_user_timeout",
                               "options",
                               "replication",
                               static_cast<const char*>(nullptr)};
  const std::array values = {
      host.c_str(), hostaddr.empty() ? static_cast<const char*>(nullptr) : hostaddr.c_str(), port.c_str(),
      endpoint.database.c_str(), endpoint.user.c_str(), endpoint.password.reveal().c_str(), endpoint.sslmode.c_str(),
      endpoint.sslrootcert.empty() ? static_cast<const char*>(nullptr) : endpoint.sslrootcert.c_str(),
      // Encryption is TLS alone here: sslmode is what tells of it, and CopyChannel reads through it.
      "disable", seconds.c_str(), "millrace", "UTF8",
      // A peer that vanished without a word is noticed within half a minute, whichever side has something to send.
      "10", "5", "3", "30000",
      "-c datestyle=ISO -c timezone=UTC -c extra_float_digits=3 -c intervalstyle=iso_8601 "
      "-c bytea_output=hex -c search_path=pg_catalog",
      kind == SessionKind::kReplication ? "database" : static_cast<const char*>(nullptr),
      static_cast<const char*>(nullptr)};
  Handle connection(PQconnectdbParams(keywords.data(), values.data(), 0));
  if (!connection || PQstatus(connection.get()) != CONNECTION_OK) {
    const std::string reason =
        connection ? redact(trimmed(PQerrorMessage(connection.get())), endpoint.password) : "out of memory";
    const ErrorCode code = connection ? connect_error(connection.get(), reason) : ErrorCode::kInternal;
    throw Error(code, "Cannot open " + display_url(endpoint) + ".", {.field = connect_field(code)}).because(reason);
  }
  // libpq would write notices ("does not exist, skipping") to standard error, between the lines of the command.
  PQsetNoticeReceiver(
      connection.get(), [](void*, const PGresult*) {}, nullptr);
  return connection;
}

ServerMessage server_message(const PGresult* result) {
  const auto field = [result](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  return {.sqlstate = field(PG_DIAG_SQLSTATE),
          .primary = field(PG_DIAG_MESSAGE_PRIMARY),
          .detail = field(PG_DIAG_MESSAGE_DETAIL),
          .function = field(PG_DIAG_SOURCE_FUNCTION),
          .hint = field(PG_DIAG_MESSAGE_HINT)};
}

QueryError query_error(const ServerMessage& message) {
  const auto& state = message.sqlstate;
  const auto& primary = message.primary;
  QueryError error(query_error_code(state),
                   "PostgreSQL: " + (primary.empty() ? "error" : primary) + " (SQLSTATE " + state + ")", state);
  if (!message.hint.empty()) error.note(message.hint);
  return error;
}

QueryError query_error(const PGresult* result) {
  return query_error(server_message(result));
}

bool read_input(PGconn* connection) {
  if (PQconsumeInput(connection) == 0) return false;
  // A TLS record has up to 16 kB, and libpq reads at least 8 kB at a time.
  return PQsslInUse(connection) == 0 || PQconsumeInput(connection) != 0;
}

Error lost(PGconn* connection, const std::string& place) {
  Error error(ErrorCode::kSourceUnreachable, "The connection to " + place + " was lost.");
  error.because(trimmed(PQerrorMessage(connection)));
  return error;
}

}  // namespace millrace::postgres
