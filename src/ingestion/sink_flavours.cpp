#include "ingestion/sink_flavours.hpp"

#include <algorithm>

#include "ingestion/config_text.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ConnectorConfig;
using pipeline::PipelinePlan;

constexpr const char* kRegexRouter = "org.apache.kafka.connect.transforms.RegexRouter";

/// What stands behind the second dot of a topic: the table's part of its name.
std::string topic_tail(const std::string& topic) {
  const auto first = topic.find('.');
  return topic.substr(topic.find('.', first + 1) + 1);
}

bool plain_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

/// "schema.table" as the sinks take it apart again: what is no plain word stands in double quotes.
std::string sink_table(const schema::TableName& table) {
  const auto part = [](const std::string& name) { return plain_name(name) ? name : schema::quote_pg(name); };
  return part(table.schema) + "." + part(table.name);
}

/// True when every table keeps its name and goes to one schema, so that one expression routes them all.
bool routes_by_name(const PipelinePlan& plan) {
  return std::all_of(plan.tables.begin(), plan.tables.end(), [&](const auto& table) {
    const auto index = static_cast<std::size_t>(&table - plan.tables.data());
    return table.target.name.schema == plan.tables.front().target.name.schema &&
           table.source.name.schema.find('.') == std::string::npos && plain_name(table.target.name.schema) &&
           plain_name(table.target.name.name) && topic_tail(plan.topics.at(index)) == table.target.name.name;
  });
}

/// Renames each topic to "schema.table" of its target. RegexRouter leaves a topic alone that does not match as a
/// whole, so a topic is renamed once.
void route_to_tables(const PipelinePlan& plan, ConnectorConfig& config) {
  if (routes_by_name(plan)) {
    add_transform(config, "route", kRegexRouter);
    config["transforms.route.regex"] = regex_escaped(plan.names.pipeline) + "\\.[^.]+\\.(.+)";
    config["transforms.route.replacement"] = replacement_escaped(plan.tables.front().target.name.schema) + ".$1";
    return;
  }
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    const auto name = "route" + std::to_string(i + 1);
    add_transform(config, name, kRegexRouter);
    config["transforms." + name + ".regex"] = regex_escaped(plan.topics.at(i));
    config["transforms." + name + ".replacement"] = replacement_escaped(sink_table(plan.tables[i].target.name));
  }
}

/// What Confluent's sink and its descendant have in common.
void jdbc_family(const PipelinePlan& plan, ConnectorConfig& config) {
  config["connection.user"] = plan.spec.target.user;
  config["connection.attempts"] = "10";
  config["connection.backoff.ms"] = "2000";
  config["dialect.name"] = "SqlServerDatabaseDialect";
  config["pk.mode"] = "record_key";
  config["auto.create"] = "false";  // Millrace made the tables, with exact types
  config["auto.evolve"] = "false";
  config["quote.sql.identifiers"] = "always";
  config["batch.size"] = "1000";
  config["db.timezone"] = "UTC";
  config["max.retries"] = "10";
  config["retry.backoff.ms"] = "3000";
}

}  // namespace

void debezium_sink(const PipelinePlan& plan, ConnectorConfig& config) {
  config["connection.username"] = plan.spec.target.user;
  config["connection.pool.min_size"] = "1";
  config["connection.pool.max_size"] = "4";
  // Without it the sink's list of retriable errors is empty, and one deadlock ends the task.
  config["connection.restart.on.errors"] = "true";
  config["primary.key.mode"] = "record_key";
  config["truncate.enabled"] = pipeline::applies_truncates(plan.spec) ? "true" : "false";
  config["schema.evolution"] = "none";  // Millrace made the tables, with exact types
  // Routed topics are "schema.table"; the default strategy would turn the dot into an underscore.
  config["collection.naming.strategy"] = "io.debezium.sink.naming.PassthroughCollectionNamingStrategy";
  config["collection.name.format"] = "${topic}";
  config["quote.identifiers"] = "true";  // otherwise names are folded to lower case and columns are not found
  config["use.time.zone"] = "UTC";
  config["batch.size"] = "1000";
  config["use.reduction.buffer"] = "true";  // one statement per key and batch
  config["flush.max.retries"] = "10";
  config["flush.retry.delay.ms"] = "1000";
  config["dialect.sqlserver.identity.insert"] = "false";  // target columns are plain
  route_to_tables(plan, config);
}

void confluent_sink(const PipelinePlan& plan, ConnectorConfig& config) {
  jdbc_family(plan, config);
  config["replace.null.with.default"] = "false";  // the default turns NULL into the column's default
  config["mssql.use.merge.holdlock"] = "true";
  config["trim.sensitive.log"] = "true";
  config["table.name.format"] = "${topic}";
  route_to_tables(plan, config);
}

void aiven_sink(const PipelinePlan& plan, ConnectorConfig& config) {
  jdbc_family(plan, config);
  // The mapping names every table itself, so no routing is needed.
  std::string mapping;
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    mapping += (i == 0 ? "" : ",") + plan.topics.at(i) + ":" + plan.tables[i].target.name.to_string();
  }
  config["topics.to.tables.mapping"] = mapping;
  config["table.name.normalize"] = "false";
}

}  // namespace millrace::ingestion
