#include "preflight/connect_facts.hpp"

namespace millrace::preflight {

const PluginInfo* ConnectFacts::find_plugin(const std::string& class_name) const {
  for (const auto& plugin : plugins) {
    if (plugin.class_name == class_name) return &plugin;
  }
  return nullptr;
}

}  // namespace millrace::preflight
