#include "replication/verify_source.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "pgoutput/copy_decoder.hpp"
#include "postgres/copy_reader.hpp"
#include "replication/stage_rows.hpp"
#include "schema/cell_encoder.hpp"
#include "support/error.hpp"

namespace millrace::replication {
namespace {

struct Part {
  postgres::TablePart part;
  bool versions = false;
};

/// xmin and ctid are heaps' alone.
bool is_heap(postgres::Connection& connection, const schema::TableName& relation) {
  const auto found = connection.query(
      "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam "
      "WHERE n.nspname = $1 AND c.relname = $2 AND a.amname = 'heap'",
      {relation.schema, relation.name});
  return !found.empty();
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

  void read(postgres::Connection& source, const Part& part, const std::string& snapshot, const std::stop_token& stop) {
    auto expressions = expressions_;
    if (part.versions) expressions.emplace_back("xmin::text || ctid::text");
    postgres::CopyReader reader(source, part.part, expressions, snapshot, true, schema::session_settings());
    pgoutput::CopyDecoder decoder(expressions.size());
    while (const auto chunk = reader.next(stop)) {
      decoder.feed(*chunk);
      while (decoder.next(row_)) take(part.versions);
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
        encode_field(table_, i, field, cells_[i]);
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

SourceRows::SourceRows(const SourceEndpoint& endpoint, const TableBinding& table, int workers)
    : endpoint_(endpoint), table_(table), workers_(static_cast<std::size_t>(std::max(1, workers))) {}

void SourceRows::scan(bool versions, const std::function<void()>& taken, const ScanSink& sink,
                      const std::stop_token& stop) const {
  postgres::Connection owner(endpoint_);
  std::vector<Part> parts;
  for (auto& part : postgres::split_table(owner, table_.source(), static_cast<int>(workers_))) {
    const bool versioned = versions && is_heap(owner, part.relation);
    parts.push_back({std::move(part), versioned});
  }
  owner.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const auto snapshot = owner.query("SELECT pg_export_snapshot()").text(0, 0);
  if (taken) taken();

  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  std::stop_source any;
  const std::stop_callback forward(stop, [&] { any.request_stop(); });
  {
    std::vector<std::jthread> threads;
    for (std::size_t worker = 0; worker < std::min(workers_, parts.size()); ++worker) {
      threads.emplace_back([&, worker] {
        try {
          PartScan scan(table_, worker, sink);
          postgres::Connection connection(endpoint_);
          for (auto at = next.fetch_add(1); at < parts.size(); at = next.fetch_add(1)) {
            scan.read(connection, parts[at], snapshot, any.get_token());
          }
        } catch (...) {
          const std::lock_guard lock(mutex);
          if (!failure) failure = std::current_exception();
          any.request_stop();
        }
      });
    }
  }
  if (failure) std::rethrow_exception(failure);
  owner.execute("COMMIT");
}

}  // namespace millrace::replication
