#include "sqlserver/bulk_writer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "sqlserver/bcp_api.hpp"
#include "sqlserver/bulk_row.hpp"
#include "sqlserver/connect.hpp"

namespace millrace::sqlserver {
namespace {

constexpr std::chrono::seconds kSignInTimeout{15};
/// "String or binary data would be truncated": the server's number, for callers that tell errors apart.
constexpr int kTruncated = 2628;
constexpr int kInvalidColumn = 207;

/// SQL text for bcp_init and bcp_control: zero-terminated UTF-16.
std::vector<SQLWCHAR> terminated(std::string_view text) {
  std::vector<SQLWCHAR> wide = to_wide(text);
  wide.push_back(0);
  return wide;
}

std::string hints(const BulkOptions& options) {
  std::string text;
  auto add = [&](const std::string& hint) { text += (text.empty() ? "" : ", ") + hint; };
  if (options.table_lock) add("TABLOCK");
  if (options.rows_per_batch > 0) add("ROWS_PER_BATCH = " + std::to_string(options.rows_per_batch));
  if (options.check_constraints) add("CHECK_CONSTRAINTS");
  return text;
}

const void* flag(std::intptr_t value) {
  return reinterpret_cast<const void*>(value);  // NOLINT: bcp_control passes integers through pointers
}

}  // namespace

struct BulkSession::Impl {
  TargetEndpoint endpoint;
  std::unique_ptr<BcpApi> bcp;
  std::optional<OpenConnection> open;
  bool copying = false;

  void connect() {
    open = open_connection(endpoint, kSignInTimeout, ConnectionUse::kBulkCopy);
    bcp = std::make_unique<BcpApi>(open->connection.get());
  }
  SQLHDBC ready() {
    if (copying) throw Error(ErrorCode::kInternal, "a bulk copy of this connection is still open");
    if (!open) connect();
    return open->connection.get();
  }
  /// The server forgets an unfinished copy with its connection.
  void abandon() noexcept {
    copying = false;
    open.reset();
    bcp.reset();
  }
  [[noreturn]] void fail() const { throw statement_error(bcp->diagnostics(), open->password); }
};

BulkSession::BulkSession(const TargetEndpoint& endpoint) : impl_(std::make_unique<Impl>()) {
  impl_->endpoint = endpoint;
  impl_->connect();
}

BulkSession::~BulkSession() = default;

std::int64_t BulkSession::execute(const std::string& sql) {
  const Statement statement(impl_->ready());
  std::vector<SQLWCHAR> text = to_wide(sql);
  SQLRETURN result = SQLExecDirectW(statement.get(), text.data(), static_cast<SQLINTEGER>(text.size()));
  std::int64_t affected = 0;
  for (; result != SQL_NO_DATA; result = SQLMoreResults(statement.get())) {
    if (!SQL_SUCCEEDED(result)) throw_statement_error(statement.get(), impl_->open->password);
    SQLLEN count = -1;
    if (SQL_SUCCEEDED(SQLRowCount(statement.get(), &count)) && count >= 0) affected = count;
  }
  return affected;
}

struct BulkWriter::Impl {
  BulkSession::Impl& session;
  std::string table;
  std::vector<BulkColumn> columns;
  std::optional<BulkRow> row;
  std::vector<int> positions;  ///< of the columns in the table, from 1
  std::vector<int> unfed;      ///< positions of the table's other columns that take NULL
  std::int64_t pending = 0;
  bool open = false;

  Impl(BulkSession::Impl& owner, const schema::TableName& name, const std::vector<BulkColumn>& all)
      : session(owner), table(schema::quote_mssql(name)), columns(all) {}

  ~Impl() {
    if (open) session.abandon();
  }

  SQLHDBC connection() const { return session.open->connection.get(); }

  void require(SQLRETURN result) const {
    if (result == kBcpFail) session.fail();
  }

  /// A column that the server knows.
  struct Known {
    int position = 0;
    bool max = false;
  };

