#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "support/endpoint.hpp"
#include "support/error.hpp"

struct pg_conn;  // libpq's PGconn

namespace millrace::postgres {

/// The rows of one statement, all in memory: for catalog queries, not for table data.
class Result {
 public:
  using Row = std::vector<std::optional<std::string>>;

  explicit Result(std::vector<Row> rows) : rows_(std::move(rows)) {}
  const std::vector<Row>& rows() const { return rows_; }
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }
  /// Text of a field; throws Error kInternal when it is NULL or not there.
  const std::string& text(std::size_t row, std::size_t column) const;
  std::int64_t integer(std::size_t row, std::size_t column) const;
  bool boolean(std::size_t row, std::size_t column) const;

 private:
  std::vector<Row> rows_;
};

/// A PostgreSQL error that callers tell apart by SQLSTATE.
class QueryError : public Error {
 public:
  QueryError(ErrorCode code, std::string message, std::string sqlstate)
      : Error(code, std::move(message)), sqlstate_(std::move(sqlstate)) {}
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  std::string sqlstate_;
};

/// One libpq connection with application_name "millrace", client_encoding UTF8, DateStyle ISO, TimeZone UTC,
/// extra_float_digits 3, an empty-but-pg_catalog search_path, statement and lock timeouts. Not thread-safe.
class Connection {
 public:
  /// Connects within `timeout`. Throws Error kSourceUnreachable, kSourceAuth, kSourceDatabaseNotFound or
  /// kSourcePermission; the message names host, port, database and user, never the password.
  explicit Connection(const SourceEndpoint& endpoint, std::chrono::milliseconds timeout = std::chrono::seconds(10));
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one statement with text parameters $1.. . Throws QueryError; kSourceUnreachable when the connection is lost.
  Result query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  /// Runs a statement whose rows do not matter.
  void execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  /// server_version_num, e.g. 150018.
  int server_version() const;
  /// server_encoding is UTF8: only there do Unicode escapes and chr() take every character.
  bool utf8() const;
  /// The URL without password, for messages.
  const std::string& place() const;
  /// libpq's connection, for this room's streams; still owned here.
  pg_conn* native() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::postgres
