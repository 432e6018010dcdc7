#include "replication/verify_source.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

#include "pgoutput/copy_decoder.hpp"
#include "pgoutput/long_fields.hpp"
#include "postgres/copy_reader.hpp"
#include "replication/stage_rows.hpp"
#include "replication/verify_keys.hpp"
#include "replication/verify_position.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

/// Keys that one statement seeks.
constexpr std::size_t kKeysAtOnce = 500;
/// With more rows than these a scan is faster.
constexpr std::size_t kMostByKey = 50'000;

/// xmin and ctid are heaps' alone: true when the table, or each of its leaves, is one.
bool has_versions(postgres::Connection& connection, const schema::TableName& table) {
  const auto found = connection.query(
      "WITH RECURSIVE tree AS (SELECT c.oid, c.relkind, c.relam FROM pg_class c JOIN pg_namespace n ON n.oid = "
      "c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 UNION ALL SELECT c.oid, c.relkind, c.relam FROM tree t "
      "JOIN pg_inherits i ON i.inhparent = t.oid JOIN pg_class c ON c.oid = i.inhrelid WHERE t.relkind = 'p') "
      "SELECT 1 FROM tree t LEFT JOIN pg_am a ON a.oid = t.relam WHERE t.relkind <> 'p' AND "
      "a.amname IS DISTINCT FROM 'heap'",
      {table.schema, table.name});
  return found.empty();
}

class PartScan {
 public:
  PartScan(const TableBinding& table, std::size_t worker, const ScanSink& sink)
      : table_(table), worker_(worker), sink_(sink), hasher_(table), cells_(table.columns().size()) {
    for (const auto& column : table.columns()) {
      expressions_.push_back(schema::copy_expression(column.mapping));
      formats_.push_back(schema::copy_format(column.mapping));
    }
  }

  void read(postgres::Connection& source, const postgres::TablePart& part, bool versions, const std::string& snapshot,
            const std::stop_token& stop) {
    auto expressions = expressions_;
    if (versions) expressions.emplace_back("xmin::text || ctid::text");
    // The root of a partitioned table holds no rows itself.
    const bool only = part.where.empty() || !table_.plan().source.partitioned;
    postgres::CopyReader reader(source, part, expressions, snapshot, only, schema::session_settings());
    pgoutput::CopyDecoder decoder(expressions.size());
    while (const auto chunk = reader.next(stop)) {
      decoder.feed(chunk->view);
      while (decoder.next(row_)) {
        pgoutput::mark_long_fields(row_, chunk->mapped);
        take(versions);
      }
    }
    if (decoder.finished()) return;
    throw Error(ErrorCode::kSourceUnreachable, "The reading of a table was cut off.",
                {.table = table_.source().to_string()});
  }

 private:
  void take(bool versions) {
    bool unfit = false;
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      auto& field = row_[i];
      if (field.kind == pgoutput::FieldKind::kBinary && formats_[i] == schema::WireFormat::kText) {
        field.kind = pgoutput::FieldKind::kText;
      }
      try {
        encode_field(table_, i, field, cells_[i], LongValues::kInPieces);
      } catch (const schema::ValueError&) {
        // The row cannot be on the target as it is: that is a difference to tell, no reason to stop.
        cells_[i].null = true;
        unfit = true;
      }
    }
    const std::uint64_t version = versions ? std::hash<std::string_view>()(row_[cells_.size()].value) : 0;
    sink_(worker_, {hasher_.hash(cells_, unfit), version, unfit, cells_});
  }

  const TableBinding& table_;
  std::size_t worker_;
  const ScanSink& sink_;
  RowHasher hasher_;
  std::vector<std::string> expressions_;
  std::vector<schema::WireFormat> formats_;
  std::vector<schema::Cell> cells_;
  pgoutput::Tuple row_;
};

}  // namespace

SourceRows::SourceRows(const SourceEndpoint& endpoint, const TableBinding& table, int workers, bool by_key)
    : endpoint_(endpoint), table_(table), workers_(static_cast<std::size_t>(std::max(1, workers))), by_key_(by_key) {}

/// The parts of a whole scan, or of the rows that are wanted when these are sought by key.
std::vector<postgres::TablePart> SourceRows::parts(postgres::Connection& connection, const Suspects* wanted) const {
  auto whole = postgres::split_table(connection, table_.source(), static_cast<int>(workers_));
  // A server with another encoding refuses constants that it has no characters for.
  if (wanted == nullptr || !by_key_ || wanted->size() > kMostByKey || !connection.utf8()) return whole;
  std::vector<const RowKey*> keys;
  for (const auto& row : *wanted) {
    if (row.second.key.empty()) return whole;
    keys.push_back(&row.second.key);
  }
  std::vector<postgres::TablePart> sought;
  for (std::size_t at = 0; at < keys.size(); at += kKeysAtOnce) {
    const std::span some(keys.data() + at, std::min(kKeysAtOnce, keys.size() - at));
    sought.push_back({.relation = table_.source(), .blocks = {}, .whole = true, .where = source_key_sql(table_, some)});
  }
  return sought;
}

void SourceRows::scan(bool versions, const SnapshotTaken& taken, const ScanSink& sink,
                      const std::stop_token& stop) const {
  postgres::Connection owner(endpoint_);
  read(parts(owner, nullptr), owner, versions, taken, sink, stop);
}

void SourceRows::find(const Suspects& wanted, const SnapshotTaken& taken, const ScanSink& sink,
                      const std::stop_token& stop) const {
  postgres::Connection owner(endpoint_);
  read(
      parts(owner, &wanted), owner, true, taken,
      [&](std::size_t worker, const ScannedRow& row) {
        if (wanted.contains(row.hash.identity)) sink(worker, row);
      },
      stop);
}

void SourceRows::read(const std::vector<postgres::TablePart>& parts, postgres::Connection& owner, bool versions,
                      const SnapshotTaken& taken, const ScanSink& sink, const std::stop_token& stop) const {
  // The same in every look, by key or by a scan: else rows that stood still would seem to have changed.
  versions = versions && has_versions(owner, table_.source());
  owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const auto snapshot = owner.query("SELECT pg_export_snapshot()").text(0, 0);
  if (taken) taken(owner.query(StreamPosition::snapshot_sql()).text(0, 0));

  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::stop_source any;
  const std::stop_callback forward(stop, [&] { any.request_stop(); });
  const auto work = [&](std::size_t worker) {
    try {
      PartScan scan(table_, worker, sink);
      postgres::Connection connection(endpoint_);
      for (auto at = next.fetch_add(1); at < parts.size(); at = next.fetch_add(1)) {
        scan.read(connection, parts[at], versions, snapshot, any.get_token());
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      any.request_stop();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < std::min(workers_, parts.size()); ++worker) {
      threads.emplace_back(work, worker);
    }
  }
  if (failure) std::rethrow_exception(failure);
  owner.execute("COMMIT");
}

}  // namespace millrace::replication
