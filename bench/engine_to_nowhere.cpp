#include "engine_to_nowhere.hpp"

#include <filesystem>

#include "null_sinks.hpp"
#include "postgres/replication_connection.hpp"
#include "replication/change_stream.hpp"
#include "replication/table_loader.hpp"
#include "schema/cell_encoder.hpp"
#include "source_tables.hpp"
#include "support/error.hpp"

namespace millrace::bench {
namespace {

/// The tables do not change while they are measured.
class NoChange final : public replication::SchemaWatcher {
 public:
  std::optional<replication::Rebinding> relation_differs(const replication::Table& table,
                                                         const pgoutput::Relation& relation) override {
    if (replication::fits(*table, relation)) return std::nullopt;
    throw Error(ErrorCode::kSchemaChanged, "The columns of a table have changed.");
  }
};

}  // namespace

Measured load_to_nowhere(const SourceEndpoint& source, const Arguments& arguments) {
  std::vector<replication::TableLoad> loads;
  for (const auto& table : bind_all(source, arguments.list("tables"))) loads.push_back({.table = table});
  postgres::Connection exporter(source);
  exporter.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  const auto snapshot = exporter.query("SELECT pg_export_snapshot()").text(0, 0);
  Measured sum;
  const Stopwatch watch;
  replication::load_tables(source, snapshot, loads, replication::null_row_writers(),
                           {.workers = static_cast<int>(arguments.number("workers"))}, {});
  watch.stop(sum);
  for (const auto& load : loads) {
    sum.rows += static_cast<std::uint64_t>(load.counters->rows.load());
    sum.bytes += static_cast<std::uint64_t>(load.counters->bytes.load());
  }
  return sum;
}

Measured stream_to_nowhere(const SourceEndpoint& source, const Arguments& arguments) {
  replication::RelationMap relations;
  for (const auto& table : bind_all(source, arguments.list("tables"))) relations.bind(table);
  NoChange watcher;
  const auto referenced = [](const replication::TableBinding&) { return false; };
  replication::BatchBuilder builder(relations, watcher, referenced, true);
  std::unique_ptr<NullSink> sink;
  if (arguments.text("sink") == "encode") sink = std::make_unique<EncodeSink>();
  if (arguments.text("sink") == "count") sink = std::make_unique<CountSink>();
  if (!sink) throw Error(ErrorCode::kUsage, "The sinks are encode and count.");
  replication::SpillStore spill(arguments.text_or("spill", std::filesystem::temp_directory_path()));
  replication::StreamCounters counters;
  postgres::ReplicationConnection connection(source);
  connection.prepare(schema::session_settings());
  SlotServer server(source, arguments.text("slot"));
  sink->start();
  connection.start({.slot = arguments.text("slot"),
                    .publication = arguments.text("publication"),
                    .binary = arguments.number("binary") != 0});
  replication::ChangeStream stream(connection, builder, *sink, spill, counters, {.until = arguments.lsn("until")});
  stream.run({});
  Measured sum = sink->measured();
  sum.peak_rss_mb = peak_rss_mb();
  sum.server_cpu_seconds = server.cpu_seconds();
  return sum;
}

}  // namespace millrace::bench
