#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/schema_policies.hpp"
#include "schema/type_mapping.hpp"
#include "support/endpoint.hpp"

namespace millrace::pipeline {

enum class EngineKind { kEmbedded, kKafkaConnect };
/// initial: Millrace loads what is there, then the engine streams. no_data: the target is loaded already, stream only.
/// debezium: the source connector's own snapshot loads (kafka-connect).
enum class SnapshotMode { kInitial, kNoData, kDebezium };
/// filtered: Millrace creates it with the chosen tables; all_tables: FOR ALL TABLES; disabled: use an existing one.
enum class PublicationMode { kFiltered, kAllTables, kDisabled };
/// How a large value that an UPDATE did not touch gets to the target. reselect: Debezium reads it again by key;
/// full: Millrace sets REPLICA IDENTITY FULL on the source table.
enum class ToastMode { kReselect, kFull };
/// auto: apply with the embedded engine, ignore with kafka-connect.
enum class TruncatePolicy { kAuto, kIgnore, kApply };
/// What happens to rows that a target table holds before its load. fail: the table is refused; swap: they stay to be
/// read until a table that is loaded beside it takes its place.
enum class LoadPolicy { kFail, kTruncate, kSwap };
/// A row that cannot be carried. quarantine: kept in millrace.quarantine on the target.
enum class PoisonPolicy { kStop, kQuarantine };
/// Which chain the sink connector unwraps Debezium's envelope with. native: none (Debezium's sink reads it itself).
enum class UnwrapMode { kAuto, kNative, kExtractAfter, kExtractNewRecordState };
enum class SinkFlavour { kAuto, kDebezium, kConfluent, kAiven };
/// Where connector configs find passwords. inline_: in the config itself, with a warning.
enum class SecretMode { kAuto, kInline, kFile, kEnv, kDir };

/// How to reach Kafka Connect's REST API.
struct ConnectEndpoint {
  std::string url;   ///< http(s)://host:port[/prefix]
  std::string user;  ///< basic authentication
  Secret password;
  Secret token;                  ///< bearer; excludes user
  std::string ca_file;           ///< PEM; empty: the system's
  std::string client_cert_file;  ///< PEM, for mutual TLS
  std::string client_key_file;
  std::string kafka_bootstrap;  ///< host:port,...; for consumer lag and the heartbeat; empty: as good as REST can tell
  std::map<std::string, std::string> kafka_properties;  ///< librdkafka settings: security.protocol, sasl.*
  HostGuard guard = {};                                 ///< as SourceEndpoint's, for REST API and brokers
};

struct SecretOptions {
  SecretMode mode = SecretMode::kAuto;
  std::string provider;     ///< the worker's name of the config provider: "file", "env", "dir"
  std::string source_path;  ///< file: path of the properties file on the workers; dir: directory
  std::string target_path;
  std::string source_key;  ///< key, environment variable or file name of the source password
  std::string target_key;
};

/// Settings of the kafka-connect engine.
struct KafkaConnectOptions {
  ConnectEndpoint connect;
  SinkFlavour sink = SinkFlavour::kAuto;
  UnwrapMode unwrap = UnwrapMode::kAuto;
  SecretOptions secrets;
  LoadPolicy load_policy = LoadPolicy::kFail;
  int load_workers = 4;  ///< connections to each server that copy at the same time
  int sink_tasks = 1;
  int topic_partitions = 1;
  int topic_replication_factor = -1;  ///< -1: the broker's default
  std::chrono::seconds ready_timeout{120};
  std::chrono::milliseconds heartbeat_interval{5000};
  std::map<std::string, std::string> source_overrides;  ///< keys of the source config, by the user's word
  std::map<std::string, std::string> sink_overrides;
  /// The address by which the workers reach the servers, where it differs from ours; "host:port", empty: the same.
  std::string source_address;
  std::string target_address;
};

/// Settings of the embedded engine.
struct EmbeddedOptions {
  LoadPolicy load_policy = LoadPolicy::kFail;
  SchemaPolicies schema_policy;
  PoisonPolicy poison = PoisonPolicy::kStop;
  int load_workers = 4;  ///< connections to each server that copy at the same time
};

/// Everything a user says about a pipeline. A value; names left empty are derived (pipeline/names.hpp).
struct PipelineSpec {
  std::string name;
  SourceEndpoint source;
  TargetEndpoint target;
  std::vector<std::string> tables;  ///< names, schema.name, globs
  EngineKind engine = EngineKind::kEmbedded;
  std::string slot;
  bool slot_failover = false;  ///< the slot is made so that standbys take it over (PostgreSQL 17 and later)
  std::string publication;
  PublicationMode publication_mode = PublicationMode::kFiltered;
  SnapshotMode snapshot = SnapshotMode::kInitial;
  ToastMode toast = ToastMode::kReselect;
  TruncatePolicy truncate = TruncatePolicy::kAuto;
  schema::MappingOptions mapping;
  EmbeddedOptions embedded;
  KafkaConnectOptions kafka;
};

/// Whether a TRUNCATE on the source empties the copy too.
inline bool applies_truncates(const PipelineSpec& spec) {
  if (spec.truncate == TruncatePolicy::kAuto) return spec.engine == EngineKind::kEmbedded;
  return spec.truncate == TruncatePolicy::kApply;
}

}  // namespace millrace::pipeline
