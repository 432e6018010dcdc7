#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace millrace::cli {

/// What a saved connection is, by its name or id: the API's document.
using FindConnection = std::function<nlohmann::ordered_json(const std::string& name)>;

/// A pipeline's document in which a source or target that is {connection: NAME, schema: ..} has its host, database and
/// the like beside the connection's id: enough to compare, name and show the pipeline, without the password. Other
/// documents come back as they are, and nothing is asked for them. Throws Error kUsage for further members beside them
/// and for a connection of the other kind, and what `find` throws, with the field.
nlohmann::json with_connections(nlohmann::json document, const FindConnection& find);

}  // namespace millrace::cli
