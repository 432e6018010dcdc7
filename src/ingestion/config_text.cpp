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

void set_json_converters(pipeline::ExplainedConfig& config) {
  constexpr const char* kClass = "org.apache.kafka.connect.json.JsonConverter";
  for (const std::string part : {"key", "value"}) {
    config.set(part + ".converter", kClass,
               "Source and sink must agree on the form of a record's " + part + ", whatever the worker's default is.");
    config.set(part + ".converter.schemas.enable", "true",
               "A JDBC sink learns the columns and their types from the schema that travels with the " + part + ".");
  }
}

}  // namespace millrace::ingestion
