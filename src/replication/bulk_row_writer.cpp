#include <algorithm>
#include <utility>

#include "replication/poison.hpp"
#include "replication/table_loader.hpp"
#include "sqlserver/bulk_writer.hpp"

namespace millrace::replication {
namespace {

std::vector<sqlserver::BulkColumn> bulk_columns(const TableBinding& table) {
  std::vector<sqlserver::BulkColumn> list;
  for (const auto& column : table.columns()) {
    list.push_back({column.mapping.target.name, column.mapping.target.type});
  }
  return list;
}

/// A bulk connection on which some SQL has run.
class OpenedSession {
 public:
  OpenedSession(const TargetEndpoint& endpoint, const std::string& opening) : session_(endpoint) {
    if (!opening.empty()) session_.execute(opening);
  }
  sqlserver::BulkSession& get() { return session_; }

 private:
  sqlserver::BulkSession session_;
};

class BulkRowWriter : public RowWriter {
 public:
  BulkRowWriter(const TargetEndpoint& endpoint, const std::string& opening, const TableBinding& table, bool table_lock)
      : session_(endpoint, opening),
        writer_(session_.get(), table.load_target(), bulk_columns(table), {.table_lock = table_lock}) {}
  void write(const std::vector<schema::Cell>& row) override { writer_.write(row); }
  void commit() override { writer_.commit(); }
  void finish() override { writer_.finish(); }
  LongValues long_values() const override { return LongValues::kInPieces; }

 private:
  OpenedSession session_;
  sqlserver::BulkWriter writer_;
};

class CarefulRowWriter : public RowWriter {
 public:
  CarefulRowWriter(const TargetEndpoint& endpoint, const std::string& opening, const TableBinding& table,
                   const RowRefused& refused)
      : session_(endpoint, opening), table_(table), columns_(bulk_columns(table)), refused_(refused) {}

  void write(const std::vector<schema::Cell>& row) override {
    rows_.push_back(row);
    for (std::size_t i = 0; i < row.size(); ++i) bytes_ += schema::cell_bytes(table_.columns()[i].kind, row[i]);
    if (rows_.size() >= kMostRows || bytes_ >= kMostBytes) commit();
  }
  void commit() override {
    if (!rows_.empty()) send(0, rows_.size());
    rows_.clear();
    bytes_ = 0;
  }
  void finish() override { commit(); }

 private:
  static constexpr std::size_t kMostRows = 2000;
  static constexpr std::size_t kMostBytes = 4U << 20U;

  void send(std::size_t begin, std::size_t end) {
    try {
      sqlserver::BulkWriter writer(session_.get(), table_.load_target(), columns_, {});
      for (std::size_t i = begin; i < end; ++i) writer.write(rows_[i]);
      writer.finish();
    } catch (const sqlserver::QueryError& error) {
      if (!row_refused(error)) throw;
      if (end - begin == 1) return refused_(table_, rows_[begin], error);
      const auto middle = begin + (end - begin) / 2;
      send(begin, middle);
      send(middle, end);
    }
  }

  OpenedSession session_;
  const TableBinding& table_;
  std::vector<sqlserver::BulkColumn> columns_;
  const RowRefused& refused_;
  std::vector<std::vector<schema::Cell>> rows_;
  std::size_t bytes_ = 0;
};

}  // namespace

RowWriterFactory bulk_row_writers(const TargetEndpoint& endpoint, std::string opening) {
  return [endpoint, opening = std::move(opening)](const TableBinding& table, bool alone) -> std::unique_ptr<RowWriter> {
    // Into a clustered index TABLOCK is exclusive: with several writers it would make them wait for each other.
    return std::make_unique<BulkRowWriter>(endpoint, opening, table, alone || table.plan().target.primary_key.empty());
  };
}

RowWriterFactory careful_row_writers(const TargetEndpoint& endpoint, RowRefused refused, std::string opening) {
  return [endpoint, refused = std::move(refused), opening = std::move(opening)](const TableBinding& table,
                                                                                bool) -> std::unique_ptr<RowWriter> {
    return std::make_unique<CarefulRowWriter>(endpoint, opening, table, refused);
  };
}

}  // namespace millrace::replication
