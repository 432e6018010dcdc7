#include "ingestion/source_config.hpp"

#include <algorithm>

#include "ingestion/config_text.hpp"
#include "ingestion/secret_reference.hpp"
#include "ingestion/sink_config.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ExplainedConfig;
using pipeline::PipelinePlan;

constexpr PluginVersion kOffsetMismatch{3, 4, 0};  // offset.mismatch.strategy, lsn.flush.mode
constexpr PluginVersion kSlotFailover{3, 1, 0};
constexpr PluginVersion kViaPartitionRoot{3, 2, 0};
constexpr PluginVersion kLongProcessorNames{3, 6, 0};
constexpr PluginVersion kPinnedSnapshots{3, 7, 0};

std::string qualified_regex(const schema::TableName& table) {
  return regex_escaped(table.schema) + "\\." + regex_escaped(table.name);
}

void connection(const PipelinePlan& plan, ExplainedConfig& config) {
  const auto& source = plan.spec.source;
  const auto [host, port] = host_and_port(plan.spec.kafka.source_address, source.host, source.port);
  config.set("connector.class", kPostgresSourceClass, "Debezium's connector that reads PostgreSQL's WAL.");
  config.set("tasks.max", "1", "One slot has one reader, so the connector takes one task and no more.");
  config.set("database.hostname", host, "Where the workers reach PostgreSQL: source_address if given, else --source.");
  config.set("database.port", port, "Belongs to database.hostname.");
  config.set("database.dbname", source.database, "A slot, and so a connector, belongs to one database.");
  config.set("database.user", source.user, "The user whose rights preflight has checked.");
  config.set("database.password", password_text(plan.spec, PasswordOf::kSource),
             "Of database.user; a reference to a config provider keeps it out of Kafka and of the REST API.");
  config.set("database.sslmode", source.sslmode, "As strict about TLS as the source URL says.");
  if (!source.sslrootcert.empty()) {
    config.set("database.sslrootcert", source.sslrootcert, "The authority to trust; the file must be on every worker.");
  }
}

void position(const PipelinePlan& plan, const PluginVersion& version, ExplainedConfig& config) {
  config.set("plugin.name", "pgoutput", "Every server has pgoutput; the default is decoderbufs, which hardly any has.");
  config.set("slot.name", plan.names.slot,
             "The slot that Millrace made: a slot of its own for each pipeline, since a shared one is always in use.");
  config.set("slot.drop.on.stop", "false", "A dropped slot would lose what changes while the connector is down.");
  config.set("slot.max.retries", "6",
             "After a crash the old walsender may hold the slot for up to wal_sender_timeout, 60 s by default: six "
             "tries, ten seconds apart.");
  config.set("slot.retry.delay.ms", "10000", "Pause between the tries of slot.max.retries.");
  if (plan.spec.slot_failover && version >= kSlotFailover) {
    config.set("slot.failover", "true",
               "The slot was made so that standbys take it over (--slot-failover); one that Debezium makes is alike.");
  }
  config.set("publication.name", plan.names.publication, "The publication that Millrace made or was told to use.");
  config.set("publication.autocreate.mode", "disabled",
             "Millrace makes the publication; Debezium's default asks for a superuser and publishes every table.");
  if (version >= kOffsetMismatch) {
    config.set("offset.mismatch.strategy", "trust_offset",
               "A slot that was dropped and made again begins later than the stored offset; the default does not "
               "notice, and changes would be missing.");
    config.set("lsn.flush.mode", "connector_and_driver",
               "Confirms WAL of tables that are not copied, so that a quiet pipeline does not hold it back.");
  }
  const bool partitioned =
      std::any_of(plan.tables.begin(), plan.tables.end(), [](const auto& table) { return table.source.partitioned; });
  if (partitioned && version >= kViaPartitionRoot) {
    config.set("publish.via.partition.root", "true",
               "A partitioned table is one target table, so its partitions share one topic.");
  }
}

void snapshot(const PipelinePlan& plan, const PluginVersion& version, ExplainedConfig& config) {
  if (plan.spec.snapshot != pipeline::SnapshotMode::kDebezium) {
    config.set("snapshot.mode", "no_data",
               plan.spec.snapshot == pipeline::SnapshotMode::kInitial
                   ? "Millrace has copied what the tables hold; the slot that it made before has all changes since."
                   : "The target tables are loaded already: only changes are read.");
    return;
  }
  config.set("snapshot.mode", "initial", "Debezium copies what the tables hold, then streams (--snapshot debezium).");
  config.set("snapshot.isolation.mode", "repeatable_read",
             "One view of all tables, without the aborts of serializable.");
  config.set("snapshot.fetch.size", "10240", "Rows of a round trip: bounds memory, whatever a version's default is.");
  if (version < kPinnedSnapshots) {
    config.set("snapshot.max.threads", "1", "Before 3.7 parallel snapshot readers see different data.");
  }
}

