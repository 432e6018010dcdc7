#include "ingestion/config_text.hpp"

namespace millrace::ingestion {

std::string regex_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    // A comma separates the entries of Debezium's lists, so it cannot stand in one as itself.
    if (c == ',') {
      out += "\\x2C";
      continue;
    }
    if (std::string("\\.[]{}()*+-?^$|#&").find(c) != std::string::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string replacement_escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '$') out += '\\';
    out += c;
  }
  return out;
}

std::pair<std::string, std::string> host_and_port(const std::string& address, const std::string& host,
                                                  std::uint16_t port) {
  if (address.empty()) return {host, std::to_string(port)};
  const auto colon = address.rfind(':');
  const auto bracket = address.rfind(']');
  const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  return {address.substr(0, has_port ? colon : std::string::npos),
          has_port ? address.substr(colon + 1) : std::to_string(port)};
}

void set_json_converters(pipeline::ConnectorConfig& config) {
  config["key.converter"] = "org.apache.kafka.connect.json.JsonConverter";
  config["key.converter.schemas.enable"] = "true";
  config["value.converter"] = "org.apache.kafka.connect.json.JsonConverter";
  config["value.converter.schemas.enable"] = "true";
}

}  // namespace millrace::ingestion
