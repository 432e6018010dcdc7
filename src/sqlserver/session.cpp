#include "sqlserver/session.hpp"

#include <array>
#include <mutex>
#include <utility>

#include "sqlserver/connect.hpp"
#include "sqlserver/lru_pool.hpp"

namespace millrace::sqlserver {
namespace {

/// nvarchar(4000) is the longest that is not (max); one declared length keeps one plan a statement.
constexpr std::size_t kLongestInRow = 4000;

struct Parameter {
  std::vector<SQLWCHAR> text;
  SQLLEN indicator = SQL_NULL_DATA;

  bool is_long() const { return text.size() > kLongestInRow + 1; }
};

std::vector<Parameter> encode(const std::vector<std::optional<std::string>>& values) {
  std::vector<Parameter> parameters(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i]) {
      parameters[i].text = to_wide(*values[i]);
      parameters[i].indicator = static_cast<SQLLEN>(parameters[i].text.size() * sizeof(SQLWCHAR));
    }
    parameters[i].text.push_back(0);  // never an empty buffer
  }
  return parameters;
}

/// Prepared statements that a session keeps on the server.
constexpr std::size_t kMostPrepared = 64;
/// Longer texts are put together for one batch: they hardly come twice, and would only push others out.
constexpr std::size_t kLongestPrepared = 65536;

/// A statement is prepared for its text and for which of its values are longer than nvarchar(4000).
std::string prepared_name(const std::string& sql, const std::vector<Parameter>& parameters) {
  std::string name = sql;
  name += '\0';
  for (const Parameter& parameter : parameters) name += parameter.is_long() ? 'L' : 's';
  return name;
}

}  // namespace

struct Session::Impl {
  OpenConnection open;
  LruPool<Statement> prepared{kMostPrepared};  // destroyed before the connection
  bool encrypted = false;
  std::chrono::milliseconds lock_timeout = kLockTimeout;
  std::chrono::seconds statement_timeout{0};
  std::mutex running_lock;
  SQLHANDLE running = nullptr;  // what cancel() ends
  bool cancelled = false;       // while `running` runs

  [[noreturn]] void fail(SQLHANDLE statement) const { throw_statement_error(statement, open.password); }

  void set_running(SQLHANDLE statement) {
    const std::lock_guard lock(running_lock);
    running = statement;
    if (statement != nullptr) cancelled = false;
  }

  /// A cancelled statement may also end without an error: its results are then cut short.
  void refuse_cancelled() {
    const std::lock_guard lock(running_lock);
    if (cancelled) throw QueryError(ErrorCode::kInterrupted, "the statement was cancelled", 0);
  }

