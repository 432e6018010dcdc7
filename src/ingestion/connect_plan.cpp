#include "ingestion/connect_plan.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "ingestion/carried_types.hpp"
#include "ingestion/kafka_observer.hpp"
#include "ingestion/secret_reference.hpp"
#include "ingestion/sink_config.hpp"
#include "ingestion/source_config.hpp"
#include "preflight/connect_checks.hpp"
#include "support/error.hpp"
#include "support/suggest.hpp"

namespace millrace::ingestion {
namespace {

using pipeline::ConnectorConfig;
using pipeline::PipelinePlan;
using preflight::Severity;

PluginVersion version_of(const preflight::ConnectFacts& facts, const char* class_name) {
  // A plugin that does not tell its version is taken for the newest that this generator knows.
  constexpr PluginVersion kNewest{3, 6, 0};
  const auto* plugin = facts.find_plugin(class_name);
  return plugin == nullptr ? kNewest : PluginVersion::parse(plugin->version).value_or(kNewest);
}

/// Keys that belong to the framework or to a part that the plugin's own list does not show.
bool framework_key(const std::string& key) {
  constexpr std::array kPrefixes = {
      "consumer.override.", "producer.override.", "admin.override.", "transforms", "predicates", "topic.creation.",
      "post.processors", "reselector.", "key.converter", "value.converter", "header.converter", "errors.",
      "config.action.reload", "name", "hibernate.", "internal.", "database.", "offsets.storage.topic",
      // Debezium 3.6 reads these and leaves them out of its lists.
      "offset.mismatch.strategy", "event.converting.failure.handling.mode", "use.reduction.buffer", "topics"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(), [&](const char* prefix) { return key.starts_with(prefix); });
}

class PlanCompletion {
 public:
  PlanCompletion(PipelinePlan& plan, KafkaConnectClient& client, const std::stop_token& stop)
      : plan_(plan), client_(client), stop_(stop) {}

  void run() {
    const auto facts = client_.facts(stop_);
    check_columns();
    check_brokers();
    const auto flavour = detect_sink(facts.plugins, plan_.spec.kafka.sink);
    plan_.spec.kafka.sink = flavour.value_or(plan_.spec.kafka.sink);
    const auto source = generate_source_config(plan_, version_of(facts, kPostgresSourceClass));
    const auto sink =
        generate_sink_config(plan_, plan_.spec.kafka.sink, version_of(facts, sink_class(plan_.spec.kafka.sink)));
    add_connector(plan_.names.source_connector, source);
    add_connector(plan_.names.sink_connector, sink);
    check_cluster(facts, flavour.has_value(), sink.values());
    if (facts.find_plugin(kPostgresSourceClass) != nullptr) {
      validate(plan_.names.source_connector, source.values(), plan_.spec.kafka.source_overrides);
    }
    if (flavour) validate(plan_.names.sink_connector, sink.values(), plan_.spec.kafka.sink_overrides);
  }

 private:
  void add(std::string id, Severity severity, std::string object, std::string found, std::string fix = {}) {
    plan_.findings.push_back({std::move(id), severity, std::move(object), std::move(found), std::move(fix)});
  }

  void add_connector(const std::string& name, const pipeline::ExplainedConfig& config) {
    plan_.connectors[name] = config.values();
    plan_.connector_reasons[name] = config.reasons();
  }

  /// MERGE finds a row by SQL Server's idea of equal keys, and nothing tells that it found another row.
  void check_key_column(const std::string& table, const schema::ColumnMapping& column) {
    constexpr std::array kTexts = {"text", "varchar", "citext"};
    const auto& type = column.source.type.name;
    const bool text = std::find(kTexts.begin(), kTexts.end(), type) != kTexts.end();
    const bool bytes = column.target.type.name == "varbinary";
    if (!column.key || !(text || bytes)) return;
    add("column.key_twins", Severity::kWarning, table + "." + column.source.name,
        std::string("of two keys that differ only in ") + (text ? "trailing spaces" : "zero bytes at their end") +
            ", which SQL Server takes for equal, the sink would overwrite one with the other",
        "Make sure that no such keys come, or use the engine embedded, which stops at the second.");
  }

  void check_options(const std::string& table, const schema::ColumnMapping& column) {
    const auto place = table + "." + column.source.name;
    if (column.policy.value_or(schema::ValuePolicy::kFail) != schema::ValuePolicy::kFail) {
      add("connect.value_policy", Severity::kError, place,
          "connectors cannot turn a value into another one: only the value policy fail works with this engine",
          "Leave --column-policy out, or use the engine embedded.");
    }
    if (column.target.name != column.source.name) {
      add("connect.column_name", Severity::kError, place,
          "the sink writes a column under the name that it has on the source",
          "Leave --rename-column out, or use the engine embedded.");
    }
  }

