#include "store/database.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <array>

#include "support/error.hpp"

namespace millrace::store {
namespace {

// Numbered by position, from 1. A released step is never edited: a change is a new step.
constexpr std::array kMigrations = {
    R"sql(
      CREATE TABLE pipelines (
        name TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        spec TEXT NOT NULL,
        resources TEXT NOT NULL,
        created_ms INTEGER NOT NULL,
        updated_ms INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE secrets (
        pipeline TEXT NOT NULL REFERENCES pipelines(name) ON DELETE CASCADE,
        field TEXT NOT NULL,
        sealed TEXT NOT NULL,
        PRIMARY KEY (pipeline, field)
      ) STRICT;
    )sql",
    R"sql(
      ALTER TABLE pipelines ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
      CREATE TABLE runs (
        pipeline TEXT PRIMARY KEY REFERENCES pipelines(name) ON DELETE CASCADE,
        process TEXT NOT NULL,
        started_ms INTEGER NOT NULL,
        beat_ms INTEGER NOT NULL,
        ended_ms INTEGER,
        progress TEXT NOT NULL,
        error TEXT NOT NULL
      ) STRICT;
    )sql",
};

void migrate(SQLite::Database& database) {
  const int version = database.execAndGet("PRAGMA user_version").getInt();
  if (version > static_cast<int>(kMigrations.size())) {
    throw Error(ErrorCode::kStoreVersion,
                fmt::format("The store has schema version {}; this Millrace knows {}.", version, kMigrations.size()));
  }
  for (std::size_t step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::EXCLUSIVE);
    // Another process may have taken this step while we waited for the lock.
    if (database.execAndGet("PRAGMA user_version").getInt() > static_cast<int>(step)) continue;
    database.exec(kMigrations.at(step));
    database.exec(fmt::format("PRAGMA user_version = {}", step + 1));
    transaction.commit();
  }
}

}  // namespace

Database::Database(const std::filesystem::path& file) {
  try {
    const mode_t before = ::umask(0077);
    handle_ = std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000);
    ::umask(before);
    handle_->exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL");
    migrate(*handle_);
  } catch (const SQLite::Exception& error) {
    throw Error(ErrorCode::kStore, fmt::format("The store {} cannot be opened.", file.string())).because(error.what());
  }
}

Database::~Database() = default;
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;

}  // namespace millrace::store
