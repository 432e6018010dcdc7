#include "ingestion/sink_config.hpp"

#include "ingestion/config_text.hpp"
#include "ingestion/secret_reference.hpp"
#include "ingestion/sink_flavours.hpp"
#include "support/error.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ConnectorConfig;
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

void common(const PipelinePlan& plan, SinkFlavour flavour, ConnectorConfig& config) {
  config["connector.class"] = sink_class(flavour);
  config["tasks.max"] = std::to_string(plan.spec.kafka.sink_tasks);
  // An explicit list, so that heartbeat and transaction topics can never match.
  std::string topics;
  for (const auto& topic : plan.topics) topics += (topics.empty() ? "" : ",") + topic;
  config["topics"] = topics;
  config["connection.url"] = jdbc_url(plan);
  config["connection.password"] = password_text(plan.spec, PasswordOf::kTarget);
  config["insert.mode"] = "upsert";  // delivery is at least once: a repeated record must not become a second row
  config["delete.enabled"] = "true";
  config["errors.tolerance"] = "none";  // a skipped record would be a lost row
  config["errors.log.enable"] = "true";
  config["errors.log.include.messages"] = "false";
  config["consumer.override.auto.offset.reset"] = "earliest";  // a new group begins with the load
  // Sets the largest batch that one flush can be, whatever batch.size says.
  config["consumer.override.max.poll.records"] = "1000";
  set_json_converters(config);
}

void unwrap(const PipelinePlan& plan, SinkFlavour flavour, ConnectorConfig& config) {
  switch (effective_unwrap(plan.spec, flavour)) {
    case UnwrapMode::kExtractAfter:
      // A delete has no `after`: its record becomes one without value, which is how these sinks learn of it.
      add_transform(config, "extractAfter", "org.apache.kafka.connect.transforms.ExtractField$Value");
      config["transforms.extractAfter.field"] = "after";
      config["transforms.extractAfter.replace.null.with.default"] = "false";  // the default turns NULL into a default
      break;
    case UnwrapMode::kExtractNewRecordState:
      add_transform(config, "unwrap", "io.debezium.transforms.ExtractNewRecordState");
      config["transforms.unwrap.delete.tombstone.handling.mode"] = "tombstone";
      config["transforms.unwrap.replace.null.with.default"] = "false";
      break;
    case UnwrapMode::kAuto:
    case UnwrapMode::kNative:
      break;
  }
}

}  // namespace

void add_transform(ConnectorConfig& config, const std::string& name, const std::string& type) {
  auto& list = config["transforms"];
  list += (list.empty() ? "" : ",") + name;
  config["transforms." + name + ".type"] = type;
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

ConnectorConfig generate_sink_config(const PipelinePlan& plan, SinkFlavour flavour, const PluginVersion&) {
  ConnectorConfig config;
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
  for (const auto& [key, value] : plan.spec.kafka.sink_overrides) config[key] = value;
  return config;
}

}  // namespace millrace::ingestion
