#include "ingestion/source_config.hpp"

#include <algorithm>

#include "ingestion/config_text.hpp"
#include "ingestion/secret_reference.hpp"
#include "ingestion/sink_config.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ConnectorConfig;
using pipeline::PipelinePlan;

constexpr PluginVersion kOffsetMismatch{3, 4, 0};  // offset.mismatch.strategy, lsn.flush.mode
constexpr PluginVersion kViaPartitionRoot{3, 2, 0};
constexpr PluginVersion kLongProcessorNames{3, 6, 0};
constexpr PluginVersion kPinnedSnapshots{3, 7, 0};  // earlier, parallel snapshot readers see different data

std::string qualified_regex(const schema::TableName& table) {
  return regex_escaped(table.schema) + "\\." + regex_escaped(table.name);
}

void connection(const PipelinePlan& plan, ConnectorConfig& config) {
  const auto& source = plan.spec.source;
  const auto [host, port] = host_and_port(plan.spec.kafka.source_address, source.host, source.port);
  config["connector.class"] = kPostgresSourceClass;
  config["tasks.max"] = "1";  // one slot has one reader
  config["database.hostname"] = host;
  config["database.port"] = port;
  config["database.dbname"] = source.database;
  config["database.user"] = source.user;
  config["database.password"] = password_text(plan.spec, PasswordOf::kSource);
  config["database.sslmode"] = source.sslmode;
  if (!source.sslrootcert.empty()) config["database.sslrootcert"] = source.sslrootcert;
}

void position(const PipelinePlan& plan, const PluginVersion& version, ConnectorConfig& config) {
  config["plugin.name"] = "pgoutput";  // the default is still decoderbufs, which servers do not have
  config["slot.name"] = plan.names.slot;
  config["slot.drop.on.stop"] = "false";  // true would lose what changes while the connector is down
  // After a crash the old walsender may hold the slot for up to wal_sender_timeout, which is 60 s by default.
  config["slot.max.retries"] = "6";
  config["slot.retry.delay.ms"] = "10000";
  config["publication.name"] = plan.names.publication;
  // Millrace makes the publication itself: Debezium's default asks for a superuser and publishes every table.
  config["publication.autocreate.mode"] = "disabled";
  if (version >= kOffsetMismatch) {
    // A slot that was dropped and made again starts later than the stored offset; the default does not notice.
    config["offset.mismatch.strategy"] = "trust_offset";
    // Confirms WAL of tables that are not copied, so that a quiet pipeline does not hold it back.
    config["lsn.flush.mode"] = "connector_and_driver";
  }
  const bool partitioned =
      std::any_of(plan.tables.begin(), plan.tables.end(), [](const auto& table) { return table.source.partitioned; });
  if (partitioned && version >= kViaPartitionRoot) config["publish.via.partition.root"] = "true";
}

void snapshot(const PipelinePlan& plan, const PluginVersion& version, ConnectorConfig& config) {
  config["snapshot.mode"] = plan.spec.snapshot == pipeline::SnapshotMode::kInitial ? "initial" : "no_data";
  config["snapshot.isolation.mode"] = "repeatable_read";  // one view of all tables, without serializable's aborts
  config["snapshot.fetch.size"] = "10240";  // rows of a round trip: bounds memory, whatever a version's default is
  if (version < kPinnedSnapshots) config["snapshot.max.threads"] = "1";
}

void tables(const PipelinePlan& plan, ConnectorConfig& config) {
  std::string include;
  std::string exclude;
  std::string keys;
  for (const auto& table : plan.tables) {
    const auto name = qualified_regex(table.source.name);
    include += (include.empty() ? "" : ",") + name;
    for (const auto& column : table.left_out)
      exclude += (exclude.empty() ? "" : ",") + name + "\\." + regex_escaped(column);
    if (table.key_kind == schema::KeyKind::kUniqueIndex || table.key_kind == schema::KeyKind::kChosen) {
      keys += (keys.empty() ? "" : ";") + name + ":";
      for (std::size_t i = 0; i < table.key.size(); ++i) keys += (i == 0 ? "" : ",") + table.key[i];
    }
  }
  config["table.include.list"] = include;
  if (!exclude.empty()) config["column.exclude.list"] = exclude;
  if (!keys.empty()) config["message.key.columns"] = keys;
}

bool toastable(const PipelinePlan& plan) {
  for (const auto& table : plan.tables) {
    for (const auto& column : table.columns) {
      if (column.source.toastable && !column.key) return true;
    }
  }
  return false;
}

