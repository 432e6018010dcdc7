#include "preflight/connect_checks.hpp"

#include <algorithm>

namespace millrace::preflight {

Findings check_connect(const ConnectCheckInput& input) {
  Findings findings;
  const auto add = [&](std::string id, Severity severity, std::string object, std::string found, std::string fix = {}) {
    findings.push_back({std::move(id), severity, std::move(object), std::move(found), std::move(fix)});
  };
  const auto& facts = input.facts;
  add("connect.version", Severity::kOk, "", "Kafka Connect " + facts.version);
  const auto need = [&](const std::string& class_name, const char* what) {
    if (const auto* plugin = facts.find_plugin(class_name)) {
      add("connect.plugin", Severity::kOk, class_name, std::string(what) + " " + plugin->version + " is installed");
    } else {
      add("connect.plugin", Severity::kError, class_name, std::string(what) + " is not installed",
          "Unpack it into a directory of plugin.path on every worker, then restart the workers.");
    }
  };
  need(input.source_class, "the Debezium PostgreSQL connector");
  if (input.sink_class.empty()) {
    add("connect.plugin", Severity::kError, "JDBC sink", "none of the JDBC sinks that Millrace knows is installed",
        "Install Debezium's JDBC sink connector (debezium-connector-jdbc) into plugin.path on every worker, then "
        "restart "
        "the workers.");
  } else {
    need(input.sink_class, "the JDBC sink connector");
  }
  if (facts.all_plugin_kinds) {
    for (const auto& name : input.helper_classes) {
      // ExtractField$Value is listed under its own name; an inner class of another spelling would be a new plugin.
      if (facts.find_plugin(name) == nullptr) need(name, "a transform or converter");
    }
  }
  for (const auto& name : input.connectors) {
    if (std::find(facts.connectors.begin(), facts.connectors.end(), name) != facts.connectors.end()) {
      add("connect.connector_exists", Severity::kError, name, "the cluster has a connector of this name",
          "Choose another pipeline name with --name, or delete the connector.");
    }
  }
  if (input.passwords_inline) {
    add("connect.passwords", Severity::kWarning, "",
        "the passwords will stand in the connector configs: whoever reads Kafka Connect's REST API or its config topic "
        "reads them",
        "Give the workers a config provider and name it: --secrets file|env|dir with its options.");
  }
  return findings;
}

}  // namespace millrace::preflight
