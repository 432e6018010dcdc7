#include "sqlserver/bulk_writer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
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
  /// A (max) column: of those of a row either none or all bring their values piece by piece.
  struct Max {
    int position = 0;
    std::optional<std::size_t> column;  ///< of `columns`; none: an unfed one
  };
  std::vector<Max> maxes;  ///< in the table's order
  bool feeding = false;    ///< they are bound without an address
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
        if (max != 0) maxes.push_back({position, {}});
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
      std::erase_if(maxes, [&](const Max& one) { return one.position == found->second.position; });
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
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (row->slots()[i].by_pointer) maxes.push_back({positions[i], i});
    }
    std::sort(maxes.begin(), maxes.end(), [](const Max& a, const Max& b) { return a.position < b.position; });
    for (std::size_t i = 0; i < columns.size(); ++i) bind(bcp, row->slots()[i], positions[i]);
    // The driver wants the table's last column bound, and waits for bcp_moretext to bring the values of (max) ones.
    for (const int position : unfed) bind_unfed(position);
  }

  void bind_unfed(int position) const {
    static const std::uint8_t nothing = 0;
    require(session.bcp->bind(connection(), &nothing, 0, SQL_NULL_DATA, nullptr, 0, static_cast<int>(BcpType::kNChar),
                              position));
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

  /// With an address the driver sends a value with its row; without one it waits for bcp_moretext, of which no (max)
  /// column of a row may be left out then ("bcp_moretext", Remarks).
  void set_feeding(bool on) {
    if (std::exchange(feeding, on) == on) return;
    const BcpApi& bcp = *session.bcp;
    for (const Max& one : maxes) {
      if (on) {
        const int type = one.column ? row->slots()[*one.column].type : static_cast<int>(BcpType::kColumns);
        require(bcp.bind(connection(), nullptr, 0, 0, nullptr, 0, type, one.position));
      } else if (one.column) {
        bind(bcp, row->slots()[*one.column], one.position);
      } else {
        bind_unfed(one.position);
      }
    }
  }

  struct Bytes {
    const void* data = nullptr;
    int size = SQL_NULL_DATA;
  };
  Bytes bytes_of(std::size_t column, const schema::Cell& cell) const {
    if (cell.null) return {};
    if (cell.long_value) {
      if (cell.long_value->size > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) refuse(column, cell);
      return {nullptr, static_cast<int>(cell.long_value->size)};
    }
    static const std::uint8_t nothing = 0;  // an empty vector has no address
    const bool text = row->slots()[column].kind == schema::CellKind::kText;
    const void* data = text ? static_cast<const void*>(cell.text.data()) : cell.bytes.data();
    return {data == nullptr ? &nothing : data,
            static_cast<int>(text ? cell.text.size() * sizeof(char16_t) : cell.bytes.size())};
  }

  void point(std::size_t column, const schema::Cell& cell) const {
    const auto value = bytes_of(column, cell);
    if (value.data != nullptr) require(session.bcp->column_pointer(connection(), value.data, positions[column]));
    require(session.bcp->column_length(connection(), value.size, positions[column]));
  }

  /// Lengths are told before the row, values are brought behind it.
  void announce(std::span<const schema::Cell> cells) const {
    for (const Max& one : maxes) {
      const int size = one.column ? bytes_of(*one.column, cells[*one.column]).size : SQL_NULL_DATA;
      require(session.bcp->column_length(connection(), size, one.position));
    }
  }

  /// The driver sends a value in pieces of unknown number: an empty one ends it, as a piece of nothing at all.
  void feed(std::span<const schema::Cell> cells) const {
    const auto more = [this](const void* data, std::size_t size) {
      require(session.bcp->more_text(connection(), static_cast<int>(size), data));
    };
    for (const Max& one : maxes) {
      const auto value = one.column ? bytes_of(*one.column, cells[*one.column]) : Bytes{};
      if (value.size == SQL_NULL_DATA) {
        require(session.bcp->more_text(connection(), SQL_NULL_DATA, nullptr));
        continue;
      }
      if (value.data == nullptr) {
        schema::read_long_value(*cells[*one.column].long_value, more);
      } else if (value.size > 0) {
        more(value.data, static_cast<std::size_t>(value.size));
      }
      more(nullptr, 0);
    }
  }

  [[noreturn]] void refuse(std::size_t column, const schema::Cell& cell) const {
    const BulkColumn& at = columns[column];
    const schema::CellKind kind = row->slots()[column].kind;
    if (kind == schema::CellKind::kText || kind == schema::CellKind::kBinary) {
      const std::size_t length = cell.long_value                   ? cell.long_value->size
                                 : kind == schema::CellKind::kText ? cell.text.size()
                                                                   : cell.bytes.size();
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
    const bool feeds =
        std::any_of(cells.begin(), cells.end(), [](const auto& cell) { return !cell.null && cell.long_value; });
    set_feeding(feeds);
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (slots[i].by_pointer) {
        if (!feeds) point(i, cells[i]);
      } else if (cells[i].long_value || !row->fill(slots[i], cells[i])) {
        refuse(i, cells[i]);
      }
    }
    if (feeds) announce(cells);
    require(session.bcp->send_row(connection()));
    if (feeds) feed(cells);
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
