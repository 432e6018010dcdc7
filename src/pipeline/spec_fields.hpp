#pragma once

#include "pipeline/spec.hpp"

namespace millrace::pipeline {

/// The members of the spec's document, once for reading and writing. A visitor has field(name, value) for every kind
/// of value, secret(name, value), object(name, function) and secret_map(name, map).
template <typename Visitor, typename Source>
void visit_source(Visitor& visitor, Source& source) {
  visitor.field("host", source.host);
  visitor.field("port", source.port);
  visitor.field("database", source.database);
  visitor.field("schema", source.schema);
  visitor.field("user", source.user);
  visitor.secret("password", source.password);
  visitor.field("sslmode", source.sslmode);
  visitor.field("sslrootcert", source.sslrootcert);
  visitor.field("connection", source.connection);
}

template <typename Visitor, typename Target>
void visit_target(Visitor& visitor, Target& target) {
  visitor.field("host", target.host);
  visitor.field("port", target.port);
  visitor.field("database", target.database);
  visitor.field("schema", target.schema);
  visitor.field("user", target.user);
  visitor.secret("password", target.password);
  visitor.field("encrypt", target.encrypt);
  visitor.field("trust_server_certificate", target.trust_server_certificate);
  visitor.field("connection", target.connection);
}

template <typename Visitor, typename Options>
void visit_secrets(Visitor& visitor, Options& options) {
  visitor.field("mode", options.mode);
  visitor.field("provider", options.provider);
  visitor.field("source_path", options.source_path);
  visitor.field("target_path", options.target_path);
  visitor.field("source_key", options.source_key);
  visitor.field("target_key", options.target_key);
}

template <typename Visitor, typename Options>
void visit_kafka(Visitor& visitor, Options& options) {
  auto& connect = options.connect;
  visitor.field("url", connect.url);
  visitor.field("user", connect.user);
  visitor.secret("password", connect.password);
  visitor.secret("token", connect.token);
  visitor.field("ca_file", connect.ca_file);
  visitor.field("client_cert_file", connect.client_cert_file);
  visitor.field("client_key_file", connect.client_key_file);
  visitor.field("kafka_bootstrap", connect.kafka_bootstrap);
  visitor.secret_map("kafka_properties", connect.kafka_properties);
  visitor.field("sink", options.sink);
  visitor.field("unwrap", options.unwrap);
  visitor.object("secrets", [&](auto& inner) { visit_secrets(inner, options.secrets); });
  visitor.field("load_policy", options.load_policy);
  visitor.field("load_workers", options.load_workers);
  visitor.field("sink_tasks", options.sink_tasks);
  visitor.field("topic_partitions", options.topic_partitions);
  visitor.field("topic_replication_factor", options.topic_replication_factor);
  visitor.field("ready_timeout_s", options.ready_timeout);
  visitor.field("heartbeat_interval_ms", options.heartbeat_interval);
  visitor.secret_map("source_overrides", options.source_overrides);
  visitor.secret_map("sink_overrides", options.sink_overrides);
  visitor.field("source_address", options.source_address);
  visitor.field("target_address", options.target_address);
}

template <typename Visitor, typename Options>
void visit_table(Visitor& visitor, Options& options) {
  visitor.field("rename", options.rename);
  visitor.field("exclude_columns", options.exclude_columns);
  visitor.field("key_columns", options.key_columns);
  visitor.field("column_names", options.column_names);
  visitor.field("column_types", options.column_types);
  visitor.field("column_policies", options.column_policies);
}

template <typename Visitor, typename Options>
void visit_mapping(Visitor& visitor, Options& options) {
  visitor.field("value_policy", options.value_policy);
  visitor.tables("tables", options.tables);
}

template <typename Visitor, typename Options>
void visit_embedded(Visitor& visitor, Options& options) {
  visitor.field("load_policy", options.load_policy);
  visitor.field("schema_policy", options.schema_policy);
  visitor.field("poison", options.poison);
  visitor.field("load_workers", options.load_workers);
}

template <typename Visitor, typename Spec>
void visit_spec(Visitor& visitor, Spec& spec) {
  visitor.field("name", spec.name);
  visitor.endpoint("source", spec.source);
  visitor.endpoint("target", spec.target);
  visitor.field("tables", spec.tables);
  visitor.field("engine", spec.engine);
  visitor.field("slot", spec.slot);
  visitor.field("slot_failover", spec.slot_failover);
  visitor.field("publication", spec.publication);
  visitor.field("publication_mode", spec.publication_mode);
  visitor.field("snapshot", spec.snapshot);
  visitor.field("toast", spec.toast);
  visitor.field("truncate", spec.truncate);
  visitor.object("mapping", [&](auto& inner) { visit_mapping(inner, spec.mapping); });
  visitor.object("embedded", [&](auto& inner) { visit_embedded(inner, spec.embedded); });
  visitor.object("kafka_connect", [&](auto& inner) { visit_kafka(inner, spec.kafka); });
}

}  // namespace millrace::pipeline
