#pragma once

#include <string>
#include <vector>

namespace millrace::preflight {

/// One row of GET /connector-plugins (Kafka Connect REST).
struct PluginInfo {
  std::string class_name;
  std::string type;     ///< source | sink | converter | header_converter | transformation | predicate
  std::string version;  ///< "undefined" when the plugin does not tell
};

/// What is known of a Kafka Connect cluster.
struct ConnectFacts {
  std::string version;
  std::string cluster_id;
  std::vector<PluginInfo> plugins;
  bool all_plugin_kinds = false;  ///< false: an old worker lists connectors only, so a missing transform proves nothing
  std::vector<std::string> connectors;

  const PluginInfo* find_plugin(const std::string& class_name) const;
};

}  // namespace millrace::preflight
