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
/// autocommit on, XACT_ABORT ON, NOCOUNT OFF, ANSI options on, waiting at most 30 s for a lock (then 1222). A lost
/// connection is an error, never a silent new one. Not thread-safe but for cancel().
///
/// Texts with parameters are prepared once and kept (the last 64): the server runs them as procedures, so that SET
/// options end with the text, and one that leaves a transaction open ends with error 266. Every parameter is
/// nvarchar; the column it meets decides what it becomes, and keys are sought by index, but a CAST in the text is
/// needed where nothing decides.
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
  /// kTargetUnreachable (SQLSTATE 08xxx), kTargetStorage (9002, 1105, ...), kInterrupted after cancel(), else
  /// kTargetQuery. Batches are read to their end: an error of any statement in it is thrown.
  std::vector<Row> query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  /// Runs one batch to its end, all result sets skipped. Returns the rows affected by its last counting statement.
  std::int64_t execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters = {});
  /// Runs one batch to its end. Returns the rows affected by each statement that counts, in order: INSERT, UPDATE,
  /// DELETE, MERGE, SELECT .. INTO and SELECT @v =, and those inside triggers that do not SET NOCOUNT ON.
  std::vector<std::int64_t> run_counts(const std::string& sql,
                                       const std::vector<std::optional<std::string>>& parameters = {});

  /// Asks the server. Throws as query() does.
  bool in_transaction();
  /// Rolls back what an error may have left open. False when even that failed: the session is of no more use.
  bool rollback_quietly() noexcept;
  /// Zero: no waiting at all; negative: without end. Stays until changed.
  void set_lock_timeout(std::chrono::milliseconds timeout);
  /// As it was set last; 30 s at first.
  std::chrono::milliseconds lock_timeout() const;

  /// Ends statements that run longer, with kTargetBusy; zero: none, as at the beginning. When the server does not even
  /// answer to that, the session is lost some seconds later. Stays until changed.
  void set_statement_timeout(std::chrono::seconds timeout);

  /// Ends the statement that runs, from any thread: it throws kInterrupted, even when it was done just then (so that a
  /// COMMIT's outcome has to be looked up), and an open transaction is rolled back by XACT_ABORT. Between statements it
  /// does nothing, so that the caller needs a flag of its own besides. Returns at once. The session must not be
  /// destroyed or moved meanwhile.
  void cancel();

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