void tables(const PipelinePlan& plan, ExplainedConfig& config) {
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
  config.set("table.include.list", include,
             "The pipeline's tables and no others, as regular expressions whose special characters are escaped.");
  if (!exclude.empty()) config.set("column.exclude.list", exclude, "Columns that the plan leaves out.");
  if (!keys.empty()) {
    config.set("message.key.columns", keys, "Tables without a primary key: the columns that find a row again.");
  }
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
void large_values(const PipelinePlan& plan, const PluginVersion& version, ExplainedConfig& config) {
  if (plan.spec.toast == pipeline::ToastMode::kFull || !toastable(plan)) return;
  // The short prefix is deprecated in 3.6; older connectors know no other.
  const std::string prefix = version >= kLongProcessorNames ? "post.processors.reselector." : "reselector.";
  config.set("post.processors", "reselector",
             "An UPDATE does not carry a large value that it leaves alone; without this step the copy would get "
             "Debezium's placeholder.");
  config.set(prefix + "type", "io.debezium.processors.reselect.ReselectColumnsPostProcessor",
             "The step that reads such a value again by the row's key.");
  config.set(prefix + "reselect.unavailable.values", "true", "Values that the WAL does not carry are read again.");
  config.set(prefix + "reselect.null.values", "false", "The default asks the source again for every NULL.");
  config.set(prefix + "reselect.use.event.key", "true", "Finds rows of tables whose key was chosen, too.");
  config.set(prefix + "reselect.error.handling.mode", "fail", "The default warns and keeps the placeholder.");
}

void values(const PipelinePlan& plan, ExplainedConfig& config) {
  if (decimals_as_text(plan)) {
    config.set("decimal.handling.mode", "string",
               "A column is numeric without declared precision, which precise sends in a form that sinks do not read; "
               "text keeps every digit.");
  } else {
    config.set("decimal.handling.mode", "precise", "Keeps every digit; double would round.");
  }
  const auto precision = time_precision_mode(plan);
  config.set("time.precision.mode", precision,
             precision == "connect"    ? "The sink reads Kafka Connect's own time types, which hold all digits here."
             : precision == "adaptive" ? "Debezium's sink reads its time types, which keep microseconds."
                                       : "The sink's own time types hold milliseconds only; text keeps microseconds.");
  config.set("binary.handling.mode", "bytes", "base64 or hex would arrive in varbinary as its letters.");
  config.set("hstore.handling.mode", "json", "A map has no column type in the sinks.");
  config.set("interval.handling.mode", "string", "numeric, the default, turns months into a count of days.");
  config.set("include.unknown.datatypes", "true", "The default drops columns of types it does not know, in silence.");
  config.set("column.propagate.source.type", ".*", "Declared lengths and scales reach the sink.");
  config.set("event.converting.failure.handling.mode", "fail",
             "A value that cannot be converted stops the pipeline; the default writes another one and goes on.");
  config.set("event.processing.failure.handling.mode", "fail", "An event that is skipped is a row that is wrong.");
}

void events(const PipelinePlan& plan, ExplainedConfig& config) {
  config.set("topic.prefix", plan.names.pipeline,
             "Begins the topics' names, and is the key of the stored offsets, so that it is never shared.");
  if (pipeline::applies_truncates(plan.spec)) {
    config.set("skipped.operations", "none", "The default skips TRUNCATE, which this pipeline applies.");
  } else {
    config.set("skipped.operations", "t", "This pipeline ignores TRUNCATE (--truncate apply changes that).");
  }
  if (needs_tombstones(plan)) {
    config.set("tombstones.on.delete", "true", "The sink learns of a delete by a record without value.");
  } else {
    config.set("tombstones.on.delete", "false",
               "The sink learns of a delete by the event itself; a record without value would delete once more.");
  }
  config.set("heartbeat.interval.ms", std::to_string(plan.spec.kafka.heartbeat_interval.count()),
             "Off by default: without heartbeats the WAL piles up behind tables that are quiet.");
  config.set("heartbeat.action.query", "SELECT pg_logical_emit_message(false, 'millrace-heartbeat', now()::text)",
             "Writes into the WAL, so that the slot moves on while the copied tables are quiet. Not transactional: a "
             "message inside a transaction made connectors before 3.6 lose an event at a restart.");
  config.set("message.prefix.exclude.list", "millrace.*",
             "Messages of heartbeats, this pipeline's and others', only move slots; as records they would fill a topic "
             "that nobody reads.");
}

void throughput(ExplainedConfig& config) {
  config.set("max.batch.size", "4096", "Twice the default, for fewer round trips; larger ones only cost memory.");
  config.set("max.queue.size", "16384", "Events that may wait; must be larger than max.batch.size.");
  config.set("max.queue.size.in.bytes", "134217728", "The queue is bounded by size too, for wide rows.");
  config.set("poll.interval.ms", "100", "The default waits half a second for the first change.");
}

void robustness(const PipelinePlan& plan, ExplainedConfig& config) {
  config.set("errors.tolerance", "none", "A record that is skipped is a row that is lost.");
  config.set("errors.max.retries", "-1", "A source that went away is waited for, however long it takes.");
  config.set("errors.log.enable", "true", "The worker's log names the place of a record that failed.");
  config.set("errors.log.include.messages", "false", "Rows do not belong in logs.");
  config.set("retriable.restart.connector.wait.ms", "10000", "Pause before a source that went away is asked again.");
  config.set("topic.creation.default.partitions", std::to_string(plan.spec.kafka.topic_partitions),
             "Makes Kafka Connect create the topics, for brokers that do not by themselves.");
  config.set("topic.creation.default.replication.factor", std::to_string(plan.spec.kafka.topic_replication_factor),
             "Copies of each topic; -1 is the broker's default.");
  config.set("topic.creation.default.cleanup.policy", "delete",
             "A broker whose default is compact could drop events that the sink has not read.");
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

ExplainedConfig generate_source_config(const PipelinePlan& plan, const PluginVersion& version) {
  ExplainedConfig config;
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
  for (const auto& [key, value] : plan.spec.kafka.source_overrides) {
    config.set(key, value, "Your own setting: --source-set, or source_overrides in a file.");
  }
  return config;
}

}  // namespace millrace::ingestion