/// An UPDATE that leaves a large value alone does not carry it. Without this the placeholder would be written.
void large_values(const PipelinePlan& plan, const PluginVersion& version, ConnectorConfig& config) {
  if (plan.spec.toast == pipeline::ToastMode::kFull || !toastable(plan)) return;
  // The short prefix is deprecated in 3.6; older connectors know no other.
  const std::string prefix = version >= kLongProcessorNames ? "post.processors.reselector." : "reselector.";
  config["post.processors"] = "reselector";
  config[prefix + "type"] = "io.debezium.processors.reselect.ReselectColumnsPostProcessor";
  config[prefix + "reselect.unavailable.values"] = "true";
  config[prefix + "reselect.null.values"] = "false";         // the default asks the source again for every NULL
  config[prefix + "reselect.use.event.key"] = "true";        // finds rows of tables whose key was chosen
  config[prefix + "reselect.error.handling.mode"] = "fail";  // the default warns and keeps the placeholder
}

void values(const PipelinePlan& plan, ConnectorConfig& config) {
  config["decimal.handling.mode"] = decimals_as_text(plan) ? "string" : "precise";
  config["time.precision.mode"] = time_precision_mode(plan);
  config["binary.handling.mode"] = "bytes";       // base64 or hex would arrive in varbinary as its letters
  config["hstore.handling.mode"] = "json";        // a map has no column type in the sinks
  config["interval.handling.mode"] = "string";    // numeric turns months into a count of days
  config["include.unknown.datatypes"] = "true";   // the default drops such columns without a word
  config["column.propagate.source.type"] = ".*";  // declared lengths and scales reach the sink
  // A value that cannot be converted stops the pipeline; the default writes another one and goes on.
  config["event.converting.failure.handling.mode"] = "fail";
  config["event.processing.failure.handling.mode"] = "fail";
}

void events(const PipelinePlan& plan, ConnectorConfig& config) {
  config["topic.prefix"] = plan.names.pipeline;  // also the key of the stored offsets, so never shared
  config["skipped.operations"] = pipeline::applies_truncates(plan.spec) ? "none" : "t";
  config["tombstones.on.delete"] = needs_tombstones(plan) ? "true" : "false";
  config["heartbeat.interval.ms"] = std::to_string(plan.spec.kafka.heartbeat_interval.count());
  // Writes into the WAL, so that the slot moves on while the copied tables are quiet. Not transactional: a message
  // inside a transaction made connectors before 3.6 lose an event at a restart. Read from PostgreSQL 14 on.
  config["heartbeat.action.query"] = "SELECT pg_logical_emit_message(false, 'millrace-heartbeat', now()::text)";
  // The messages are there to move the slot; as records they would fill a topic that nobody reads.
  config["message.prefix.exclude.list"] = "millrace-heartbeat";
}

void throughput(ConnectorConfig& config) {
  config["max.batch.size"] = "4096";                // larger ones only cost memory
  config["max.queue.size"] = "16384";               // must be larger than a batch
  config["max.queue.size.in.bytes"] = "134217728";  // wide rows: the queue is bounded by size too
  config["poll.interval.ms"] = "100";               // the default waits half a second for the first change
}

void robustness(const PipelinePlan& plan, ConnectorConfig& config) {
  config["errors.tolerance"] = "none";              // a record that is skipped is a row that is lost
  config["errors.max.retries"] = "-1";              // a source that went away is waited for
  config["errors.log.enable"] = "true";             // so that the worker's log names the record's place
  config["errors.log.include.messages"] = "false";  // rows do not belong in logs
  config["retriable.restart.connector.wait.ms"] = "10000";
  // Brokers need not create topics by themselves; without cleanup.policy a compacting default could drop events.
  config["topic.creation.default.partitions"] = std::to_string(plan.spec.kafka.topic_partitions);
  config["topic.creation.default.replication.factor"] = std::to_string(plan.spec.kafka.topic_replication_factor);
  config["topic.creation.default.cleanup.policy"] = "delete";
}

}  // namespace

bool decimals_as_text(const PipelinePlan& plan) {
  for (const auto& table : plan.tables) {
    for (const auto& column : table.columns) {
      const auto& type = column.source.type;
      if (type.name == "numeric" && !type.is_array && column.target.type.name != "decimal") return true;
      // Without a declared precision Debezium sends a structure that no target column takes.
      if (type.name == "numeric" && !type.is_array && !type.precision) return true;
    }
  }
  return false;
}

ConnectorConfig generate_source_config(const PipelinePlan& plan, const PluginVersion& version) {
  ConnectorConfig config;
  connection(plan, config);
  position(plan, version, config);
  snapshot(plan, version, config);
  tables(plan, config);
  large_values(plan, version, config);
  values(plan, config);
  events(plan, config);
  throughput(config);
  robustness(plan, config);
  set_json_converters(config);
  for (const auto& [key, value] : plan.spec.kafka.source_overrides) config[key] = value;
  return config;
}

}  // namespace millrace::ingestion