  /// Runs a text and hands each of its results to `use`, from the first to the last: an error of any statement
  /// surfaces, wherever it stands.
  template <typename Use>
  void run(const std::string& sql, const std::vector<std::optional<std::string>>& values, Use&& use) {
    std::vector<Parameter> parameters = encode(values);
    const bool prepare = !parameters.empty() && sql.size() <= kLongestPrepared;
    const std::string name = prepare ? prepared_name(sql, parameters) : std::string();
    Statement statement = ready(sql, name);
    // NOLINTNEXTLINE: ODBC passes integers through pointers.
    const auto seconds = reinterpret_cast<SQLPOINTER>(static_cast<SQLULEN>(statement_timeout.count()));
    SQLSetStmtAttrW(statement.get(), SQL_ATTR_QUERY_TIMEOUT, seconds, SQL_IS_UINTEGER);
    bind(statement.get(), parameters);
    {
      const Running guard(*this, statement.get());
      const SQLRETURN result = name.empty() ? execute_text(statement.get(), sql) : SQLExecute(statement.get());
      if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA) fail(statement.get());
      do {
        use(statement.get());
      } while (next_result(statement.get()));
    }
    refuse_cancelled();
    if (name.empty()) return;
    SQLFreeStmt(statement.get(), SQL_CLOSE);
    SQLFreeStmt(statement.get(), SQL_RESET_PARAMS);
    prepared.put(name, std::move(statement));
  }

  /// A statement handle; one for a text with parameters is prepared, on the server when it first runs.
  Statement ready(const std::string& sql, const std::string& name) {
    if (!name.empty()) {
      if (auto known = prepared.take(name)) return std::move(*known);
    }
    Statement statement(open.connection.get());
    if (name.empty()) return statement;
    std::vector<SQLWCHAR> text = to_wide(sql);
    if (!SQL_SUCCEEDED(SQLPrepareW(statement.get(), text.data(), static_cast<SQLINTEGER>(text.size())))) {
      fail(statement.get());
    }
    return statement;
  }

  static SQLRETURN execute_text(SQLHANDLE statement, const std::string& sql) {
    std::vector<SQLWCHAR> text = to_wide(sql);
    return SQLExecDirectW(statement, text.data(), static_cast<SQLINTEGER>(text.size()));
  }

  void bind(SQLHANDLE statement, std::vector<Parameter>& parameters) const {
    SQLUSMALLINT number = 0;
    for (Parameter& parameter : parameters) {
      const auto bytes = static_cast<SQLLEN>(parameter.text.size() * sizeof(SQLWCHAR));
      const SQLRETURN result = SQLBindParameter(statement, ++number, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR,
                                                parameter.is_long() ? 0 : kLongestInRow, 0, parameter.text.data(),
                                                bytes, &parameter.indicator);
      if (!SQL_SUCCEEDED(result)) fail(statement);
    }
  }

  class Running {
   public:
    Running(Impl& impl, SQLHANDLE statement) : impl_(impl) { impl_.set_running(statement); }
    ~Running() { impl_.set_running(nullptr); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    Impl& impl_;
  };

  /// Moves to the next result of the batch. Errors of later statements of a batch surface here.
  bool next_result(SQLHANDLE statement) const {
    const SQLRETURN result = SQLMoreResults(statement);
    if (result == SQL_NO_DATA) return false;
    if (!SQL_SUCCEEDED(result)) fail(statement);
    return true;
  }

  /// Rows that nobody wants are read all the same: an error among them would be lost.
  void skip_rows(SQLHANDLE statement) const {
    SQLRETURN result = SQL_SUCCESS;
    while (SQL_SUCCEEDED(result)) result = SQLFetch(statement);
    if (result != SQL_NO_DATA) fail(statement);
  }

  /// The count of a statement that counts; nothing for one that does not, and for rows, which are skipped.
  std::optional<std::int64_t> count(SQLHANDLE statement) const {
    if (columns(statement) > 0) {
      skip_rows(statement);
      return std::nullopt;
    }
    SQLLEN rows = -1;
    if (!SQL_SUCCEEDED(SQLRowCount(statement, &rows)) || rows < 0) return std::nullopt;
    return rows;
  }

  SQLSMALLINT columns(SQLHANDLE statement) const {
    SQLSMALLINT count = 0;
    if (!SQL_SUCCEEDED(SQLNumResultCols(statement, &count))) fail(statement);
    return count;
  }

  std::optional<std::string> cell(SQLHANDLE statement, SQLUSMALLINT column) const {
    std::array<SQLWCHAR, 2048> part{};
    std::vector<SQLWCHAR> whole;
    for (;;) {
      SQLLEN bytes = 0;
      const SQLRETURN result = SQLGetData(statement, column, SQL_C_WCHAR, part.data(), sizeof part, &bytes);
      if (result == SQL_NO_DATA) break;
      if (!SQL_SUCCEEDED(result)) fail(statement);
      if (bytes == SQL_NULL_DATA) return std::nullopt;
      // More than the buffer holds: the driver filled it but for the terminating zero.
      const bool cut = bytes == SQL_NO_TOTAL || static_cast<std::size_t>(bytes) > sizeof part - sizeof(SQLWCHAR);
      const std::size_t units = cut ? part.size() - 1 : static_cast<std::size_t>(bytes) / sizeof(SQLWCHAR);
      whole.insert(whole.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(units));
      if (!cut) break;
    }
    return from_wide(whole.data(), whole.size());
  }

  std::vector<Row> fetch(SQLHANDLE statement, SQLSMALLINT count) const {
    std::vector<Row> rows;
    for (;;) {
      const SQLRETURN result = SQLFetch(statement);
      if (result == SQL_NO_DATA) return rows;
      if (!SQL_SUCCEEDED(result)) fail(statement);
      Row& row = rows.emplace_back();
      for (SQLUSMALLINT column = 1; column <= count; ++column) row.push_back(cell(statement, column));
    }
  }
};

Session::Session(const TargetEndpoint& endpoint, std::chrono::milliseconds timeout) : impl_(std::make_unique<Impl>()) {
  impl_->open = open_connection(endpoint, timeout, ConnectionUse::kStatements);
  impl_->encrypted = endpoint.encrypt != "no";
}

Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

bool Session::encrypted() const {
  return impl_->encrypted;
}

std::vector<Row> Session::query(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::vector<Row> rows;
  bool read = false;
  impl_->run(sql, parameters, [&](SQLHANDLE statement) {
    const SQLSMALLINT count = impl_->columns(statement);
    if (count == 0) return;
    if (read) return impl_->skip_rows(statement);
    rows = impl_->fetch(statement, count);
    read = true;
  });
  return rows;
}

std::int64_t Session::execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::int64_t affected = 0;
  impl_->run(sql, parameters, [&](SQLHANDLE statement) { affected = impl_->count(statement).value_or(affected); });
  return affected;
}

std::vector<std::int64_t> Session::run_counts(const std::string& sql,
                                              const std::vector<std::optional<std::string>>& parameters) {
  std::vector<std::int64_t> counts;
  impl_->run(sql, parameters, [&](SQLHANDLE statement) {
    if (const auto count = impl_->count(statement)) counts.push_back(*count);
  });
  return counts;
}

bool Session::in_transaction() {
  return query("SELECT @@TRANCOUNT").at(0).at(0) != "0";
}

bool Session::rollback_quietly() noexcept {
  try {
    execute("IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION");
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void Session::set_lock_timeout(std::chrono::milliseconds timeout) {
  execute("SET LOCK_TIMEOUT " + std::to_string(timeout.count()));
  impl_->lock_timeout = timeout;
}

std::chrono::milliseconds Session::lock_timeout() const {
  return impl_->lock_timeout;
}

void Session::set_statement_timeout(std::chrono::seconds timeout) {
  impl_->statement_timeout = timeout;
}

void Session::cancel() {
  const std::lock_guard lock(impl_->running_lock);
  if (impl_->running == nullptr) return;
  impl_->cancelled = true;
  SQLCancel(impl_->running);
}

}  // namespace millrace::sqlserver
