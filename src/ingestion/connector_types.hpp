#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/spec.hpp"
#include "preflight/connect_facts.hpp"

namespace millrace::ingestion {

inline constexpr const char* kPostgresSourceClass = "io.debezium.connector.postgresql.PostgresConnector";
inline constexpr const char* kDebeziumSinkClass = "io.debezium.connector.jdbc.JdbcSinkConnector";
inline constexpr const char* kConfluentSinkClass = "io.confluent.connect.jdbc.JdbcSinkConnector";
inline constexpr const char* kAivenSinkClass = "io.aiven.connect.jdbc.JdbcSinkConnector";

/// A plugin's version, "3.6.0.Final"; what stands behind the third number is ignored.
struct PluginVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  /// Nothing when the text does not begin with a number.
  static std::optional<PluginVersion> parse(const std::string& text);
  std::string to_string() const;
  friend auto operator<=>(const PluginVersion&, const PluginVersion&) = default;
};

const char* sink_class(pipeline::SinkFlavour flavour);

/// The sink to use: the chosen one, else the best that is installed (Debezium's, then Aiven's, then Confluent's).
/// Nothing when none is installed.
std::optional<pipeline::SinkFlavour> detect_sink(const std::vector<preflight::PluginInfo>& plugins,
                                                 pipeline::SinkFlavour chosen);

}  // namespace millrace::ingestion
