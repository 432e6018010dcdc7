#pragma once

#include <map>
#include <string>

namespace millrace::pipeline {

/// A connector config as Kafka Connect takes it. Ordered, so that two generations compare and print alike.
using ConnectorConfig = std::map<std::string, std::string>;

/// Why each key of a config is there, by key; one sentence each, free of secrets.
using ConnectorReasons = std::map<std::string, std::string>;

/// A connector config in the making: no key goes in without the reason why it is there. A value.
class ExplainedConfig {
 public:
  /// Sets a key, over what was there.
  void set(const std::string& key, const std::string& value, const std::string& why) {
    values_[key] = value;
    reasons_[key] = why;
  }

  /// Adds an item to a comma-separated list.
  void append(const std::string& key, const std::string& item, const std::string& why) {
    auto& list = values_[key];
    list += (list.empty() ? "" : ",") + item;
    reasons_[key] = why;
  }

  const ConnectorConfig& values() const { return values_; }
  const ConnectorReasons& reasons() const { return reasons_; }

 private:
  ConnectorConfig values_;
  ConnectorReasons reasons_;
};

}  // namespace millrace::pipeline
