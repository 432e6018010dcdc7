#pragma once

#include <nlohmann/json_fwd.hpp>

#include "manager/connection_book.hpp"

namespace millrace::server {

/// A saved connection as the API has it. Without `with_pipelines` nothing tells who uses it.
nlohmann::ordered_json saved_connection_json(const manager::SavedConnection& saved, bool with_pipelines);

}  // namespace millrace::server