  /// Positions count the columns that are there, as SELECT * tells them. The driver wants values of a (max) column as
  /// such, however short the texts are that are to go there.
  void find_positions() {
    const Statement statement(session.ready());
    std::vector<SQLWCHAR> sql = to_wide(
        "SELECT name, CASE WHEN is_nullable = 1 AND is_computed = 0 THEN 1 ELSE 0 END, CASE WHEN max_length = -1 THEN "
        "1 ELSE 0 END FROM sys.columns WHERE object_id = OBJECT_ID(" +
        schema::quote_mssql_literal(table) + ") ORDER BY column_id");
    if (!SQL_SUCCEEDED(SQLExecDirectW(statement.get(), sql.data(), static_cast<SQLINTEGER>(sql.size())))) {
      throw_statement_error(statement.get(), session.open->password);
    }
    std::unordered_map<std::string, Known> known;
    std::vector<std::pair<int, std::string>> filled;  // by a value or by the server
    SQLRETURN result = SQLFetch(statement.get());
    for (; SQL_SUCCEEDED(result); result = SQLFetch(statement.get())) {
      std::array<SQLWCHAR, 129> name{};
      SQLLEN bytes = 0;
      SQLGetData(statement.get(), 1, SQL_C_WCHAR, name.data(), sizeof name, &bytes);
      SQLINTEGER nullable = 0;
      SQLLEN there = 0;
      SQLGetData(statement.get(), 2, SQL_C_SLONG, &nullable, sizeof nullable, &there);
      SQLINTEGER max = 0;
      SQLGetData(statement.get(), 3, SQL_C_SLONG, &max, sizeof max, &there);
      const int position = static_cast<int>(known.size()) + 1;
      if (nullable != 0) {
        unfed.push_back(position);
      } else {
        filled.emplace_back(position, from_wide(name.data(), static_cast<std::size_t>(bytes) / sizeof(SQLWCHAR)));
      }
      known.emplace(from_wide(name.data(), static_cast<std::size_t>(bytes) / sizeof(SQLWCHAR)),
                    Known{position, max != 0});
    }
    if (result != SQL_NO_DATA) throw_statement_error(statement.get(), session.open->password);
    for (BulkColumn& column : columns) {
      const auto found = known.find(column.name);
      if (found == known.end()) {
        throw QueryError(ErrorCode::kTargetQuery, "the table " + table + " has no column " + column.name,
                         kInvalidColumn);
      }
      positions.push_back(found->second.position);
      std::erase(unfed, found->second.position);
      const auto kind = schema::cell_kind(column.type);
      const bool varies = kind == schema::CellKind::kText || kind == schema::CellKind::kBinary;
      if (varies && found->second.max) column.type.length = schema::TargetType::kMax;
    }
    require_fed_end(filled);
  }

  /// The driver sends no rows when columns at the table's end are not bound, and there is nothing to bind to one that
  /// must not be NULL, though it has a default or is an identity.
  void require_fed_end(const std::vector<std::pair<int, std::string>>& filled) const {
    int last = *std::max_element(positions.begin(), positions.end());
    if (!unfed.empty()) last = std::max(last, unfed.back());
    if (filled.empty() || filled.back().first <= last) return;
    throw Error(ErrorCode::kTargetDrift, "The last column of the target table is not on the source and takes no NULL.",
                {.table = table, .column = filled.back().second})
        .suggest("Let it take NULL, or make it anew in front of another column.");
  }

  void begin(const BulkOptions& options) {
    SQLHDBC handle = session.ready();
    const BcpApi& bcp = *session.bcp;
    require(bcp.init(handle, terminated(table).data(), nullptr, nullptr, kBcpIn));
    session.copying = open = true;
    if (const std::string text = hints(options); !text.empty()) {
      require(bcp.control(handle, kBcpHintsW, terminated(text).data()));
    }
    require(bcp.control(handle, kBcpKeepNulls, flag(1)));
    if (options.keep_identity) require(bcp.control(handle, kBcpKeepIdentity, flag(1)));
    row.emplace(columns);
    for (std::size_t i = 0; i < columns.size(); ++i) bind(bcp, row->slots()[i], positions[i]);
    // The driver wants the table's last column bound, and waits for bcp_moretext to bring the values of (max) ones.
    for (const int position : unfed) {
      static const std::uint8_t nothing = 0;
      require(bcp.bind(handle, &nothing, 0, SQL_NULL_DATA, nullptr, 0, static_cast<int>(BcpType::kNChar), position));
    }
  }

