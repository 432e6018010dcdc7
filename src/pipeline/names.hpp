#pragma once

#include <string>
#include <vector>

#include "pipeline/spec.hpp"
#include "schema/table_name.hpp"

namespace millrace::pipeline {

/// The names that belong to one pipeline.
struct PipelineNames {
  std::string pipeline;          ///< P_MYDB_TO_TARGETDB; [A-Z0-9_]; also the topic prefix
  std::string slot;              ///< [a-z0-9_]{1,63}
  std::string publication;       ///< [a-z_][a-z0-9_]{0,62}: Debezium does not quote it
  std::string source_connector;  ///< <pipeline>-source
  std::string sink_connector;    ///< <pipeline>-sink
  std::string heartbeat_topic;   ///< __debezium-heartbeat.<pipeline>
};

/// Derives what the user left open and checks what they chose. A derived name that is too long is shortened to its
/// head plus '_' and eight hex digits of a hash over the whole, so that two long names do not collide.
/// Throws Error kNameInvalid naming the option.
PipelineNames derive_names(const PipelineSpec& spec);

/// The text, or when it is longer than `limit` bytes its head, '_' and eight hex digits of a hash over the whole.
std::string shortened_name(const std::string& text, std::size_t limit);

/// "<pipeline>.<schema>.<table>" with characters that Kafka refuses replaced by '_', as Debezium's
/// SchemaTopicNamingStrategy does.
std::string topic_name(const PipelineNames& names, const schema::TableName& table);

}  // namespace millrace::pipeline
