#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "server/http.hpp"

namespace millrace::server {

/// "load_state" -> "loadState".
std::string camel(const std::string& name);

/// Documents of the command line (snake_case) as the API has them, and back. Names that users chose stay: tables,
/// columns, connectors, connector settings. Answers: numbers that may pass 2^53 become strings, moments in
/// milliseconds become RFC 3339 ("created_ms" -> "createdAt").
nlohmann::ordered_json to_api(const nlohmann::ordered_json& document);
/// Throws Error kUsage for a member whose name is not lowerCamelCase: the API knows none.
nlohmann::json from_api(const nlohmann::json& document);

/// The body as a JSON object, at most 32 levels deep. Throws Error kUsage.
nlohmann::json parse_body(const Request& request);
/// Throws Error kUsage naming the first member of `object` that is not in `known`.
void refuse_unknown(const nlohmann::json& object, const std::vector<std::string>& known);

Response json_response(const nlohmann::ordered_json& value, int status = 200);
/// "2026-01-31T12:00:00.000Z".
std::string rfc3339(std::int64_t unix_ms);
/// The same, or null.
nlohmann::ordered_json moment(const std::optional<std::int64_t>& unix_ms);

}  // namespace millrace::server
