#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/endpoint.hpp"
#include "support/error.hpp"

namespace millrace::sqlserver {

using Row = std::vector<std::optional<std::string>>;

/// A SQL Server error that callers tell apart by number (2627, 1205, ...). 0 when the driver itself failed.
class QueryError : public Error {
 public:
  QueryError(ErrorCode code, std::string message, int number) : Error(code, std::move(message)), number_(number) {}
  int number() const { return number_; }

 private:
  int number_;
};

/// One ODBC connection through Microsoft's ODBC Driver 18: UTF-8 in and out (converted to UTF-16 at this edge),
/// autocommit on, XACT_ABORT ON, ANSI options on, waiting at most 30 s for a lock (then 1222). Not thread-safe.
class Session {
 public:
  /// Connects and opens the database within `timeout`. Throws Error kDriverMissing, kTargetUnreachable, kTargetAuth
  /// (18456), kTargetDatabaseNotFound (4060, 911). Messages are free of the password.
  explicit Session(const TargetEndpoint& endpoint, std::chrono::milliseconds timeout = std::chrono::seconds(15));
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Runs one batch with text parameters for its '?' marks and returns the first result set's rows as text.
  /// Throws QueryError, classified: kTargetBusy (1205, 1222, 40501, ...), kTargetConstraint, kTargetPermission,
  /// kTargetUnreachable (SQLSTATE 08xxx), else kTargetQuery.
  std::vector<Row> query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  /// Runs one batch to its end, all result sets skipped. Returns the rows affected by its last counting statement.
  std::int64_t execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  /// True when the session was opened with encrypt=yes or strict, which refuse a server that does not encrypt.
  bool encrypted() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Where the driver was found: a registered name or a library path. By MILLRACE_ODBC_DRIVER, else the registered
/// "ODBC Driver 18 for SQL Server" (then 17), else a library in ../lib beside the program. Throws kDriverMissing.
std::string find_driver();

}  // namespace millrace::sqlserver
