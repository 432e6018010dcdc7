#include "ingestion/sink_config.hpp"

#include "ingestion/config_text.hpp"
#include "ingestion/secret_reference.hpp"
#include "ingestion/sink_flavours.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ExplainedConfig;
using pipeline::PipelinePlan;
using pipeline::SinkFlavour;
using pipeline::UnwrapMode;

std::string brace_quoted(const std::string& value) {
  // A semicolon ends a property of the JDBC URL unless the value stands in braces (mssql-jdbc, "Building the URL").
  return value.find_first_of(";{}= ") == std::string::npos ? value : "{" + value + "}";
}

std::string jdbc_url(const PipelinePlan& plan) {
  const auto& target = plan.spec.target;
  const auto [host, port] = host_and_port(plan.spec.kafka.target_address, target.host, target.port);
  return "jdbc:sqlserver://" + host + ":" + port + ";databaseName=" + brace_quoted(target.database) + ";encrypt=" +
         (target.encrypt == "yes"  ? "true"
          : target.encrypt == "no" ? "false"
                                   : target.encrypt) +
         ";trustServerCertificate=" + (target.trust_server_certificate ? "true" : "false") +
         ";applicationName=millrace;sendStringParametersAsUnicode=true";
}

void common(const PipelinePlan& plan, SinkFlavour flavour, ExplainedConfig& config) {
  config.set("connector.class", sink_class(flavour), "The JDBC sink that the cluster has, or that --sink names.");
  config.set("tasks.max", std::to_string(plan.spec.kafka.sink_tasks),
             "Tasks share the topics' partitions, so more of them than partitions would idle.");
  std::string topics;
  for (const auto& topic : plan.topics) topics += (topics.empty() ? "" : ",") + topic;
  config.set("topics", topics, "One sink for all tables; listed, so that heartbeat topics can never match.");
  config.set("connection.url", jdbc_url(plan),
             "Where and how the workers reach SQL Server; encrypted as --target says.");
  config.set("connection.password", password_text(plan.spec, PasswordOf::kTarget),
             "A reference to a config provider keeps it out of Kafka and of the REST API.");
  config.set("insert.mode", "upsert", "Delivery is at least once: a repeated record must not become a second row.");
  config.set("delete.enabled", "true", "Off by default; then rows that the source deleted would stay.");
  config.set("errors.tolerance", "none", "A record that is skipped is a row that is lost.");
  config.set("errors.log.enable", "true", "The worker's log names the place of a record that failed.");
  config.set("errors.log.include.messages", "false", "Rows do not belong in logs.");
  config.set("consumer.override.auto.offset.reset", "earliest",
             "A new consumer group begins with the first record, whatever the worker's default is.");
  config.set("consumer.override.allow.auto.create.topics", "false",
             "The source connector makes the topics, with the pipeline's settings; a look at one that is not there yet "
             "would make it with the broker's.");
  config.set("consumer.override.max.poll.records", "1000",
             "The largest batch that one flush can be: a larger batch.size is without effect.");
  set_json_converters(config);
}

void unwrap(const PipelinePlan& plan, SinkFlavour flavour, ExplainedConfig& config) {
  switch (effective_unwrap(plan.spec, flavour)) {
    case UnwrapMode::kExtractAfter:
      add_transform(config, "extractAfter", "org.apache.kafka.connect.transforms.ExtractField$Value",
                    "The sink reads flat records, so the row is taken out of Debezium's envelope.");
      config.set("transforms.extractAfter.field", "after",
                 "The row as the change left it. A delete has none: its record becomes one without value, which is how "
                 "the sink learns of it.");
      config.set("transforms.extractAfter.replace.null.with.default", "false",
                 "The default turns a NULL into the column's default.");
      break;
    case UnwrapMode::kExtractNewRecordState:
      add_transform(config, "unwrap", "io.debezium.transforms.ExtractNewRecordState",
                    "The sink reads flat records, so the row is taken out of Debezium's envelope.");
      config.set("transforms.unwrap.delete.tombstone.handling.mode", "tombstone",
                 "A delete becomes a record without value, which is how the sink learns of it.");
      config.set("transforms.unwrap.replace.null.with.default", "false",
                 "The default turns a NULL into the column's default.");
      break;
    case UnwrapMode::kAuto:
    case UnwrapMode::kNative:
      break;
  }
}

}  // namespace

void add_transform(ExplainedConfig& config, const std::string& name, const std::string& type, const std::string& why) {
  config.append("transforms", name, "The chain that each record takes on its way into the sink.");
  config.set("transforms." + name + ".type", type, why);
}

UnwrapMode effective_unwrap(const pipeline::PipelineSpec& spec, SinkFlavour flavour) {
  const bool reads_envelope = flavour == SinkFlavour::kDebezium || flavour == SinkFlavour::kAuto;
  if (spec.kafka.unwrap == UnwrapMode::kAuto) return reads_envelope ? UnwrapMode::kNative : UnwrapMode::kExtractAfter;
  if (spec.kafka.unwrap == UnwrapMode::kNative && !reads_envelope) {
    throw Error(ErrorCode::kUsage, "Only Debezium's sink reads change events as they are.",
                {.field = "kafka_connect.unwrap"})
        .suggest("Use extract_after or extract_new_record_state with this sink.");
  }
  return spec.kafka.unwrap;
}

bool needs_tombstones(const PipelinePlan& plan) {
  // An unwrapped delete is a record without value already; a second one would delete a row that is gone.
  return effective_unwrap(plan.spec, plan.spec.kafka.sink) == UnwrapMode::kExtractNewRecordState;
}

std::string time_precision_mode(const PipelinePlan& plan) {
  const auto flavour = plan.spec.kafka.sink;
  if (flavour == SinkFlavour::kDebezium || flavour == SinkFlavour::kAuto) return "adaptive";
  constexpr int kMilliseconds = 3;
  for (const auto& table : plan.tables) {
    for (const auto& column : table.columns) {
      const auto& type = column.source.type;
      const bool timed = type.name == "timestamp" || type.name == "time";
      if (timed && type.precision.value_or(6) > kMilliseconds) return "isostring";
    }
  }
  return "connect";  // exact down to milliseconds, which is all these columns have
}

ExplainedConfig generate_sink_config(const PipelinePlan& plan, SinkFlavour flavour, const PluginVersion&) {
  ExplainedConfig config;
  common(plan, flavour, config);
  unwrap(plan, flavour, config);
  switch (flavour) {
    case SinkFlavour::kConfluent:
      confluent_sink(plan, config);
      break;
    case SinkFlavour::kAiven:
      aiven_sink(plan, config);
      break;
    case SinkFlavour::kAuto:
    case SinkFlavour::kDebezium:
      debezium_sink(plan, config);
      break;
  }
  for (const auto& [key, value] : plan.spec.kafka.sink_overrides) {
    config.set(key, value, "Your own setting: --sink-set, or sink_overrides in a file.");
  }
  return config;
}

}  // namespace millrace::ingestion
