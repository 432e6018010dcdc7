#include "postgres/connection.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

#include "support/secret.hpp"

namespace millrace::postgres {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Handle = std::unique_ptr<PGconn, Finish>;
using ResultHandle = std::unique_ptr<PGresult, Clear>;

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

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

ErrorCode query_error(const std::string& sqlstate) {
  if (sqlstate == "42501") return ErrorCode::kSourcePermission;
  if (sqlstate.starts_with("08") || sqlstate.starts_with("57P0")) return ErrorCode::kSourceUnreachable;
  return ErrorCode::kSourceQuery;
}

Handle open(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout) {
  const auto port = std::to_string(endpoint.port);
  // Whole seconds, and libpq takes 1 for 2.
  const auto seconds = std::to_string(std::max<long>(2, static_cast<long>((timeout.count() + 999) / 1000)));
  const std::array keywords = {"host",
                               "port",
                               "dbname",
                               "user",
                               "password",
                               "sslmode",
                               "sslrootcert",
                               "connect_timeout",
                               "application_name",
                               "client_encoding",
                               "options",
                               static_cast<const char*>(nullptr)};
  const std::array values = {
      endpoint.host.c_str(),
      port.c_str(),
      endpoint.database.c_str(),
      endpoint.user.c_str(),
      endpoint.password.reveal().c_str(),
      endpoint.sslmode.c_str(),
      endpoint.sslrootcert.empty() ? static_cast<const char*>(nullptr) : endpoint.sslrootcert.c_str(),
      seconds.c_str(),
      "millrace",
      "UTF8",
      "-c datestyle=ISO -c timezone=UTC -c extra_float_digits=3 -c intervalstyle=iso_8601 "
      "-c bytea_output=hex -c search_path=pg_catalog",
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

Result::Row read_row(const PGresult* result, int row) {
  Result::Row fields;
  for (int column = 0; column < PQnfields(result); ++column) {
    if (PQgetisnull(result, row, column) != 0) {
      fields.emplace_back();
    } else {
      fields.emplace_back(
          std::string(PQgetvalue(result, row, column), static_cast<std::size_t>(PQgetlength(result, row, column))));
    }
  }
  return fields;
}

}  // namespace

const std::string& Result::text(std::size_t row, std::size_t column) const {
  if (row >= rows_.size() || column >= rows_[row].size() || !rows_[row][column]) {
    throw Error(ErrorCode::kInternal, "A catalog query of PostgreSQL gave no value where one is expected.");
  }
  return *rows_[row][column];
}

std::int64_t Result::integer(std::size_t row, std::size_t column) const {
  const auto& field = text(row, column);
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (failure != std::errc() || end != field.data() + field.size()) {
    throw Error(ErrorCode::kInternal, "A catalog query of PostgreSQL gave " + field + " where a number is expected.");
  }
  return value;
}

bool Result::boolean(std::size_t row, std::size_t column) const {
  return text(row, column) == "t";
}

struct Connection::Impl {
  Handle handle;
  std::string place;  ///< the URL without password
};

Connection::Connection(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout)
    : impl_(new Impl{open(endpoint, timeout), display_url(endpoint)}) {
  // By SET, not at login: so that pg_settings.reset_val still tells what other sessions of this user begin with.
  execute(
      "SELECT set_config('statement_timeout', '300s', false), set_config('lock_timeout', '30s', false), "
      "set_config('idle_in_transaction_session_timeout', '0', false)");
}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Result Connection::query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::vector<const char*> values;
  for (const auto& parameter : parameters) values.push_back(parameter ? parameter->c_str() : nullptr);
  const ResultHandle result(PQexecParams(impl_->handle.get(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                                         values.data(), nullptr, nullptr, 0));
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    if (state == nullptr || PQstatus(impl_->handle.get()) != CONNECTION_OK) {
      throw Error(ErrorCode::kSourceUnreachable, "The connection to " + impl_->place + " was lost.")
          .because(trimmed(PQerrorMessage(impl_->handle.get())));
    }
    const std::string sqlstate = state;
    const char* primary = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    const char* hint = PQresultErrorField(result.get(), PG_DIAG_MESSAGE_HINT);
    QueryError error(
        query_error(sqlstate),
        "PostgreSQL: " + std::string(primary == nullptr ? "error" : primary) + " (SQLSTATE " + sqlstate + ")",
        sqlstate);
    if (hint != nullptr) error.note(hint);
    throw error;
  }
  std::vector<Result::Row> rows;
  for (int row = 0; row < PQntuples(result.get()); ++row) rows.push_back(read_row(result.get(), row));
  return Result(std::move(rows));
}

void Connection::execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  query(sql, parameters);
}

int Connection::server_version() const {
  return PQserverVersion(impl_->handle.get());
}

bool Connection::utf8() const {
  const char* encoding = PQparameterStatus(impl_->handle.get(), "server_encoding");
  return encoding != nullptr && std::string_view(encoding) == "UTF8";
}

}  // namespace millrace::postgres