  void bind(const BcpApi& bcp, const BulkSlot& slot, int position) const {
    static const std::uint8_t nothing = 0;  // replaced row by row
    if (slot.by_pointer) {
      require(bcp.bind(connection(), &nothing, 0, 0, nullptr, 0, slot.type, position));
    } else {
      require(bcp.bind(connection(), row->indicator(slot), BulkRow::kIndicatorBytes, kVarlenData, nullptr, 0, slot.type,
                       position));
    }
  }

  void point(const BulkSlot& slot, int position, const schema::Cell& cell) const {
    const BcpApi& bcp = *session.bcp;
    if (cell.null) return require(bcp.column_length(connection(), SQL_NULL_DATA, position));
    const bool text = slot.kind == schema::CellKind::kText;
    const std::size_t bytes = text ? cell.text.size() * sizeof(char16_t) : cell.bytes.size();
    static const std::uint8_t nothing = 0;  // an empty vector has no address
    const void* data = text ? static_cast<const void*>(cell.text.data()) : cell.bytes.data();
    require(bcp.column_pointer(connection(), data == nullptr ? &nothing : data, position));
    require(bcp.column_length(connection(), static_cast<int>(bytes), position));
  }

  [[noreturn]] void refuse(std::size_t column, const schema::Cell& cell) const {
    const BulkColumn& at = columns[column];
    const schema::CellKind kind = row->slots()[column].kind;
    if (kind == schema::CellKind::kText || kind == schema::CellKind::kBinary) {
      const std::size_t length = kind == schema::CellKind::kText ? cell.text.size() : cell.bytes.size();
      throw QueryError(ErrorCode::kTargetConstraint,
                       fmt::format("a value of length {} has no room in column {} of {}, which is {}", length, at.name,
                                   table, at.type.to_string()),
                       kTruncated);
    }
    throw Error(ErrorCode::kInternal, fmt::format("a value out of range reached column {} of {}, which is {}", at.name,
                                                  table, at.type.to_string()));
  }

  void write(std::span<const schema::Cell> cells) {
    if (!open) over();
    if (cells.size() != columns.size()) throw Error(ErrorCode::kInternal, "a row of another number of columns");
    const std::vector<BulkSlot>& slots = row->slots();
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (slots[i].by_pointer) {
        point(slots[i], positions[i], cells[i]);
      } else if (!row->fill(slots[i], cells[i])) {
        refuse(i, cells[i]);
      }
    }
    require(session.bcp->send_row(connection()));
    ++pending;
  }

  std::int64_t end_batch(bool last) {
    if (!open) over();
    const int rows = last ? session.bcp->done(connection()) : session.bcp->batch(connection());
    if (rows == kBcpRowsFail) session.fail();
    if (rows != pending) {
      throw QueryError(ErrorCode::kTargetQuery,
                       fmt::format("{} took {} of {} rows of a bulk copy", table, rows, pending), 0);
    }
    pending = 0;
    if (last) open = session.copying = false;
    return rows;
  }

  [[noreturn]] static void over() { throw Error(ErrorCode::kInternal, "the bulk copy is over"); }

  /// Runs a step of the copy; after an error nothing can be known about the connection's state.
  template <typename Step>
  auto guarded(Step&& step) {
    try {
      return step();
    } catch (...) {
      if (std::exchange(open, false)) session.abandon();
      throw;
    }
  }
};

BulkWriter::BulkWriter(BulkSession& session, const schema::TableName& table, const std::vector<BulkColumn>& columns,
                       const BulkOptions& options)
    : impl_(std::make_unique<Impl>(*session.impl_, table, columns)) {
  if (options.in_table_order) {
    for (std::size_t i = 1; i <= columns.size(); ++i) impl_->positions.push_back(static_cast<int>(i));
  } else {
    impl_->find_positions();
  }
  impl_->begin(options);
}

BulkWriter::~BulkWriter() = default;

void BulkWriter::write(std::span<const schema::Cell> row) {
  impl_->guarded([&] { impl_->write(row); });
}

std::int64_t BulkWriter::commit() {
  return impl_->guarded([&] { return impl_->end_batch(false); });
}

std::int64_t BulkWriter::finish() {
  return impl_->guarded([&] { return impl_->end_batch(true); });
}

}  // namespace millrace::sqlserver
