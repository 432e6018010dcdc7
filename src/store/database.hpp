#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>

#include "store/sql.hpp"

namespace millrace::store {

/// The store of the control plane: a SQLite file, or a schema of a PostgreSQL database. Opening it brings the schema
/// to this version's (store/migrations.hpp). Thread-safe: each unit of work borrows a connection of a small pool.
///
///   database.write([&](Session& session) {
///     Users(session).insert(user);
///     AuditLog(session).append(record);   // both, or neither
///   });
class Database {
 public:
  /// SQLite: WAL, foreign keys on, fsync at every commit, writers wait up to 5 s for each other.
  /// Throws Error kStore, or kStoreVersion when a newer Millrace wrote the file.
  explicit Database(const std::filesystem::path& file);
  /// `location`: a path, or postgres://user[:password]@host[:port]/database[?schema=millrace&sslmode=..]; the schema
  /// is made when it is not there. Throws as the other constructor; kUsage for a URL that cannot be read.
  static std::shared_ptr<Database> open(const std::string& location);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Lends a connection without a transaction: each statement sees the store as it is then.
  template <typename Work>
  auto read(Work&& work) -> std::invoke_result_t<Work, Session&> {
    return hold(std::forward<Work>(work), &Database::run_read);
  }

  /// Runs the work in one transaction: committed when it returns, undone when it throws. Done again, up to 5 times,
  /// when it met another transaction (WriteConflict): so the work must have no effect outside the store. One write
  /// at a time on SQLite; on PostgreSQL at isolation level READ COMMITTED, so take row locks (Session::for_update)
  /// before deciding by what was read. Must not be nested.
  template <typename Work>
  auto write(Work&& work) -> std::invoke_result_t<Work, Session&> {
    return hold(std::forward<Work>(work), &Database::run_write);
  }

  /// "sqlite" or "postgres", for health checks and logs.
  std::string backend() const;
  /// The path, or the URL without password.
  const std::string& place() const;
  /// Throws Error kStore when the store does not answer.
  void ping();

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);

  using Unit = std::function<void(Session&)>;
  void run_read(const Unit& work);
  void run_write(const Unit& work);

  template <typename Work>
  auto hold(Work&& work, void (Database::*run)(const Unit&)) -> std::invoke_result_t<Work, Session&> {
    using Result = std::invoke_result_t<Work, Session&>;
    if constexpr (std::is_void_v<Result>) {
      (this->*run)([&](Session& session) { work(session); });
    } else {
      std::optional<Result> result;
      (this->*run)([&](Session& session) { result.emplace(work(session)); });
      return std::move(*result);
    }
  }

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::store
