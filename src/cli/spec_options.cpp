#include "cli/spec_options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/passwords.hpp"
#include "cli/spec_file.hpp"
#include "cli/table_options.hpp"
#include "cli/yaml_document.hpp"
#include "pipeline/engine_options.hpp"
#include "pipeline/spec_json.hpp"
#include "support/environment.hpp"
#include "support/error.hpp"

namespace millrace::cli {
namespace {

using nlohmann::json;

/// An option that lands at one place of the document.
struct Placed {
  std::string name;
  std::string pointer;  ///< JSON pointer
  std::string value;
  bool number = false;
};

}  // namespace

struct SpecOptions::Values {
  std::string file;
  std::string source;
  std::string target;
  std::string source_connection;
  std::string target_connection;
  std::vector<std::string> tables;
  std::vector<std::unique_ptr<Placed>> placed;
  std::unique_ptr<TableOptions> table_options;
  std::vector<std::string> kafka_properties, source_sets, sink_sets;
  bool slot_failover = false;
  std::string load_policy, load_workers;
  std::string source_password_file, target_password_file, connect_password_file, connect_token_file;

  void place(CLI::App& app, const std::string& name, const std::string& pointer, const std::string& help,
             const std::string& group, bool number = false) {
    placed.push_back(std::make_unique<Placed>(Placed{name, pointer, "", number}));
    app.add_option("--" + name, placed.back()->value, help)->group(group)->take_last();
  }

  json document() const {
    json doc = json::object();
    if (!file.empty()) {
      const auto described = follow_references(read_yaml_file(file));
      spec_of(described);
      doc = described.value;
    }
    // Whole: a member of the file would win over the URL of the command line.
    if (!source.empty()) doc["source"] = {{"url", source}};
    if (!target.empty()) doc["target"] = {{"url", target}};
    if (!source_connection.empty()) doc["source"] = {{"connection", source_connection}};
    if (!target_connection.empty()) doc["target"] = {{"connection", target_connection}};
    if (!tables.empty()) doc["tables"] = tables;
    for (const auto& option : placed) {
      if (option->value.empty()) continue;
      auto& place = doc[json::json_pointer(option->pointer)];
      place = option->number ? number(option->value) : json(option->value);
    }
    const auto engine = doc.find("engine");
    const bool by_kafka =
        engine == doc.end() ? doc.contains(json::json_pointer("/kafka_connect/url")) : *engine == "kafka-connect";
    // With either engine Millrace loads, each has its own settings for it.
    const std::string section = by_kafka ? "/kafka_connect" : "/embedded";
    if (!load_policy.empty()) doc[json::json_pointer(section + "/load_policy")] = load_policy;
    if (!load_workers.empty()) doc[json::json_pointer(section + "/load_workers")] = number(load_workers);
    // The environment tells where the cluster is; that it is wanted, an option or the file says.
    if (by_kafka) {
      fill_from_environment(doc, "MILLRACE_CONNECT_URL", "/kafka_connect/url");
      fill_from_environment(doc, "MILLRACE_KAFKA_BOOTSTRAP", "/kafka_connect/kafka_bootstrap");
    }
    if (slot_failover) doc["slot_failover"] = true;
    table_options->add_to(doc);
    add_pairs(doc, kafka_properties, "kafka-property", "kafka_properties");
    add_pairs(doc, source_sets, "source-set", "source_overrides");
    add_pairs(doc, sink_sets, "sink-set", "sink_overrides");
    return doc;
  }

  /// By the words of the command line, where the option was given there.
  void refuse_other_engines(pipeline::EngineKind chosen) const {
    const std::string section = chosen == pipeline::EngineKind::kEmbedded ? "/kafka_connect/" : "/embedded/";
    const auto refuse = [&](const std::string& option, std::string field) {
      std::replace(field.begin(), field.end(), '/', '.');
      pipeline::refuse_other_engines_option("--" + option, field.substr(1), chosen);
    };
    for (const auto& option : placed) {
      if (!option->value.empty() && option->pointer.starts_with(section)) refuse(option->name, option->pointer);
    }
    if (chosen != pipeline::EngineKind::kEmbedded) return;
    if (!kafka_properties.empty()) refuse("kafka-property", "/kafka_connect/kafka_properties");
    if (!source_sets.empty()) refuse("source-set", "/kafka_connect/source_overrides");
    if (!sink_sets.empty()) refuse("sink-set", "/kafka_connect/sink_overrides");
    if (!connect_password_file.empty()) refuse("connect-password-file", "/kafka_connect/password");
    if (!connect_token_file.empty()) refuse("connect-token-file", "/kafka_connect/token");
  }

 private:
  static json number(const std::string& text) {
    const json value = json::parse(text, nullptr, false);
    return value.is_number_integer() ? value : json(text);
  }

  static void fill_from_environment(json& doc, const char* variable, const char* pointer) {
    const json::json_pointer place(pointer);
    const auto value = environment(variable);
    if (!value.empty() && !doc.contains(place)) doc[place] = value;
  }