  void check_columns() {
    if (plan_.spec.mapping.value_policy != schema::ValuePolicy::kFail) {
      add("connect.value_policy", Severity::kError, "",
          "connectors cannot turn a value into another one: only the value policy fail works with this engine",
          "Leave --value-policy out.");
    }
    for (const auto& table : plan_.tables) {
      const auto name = table.source.name.to_string();
      if (table.key_kind == schema::KeyKind::kNone) {
        add("table.key", Severity::kError, name, "the table has no key, so changes cannot find their row",
            "Add a primary key, name key_columns for it, or leave the table out.");
      }
      for (const auto& column : table.columns) {
        check_key_column(name, column);
        check_options(name, column);
        if (const auto reason = why_not_carried(column)) {
          add("column.not_carried", Severity::kError, name + "." + column.source.name, *reason,
              "Leave it out: --exclude-column " + name + "." + column.source.name);
        }
      }
    }
    const bool unwraps = effective_unwrap(plan_.spec, plan_.spec.kafka.sink) != pipeline::UnwrapMode::kNative;
    if (pipeline::applies_truncates(plan_.spec) && unwraps) {
      add("connect.truncate", Severity::kError, "", "an unwrapped change event cannot carry a TRUNCATE",
          "Use --truncate ignore, or Debezium's sink with --unwrap native.");
    }
  }

  void check_brokers() {
    if (plan_.spec.kafka.connect.kafka_bootstrap.empty()) {
      add("kafka.bootstrap", Severity::kInfo, "", "no --kafka-bootstrap: lag in messages will not be shown");
      return;
    }
    try {
      KafkaObserver(plan_.spec.kafka.connect, "connect-" + plan_.names.sink_connector).check_reachable();
      add("kafka.bootstrap", Severity::kOk, plan_.spec.kafka.connect.kafka_bootstrap, "the brokers answer");
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kKafkaUnreachable) throw;
      add("kafka.bootstrap", Severity::kError, plan_.spec.kafka.connect.kafka_bootstrap, error.message(),
          "Correct --kafka-bootstrap, or leave it out.");
    }
  }

  void check_cluster(const preflight::ConnectFacts& facts, bool sink_found, const ConnectorConfig& sink) {
    preflight::ConnectCheckInput input{.facts = facts, .source_class = kPostgresSourceClass};
    const bool chosen = plan_.spec.kafka.sink != pipeline::SinkFlavour::kAuto;
    if (sink_found || chosen) input.sink_class = sink_class(plan_.spec.kafka.sink);
    for (const auto& [key, value] : sink) {
      if (key.starts_with("transforms.") && key.ends_with(".type")) input.helper_classes.push_back(value);
      if (key == "value.converter") input.helper_classes.push_back(value);
    }
    input.connectors = {plan_.names.source_connector, plan_.names.sink_connector};
    input.passwords_inline = passwords_inline(plan_.spec);
    for (auto& finding : preflight::check_connect(input)) plan_.findings.push_back(std::move(finding));
  }

  void validate(const std::string& connector, ConnectorConfig config,
                const std::map<std::string, std::string>& overrides) {
    config["name"] = connector;
    const auto result = client_.validate(config, stop_);
    for (const auto& fault : result.faults) {
      add("connect.config", Severity::kError, connector + " " + fault.key, redacted(fault.message));
    }
    const std::set<std::string> known(result.known_keys.begin(), result.known_keys.end());
    for (const auto& [key, value] : config) {
      if (known.contains(key) || framework_key(key)) continue;
      const auto similar = nearest(key, result.known_keys);
      // Kafka Connect ignores a key that it does not know, so a user's misspelt one would be without effect.
      add("connect.unknown_key", overrides.contains(key) ? Severity::kError : Severity::kInfo, connector + " " + key,
          "the installed plugin does not list this key",
          similar.empty() ? "" : "Did you mean " + similar.front() + "?");
    }
    if (result.faults.empty()) add("connect.config", Severity::kOk, connector, "Kafka Connect finds the config valid");
  }

  std::string redacted(const std::string& message) const {
    return redact(redact(message, plan_.spec.source.password), plan_.spec.target.password);
  }

  PipelinePlan& plan_;
  KafkaConnectClient& client_;
  const std::stop_token& stop_;
};

}  // namespace

void complete_plan(PipelinePlan& plan, KafkaConnectClient& client, const std::stop_token& stop) {
  PlanCompletion(plan, client, stop).run();
}

}  // namespace millrace::ingestion
