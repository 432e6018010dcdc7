#pragma once

#include <iosfwd>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "cli/output.hpp"

namespace millrace::cli {

/// How saved connections look to a person; as JSON or YAML they are the API's documents (cli/connection_service.hpp).
void show_connections(std::ostream& out, Format format, const std::vector<nlohmann::ordered_json>& connections);
void show_connection(std::ostream& out, Format format, const nlohmann::ordered_json& connection);
/// With how each pipeline took the change.
void show_changed_connection(std::ostream& out, Format format, const nlohmann::ordered_json& changed);
void show_connection_report(std::ostream& out, Format format, const nlohmann::ordered_json& report);

/// "postgres://user@host:5432/database".
std::string connection_url(const nlohmann::ordered_json& connection);

}  // namespace millrace::cli
