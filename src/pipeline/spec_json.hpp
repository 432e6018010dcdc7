#pragma once

#include <nlohmann/json_fwd.hpp>

#include "pipeline/spec.hpp"

namespace millrace::pipeline {

/// The document that CLI, YAML file, API and store share:
///   name, engine, slot, slot_failover, publication, publication_mode, snapshot, toast, truncate, tables: [..]
///   source: { url } or { host, port, database, schema, user, password, sslmode, sslrootcert }
///   target: { url } or { host, port, database, schema, user, password, encrypt, trust_server_certificate }
///   mapping: { value_policy, tables: { "schema.table": { rename: "schema.table", exclude_columns: [..],
///              key_columns: [..], column_names: { column: "name on the target" },
///              column_types: { column: "decimal(12,2)" }, column_policies: { column: "null" } } } }
///   embedded: { load_policy, schema_policy, poison, load_workers }
///   kafka_connect: { url, user, password, token, ca_file, client_cert_file, client_key_file, kafka_bootstrap,
///              kafka_properties: {..}, sink, unwrap, load_policy, load_workers, sink_tasks, topic_partitions,
///              topic_replication_factor, ready_timeout_s, heartbeat_interval_ms, source_overrides: {..},
///              sink_overrides: {..}, source_address, target_address, secrets: { mode, provider, source_path,
///              target_path, source_key, target_key } }
/// A `url` may stand beside the other members of its endpoint, which win. Without secrets, passwords and tokens are
/// left out, and so are kafka_properties and overrides whose names tell of one.
nlohmann::json to_json(const PipelineSpec& spec, bool with_secrets);

/// A document without `engine` means embedded, unless it has a kafka_connect.url.
/// Strict: an unknown member or a value of the wrong kind throws Error kUsage that names its path, never its value
/// where that may be a secret. Members that are left out keep their defaults; completeness is not checked here.
PipelineSpec spec_from_json(const nlohmann::json& document);

/// What a pipeline cannot do without. Throws Error kUsage naming the first missing member.
void require_complete(const PipelineSpec& spec);

}  // namespace millrace::pipeline
