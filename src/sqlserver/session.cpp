#include "sqlserver/session.hpp"

#include <array>

#include "sqlserver/connect.hpp"

namespace millrace::sqlserver {
namespace {

/// nvarchar(4000) is the longest that is not (max); one declared length keeps one plan a statement.
constexpr std::size_t kLongestInRow = 4000;

struct Parameter {
  std::vector<SQLWCHAR> text;
  SQLLEN indicator = SQL_NULL_DATA;
};

std::vector<Parameter> encode(const std::vector<std::optional<std::string>>& values) {
  std::vector<Parameter> parameters(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i]) continue;
    parameters[i].text = to_wide(*values[i]);
    parameters[i].indicator = static_cast<SQLLEN>(parameters[i].text.size() * sizeof(SQLWCHAR));
    parameters[i].text.push_back(0);  // never an empty buffer
  }
  return parameters;
}

void bind(SQLHANDLE statement, std::vector<Parameter>& parameters) {
  SQLUSMALLINT number = 0;
  for (Parameter& parameter : parameters) {
    const bool is_long = parameter.text.size() > kLongestInRow + 1;
    SQLBindParameter(statement, ++number, SQL_PARAM_INPUT, SQL_C_WCHAR, SQL_WVARCHAR, is_long ? 0 : kLongestInRow, 0,
                     parameter.text.data(), parameter.indicator, &parameter.indicator);
  }
}

}  // namespace

struct Session::Impl {
  OpenConnection open;
  bool encrypted = false;

  [[noreturn]] void fail(SQLHANDLE statement) const { throw_statement_error(statement, open.password); }

  Statement start(const std::string& sql, std::vector<Parameter>& parameters) const {
    Statement statement(open.connection.get());
    bind(statement.get(), parameters);
    std::vector<SQLWCHAR> text = to_wide(sql);
    const SQLRETURN result = SQLExecDirectW(statement.get(), text.data(), static_cast<SQLINTEGER>(text.size()));
    if (!SQL_SUCCEEDED(result) && result != SQL_NO_DATA) fail(statement.get());
    return statement;
  }

  /// Moves to the next result of the batch. Errors of later statements of a batch surface here.
  bool next_result(SQLHANDLE statement) const {
    const SQLRETURN result = SQLMoreResults(statement);
    if (result == SQL_NO_DATA) return false;
    if (!SQL_SUCCEEDED(result)) fail(statement);
    return true;
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
  std::vector<Parameter> encoded = encode(parameters);
  const Statement statement = impl_->start(sql, encoded);
  std::vector<Row> rows;
  bool read = false;
  do {
    const SQLSMALLINT count = impl_->columns(statement.get());
    if (read || count == 0) continue;
    rows = impl_->fetch(statement.get(), count);
    read = true;
  } while (impl_->next_result(statement.get()));
  return rows;
}

std::int64_t Session::execute(const std::string& sql, const std::vector<std::optional<std::string>>& parameters) {
  std::vector<Parameter> encoded = encode(parameters);
  const Statement statement = impl_->start(sql, encoded);
  std::int64_t affected = 0;
  do {
    SQLLEN count = -1;
    if (impl_->columns(statement.get()) == 0 && SQL_SUCCEEDED(SQLRowCount(statement.get(), &count)) && count >= 0) {
      affected = count;
    }
  } while (impl_->next_result(statement.get()));
  return affected;
}

}  // namespace millrace::sqlserver
