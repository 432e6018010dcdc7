#include "ingestion/sink_flavours.hpp"

#include <algorithm>

#include "ingestion/config_text.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ExplainedConfig;
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
void route_to_tables(const PipelinePlan& plan, ExplainedConfig& config) {
  constexpr const char* kWhy = "Renames a topic to its target table, so that one sink serves all tables.";
  if (routes_by_name(plan)) {
    add_transform(config, "route", kRegexRouter, kWhy);
    config.set("transforms.route.regex", regex_escaped(plan.names.pipeline) + "\\.[^.]+\\.(.+)",
               "The pipeline's topics: prefix, schema, table. Every table keeps its name, so one expression does.");
    config.set("transforms.route.replacement", replacement_escaped(plan.tables.front().target.name.schema) + ".$1",
               "The target schema and the table's own name.");
    return;
  }
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    const auto name = "route" + std::to_string(i + 1);
    add_transform(config, name, kRegexRouter, kWhy);
    config.set("transforms." + name + ".regex", regex_escaped(plan.topics.at(i)),
               "The topic of one table, and no other.");
    config.set("transforms." + name + ".replacement", replacement_escaped(sink_table(plan.tables[i].target.name)),
               "The target table of that topic.");
  }
}

/// What Confluent's sink and its descendant have in common.
void jdbc_family(const PipelinePlan& plan, ExplainedConfig& config) {
  config.set("connection.user", plan.spec.target.user, "The user whose rights preflight has checked.");
  config.set("connection.attempts", "10", "A target that restarts is waited for: ten tries, the default is three.");
  config.set("connection.backoff.ms", "2000", "Pause between the tries of connection.attempts.");
  config.set("dialect.name", "SqlServerDatabaseDialect", "Named, so that the sink does not guess it from the URL.");
  config.set("pk.mode", "record_key", "The record's key finds the row; delete.enabled works with no other mode.");
  config.set("auto.create", "false", "Millrace made the tables, with exact types.");
  config.set("auto.evolve", "false", "Columns that the sink adds by itself would not have exact types.");
  config.set("quote.sql.identifiers", "always", "Names with capitals, spaces or reserved words need quotes.");
  config.set("batch.size", "1000", "Rows of a round trip, as many as one poll brings.");
  config.set("db.timezone", "UTC", "Moments are written alike, whatever the worker's own time zone is.");
  config.set("max.retries", "10", "A deadlock or a short outage does not end the task.");
  config.set("retry.backoff.ms", "3000", "Pause between the tries of max.retries.");
}

}  // namespace

void debezium_sink(const PipelinePlan& plan, ExplainedConfig& config) {
  config.set("connection.username", plan.spec.target.user, "The user whose rights preflight has checked.");
  config.set("connection.pool.min_size", "1", "A task writes through one connection; the default opens five.");
  config.set("connection.pool.max_size", "4", "A bound on what a task takes of the server; the default is 32.");
  config.set("connection.restart.on.errors", "true",
             "Without it the sink's list of retriable errors is empty, and one lost connection ends the task.");
  config.set("primary.key.mode", "record_key", "The record's key finds the row; upserts and deletes need it.");
  if (pipeline::applies_truncates(plan.spec)) {
    config.set("truncate.enabled", "true", "A TRUNCATE on the source empties the copy (--truncate apply).");
  } else {
    config.set("truncate.enabled", "false", "This pipeline ignores TRUNCATE (--truncate apply changes that).");
  }
  config.set("schema.evolution", "none", "Millrace made the tables, with exact types.");
  config.set("collection.naming.strategy", "io.debezium.sink.naming.PassthroughCollectionNamingStrategy",
             "Routed topics are \"schema.table\"; the default strategy would turn the dot into an underscore.");
  config.set("collection.name.format", "${topic}", "The routed topic is the target table.");
  config.set("quote.identifiers", "true", "Otherwise names are folded to lower case and columns are not found.");
  config.set("use.time.zone", "UTC", "Moments are written alike, whatever the worker's own time zone is.");
  config.set("batch.size", "1000", "Rows of a round trip, as many as one poll brings.");
  config.set("use.reduction.buffer", "true", "One statement per key and batch: the last state of a row is enough.");
  config.set("flush.max.retries", "10", "A short outage of the target does not end the task.");
  config.set("flush.retry.delay.ms", "1000", "Pause between the tries of flush.max.retries.");
  config.set("dialect.sqlserver.identity.insert", "false",
             "Target columns are plain; the switch would wrap every statement in SET IDENTITY_INSERT.");
  route_to_tables(plan, config);
}

void confluent_sink(const PipelinePlan& plan, ExplainedConfig& config) {
  jdbc_family(plan, config);
  config.set("replace.null.with.default", "false", "The default turns a NULL into the column's default.");
  config.set("mssql.use.merge.holdlock", "true", "MERGE without HOLDLOCK can insert one key twice.");
  config.set("trim.sensitive.log", "true", "Rows do not belong in logs.");
  config.set("table.name.format", "${topic}", "The routed topic is the target table.");
  route_to_tables(plan, config);
}

void aiven_sink(const PipelinePlan& plan, ExplainedConfig& config) {
  jdbc_family(plan, config);
  std::string mapping;
  for (std::size_t i = 0; i < plan.tables.size(); ++i) {
    mapping += (i == 0 ? "" : ",") + plan.topics.at(i) + ":" + plan.tables[i].target.name.to_string();
  }
  config.set("topics.to.tables.mapping", mapping,
             "Names the target table of each topic, so that no routing is needed.");
  config.set("table.name.normalize", "false", "It would replace characters of a table's name that SQL Server allows.");
}

}  // namespace millrace::ingestion
