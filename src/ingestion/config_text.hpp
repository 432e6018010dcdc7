#pragma once

#include <string>
#include <utility>

#include "pipeline/plan.hpp"

namespace millrace::ingestion {

/// The text as a Java regular expression that matches it and nothing else.
std::string regex_escaped(const std::string& text);
/// The text as a replacement in Java's Matcher.replaceAll.
std::string replacement_escaped(const std::string& text);
/// "host:port" or "[v6]:port" taken apart; an empty text gives the endpoint's own.
std::pair<std::string, std::string> host_and_port(const std::string& address, const std::string& host,
                                                  std::uint16_t port);
/// JSON converters that carry their schema: without it no JDBC sink knows a record's columns. Written into each
/// connector, since the worker's own choice is not known.
void set_json_converters(pipeline::ExplainedConfig& config);

}  // namespace millrace::ingestion
