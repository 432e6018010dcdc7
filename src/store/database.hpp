#pragma once

#include <filesystem>
#include <memory>

namespace SQLite {
class Database;
}

namespace millrace::store {

/// The SQLite file that holds pipelines. Opening it brings the schema to this version's (forward only, in one
/// transaction a step). WAL mode, foreign keys on, writers wait up to 5 s for each other. Not thread-safe.
class Database {
 public:
  /// Throws Error kStore, or kStoreVersion when a newer Millrace wrote the file.
  explicit Database(const std::filesystem::path& file);
  ~Database();
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  SQLite::Database& handle() { return *handle_; }

 private:
  std::unique_ptr<SQLite::Database> handle_;
};

}  // namespace millrace::store
