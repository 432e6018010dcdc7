#include "store/sqlite_backend.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <string>
#include <unordered_map>

#include "support/unix_time.hpp"

namespace millrace::store {
namespace {

constexpr int kBusyMs = 5000;

[[noreturn]] void translate(const SQLite::Exception& error) {
  const int extended = error.getExtendedErrorCode();
  if (extended == SQLITE_CONSTRAINT_PRIMARYKEY || extended == SQLITE_CONSTRAINT_UNIQUE) {
    throw UniqueViolation(ErrorCode::kObjectExists, "An object with this key exists.");
  }
  if (extended == SQLITE_CONSTRAINT_FOREIGNKEY) {
    throw ReferenceViolation(ErrorCode::kStore, "A stored object is named that is not there, or is still named.");
  }
  if (error.getErrorCode() == SQLITE_BUSY || error.getErrorCode() == SQLITE_LOCKED) {
    throw Error(ErrorCode::kStoreUnavailable, fmt::format("The store was locked for more than {} ms.", kBusyMs))
        .because(error.what());
  }
  throw Error(ErrorCode::kStore, "The store refused a statement.").because(error.what());
}

template <typename Work>
auto guarded(Work&& work) {
  try {
    return work();
  } catch (const SQLite::Exception& error) {
    translate(error);
  }
}

Value read_column(const SQLite::Column& column) {
  if (column.isNull()) return {};
  if (column.isInteger()) return column.getInt64();
  if (column.isFloat()) return column.getDouble();
  return column.getString();
}

/// A prepared statement in use; given back ready for the next use, whatever happens, so that it holds no lock.
class InUse {
 public:
  InUse(SQLite::Statement& statement, const std::vector<Value>& parameters) : statement_(statement) {
    refuse_nul(parameters);
    for (std::size_t i = 0; i < parameters.size(); ++i) bind(static_cast<int>(i) + 1, parameters[i]);
  }
  ~InUse() {
    statement_.tryReset();
    try {
      statement_.clearBindings();
    } catch (const SQLite::Exception&) {
      // The next use binds every parameter anew.
    }
  }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  SQLite::Statement& operator*() { return statement_; }

 private:
  void bind(int index, const Value& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      statement_.bind(index, *number);
    } else if (const auto* real = std::get_if<double>(&value)) {
      statement_.bind(index, *real);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      statement_.bind(index, *text);
    } else {
      statement_.bind(index);
    }
  }
  SQLite::Statement& statement_;
};

// Made by us first, so that no moment passes in which others may read it; the process's umask stays as it is. One that
// is there is not opened: closing any descriptor of a file takes away all locks that this process has on it, and with
// them what tells other processes that SQLite uses it here: the last of them to end would remove the write-ahead log.
void make_private(const std::filesystem::path& file) {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made >= 0) ::close(made);
}

class SqliteBackend final : public Backend {
 public:
  explicit SqliteBackend(const std::filesystem::path& file) {
    make_private(file);
    database_ =
        std::make_unique<SQLite::Database>(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyMs);
    database_->exec("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL");
  }

  Rows query(std::string_view sql, const std::vector<Value>& parameters) override {
    return guarded([&] {
      Rows rows;
      InUse statement(prepared(sql), parameters);
      while ((*statement).executeStep()) {
        std::vector<Value> values;
        const int columns = (*statement).getColumnCount();
        values.reserve(static_cast<std::size_t>(columns));
        for (int i = 0; i < columns; ++i) values.push_back(read_column((*statement).getColumn(i)));
        rows.emplace_back(std::move(values));
      }
      return rows;
    });
  }

  std::int64_t execute(std::string_view sql, const std::vector<Value>& parameters) override {
    return guarded([&]() -> std::int64_t {
      InUse statement(prepared(sql), parameters);
      return (*statement).exec();
    });
  }

  std::int64_t clock_ms() override { return unix_ms(); }
  std::string_view for_update() const override { return ""; }
  std::string lines_of(std::string_view expression) const override {
    return "group_concat(" + std::string(expression) + ", char(10))";
  }

  void begin() override { script("BEGIN IMMEDIATE"); }
  void commit() override { script("COMMIT"); }
  void rollback() noexcept override {
    // After some errors SQLite has rolled back by itself.
    if (sqlite3_get_autocommit(database_->getHandle()) == 0) database_->tryExec("ROLLBACK");
  }
  bool usable() const noexcept override { return true; }

  void script(const std::string& statements) override {
    guarded([&] { database_->exec(statements); });
  }
  std::string translated(std::string_view statements) const override { return std::string(statements); }
  bool is_sqlite() const override { return true; }
  void lock_schema() override {}  // BEGIN IMMEDIATE has done it
  int schema_version() override {
    return guarded([&] { return database_->execAndGet("PRAGMA user_version").getInt(); });
  }
  void set_schema_version(int version) override { script(fmt::format("PRAGMA user_version = {}", version)); }

 private:
  SQLite::Statement& prepared(std::string_view sql) {
    auto& statement = statements_[std::string(sql)];
    if (!statement) statement = std::make_unique<SQLite::Statement>(*database_, std::string(sql));
    return *statement;
  }

  std::unique_ptr<SQLite::Database> database_;
  std::unordered_map<std::string, std::unique_ptr<SQLite::Statement>> statements_;  // gone before the database
};

}  // namespace

std::unique_ptr<Backend> connect_sqlite(const std::filesystem::path& file) {
  try {
    return std::make_unique<SqliteBackend>(file);
  } catch (const SQLite::Exception& error) {
    throw Error(ErrorCode::kStore, fmt::format("The store {} cannot be opened.", file.string())).because(error.what());
  }
}

}  // namespace millrace::store