  static void add_pairs(json& doc, const std::vector<std::string>& pairs, const std::string& option,
                        const char* member) {
    for (const auto& text : pairs) {
      const auto [key, value] = split_pair(text, option);
      doc["kafka_connect"][member][key] = value;
    }
  }
};

SpecOptions::SpecOptions(CLI::App& app) : values_(new Values) {
  Values& v = *values_;
  app.add_option("-f,--file", v.file, "YAML file with the same settings; options win over it");
  app.add_option("--source", v.source, "postgres://user[:password]@host:port/database[?sslmode=..]")->take_last();
  app.add_option("--target", v.target,
                 "sqlserver://user[:password]@host:port/database[?schema=..&encrypt=..&trustServerCertificate=..]")
      ->take_last();
  app.add_option("--source-connection", v.source_connection,
                 "A saved connection in place of --source (`millrace connections`)")
      ->take_last();
  app.add_option("--target-connection", v.target_connection, "The same in place of --target")->take_last();
  app.add_option("--tables", v.tables, "Names, schema.name or patterns (sales.*), separated by commas")->delimiter(',');
  v.place(app, "schema", "/source/schema", "Schema of table names without one (default public)", "Options");
  v.place(app, "target-schema", "/target/schema", "Schema for the target tables (default dbo)", "Options");
  v.place(app, "name", "/name", "Pipeline name, [A-Z0-9_] (default P_<SOURCE>_TO_<TARGET>)", "Options");
  v.place(app, "engine", "/engine",
          "embedded: `millrace run` moves the data; kafka-connect: an existing Kafka Connect cluster does "
          "(default embedded; kafka-connect when --connect-url is given)",
          "Options");

  const std::string change = "What is copied";
  v.place(app, "snapshot", "/snapshot",
          "initial: load what is there, then stream; no_data: the target is loaded already; debezium: the source "
          "connector's own snapshot loads (kafka-connect)",
          change);
  app.add_option(
         "--load-policy", v.load_policy,
         "Rows that a target table holds before its load: fail (default), truncate to remove them, or swap to keep "
         "them until a table that is loaded beside takes its place")
      ->group(change)
      ->take_last();
  app.add_option("--load-workers", v.load_workers, "Parts that are copied at the same time (default 4)")
      ->group(change)
      ->take_last();
  v.place(app, "toast", "/toast",
          "Large values that an UPDATE leaves alone (kafka-connect): reselect, or full (sets REPLICA IDENTITY FULL)",
          change);
  v.place(app, "truncate", "/truncate", "A TRUNCATE on the source: apply (default of embedded) or ignore", change);
  v.place(app, "value-policy", "/mapping/value_policy",
          "Values that SQL Server has no room for: fail, null, clamp, text", change);
  v.table_options = std::make_unique<TableOptions>(app, change);
  v.place(app, "slot", "/slot", "Replication slot (default <pipeline>_slot)", change);
  app.add_flag("--slot-failover", v.slot_failover,
               "Make the slot so that standbys take it over (PostgreSQL 17 and later)")
      ->group(change);
  v.place(app, "publication", "/publication", "Publication (default <pipeline>_pub)", change);
  v.place(app, "publication-mode", "/publication_mode", "filtered, all_tables, or disabled to use an existing one",
          change);

  const std::string embedded = "Engine embedded";
  v.place(
      app, "schema-policy", "/embedded/schema_policy",
      "A changed table on the source: apply (default) to the copy, ignore, or pause the pipeline there; also a kind: "
      "apply,drop_column=pause (add_column, drop_column, rename_column, change_type, nullability, change_key, "
      "drop_table, rename_table, new_table)",
      embedded);
  v.place(app, "poison", "/embedded/poison",
          "A row that SQL Server cannot take: stop (default), or quarantine it in millrace.quarantine", embedded);

  const std::string kafka = "Engine kafka-connect";
  v.place(app, "connect-url", "/kafka_connect/url", "REST API of a worker, http(s)://host:port [MILLRACE_CONNECT_URL]",
          kafka);
  v.place(app, "connect-user", "/kafka_connect/user", "User for basic authentication", kafka);
  v.place(app, "connect-ca-file", "/kafka_connect/ca_file", "PEM file of the authority to trust", kafka);
  v.place(app, "connect-cert-file", "/kafka_connect/client_cert_file", "PEM client certificate, for mutual TLS", kafka);
  v.place(app, "connect-key-file", "/kafka_connect/client_key_file", "PEM key of the client certificate", kafka);
  v.place(app, "kafka-bootstrap", "/kafka_connect/kafka_bootstrap",
          "host:port,.. for lag in messages [MILLRACE_KAFKA_BOOTSTRAP]", kafka);
  app.add_option("--kafka-property", v.kafka_properties, "Client setting NAME=VALUE, e.g. security.protocol=SASL_SSL")
      ->group(kafka);
  v.place(app, "sink", "/kafka_connect/sink", "auto, debezium, confluent or aiven", kafka);
  v.place(app, "unwrap", "/kafka_connect/unwrap", "auto, native, extract_after or extract_new_record_state", kafka);
  v.place(app, "secrets", "/kafka_connect/secrets/mode", "Where configs find passwords: inline, file, env or dir",
          kafka);
  v.place(app, "secrets-provider", "/kafka_connect/secrets/provider", "The workers' name of the config provider",
          kafka);
  v.place(app, "secrets-source-path", "/kafka_connect/secrets/source_path", "Path on the workers: source password",
          kafka);
  v.place(app, "secrets-target-path", "/kafka_connect/secrets/target_path", "Path on the workers: target password",
          kafka);
  v.place(app, "secrets-source-key", "/kafka_connect/secrets/source_key", "Key or variable of the source password",
          kafka);
  v.place(app, "secrets-target-key", "/kafka_connect/secrets/target_key", "Key or variable of the target password",
          kafka);
  v.place(app, "source-address", "/kafka_connect/source_address", "host:port by which the workers reach PostgreSQL",
          kafka);
  v.place(app, "target-address", "/kafka_connect/target_address", "host:port by which the workers reach SQL Server",
          kafka);
  v.place(app, "sink-tasks", "/kafka_connect/sink_tasks", "Tasks of the sink connector", kafka, true);
  v.place(app, "topic-partitions", "/kafka_connect/topic_partitions", "Partitions of new topics", kafka, true);
  v.place(app, "topic-replication-factor", "/kafka_connect/topic_replication_factor",
          "Replicas of new topics; -1: the broker's default", kafka, true);
  v.place(app, "ready-timeout", "/kafka_connect/ready_timeout_s", "Seconds to wait for each connector", kafka, true);
  v.place(app, "heartbeat-interval", "/kafka_connect/heartbeat_interval_ms", "Milliseconds between heartbeats", kafka,
          true);
  app.add_option("--source-set", v.source_sets, "KEY=VALUE of the source connector, over the generated one")
      ->group(kafka);
  app.add_option("--sink-set", v.sink_sets, "KEY=VALUE of the sink connector, over the generated one")->group(kafka);

  const std::string passwords = "Passwords (environment: MILLRACE_SOURCE_PASSWORD, MILLRACE_TARGET_PASSWORD, ..)";
  app.add_option("--source-password-file", v.source_password_file,
                 "File with the password in its first line; - reads standard input")
      ->group(passwords);
  app.add_option("--target-password-file", v.target_password_file, "The same for the target")->group(passwords);
  app.add_option("--connect-password-file", v.connect_password_file,
                 "The same for Kafka Connect [MILLRACE_CONNECT_PASSWORD]")
      ->group(passwords);
  app.add_option("--connect-token-file", v.connect_token_file, "File with a bearer token [MILLRACE_CONNECT_TOKEN]")
      ->group(passwords);
}

SpecOptions::~SpecOptions() = default;

void complete_passwords(pipeline::PipelineSpec& spec, const PasswordFiles& files, bool may_ask) {
  if (spec.source.connection.empty()) {
    spec.source.password = find_password(spec.source.password, {.label = "Password for " + display_url(spec.source),
                                                                .field = "source.password",
                                                                .file = files.source,
                                                                .environment = "MILLRACE_SOURCE_PASSWORD",
                                                                .prompt = may_ask});
  }
  if (spec.target.connection.empty()) {
    spec.target.password = find_password(spec.target.password, {.label = "Password for " + display_url(spec.target),
                                                                .field = "target.password",
                                                                .file = files.target,
                                                                .environment = "MILLRACE_TARGET_PASSWORD",
                                                                .prompt = may_ask});
  }
  auto& connect = spec.kafka.connect;
  connect.password = find_optional_secret(connect.password, {.label = "Password for Kafka Connect",
                                                             .field = "connect.password",
                                                             .file = files.connect,
                                                             .environment = "MILLRACE_CONNECT_PASSWORD",
                                                             .prompt = may_ask && !connect.user.empty()});
  connect.token = find_optional_secret(connect.token, {.label = "Token for Kafka Connect",
                                                       .field = "connect.token",
                                                       .file = files.connect_token,
                                                       .environment = "MILLRACE_CONNECT_TOKEN",
                                                       .prompt = false});
}

pipeline::PipelineSpec SpecOptions::spec(const FindConnection& find) const {
  const auto document = with_connections(values_->document(), find);
  pipeline::PipelineSpec spec = pipeline::spec_from_json(document);
  values_->refuse_other_engines(spec.engine);
  pipeline::refuse_other_engines_options(document, spec.engine);
  pipeline::require_complete(spec);
  complete_passwords(spec,
                     {.source = values_->source_password_file,
                      .target = values_->target_password_file,
                      .connect = values_->connect_password_file,
                      .connect_token = values_->connect_token_file},
                     true);
  return spec;
}

}  // namespace millrace::cli
